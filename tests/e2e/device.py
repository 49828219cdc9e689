"""One person's phone or desk: a browser context behind a network of its own, with verbs for what people do."""

import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, Response, expect

from tests.e2e.network import Network

SOON_MS = 20_000
HAS_DRAFT = """async (key) => {
  const { name } = (await indexedDB.databases()).find((one) => one.name.startsWith('v-p-'))
  const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result) })
  const db = await asked(indexedDB.open(name))
  const keys = await asked(db.transaction('drafts').objectStore('drafts').getAllKeys())
  db.close()
  return keys.includes(key)
}"""
expect.set_options(timeout=SOON_MS)


class Device:
    """`open` starts its browser, on a profile that stays or on one that goes with it."""

    def __init__(self, open_: Callable[[], BrowserContext], network: Network, url: str) -> None:
        self._open = open_
        self.network = network
        self.url = url
        self.faults: list[str] = []
        self.profile: Path | None = None
        self.is_kept = False
        self._is_offline = False
        self.open()

    def open(self, path: str | None = None) -> "Device":
        """Start the browser; at an address, when one is given."""
        self.context = self._open()
        self.context.set_default_timeout(SOON_MS)
        self.context.set_offline(self._is_offline)
        self.page = self.new_tab()
        if path is not None:
            self.visit(path)
        return self

    def new_tab(self) -> Page:
        """One more tab; what goes wrong in it is written down."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.faults.append(f"{error.name}: {error.message}"))
        page.on("console", self._hear)
        page.on("response", self._weigh)
        page.on("dialog", lambda dialog: self._told(dialog.message, dialog.dismiss))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Trusted" in message.text:
            self.faults.append(message.text)

    def _weigh(self, reply: Response) -> None:
        """No reply of ours may be kept by the browser, or empty its storage."""
        is_ours = "/api/" in reply.url and "html" not in reply.headers.get("content-type", "")
        if is_ours and reply.headers.get("cache-control") != "no-store":
            self.faults.append(f"{reply.url} may be cached")
        if "clear-site-data" in reply.headers:
            self.faults.append(f"{reply.url} clears what lies on the device")

    def _told(self, words: str, dismiss: Callable[[], None]) -> None:
        self.faults.append(f"a dialog said {words}")
        dismiss()

    def close(self) -> None:
        """End the browser as people do."""
        self.context.close()

    # ---- the network

    def offline(self) -> None:
        """No network at all, and the browser knows it."""
        self.network.cut()
        self._is_offline = True
        self.context.set_offline(True)

    def online(self) -> None:
        """The network is back."""
        self.network.mend()
        self._is_offline = False
        self.context.set_offline(False)

    # ---- ways around

    def visit(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.url + path)

    def go(self, name: str) -> None:
        """Take a way of the main menu: Tänään, Taulu, Kiitos or Minä."""
        self.menu().get_by_role("link", name=name).click()

    def menu(self) -> Locator:
        """The main menu."""
        return self.page.get_by_role("navigation", name="Päävalikko")

    def press(self, name: str) -> None:
        """Press a button."""
        self.button(name).click()

    def button(self, name: str) -> Locator:
        """A button by its whole name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, label: str) -> Locator:
        """A field by its label."""
        return self.page.get_by_label(label, exact=True)

    # ---- what people do

    def join(self, code: str, name: str, *, passkey: bool = False) -> None:
        """Open an invitation's link and take it up; with a passkey, if this browser has an authenticator."""
        self.visit(f"/liity#{code}")
        self.field("Etunimesi").fill(name)
        self.press("Liity")
        if passkey:
            self.press("Tee pääsyavain")
        else:
            self.leave_the_passkey_for_later(name)
        self.is_at_home(name)
        self.has_its_worker()

    def leave_the_passkey_for_later(self, name: str) -> None:
        """Whoever is new on a device is offered a passkey."""
        later = self.button("Myöhemmin")
        expect(later.or_(self.greeting(name))).to_be_visible()
        if later.is_visible():
            later.click()

    def begin_idea(self, text: str) -> None:
        """Open the capture sheet and write."""
        self.menu().get_by_role("button", name="Kirjaa uusi").click()
        self.field("Mitä ehdotat?").fill(text)

    def save_idea(self) -> None:
        """Save it and read that it is safe."""
        self.press("Tallenna idea")
        expect(self.page.get_by_role("dialog", name="Tallessa tässä laitteessa")).to_be_visible()

    def write_idea(self, text: str) -> None:
        """Write an idea from beginning to end."""
        self.begin_idea(text)
        self.save_idea()
        self.press("Valmis")

    def open_card(self, title: str) -> None:
        """Find a card on the board and open it."""
        self.go("Taulu")
        self.page.get_by_role("link", name=title, exact=True).click()
        expect(self.page.get_by_role("heading", name=title, level=1)).to_be_visible()

    def edit(self, text: str, title: str | None = None) -> None:
        """Write other words into the card that is open."""
        self.press("Muokkaa")
        if title is not None:
            self.field("Otsikko").fill(title)
        self.field("Teksti").fill(text)
        self.press("Tallenna")
        expect(self.field("Teksti")).to_have_count(0)  # what is said then may still be said of an earlier one
        expect(self.page.get_by_text("Muutos on tallessa")).to_be_visible()

    def edit_together(self, on: bool) -> None:
        """Let the team edit the card that is open, or its author alone."""
        switch = self.page.get_by_role("switch", name="Muokataan yhdessä", checked=not on)
        switch.click()
        expect(self.page.get_by_role("switch", name="Muokataan yhdessä", checked=on)).to_be_visible()

    def comment(self, text: str) -> None:
        """Say something about the card that is open."""
        self.field("Kirjoita kommentti").fill(text)
        self.press("Tallenna kommentti")
        expect(self.page.get_by_role("listitem").filter(has_text=text)).to_be_visible()

    def move(self, stage: str, reason: str = "") -> None:
        """Move the card that is open, by "Siirrä…"."""
        self.press("Siirrä…")
        sheet = self.page.get_by_role("dialog", name="Siirrä")
        sheet.get_by_role("radio", name=stage).click()
        if reason:
            sheet.get_by_label("Miksi ei nyt?").fill(reason)
        sheet.get_by_role("button", name="Siirrä", exact=True).click()
        expect(self.page.get_by_text(f"Siirretty: {stage}")).to_be_visible()

    def keeps_a_draft(self, of: str = "capture") -> None:
        """The half-written words are on the disk; nothing on the screen says so."""
        self.until(lambda: self.page.evaluate(HAS_DRAFT, of))

    def has_its_worker(self, page: Page | None = None) -> None:
        """The app is whole on this device: the page finds all its parts without a network."""
        looked_at = page or self.page
        self.until(lambda: looked_at.evaluate("navigator.serviceWorker.controller !== null"))

    def until(self, holds: Callable[[], bool]) -> None:
        """Wait for what no screen shows."""
        end = time.monotonic() + SOON_MS / 1000
        while not _in_one_page(holds):
            assert time.monotonic() < end, "it didn't come true soon"
            self.page.wait_for_timeout(50)

    def until_later(self, minutes: int, holds: Callable[[], bool]) -> None:
        """Let so many minutes pass, again and again, until it holds; the page has a clock that can be moved on."""
        for _ in range(30):
            if _in_one_page(holds):
                return
            self.page.clock.fast_forward(minutes * 60_000 + 1_000)
            self.page.wait_for_timeout(1_000)
        raise AssertionError("it didn't come true")

    # ---- what people see

    def is_at_home(self, name: str) -> None:
        """Tänään greets its person."""
        expect(self.greeting(name)).to_be_visible()

    def greeting(self, name: str) -> Locator:
        """The first words of Tänään."""
        return self.page.get_by_role("heading", name=f", {name}", level=1)

    def sees(self, text: str | re.Pattern[str]) -> None:
        """The words are on the screen."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def sees_no(self, text: str | re.Pattern[str]) -> None:
        """The words are not, or no more, on the screen."""
        expect(self.page.get_by_text(text)).to_have_count(0)

    def sees_on_board(self, title: str) -> None:
        """The card is on the board, once."""
        self.go("Taulu")
        expect(self.page.get_by_role("link", name=title, exact=True)).to_have_count(1)

    def everything_is_delivered(self) -> None:
        """What waits has arrived: "Kaikki perillä"."""
        expect(self.page.get_by_role("link", name="Kaikki perillä").first).to_be_visible()

    def lane(self, stage: str) -> Locator:
        """A column of a desk's board."""
        return self.page.get_by_role("region", name=re.compile(rf"\d+ ?{stage}$"))


def _in_one_page(holds: Callable[[], bool]) -> bool:
    """Whether it holds; not yet where the page went away under the question."""
    try:
        return holds()
    except Error as error:
        if "context was destroyed" not in str(error):
            raise
        return False

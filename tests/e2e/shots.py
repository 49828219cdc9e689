"""`make shots`: pictures of every screen in its states, from a real server with the demo county, in build/shots/.

One person at a time on one device; the same window is shown as a phone, a tablet and a desk, light and dark, in
Finnish and Swedish. Names: <screen>-<shape>-<theme>-<language>.png.
"""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.conftest import Server  # noqa: E402 - found only after the line above
from tests.e2e.device import Device  # noqa: E402
from tests.e2e.place import Place  # noqa: E402
from tests.e2e.screens import SCREENS, settle_in  # noqa: E402
from tests.e2e.tablet_shots import on_a_tablet  # noqa: E402

OUT = ROOT / "build" / "shots"
SHAPES = {
    "phone": (390, 844, True),
    "tablet": (1280, 800, True),
    "desk": (1440, 900, False),
    "narrow": (320, 640, True),
}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
LANGUAGES = {"fi": "Suomi", "sv": "Svenska"}
SAID = (
    "Lääkekärryn ylin hylly on liian korkealla. Jos dosetit siirretään keskihyllylle, kukaan ei kurkottele."
)
CODE = "Asukas 010190-901R kaatui käytävällä."  # invented: 900-999 are given to nobody


@dataclass
class Studio:
    """A person's window, and the way to take its picture."""

    page: Page
    shape: str
    theme: str = "light"
    lang: str = "fi"
    spoken: str = ""

    def shoot(self, name: str) -> None:
        """Take the picture once nothing moves."""
        self.page.wait_for_timeout(350)
        self.page.screenshot(path=str(OUT / f"{name}-{self.shape}-{self.theme}-{self.lang}.png"))

    def go(self, path: str) -> Page:
        """Open an address anew."""
        self.page.goto(f"{self.page.url.split('/', 3)[0]}//{self.page.url.split('/', 3)[2]}{path}")
        self.page.wait_for_selector("main")
        self.page.wait_for_timeout(300)
        return self.page


def main() -> None:
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "data")
        assert server.cli("init").returncode == 0
        assert server.cli("demo").returncode == 0
        server.start("--host", "localhost")  # by its name: browsers make no passkeys for an address
        try:
            photograph(playwright, server, Path(folder))
        finally:
            server.close()
    print(f"{len(list(OUT.iterdir()))} pictures in {OUT.relative_to(ROOT)}")


def photograph(playwright: Playwright, server: Server, folder: Path) -> None:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
    people = {row["name"]: row["person"] for row in demo_people(server)}
    for shape in SHAPES:
        context = device(browser, shape)
        studio = Studio(context.new_page(), shape)
        link = f"{server.url}/liity#{server.invite('staff', TEAM, person=people['Aino'])}"
        joining(studio, link)
        tour(studio, STAFF_SCENES)
        context.close()
        context = device(browser, shape)
        studio = Studio(context.new_page(), shape)
        studio.page.goto(f"{server.url}/liity#{server.invite('supervisor', TEAM, person=people['Jorma'])}")
        come_in(studio.page)
        tour(studio, SUPERVISOR_SCENES)
        context.close()
    for shape in ("phone", "desk"):
        two_versions(browser, server, people, shape)
    lived_in(browser, server, folder)
    browser.close()


TEAM = "Kuikkarannan hoivakoti"


def demo_people(server: Server) -> list[dict[str, object]]:
    return json.loads(server.cli("people", "list", "--json").stdout)


def device(browser: Browser, shape: str) -> BrowserContext:
    width, height, touch = SHAPES[shape]
    return browser.new_context(
        viewport={"width": width, "height": height},
        has_touch=touch,
        is_mobile=touch,
        locale="fi-FI",
        timezone_id="Europe/Helsinki",
        reduced_motion="reduce",
    )


def tour(studio: Studio, scenes: "list[Callable[[Studio], None]]") -> None:
    """Every scene in light Finnish; the phone and the desk also dark and in Swedish."""
    looks = [("light", "fi")]
    if studio.shape in ("phone", "desk"):
        looks += [("dark", "fi"), ("light", "sv")]
    for theme, lang in looks:
        studio.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        if lang != studio.spoken:
            studio.go("/mina").get_by_role("radio", name=LANGUAGES[lang]).click()
            studio.page.wait_for_timeout(500)
        studio.theme, studio.lang, studio.spoken = theme, lang, lang
        for scene in scenes:
            scene(studio)


def joining(studio: Studio, link: str) -> None:
    page = studio.page
    page.goto(link[: link.index("#")])
    page.wait_for_selector("h1")
    studio.shoot("join-nolink")
    page.goto("about:blank")
    page.goto(link[:-3] + "xxx")
    page.wait_for_selector(".fault")
    studio.shoot("join-unknown")
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector("form")
    studio.shoot("join")
    page.click("form .btn.pri")
    page.wait_for_selector("text=Tee pääsyavain")
    studio.shoot("passkey-offer")
    page.click("text=Myöhemmin")
    page.wait_for_selector(".hero")


def come_in(page: Page) -> None:
    """Take an invitation up, and leave the passkey for later."""
    page.click("form .btn.pri")
    page.click("text=Myöhemmin")
    page.wait_for_selector(".hero")


def today(studio: Studio) -> None:
    page = studio.go("/")
    studio.shoot("today")
    page.evaluate("scrollTo(0, 600)")
    studio.shoot("today-below")


def board(studio: Studio) -> None:
    page = studio.go("/taulu")
    studio.shoot("board")
    if studio.shape in ("phone", "narrow"):
        page.click("#tab-trying")
        studio.shoot("board-trying")
        page.click("text=/(Ei|Inte) n[yu]t?u? \\(/")
        studio.shoot("board-parked")
        page.click(".board-head .iconbtn")
    else:
        page.click(".drawer")
        studio.shoot("board-parked")
    page.fill("input[type=search]", "kahvi")
    studio.shoot("board-hits")
    page.fill("input[type=search]", "kärrri")
    studio.shoot("board-no-hits")


def capture(studio: Studio) -> None:
    page = studio.go("/taulu")
    page.click(".plus")
    page.wait_for_selector("dialog textarea")
    studio.shoot("capture")
    page.fill("dialog textarea", CODE)
    studio.shoot("capture-code")
    page.fill("dialog textarea", "Huone 12 on kylmä.")
    studio.shoot("capture-hint")
    page.fill("dialog textarea", SAID)
    page.context.set_offline(True)
    page.click("dialog .btn.pri")
    page.wait_for_selector(".saved-ways")
    studio.shoot("saved-offline")
    page.click(".saved-ways .pri")
    page.evaluate("document.querySelector('.nav a').click()")
    studio.shoot("today-offline")
    page.context.set_offline(False)
    studio.go("/taulu").click("a.open >> nth=0")
    page.click("text=/^Ota pois$|^Ta bort$/")
    page.wait_for_selector(".toast")
    page.click(".plus")
    page.click("dialog [role=radio] >> nth=1")
    page.fill("dialog textarea", "Uusi sijainen löysi lakanat ilman kysymistä.")
    studio.shoot("capture-observation")
    page.fill("dialog textarea", "")
    page.keyboard.press("Escape")


def card(studio: Studio) -> None:
    page = studio.go("/")
    page.click("section:has(#answers) a.open")
    page.wait_for_selector(".card-body")
    studio.shoot("card")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    studio.shoot("card-below")
    page.click("summary")
    studio.shoot("card-history")
    page.fill(".composer textarea", "Kiitos! Mittasin, tilaa on 31 cm.")
    page.click(".composer button")
    studio.shoot("card-comment")
    page.click(".msg.me .iconbtn >> nth=-1")
    page.click("text=/Muokkaa$|Redigera$/")
    studio.shoot("card-edit")
    page.keyboard.press("Escape")


def me(studio: Studio) -> None:
    page = studio.go("/mina")
    studio.shoot("me")
    page.screenshot(path=str(OUT / f"me-all-{studio.shape}-{studio.theme}-{studio.lang}.png"), full_page=True)
    page.click("section:last-of-type .btn.quiet")
    studio.shoot("me-sign-out")
    page.keyboard.press("Escape")


def attention(studio: Studio) -> None:
    studio.go("/huomio")
    studio.shoot("attention-none")
    studio.go("/kortti/00000000000000000000000000000000")
    studio.shoot("card-missing")


def desk_of_supervisor(studio: Studio) -> None:
    page = studio.go("/")
    studio.shoot("today-supervisor")
    page.click("section:has(#to-answer) .btn")
    page.wait_for_selector("form.answer")
    studio.shoot("answer")
    page.click("form.answer .btn.pri")
    studio.shoot("answer-fault")
    page.click("text=/^Piilota$|^Dölj$/")
    studio.shoot("hide")
    page.keyboard.press("Escape")


def moving(studio: Studio) -> None:
    page = studio.go("/taulu")
    page.click(".note .more >> nth=0")
    studio.shoot("move")
    page.click("dialog [role=radio] >> nth=4")
    page.click("dialog .btn.pri")
    studio.shoot("move-reason")
    page.click("dialog [role=radio] >> nth=1")
    page.click("dialog .btn.pri")
    studio.shoot("moved")
    page.click(".toast button")


def inviting(studio: Studio) -> None:
    page = studio.go("/mina")
    page.click("text=/^Kutsu$|^Bjud in$/")
    page.wait_for_selector(".qr")
    studio.shoot("invite")
    page.keyboard.press("Escape")


STAFF_SCENES = [today, board, capture, card, me, attention]
SUPERVISOR_SCENES = [desk_of_supervisor, moving, inviting]


def two_versions(browser: Browser, server: Server, people: dict[str, object], shape: str) -> None:
    """Two people rewrite one sentence without a network: both versions are kept, and a person chooses."""
    windows = [device(browser, shape).new_page() for _ in range(2)]
    for page, (name, role) in zip(windows, (("Aino", "staff"), ("Samu", "staff")), strict=True):
        page.goto(f"{server.url}/liity#{server.invite(role, TEAM, person=people[name])}")
        come_in(page)
    aino, samu = windows
    aino.click(".plus")
    aino.fill("dialog textarea", "Dosetit. Siirretään dosetit keskihyllylle heti.")
    aino.click("dialog .btn.pri")
    aino.click(".saved-ways .pri")
    aino.click(".nav >> text=Taulu")
    aino.click("a.open >> nth=0")
    aino.click("[role=switch]")
    aino.wait_for_timeout(800)
    samu.goto(aino.url)
    samu.wait_for_selector(".card-body")
    for page in windows:
        page.context.set_offline(True)
    for page, words in ((samu, "alahyllylle, lukkoon"), (aino, "uuteen laatikkoon")):
        page.click("text=/Muokkaa$/")
        page.fill("dialog textarea >> nth=1", f"Siirretään dosetit {words} heti.")
        page.click("dialog .btn.pri")
        page.context.set_offline(False)
        page.wait_for_timeout(2500)
    aino.wait_for_selector("text=Kaksi versiota")
    studio = Studio(aino, shape)
    studio.shoot("versions-notice")
    aino.click("text=Vertaa")
    studio.shoot("versions")
    for page in windows:
        page.context.close()


def lived_in(browser: Browser, server: Server, folder: Path) -> None:
    """Every screen that the tests go through, in a team where somebody has left and words wait."""
    here = {"locale": "fi-FI", "timezone_id": "Europe/Helsinki", "reduced_motion": "reduce"}
    browse = partial(browser.new_context, **here)
    place = Place(server, browse, browse, folder)  # nobody here keeps a profile
    home = settle_in(place)
    for lang in LANGUAGES:
        home = home.speak(lang)
        for who, screens in SCREENS.items():
            for screen in screens:
                device = getattr(home, who)
                screen(home, device)
                device.page.get_by_role("main").wait_for()
                for shape, theme in LOOKS[lang]:
                    width, height, _ = SHAPES[shape]
                    device.page.set_viewport_size({"width": width, "height": height})
                    device.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
                    Studio(device.page, shape, theme, lang).shoot(f"{who}{screen.__name__}")
    on_a_tablet(place, in_looks)
    place.close()


def in_looks(device: Device, name: str, lang: str) -> None:
    """A picture in each shape and theme but a desk's; afterwards the window is as before."""
    before = device.page.viewport_size
    for shape, theme in (look for look in LOOKS[lang] if look[0] != "desk"):
        width, height, _ = SHAPES[shape]
        device.page.set_viewport_size({"width": width, "height": height})
        device.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        Studio(device.page, shape, theme, lang).shoot(name)
    device.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    if before is not None:
        device.page.set_viewport_size(before)


LOOKS = {
    "fi": [("phone", "light"), ("phone", "dark"), ("tablet", "light"), ("tablet", "dark"), ("desk", "light")],
    "sv": [("phone", "light"), ("tablet", "light")],
}


if __name__ == "__main__":
    main()

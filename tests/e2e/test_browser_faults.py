"""A browser killed at named points of its writing, robbed of its storage, out of room, in two versions at once."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.network import STOP
from tests.e2e.test_crash import kill_browser
from tests.e2e.test_device_privacy import FILL
from tests.e2e.test_update import LOOK_FOR_UPDATE, STATE, VERSION, renewed
from tests.faults.ledger import words
from tests.faults.phone import Phone

__all__ = ["renewed", "words"]

# IndexedDB as it is, but for one point at which the page stands still, when `stopAt` names it.
POINTS = """(() => {
  const stop = (point) => {
    if (globalThis.stopAt !== point) return
    globalThis.stopAt = undefined
    const request = new XMLHttpRequest()
    request.open('GET', 'STOP', false)
    try {
      request.send()
    } catch {
      for (;;); // the network's process died a moment before this one
    }
  }
  const emptied = new WeakSet()
  for (const what of ['add', 'put', 'delete']) {
    const real = IDBObjectStore.prototype[what]
    IDBObjectStore.prototype[what] = function (...given) {
      if (what === 'delete') emptied.add(this.transaction)
      const how = what === 'add' && emptied.has(this.transaction) ? 'add in place' : what
      stop(`${this.name} before ${how}`)
      const request = real.apply(this, given)
      stop(`${this.name} after ${how}`)
      return request
    }
  }
  const complete = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, 'oncomplete')
  Object.defineProperty(IDBTransaction.prototype, 'oncomplete', {
    ...complete,
    set(fn) {
      const names = [...this.objectStoreNames].join(' ')
      complete.set.call(this, (event) => {
        stop(`${names} complete`)
        fn(event)
      })
    },
  })
})()""".replace("STOP", STOP)
TITLE = "Lamppu käytävään"
WORDS = ["yöllä1", "ei2", "siellä3", "näe4", "mitään5"]
TEXT = f"{TITLE}. {' '.join(WORDS)}"
NEWER = """async () => {
  const { name } = (await indexedDB.databases()).find((one) => one.name.startsWith('v-p-'))
  const db = await new Promise((done, fail) => {
    const request = indexedDB.open(name, 99)
    request.onsuccess = () => done(request.result)
    request.onerror = () => fail(request.error)
    request.onupgradeneeded = () => request.result.createObjectStore('future')
  })
  db.close()
}"""


def stop_at(device, point: str) -> None:
    """The page will stand still there."""
    device.page.evaluate(f"globalThis.stopAt = '{point}'")


def kill_where_it_stands(device) -> None:
    """Wait until it has come there, and let the battery fall out."""
    device.until(lambda: f"GET {STOP}" in device.network.asked)
    kill_browser(device)


def begin(place):
    """Somebody with a profile that stays, whose IndexedDB has the points."""
    aino = place.person("Aino", kept=True)
    aino.context.add_init_script(POINTS)
    aino.page.reload()
    aino.everything_is_delivered()
    return aino


def colleague(place) -> Phone:
    """Somebody else of the team, without a browser."""
    return Phone(place.server, "Timo", place.code())


@pytest.mark.parametrize("point", ["outbox before add", "outbox after add", "outbox complete"])
def test_killed_while_a_save_is_written(place, words, point) -> None:
    aino, timo = begin(place), colleague(place)
    aino.begin_idea(TEXT)
    aino.keeps_a_draft()
    stop_at(aino, point)
    aino.button("Tallenna idea").evaluate("(button) => void setTimeout(() => button.click())")
    kill_where_it_stands(aino)

    aino.open("/taulu")
    aino.everything_is_delivered()
    if point != "outbox complete":
        aino.menu().get_by_role("button", name="Kirjaa uusi").click()
        expect(aino.field("Mitä ehdotat?")).to_have_value(TEXT)
        aino.save_idea()
        aino.press("Valmis")
        aino.everything_is_delivered()
    words(WORDS, timo.texts(place.server))


@pytest.mark.parametrize("point", ["frames before add", "frames after add", "frames complete"])
def test_killed_while_a_frame_is_taken_in(place, words, point) -> None:
    aino, timo = begin(place), colleague(place)
    aino.write_idea(TEXT)
    aino.everything_is_delivered()
    stop_at(aino, point)
    timo.write()
    timo.exchange(place.server)
    kill_where_it_stands(aino)

    aino.open("/taulu")
    aino.everything_is_delivered()
    aino.offline()
    aino.page.reload()
    for title in (TITLE, "Timo 1"):
        aino.sees_on_board(title)
    words([*WORDS, *timo.saved], timo.texts(place.server))


@pytest.mark.parametrize(
    "point", ["frames before delete", "frames before add in place", "frames after add in place"]
)
def test_killed_while_the_log_of_frames_is_folded(place, words, point) -> None:
    """Many deltas become one frame in their place: a kill in the midst leaves the one or the other."""
    aino, timo = begin(place), colleague(place)
    for _ in range(90):
        timo.write(say="pitkä " * 150)
    timo.exchange(place.server)
    shows(aino, 90)
    stop_at(aino, point)
    timo.write(say="pitkä " * 150)
    timo.exchange(place.server)
    kill_where_it_stands(aino)

    aino.network.cut()
    aino.open("/taulu")
    shows(aino, 91)  # of which nothing but this device has told it
    aino.network.mend()
    aino.page.reload()
    aino.everything_is_delivered()
    shows(aino, 91)
    words(timo.saved, timo.texts(place.server))


def shows(device, cards: int) -> None:
    """So many new cards are on the board."""
    device.go("Taulu")
    expect(device.page.get_by_role("region", name=re.compile(rf"^{cards} ?Uusi$"))).to_be_visible()


def rob(device) -> None:
    """The browser throws away what the app keeps: it is short of room. The session's cookie stays."""
    what = {"origin": device.url, "storageTypes": "indexeddb"}
    device.context.new_cdp_session(device.page).send("Storage.clearDataForOrigin", what)


def test_a_device_robbed_of_its_storage_says_so_and_gets_everything_back(place, words) -> None:
    aino, timo = place.person("Aino"), colleague(place)
    aino.write_idea(TEXT)
    aino.everything_is_delivered()
    rob(aino)
    aino.page.reload()
    words(WORDS, timo.texts(place.server))
    aino.visit(f"/liity#{place.code(person=place.number('Aino'))}")
    aino.press("Liity")
    aino.leave_the_passkey_for_later("Aino")
    aino.everything_is_delivered()
    aino.sees_on_board(TITLE)


def test_words_stay_in_the_form_when_the_storage_goes_under_it(place, words) -> None:
    aino, timo = place.person("Aino"), colleague(place)
    aino.write_idea("Kello seinälle")
    aino.everything_is_delivered()
    aino.begin_idea(TEXT)
    rob(aino)
    aino.press("Tallenna idea")
    expect(aino.field("Mitä ehdotat?")).to_have_value(TEXT)
    aino.sees(re.compile("Sanasi ovat yhä tässä"))
    aino.faults.clear()
    words(WORDS, [aino.field("Mitä ehdotat?").input_value(), *timo.texts(place.server)])


def test_a_full_device_keeps_the_words_in_the_form_until_there_is_room(place, words) -> None:
    aino, timo = place.device(), colleague(place)
    cdp = aino.context.new_cdp_session(aino.page)
    cdp.send("Storage.overrideQuotaForOrigin", {"origin": aino.url, "quotaSize": 3_000_000})
    aino.join(place.code(), "Aino")
    aino.begin_idea(TEXT)
    aino.keeps_a_draft()
    aino.page.evaluate(FILL)
    aino.press("Tallenna idea")
    aino.sees("Laitteen muisti on täynnä.")
    expect(aino.field("Mitä ehdotat?")).to_have_value(TEXT)
    cdp.send("Storage.overrideQuotaForOrigin", {"origin": aino.url})
    aino.save_idea()
    aino.press("Valmis")
    aino.everything_is_delivered()
    words(WORDS, timo.texts(place.server))


def test_two_versions_of_the_app_in_two_tabs_share_one_outbox(renewed, words) -> None:
    place, publish = renewed
    aino, timo = place.person("Aino"), colleague(place)
    aino.offline()
    aino.write_idea(TEXT)
    aino.online()
    publish()
    aino.page.evaluate(LOOK_FOR_UPDATE)
    aino.until(lambda: aino.page.evaluate(STATE) == "waiting")
    old = aino.page
    aino.begin_idea("Vanha. vanha1 vanha2")  # nothing is taken from under a person who writes
    aino.page = aino.new_tab()
    aino.visit("/taulu")
    expect(aino.page.locator("html[data-version=second]")).to_be_attached()
    aino.write_idea("Uusi. uusi1 uusi2")
    assert old.evaluate(VERSION) == "first"
    aino.page = old
    aino.save_idea()
    for tab in aino.context.pages:
        expect(tab.get_by_role("link", name="Kaikki perillä").first).to_be_visible()
    words([*WORDS, "uusi1", "uusi2", "vanha1", "vanha2"], timo.texts(place.server))


def test_a_tab_of_today_beside_a_newer_database_loses_no_words(place, words) -> None:
    """A later version has changed the database under the open page: what is written stays in the form."""
    aino, timo = place.person("Aino"), colleague(place)
    aino.write_idea("Kello. kello1 seinälle2")
    aino.everything_is_delivered()
    aino.begin_idea(TEXT)
    aino.page.evaluate(NEWER)
    aino.press("Tallenna idea")
    expect(aino.field("Mitä ehdotat?")).to_have_value(TEXT)
    kept: Callable[[], str] = aino.field("Mitä ehdotat?").input_value
    words([*WORDS, "kello1", "seinälle2"], [kept(), *timo.texts(place.server)])

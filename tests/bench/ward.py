"""A ward's tablet with thirty people on a slower processor: its way in, an idea written in a hurry (F2), its storage.

Run by `make bench`: python -m tests.bench.ward
"""

from typing import NamedTuple

from tests.bench.browser import SLOWER, Board, kept_board, opened, place_with
from tests.bench.report import Figure
from tests.bench.store import median
from tests.e2e.device import Device
from tests.e2e.place import Place
from tests.e2e.tablet_device import PIN, come, enrolled, leader_of, lock, phone_of, type_pin

PEOPLE = 30
BOARD = Board(2_000)
TEAM = "Koivu"
WAY_IN_MS, WITH_PIN_MS, ROOM_MB = 1_000, 2_000, 150
CAPTURE_MS, SAID_MS = 20_000, 200
OPENINGS = 10
WORDS = "Lamppu käytävään. Yöllä ei näe kulkea, ja kärryt ovat tiellä"  # 60 characters
A_KEY_MS = 150  # a quick thumb
# When the last digit was tapped, the lock gave the data key out, and the app's frame and first screen were there.
WATCH = """() => {
  const open = crypto.subtle.unwrapKey.bind(crypto.subtle)
  crypto.subtle.unwrapKey = async (...what) => {
    const key = await open(...what)
    window.openedAt = performance.now()
    return key
  }
  addEventListener('pointerup', () => { window.digitAt = performance.now() }, { capture: true })
  const look = () => {
    if (document.querySelector('main h1') && document.querySelector('.nav')) {
      window.shownAt = performance.now()
      watcher.disconnect()
    }
  }
  const watcher = new MutationObserver(look)
  watcher.observe(document, { childList: true, subtree: true })
}"""


# When "Tallenna" was tapped, and when it says that the words are safe.
WATCH_SAVE = """() => {
  addEventListener('pointerup', () => { window.tappedAt ??= performance.now() }, { capture: true, once: true })
  const look = () => {
    if (document.body.textContent.includes('Tallessa tässä laitteessa')) {
      window.savedAt = performance.now()
      watcher.disconnect()
    }
  }
  const watcher = new MutationObserver(look)
  watcher.observe(document.body, { childList: true, subtree: true, characterData: true })
}"""


class Ward(NamedTuple):
    """Medians of ten, in milliseconds, and megabytes that thirty people take."""

    way_in: float  # from the right PIN to what is there
    with_pin: float  # the same from the tap on its last digit
    capture: float  # from the tap on one's name to a saved idea of sixty characters
    said: float  # from the tap on "Tallenna" to "Tallessa"
    room: float


def ward(place: Place) -> Ward:
    """Thirty people get onto a tablet; ten of them come by without a network and write an idea."""
    place.team = TEAM
    leader = leader_of(place)
    place.space = leader.me["leads"][0][0]
    tablet = enrolled(place, leader, kept=True)
    tablet.visit("/lukko")
    for number in range(PEOPLE):
        come(tablet, phone_of(place, f"Hoitaja{number} Koivu"), PIN)
        tablet.everything_is_delivered()
        lock(tablet)
    used = tablet.page.evaluate("navigator.storage.estimate().then((it) => it.usage)")
    session = tablet.context.new_cdp_session(tablet.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    tablet.offline()
    rounds = [round_of(tablet, number) for number in range(OPENINGS)]
    way_in, with_pin, capture, said = (median([one[at] for one in rounds]) for at in range(4))
    return Ward(way_in, with_pin, capture, said, used / 1_000_000)


def round_of(tablet: Device, number: int) -> tuple[float, float, float, float]:
    """One person's visit: in, an idea, out; the first four figures of `Ward`."""
    begun = tablet.page.evaluate("performance.now()")
    tablet.press(f"Hoitaja{number} K.")
    tablet.page.evaluate(WATCH)
    type_pin(tablet, PIN)
    tablet.until(lambda: tablet.page.evaluate("window.shownAt !== undefined"))
    digit_at = tablet.page.evaluate("window.digitAt")
    tablet.menu().get_by_role("button", name="Kirjaa uusi").tap()
    tablet.field("Mitä ehdotat?").press_sequentially(WORDS, delay=A_KEY_MS)
    tablet.page.evaluate(WATCH_SAVE)
    tablet.button("Tallenna idea").tap()
    tablet.until(lambda: tablet.page.evaluate("window.savedAt !== undefined"))
    opened_at, shown, tapped, saved = tablet.page.evaluate(
        "[window.openedAt, window.shownAt, window.tappedAt, window.savedAt]"
    )
    tablet.button("Valmis").tap()
    lock(tablet)
    return shown - opened_at, shown - digit_at, saved - begun, saved - tapped


def figures() -> list[Figure]:
    """The figures with their goals, and the same board on an own device beside them."""
    with place_with(BOARD) as (place, person):
        page = kept_board(place, person, BOARD).page
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        own = median([opened(page, place.server.url, session).first for _ in range(3)])
        found = ward(place)
    what = f"tablet of {PEOPLE} people, {BOARD}"
    slow = f"{what}, processor {SLOWER} × slower"
    return [
        Figure(f"{slow}: from the right PIN to what is there, ms", found.way_in, WAY_IN_MS),
        Figure(f"{slow}: from the last digit of the PIN to what is there, ms", found.with_pin, WITH_PIN_MS),
        Figure(f"{slow}: times the cold start of an own device with that board", found.way_in / own),
        Figure(
            f"{slow}: from a name to 60 saved characters at {A_KEY_MS} ms a key, ms",
            found.capture,
            CAPTURE_MS,
        ),
        Figure(f'{slow}: from the tap on "Tallenna" to "Tallessa", ms', found.said, SAID_MS),
        Figure(f"{what}: storage, MB", found.room, ROOM_MB),
    ]


def main() -> None:
    """Print them."""
    for figure in figures():
        print(figure.line(), flush=True)


if __name__ == "__main__":
    main()

"""Real browsers: from one to the other, a board of 10,000 cards on a computer four times slower, and larger ones.

Run by `make bench`: python -m tests.bench.browser
"""

import asyncio
import random
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from msgspec import msgpack
from playwright.sync_api import CDPSession, Page, sync_playwright

from server import people
from server.app import now_ms, open_database, world
from server.commands import perform
from server.db import Transaction
from server.fanout import Fanout
from server.forms import TeamForm, TeamMade
from server.intake import Intake
from server.schema import migrate
from server.settings import Settings
from server.snapshots import Snapshots
from server.store.people import Device as Signed
from sync.protocol import MAX_CHANGES, encode
from tests.bench.report import Figure
from tests.bench.store import card_id, change_id, median, prepare, texts, timed
from tests.conftest import Server
from tests.e2e.conftest import AS_HERE, LAUNCH
from tests.e2e.place import Place

SLOWER = 4
IDEAS = 10
# Notes when a text appears on the page, by the clock that all browsers on this machine share.
WATCH = """(text) => {
  window.seenAt = null
  const look = () => {
    if (document.body.textContent.includes(text)) { window.seenAt = Date.now(); watcher.disconnect() }
  }
  const watcher = new MutationObserver(look)
  watcher.observe(document.body, { childList: true, subtree: true, characterData: true })
}"""
PRESS = """(name) => {
  const button = [...document.querySelectorAll('button')].find((one) => one.textContent.trim() === name)
  window.pressedAt = Date.now()
  button.click()
}"""
# Notes when the first card of the board is there, how long every interaction took until the next paint, and the
# longest time for which the page could answer nobody.
MEASURE = """(() => {
  window.slow = []
  window.longest = 0
  const look = () => {
    if (document.querySelector('[data-row]')) { window.openedAt = performance.now(); watcher.disconnect() }
  }
  const watcher = new MutationObserver(look)
  watcher.observe(document, { childList: true, subtree: true })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.interactionId) window.slow.push(entry.duration)
  }).observe({ type: 'event', durationThreshold: 16, buffered: true })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration)
  }).observe({ type: 'longtask', buffered: true })
})()"""


class Board(NamedTuple):
    """How many ideas, spread over how many teams of one person."""

    cards: int
    teams: int = 1

    def __str__(self) -> str:
        spread = f" in {self.teams} teams" if self.teams > 1 else ""
        return f"board of {self.cards:,} cards{spread}"


USUAL = Board(10_000)
MANY_TEAMS = Board(10_000, 40)
LARGE = Board(100_000)


class Slow(NamedTuple):
    """Milliseconds on a processor four times slower."""

    opening: float
    scrolling: float
    searching: float


class Opened(NamedTuple):
    """Milliseconds for a new device; until the first card, of the page's processor time and of its longest task when
    opened again; and of the slowest key in the search."""

    arriving: float
    opening: float
    processor: float
    longest: float
    searching: float


class Kept(NamedTuple):
    """A page on whose disk a board lies, and how many milliseconds it took from the invitation until all was shown."""

    page: Page
    arriving: float


class Opening(NamedTuple):
    """Milliseconds until the first card, of the page's processor time, and of its longest task."""

    first: float
    processor: float
    longest: float


@contextmanager
def county(folder: Path, board: Board) -> Iterator[tuple[Server, int]]:
    """A server with ideas, and the number of the person who may read them all."""
    person = asyncio.run(fill(Settings(data=folder), board))
    server = Server(folder).start()
    try:
        yield server, person
    finally:
        server.close()


async def fill(settings: Settings, board: Board) -> int:
    """Write the ideas as a device would, and make the snapshots that a new device gets."""
    settings.data.mkdir()
    migrate(settings.database_file)
    async with open_database(settings) as db:
        first, device = await prepare(db, settings)
        spaces = [first]
        for number in range(2, board.teams + 1):
            team = msgpack.encode(TeamForm(f"Koivu {number}"))
            made = await db.write(perform, "team.add", team, world(settings))
            spaces.append(msgpack.decode(made, type=TeamMade).space)
        await db.write(enrol, device, spaces[1:])
        each = board.cards // board.teams
        for number, space in enumerate(spaces):
            changes = ideas(space, range(number * each, (number + 1) * each))
            await timed(Intake(db, b"secret", now_ms), device, changes, MAX_CHANGES)
            await Snapshots(db, Fanout(b"", now_ms)).make(space)
        return device.person


def enrol(txn: Transaction, device: Signed, spaces: Sequence[int]) -> None:
    """Let the device's person into more teams."""
    for space in spaces:
        people.grant(txn, device.person, people.Seat(space, "staff"), now_ms())


def ideas(space: int, numbers: range) -> list[bytes]:
    """The changes that make these ideas."""
    chance = random.Random(space)
    changes = []
    for number in numbers:
        title, text = texts(chance)
        made = {"team": (None, space), "title": (None, title), "text": (None, text)}
        changes.append(encode([change_id(0, number), space, card_id(number), "idea", now_ms(), 0, made]))
    return changes


def across(place: Place) -> float:
    """The median from "Tallenna" on one device until the idea is on the other's board."""
    writer, reader = place.person("Aino"), place.person("Jorma")
    reader.go("Taulu")
    times = []
    for number in range(IDEAS):
        text = f"Ajatus numero {number} käytävältä"
        reader.page.evaluate(WATCH, text)
        writer.begin_idea(text)
        writer.page.evaluate(PRESS, "Tallenna idea")
        reader.until(lambda: reader.page.evaluate("window.seenAt !== null"))
        times.append(reader.page.evaluate("window.seenAt") - writer.page.evaluate("window.pressedAt"))
        writer.press("Valmis")
    return median(times)


def kept_board(place: Place, person: int, board: Board) -> Kept:
    """A page on whose disk the board lies, opened again, before anything was visited."""
    device = place.device(kept=True)
    begun = time.monotonic()
    device.join(place.server.invite("staff", "Koivu", person=person), "Aino")
    device.go("Taulu")
    shown = re.compile(rf"\b{board.cards // board.teams:,}\b".replace(",", r"\s?"))
    device.until(lambda: shown.search(device.page.inner_text("main")) is not None)
    arriving = (time.monotonic() - begun) * 1_000
    device.page.wait_for_timeout(3_000 + board.cards / 10)  # until all of it lies on the disk
    device.close()
    device.open()
    device.page.add_init_script(MEASURE)
    return Kept(device.page, arriving)


def opened(page: Page, url: str, session: CDPSession) -> Opening:
    """Open the board from the disk."""
    page.goto("about:blank")
    before = processor(session)
    page.goto(f"{url}/taulu")
    while page.evaluate("window.openedAt === undefined"):  # the app's policy allows no function to wait for
        page.wait_for_timeout(20)
    page.wait_for_timeout(1_000)
    first, longest = page.evaluate("[window.openedAt, window.longest]")
    return Opening(first, processor(session) - before, longest)


def processor(session: CDPSession) -> float:
    """Milliseconds of processor time that the page's main thread took so far."""
    metrics = {one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]}
    return metrics["TaskDuration"] * 1000


def slow_board(place: Place, person: int) -> Slow:
    """Opening, scrolling and searching the usual board, the processor four times slower."""
    page = kept_board(place, person, USUAL).page
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    openings = [opened(page, place.server.url, session).first for _ in range(3)]
    page.get_by_role("searchbox").wait_for()
    page.wait_for_timeout(2_000)
    return Slow(median(openings), scrolled(page), searched(page))


def quick_board(place: Place, person: int, board: Board) -> Opened:
    """Opening and searching a board on this computer as it is."""
    page, arriving = kept_board(place, person, board)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    openings = [opened(page, place.server.url, session) for _ in range(5)]
    page.get_by_role("searchbox").wait_for()
    page.wait_for_timeout(3_000 + board.cards / 10)
    # What the page takes varies with what else the machine does: the least is the page's own.
    first = median([one.first for one in openings])
    own = min(one.processor for one in openings)
    return Opened(arriving, first, own, median([one.longest for one in openings]), searched(page))


def scrolled(page: Page) -> float:
    """The slowest key while paging through a lane."""
    page.locator("[data-row] a").first.focus()
    return slowest(page, ["PageDown"] * 20 + ["End", "Home"])


def searched(page: Page) -> float:
    """The slowest key while searching all cards."""
    page.get_by_role("searchbox").focus()
    return slowest(page, [*"lamppu", *["Backspace"] * 6, *"kahvi"])


def slowest(page: Page, keys: list[str]) -> float:
    """Press keys as fast as a person; the longest from a key to the next paint."""
    page.evaluate("window.slow = []")
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    page.wait_for_timeout(500)
    return max(page.evaluate("window.slow"), default=0)


@contextmanager
def place_with(board: Board) -> Iterator[tuple[Place, int]]:
    """Browsers beside a server that has this board; the number of the person who may read it."""
    build = Path(__file__).parents[2] / "build"
    with (
        tempfile.TemporaryDirectory(dir=build) as folder,
        county(Path(folder) / "data", board) as (server, person),
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(**LAUNCH)
        place = Place(
            server,
            lambda **options: browser.new_context(**AS_HERE, **options),
            lambda profile, **options: driver.chromium.launch_persistent_context(
                profile, **LAUNCH, **AS_HERE, **options
            ),
            Path(folder),
        )
        yield place, person
        place.close()
        browser.close()


def figures() -> list[Figure]:
    """The figures with their goals: time grows no faster than the data."""
    with place_with(USUAL) as (place, person):
        between, slow = across(place), slow_board(place, person)
        usual = quick_board(place, person, USUAL)
    found = [
        Figure("from one browser to the other, ms", between),
        Figure(f"{USUAL}, processor {SLOWER} × slower: opening from the disk, ms", slow.opening, 1_000),
        Figure(f"{USUAL}, processor {SLOWER} × slower: scrolling, key to paint, ms", slow.scrolling, 200),
        Figure(f"{USUAL}, processor {SLOWER} × slower: searching, key to paint, ms", slow.searching, 200),
        *lines(USUAL, usual),
    ]
    for board, times in ((MANY_TEAMS, 1.5), (LARGE, LARGE.cards / USUAL.cards)):
        with place_with(board) as (place, person):
            large = quick_board(place, person, board)
        found += [
            *lines(board, large),
            Figure(f"{board}: times the usual for a new device", large.arriving / usual.arriving, times),
            Figure(f"{board}: times the usual processor time", large.processor / usual.processor, times),
        ]
    return found


def lines(board: Board, f: Opened) -> list[Figure]:
    """What a board costs on this computer."""
    return [
        Figure(f"{board}: a new device, from the invitation until all is shown, ms", f.arriving),
        Figure(f"{board}: opening from the disk, ms", f.opening),
        Figure(f"{board}: opening, processor time of the page, ms", f.processor),
        Figure(f"{board}: opening, the longest for which the page answers nobody, ms", f.longest),
        Figure(f"{board}: searching, key to paint, ms", f.searching, 200),
    ]


def main() -> None:
    """Print them."""
    for figure in figures():
        print(figure.line(), flush=True)


if __name__ == "__main__":
    main()

"""Real browsers: from one to the other, and a board of 10,000 cards on a computer four times slower.

Run by `make bench`: python -m tests.bench.browser
"""

import asyncio
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page, sync_playwright

from server.app import now_ms, open_database
from server.fanout import Fanout
from server.intake import Intake
from server.schema import migrate
from server.settings import Settings
from server.snapshots import Snapshots
from sync.protocol import MAX_CHANGES
from tests.bench.report import Figure
from tests.bench.store import CARDS, median, new_cards, prepare, timed
from tests.conftest import Server
from tests.e2e.conftest import AS_HERE, LAUNCH
from tests.e2e.place import Place

SLOWER = 4
IDEAS = 10
ALL = re.compile(r"\b10\s?000\b")
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
# Notes when the first card of the board is there, and how long every interaction took until the next paint.
MEASURE = """(() => {
  window.slow = []
  const look = () => {
    if (document.querySelector('[data-row]')) { window.openedAt = performance.now(); watcher.disconnect() }
  }
  const watcher = new MutationObserver(look)
  watcher.observe(document, { childList: true, subtree: true })
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.interactionId) window.slow.push(entry.duration)
  }).observe({ type: 'event', durationThreshold: 16, buffered: true })
})()"""


class Measured(NamedTuple):
    """Milliseconds."""

    across: float
    opening: float
    scrolling: float
    searching: float


@contextmanager
def county(folder: Path) -> Iterator[Server]:
    """A server with a team, Koivu, that has 10,000 ideas."""
    asyncio.run(fill(Settings(data=folder)))
    server = Server(folder).start()
    try:
        yield server
    finally:
        server.close()


async def fill(settings: Settings) -> None:
    """Write the ideas as a device would, and make the snapshot that a new device gets."""
    settings.data.mkdir()
    migrate(settings.database_file)
    async with open_database(settings) as db:
        space, device = await prepare(db, settings)
        await timed(Intake(db, b"secret", now_ms), device, new_cards(space), MAX_CHANGES)
        await Snapshots(db, Fanout(b"", now_ms)).make(space)


def across(place: Place) -> float:
    """The median from "Tallenna" on one device until the idea is on the other's board."""
    writer, reader = place.person("Aino"), place.person("Jorma", "supervisor")
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


def large_board(place: Place, code: str) -> tuple[float, float, float]:
    """Opening from the disk, scrolling and searching a board of 10,000 cards, the processor four times slower."""
    device = place.device(kept=True)
    device.join(code, "Timo")
    device.go("Taulu")
    device.until(lambda: ALL.search(device.page.inner_text("main")) is not None)
    device.page.wait_for_timeout(3_000)  # until it lies on the disk
    device.close()
    device.open()
    page = device.page
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(MEASURE)
    openings = []
    for _ in range(3):
        device.visit("/taulu")
        device.until(lambda: page.evaluate("window.openedAt !== undefined"))
        openings.append(page.evaluate("window.openedAt"))
    page.get_by_role("searchbox").wait_for()
    page.wait_for_timeout(2_000)
    return median(openings), scrolled(page), searched(page)


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


def measure() -> Measured:
    """All figures."""
    build = Path(__file__).parents[2] / "build"
    with tempfile.TemporaryDirectory(dir=build) as folder, county(Path(folder) / "data") as server:
        return with_browsers(server, Path(folder))


def with_browsers(server: Server, folder: Path) -> Measured:
    """All figures, on this server."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(**LAUNCH)
        place = Place(
            server,
            lambda **options: browser.new_context(**AS_HERE, **options),
            lambda profile, **options: driver.chromium.launch_persistent_context(
                profile, **LAUNCH, **AS_HERE, **options
            ),
            folder,
        )
        measured = Measured(across(place), *large_board(place, server.invite("staff", "Koivu")))
        place.close()
        browser.close()
    return measured


def figures() -> list[Figure]:
    """The figures with their goals."""
    f = measure()
    board = f"board of {CARDS:,} cards, processor {SLOWER} × slower"
    return [
        Figure("from one browser to the other, ms", f.across),
        Figure(f"{board}: opening from the disk, ms", f.opening, 1_000),
        Figure(f"{board}: scrolling, interaction to next paint, ms", f.scrolling, 200),
        Figure(f"{board}: searching, interaction to next paint, ms", f.searching, 200),
    ]


def main() -> None:
    """Print them."""
    for figure in figures():
        print(figure.line())


if __name__ == "__main__":
    main()

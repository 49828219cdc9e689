"""What history costs: the same board after 10,000, 100,000 and 1,000,000 changes. It has to stay flat.

Run by `make bench`: python -m tests.bench.growth [changes …]
"""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import process_time
from typing import NamedTuple

import uvloop

from server.app import now_ms, open_database
from server.db import Database
from server.fanout import Fanout
from server.intake import Intake
from server.schema import migrate
from server.serve import settle_memory
from server.settings import Settings
from server.snapshots import Snapshots
from server.store.frames import frames_for
from server.store.people import Device
from sync.protocol import MAX_CHANGES, encode
from tests.bench.report import Figure
from tests.bench.store import CARDS, card_id, change_id, median, new_cards, prepare, timed

SIZES = (10_000, 100_000, 1_000_000)
SAMPLES = 15
LANGUAGES = ("fi", "sv", "en")
FLAT = 1.1


class Cost(NamedTuple):
    """One edit's µs of processor time, and a new device's ms."""

    edit_us: float
    device_ms: float


class Grown(NamedTuple):
    """After so many changes: the costs, their ratios to those of a board without a history, MB on the disk."""

    changes: int
    cost: Cost
    ratio: Cost
    megabytes: float


class Board:
    """A board whose cards are edited round and round."""

    def __init__(self, db: Database, folder: Path, space: int, device: Device) -> None:
        self.db, self.folder, self.space, self.device = db, folder, space, device
        self.intake = Intake(db, b"secret", now_ms)
        self.snapshots = Snapshots(db, Fanout(b"epoch", now_ms))
        self.made = 0

    async def fill(self) -> None:
        """Make the cards."""
        await timed(self.intake, self.device, new_cards(self.space), MAX_CHANGES)
        self.made = CARDS

    def edits(self, count: int) -> Iterator[bytes]:
        """The next edits, card by card; each sets the language to the next one."""
        for n in range(self.made, self.made + count):
            round_, card = divmod(n, CARDS)
            was = None if round_ == 1 else LANGUAGES[(round_ - 1) % 3]
            fields = {"lang": (was, LANGUAGES[round_ % 3])}
            yield encode([change_id(1, n), self.space, card_id(card), "idea", now_ms(), n, fields])
        self.made += count

    async def edit(self, count: int) -> float:
        """Let so many edits be acknowledged; gives the seconds of processor time."""
        return (await timed(self.intake, self.device, list(self.edits(count)), MAX_CHANGES)).cpu_seconds

    async def start_device(self) -> float:
        """What the server does for a new device, in seconds of processor time: the snapshot, and what came since."""
        start = process_time()
        etag, _ = await self.snapshots.of(self.space)
        upto = int(etag.strip('"').rpartition("-")[2])
        await self.db.read(frames_for, self.device.person, {self.space: upto})
        return process_time() - start

    def megabytes(self) -> float:
        """What lies on the disk."""
        return sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file()) / 1e6


@asynccontextmanager
async def board_in(folder: Path) -> AsyncIterator[Board]:
    """A board in a data folder of its own, its cards made."""
    settings = Settings(data=folder)
    migrate(settings.database_file)
    async with open_database(settings) as db:
        board = Board(db, folder, *await prepare(db, settings))
        await board.fill()
        yield board


async def compare(young: Board, old: Board) -> Grown:
    """Measure both in turns, since the machine does other things as well; the medians."""
    changes = old.made
    edits = [(await young.edit(MAX_CHANGES), await old.edit(MAX_CHANGES)) for _ in range(SAMPLES)]
    for board in (young, old):
        await board.snapshots.make(board.space)
    starts = [(await young.start_device(), await old.start_device()) for _ in range(SAMPLES)]
    cost = Cost(median([b for _, b in edits]) / MAX_CHANGES * 1e6, median([b for _, b in starts]) * 1000)
    ratio = Cost(median([b / a for a, b in edits]), median([b / a for a, b in starts]))
    return Grown(changes, cost, ratio, old.megabytes())


async def measure(folder: Path, sizes: Sequence[int]) -> list[Grown]:
    """The costs at each size."""
    async with board_in(folder / "young") as young, board_in(folder / "old") as old:
        settle_memory()
        found = []
        for size in sizes:
            while old.made < size:
                await old.edit(min(10 * MAX_CHANGES, size - old.made))
            found.append(await compare(young, old))
        return found


def figures(sizes: Sequence[int] = SIZES) -> list[Figure]:
    """The figures; goals are ratios to a board without a history, measured at the same moment."""
    with (
        tempfile.TemporaryDirectory(dir=Path(__file__).parents[2] / "build") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        for name in ("young", "old"):
            Path(folder, name).mkdir()
        found = runner.run(measure(Path(folder), sizes))
    return [figure for grown in found for figure in lines(grown)]


def lines(grown: Grown) -> list[Figure]:
    """What one size gave."""
    after = f"after {grown.changes:,} changes"
    return [
        Figure(f"{after}: processor time of an edit, µs", grown.cost.edit_us),
        Figure(f"{after}: the same, times that without a history", grown.ratio.edit_us, FLAT),
        Figure(f"{after}: processor time for a new device, ms", grown.cost.device_ms),
        Figure(f"{after}: the same, times that without a history", grown.ratio.device_ms, FLAT),
        Figure(f"{after}: MB on the disk", grown.megabytes),
    ]


def main(sizes: Sequence[int]) -> None:
    """Print them."""
    for figure in figures(sizes or SIZES):
        print(figure.line(), flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])

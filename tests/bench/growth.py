"""What history costs: the same board after 10,000, 100,000 and 1,000,000 changes. It has to stay flat.

Run by `make bench`: python -m tests.bench.growth [changes …]
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator, Sequence
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
    """After so many changes: µs of processor time an edit takes, ms that a new device takes, MB on the disk."""

    changes: int
    edit_us: float
    device_ms: float
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

    async def cost(self) -> Cost:
        """Measure; the median of several, since the machine does other things as well."""
        changes = self.made
        edit = median([await self.edit(MAX_CHANGES) / MAX_CHANGES * 1e6 for _ in range(SAMPLES)])
        await self.snapshots.make(self.space)
        device = median([await self.start_device() * 1000 for _ in range(SAMPLES)])
        size = sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file())
        return Cost(changes, edit, device, size / 1e6)


async def measure(folder: Path, sizes: Sequence[int]) -> list[Cost]:
    """The costs at each size, all on one board that grows."""
    settings = Settings(data=folder)
    migrate(settings.database_file)
    async with open_database(settings) as db:
        board = Board(db, folder, *await prepare(db, settings))
        settle_memory()
        await board.fill()
        found = []
        for size in sizes:
            while board.made < size:
                await board.edit(min(10 * MAX_CHANGES, size - board.made))
            found.append(await board.cost())
        return found


def figures(sizes: Sequence[int] = SIZES) -> list[Figure]:
    """The figures; goals are ratios to the first size."""
    with (
        tempfile.TemporaryDirectory(dir=Path(__file__).parents[2] / "build") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        costs = runner.run(measure(Path(folder), sizes))
    first, last = costs[0], costs[-1]
    each = [
        Figure(f"after {c.changes:,} changes: {what}", value)
        for c in costs
        for what, value in (
            ("processor time of an edit, µs", c.edit_us),
            ("processor time for a new device, ms", c.device_ms),
            ("MB on the disk", c.megabytes),
        )
    ]
    return [
        *each,
        Figure("an edit after all of them, times one at the start", last.edit_us / first.edit_us, FLAT),
        Figure("a new device after all of them, times one before", last.device_ms / first.device_ms, FLAT),
    ]


def main(sizes: Sequence[int]) -> None:
    """Print them."""
    for figure in figures(sizes or SIZES):
        print(figure.line(), flush=True)


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]])

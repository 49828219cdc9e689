"""How long a round of retention keeps writers waiting: a full log, and somebody who writes all the time.

Run by `make bench`: python -m tests.bench.tidying
"""

import asyncio
import tempfile
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import update

from server.app import now_ms, open_database
from server.db import Transaction
from server.intake import Intake
from server.photos import Photos
from server.retention import Retention, Round
from server.schema import migrate
from server.serve import settle_memory
from server.settings import Settings
from server.store.people import DAY_MS, Device
from server.tables import card
from sync.protocol import MAX_CHANGES
from tests.bench.report import Figure
from tests.bench.store import CARDS, edits, new_cards, prepare, timed

HIDDEN = 1_000
MOST_MS = 50  # that a writer may wait
ALONE = 2_000
ROUNDS = 5  # of edits, so that the log is far longer than the board


class Tidied(NamedTuple):
    """What a round did, and how long single changes took before it and while it ran, in milliseconds."""

    done: Round
    seconds: float
    before: list[float]
    writes: list[float]


async def measure(folder: Path) -> Tidied:
    """Fill a database, let two years pass, and tidy while somebody writes."""
    settings = Settings(data=folder)
    migrate(settings.database_file)
    async with open_database(settings) as db:
        space, device = await prepare(db, settings)
        intake = Intake(db, b"secret", now_ms)
        await timed(intake, device, new_cards(space), MAX_CHANGES)
        for run in range(1, ROUNDS + 1):
            await timed(intake, device, edits(space, run, CARDS), MAX_CHANGES)
        await db.write(_hide)
        settle_memory()  # as the server does: a collection over the bench's own lists takes longer than a batch
        later = now_ms() + 800 * DAY_MS
        retention = Retention(db, Photos(folder / "files", ""), b"secret", now_ms, perf_counter)
        return await _tidy(retention, intake, device, edits(space, ROUNDS + 1, CARDS), later)


def _hide(txn: Transaction) -> None:
    some = card.c.kind == "idea", card.c.seq % (CARDS // HIDDEN) == 0
    txn.connection.execute(update(card).where(*some).values(gone=1))


async def _tidy(
    retention: Retention, intake: Intake, device: Device, changes: list[bytes], later: int
) -> Tidied:
    before = [await _write(intake, device, raw) for raw in changes[:ALONE]]
    writes: list[float] = []
    begun = perf_counter()
    running = asyncio.ensure_future(retention.round(later))
    while not running.done():
        writes.append(await _write(intake, device, changes[(ALONE + len(writes)) % len(changes)]))
    return Tidied(await running, perf_counter() - begun, sorted(before), sorted(writes))


async def _write(intake: Intake, device: Device, raw: bytes) -> float:
    start = perf_counter()
    await intake.offer(device, [raw])
    took = (perf_counter() - start) * 1000
    await asyncio.sleep(0.002)
    return took


def _slow(times: list[float]) -> float:
    return times[len(times) * 99 // 100]


def figures() -> list[Figure]:
    """The longest that a batch held the database, and what writers felt of it."""
    with tempfile.TemporaryDirectory(dir=Path(__file__).parents[2] / "build") as folder:
        f = asyncio.run(measure(Path(folder)))
    rows = f.done.removed.total()
    return [
        Figure(
            f"retention: {rows:,} rows, the longest that a batch held the database, ms",
            f.done.longest_ms,
            MOST_MS,
        ),
        Figure("retention: one change meanwhile, 99 of 100 within, ms", _slow(f.writes)),
        Figure("retention: one change before, 99 of 100 within, ms", _slow(f.before)),
        Figure("retention: one change before, the slowest, ms", f.before[-1]),
        Figure("retention: rows a second", rows / f.seconds),
    ]


def main() -> None:
    """Print them."""
    for figure in figures():
        print(figure.line())


if __name__ == "__main__":
    main()

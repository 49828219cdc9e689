"""How fast the store takes changes, beside SQLite alone: the same machine, disk and durability, in the same run.

Run by `make bench`: python -m tests.bench.store
"""

import asyncio
import random
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import uvloop
from msgspec import msgpack

from server import people
from server.app import now_ms, open_database, world
from server.commands import perform
from server.db import PRAGMAS, Database, Transaction
from server.fanout import Fanout
from server.forms import InitForm, TeamForm, TeamMade
from server.intake import Intake
from server.schema import migrate
from server.serve import settle_memory
from server.settings import Settings
from server.snapshots import Snapshots
from server.store import people as stored
from server.store.people import Device, NewDevice
from sync.protocol import MAX_CHANGES, encode
from tests.bench.report import Figure

CARDS = 10_000
SINGLES = 200
WORDS = "lamppu käytävään kuntosali aamupala yövuoro lomake kahvi hissi palaute perehdytys rauha siisti"


class Taken(NamedTuple):
    """What a run of all cards or edits took: by the clock, and of the processor."""

    seconds: float
    cpu_seconds: float

    def cpu_us(self) -> float:
        """Processor time of one."""
        return self.cpu_seconds / CARDS * 1e6


class Alone(NamedTuple):
    """What SQLite alone takes: new rows a second, µs of processor time for each, ms of a single one."""

    per_second: float
    cpu_us: float
    single_ms: float


class Measured(NamedTuple):
    """The store's figures and SQLite's own."""

    cards: Taken
    edits: Taken
    single_ms: float
    alone: Alone
    snapshot_bytes: int
    snapshot_ms: float


def texts(chance: random.Random) -> tuple[str, str]:
    """A title and a text as people write them."""
    words = chance.choices(WORDS.split(), k=40)
    return " ".join(words[:5]), " ".join(words)


def new_cards(space: int) -> list[bytes]:
    """Ideas, each the change that makes it."""
    chance = random.Random(1)
    return [
        encode([change_id(0, n), space, card_id(n), "idea", now_ms(), 0, _made(space, *texts(chance))])
        for n in range(CARDS)
    ]


def _made(space: int, title: str, text: str) -> dict[str, tuple[object, object]]:
    return {"team": (None, space), "title": (None, title), "text": (None, text)}


def edits(space: int, run: int, count: int) -> list[bytes]:
    """A new value for one field of cards here and there."""
    chance = random.Random(run)
    was, now = (None, "fi") if run == 1 else ("fi", "sv")
    cards = chance.sample(range(CARDS), count)
    return [
        encode([change_id(run, i), space, card_id(n), "idea", now_ms(), CARDS, {"lang": (was, now)}])
        for i, n in enumerate(cards)
    ]


def change_id(run: int, n: int) -> bytes:
    """The n-th change of one opened replica."""
    return run.to_bytes(8) + n.to_bytes(4)


def card_id(n: int) -> bytes:
    """The n-th card."""
    return (0x0190_0000_0000_7000_8000_0000_0000_0000 + (n << 64)).to_bytes(16)


async def timed(intake: Intake, device: Device, changes: Sequence[bytes], size: int) -> Taken:
    """Offer changes, so many at a time, two batches under way as a device has them."""
    batches = [changes[i : i + size] for i in range(0, len(changes), size)]
    start, cpu = perf_counter(), process_time()
    under_way: list[asyncio.Future] = []
    for batch in batches:
        if len(under_way) == 2:
            await under_way.pop(0)
        under_way.append(intake.offer(device, batch))
    for verdicts in under_way:
        await verdicts
    return Taken(perf_counter() - start, process_time() - cpu)


async def one_by_one(intake: Intake, device: Device, changes: Sequence[bytes]) -> float:
    """The median of single changes, in milliseconds."""
    times = []
    for change in changes:
        start = perf_counter()
        await intake.offer(device, [change])
        times.append((perf_counter() - start) * 1000)
    return median(times)


def median(values: list[float]) -> float:
    """The one in the middle."""
    return sorted(values)[len(values) // 2]


async def prepare(db: Database, settings: Settings) -> tuple[int, Device]:
    """A team and a member with a device."""
    await db.write(perform, "init", msgpack.encode(InitForm()), world(settings))
    made = await db.write(perform, "team.add", msgpack.encode(TeamForm("Koivu")), world(settings))
    space = msgpack.decode(made, type=TeamMade).space
    return space, await db.write(_join, space)


def _join(txn: Transaction, space: int) -> Device:
    person = stored.add_person(txn, "Aino", "fi", now_ms())
    people.grant(txn, person.id, people.Seat(space, "staff"), now_ms())
    device = stored.add_device(txn, NewDevice(person.id, bytes(16), "bench", b""), now_ms())
    return Device(device, person.id, "fi", b"")


def raw(folder: Path, rows: Sequence[bytes]) -> Alone:
    """SQLite alone, as durable: a card and its log row in groups of 500, and one at a time."""
    connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    connection.execute("CREATE TABLE card (space INTEGER, id BLOB, body BLOB, PRIMARY KEY (space, id))")
    connection.execute("CREATE TABLE change (space INTEGER, n INTEGER, body BLOB, PRIMARY KEY (space, n))")
    keyed = [(1, card_id(n), row) for n, row in enumerate(rows)]
    logged = [(1, n, row) for n, row in enumerate(rows)]

    def store(start: int, size: int) -> float:
        begun = perf_counter()
        connection.execute("BEGIN")
        connection.executemany("REPLACE INTO card VALUES (?, ?, ?)", keyed[start : start + size])
        connection.executemany("REPLACE INTO change VALUES (?, ?, ?)", logged[start : start + size])
        connection.execute("COMMIT")
        return perf_counter() - begun

    cpu = process_time()
    whole = sum(store(start, MAX_CHANGES) for start in range(0, len(rows), MAX_CHANGES))
    cpu = process_time() - cpu
    single = median([store(n, 1) * 1000 for n in range(SINGLES)])
    connection.close()
    return Alone(len(rows) / whole, cpu / len(rows) * 1e6, single)


async def measure(folder: Path) -> Measured:
    """All figures, on a data folder of their own."""
    settings = Settings(data=folder)
    migrate(settings.database_file)
    async with open_database(settings) as db:
        space, device = await prepare(db, settings)
        intake = Intake(db, b"secret", now_ms)
        cards = new_cards(space)
        settle_memory()
        alone = raw(folder, cards)
        made = await timed(intake, device, cards, MAX_CHANGES)
        edited = await timed(intake, device, edits(space, 1, CARDS), MAX_CHANGES)
        single = await one_by_one(intake, device, edits(space, 2, SINGLES))
        start = perf_counter()
        _, body = await Snapshots(db, Fanout(b"", now_ms)).make(space)
        return Measured(
            made,
            edited,
            single,
            alone,
            len(body),
            (perf_counter() - start) * 1000,
        )


def figures() -> list[Figure]:
    """The figures; goals are ratios to SQLite alone, since machines differ."""
    with (
        tempfile.TemporaryDirectory(dir=Path(__file__).parents[2] / "build") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        f = runner.run(measure(Path(folder)))
    rate = CARDS / f.cards.seconds
    return [
        Figure("store: new cards a second, on disk", rate),
        Figure("store: edits a second, on disk", CARDS / f.edits.seconds),
        Figure("store: processor time of a new card, µs", f.cards.cpu_us()),
        Figure("store: processor time of an edit, µs", f.edits.cpu_us()),
        Figure("SQLite alone: new rows a second, on disk", f.alone.per_second),
        Figure("store: share of SQLite alone, %", 100 * rate / f.alone.per_second),
        Figure("store: processor time of a new card, times SQLite alone", f.cards.cpu_us() / f.alone.cpu_us),
        Figure("store: processor time of an edit, times SQLite alone", f.edits.cpu_us() / f.alone.cpu_us),
        Figure("store: one change, ms", f.single_ms),
        Figure("store: one change, times SQLite alone", f.single_ms / f.alone.single_ms),
        Figure(f"snapshot of {CARDS:,} cards, MB", f.snapshot_bytes / 1e6, 1.25),
        Figure(f"snapshot of {CARDS:,} cards, ms to make", f.snapshot_ms),
    ]


def main() -> None:
    """Print them."""
    for figure in figures():
        print(figure.line())


if __name__ == "__main__":
    main()

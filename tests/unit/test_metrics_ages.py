"""Figures of what waits: late snapshots and the last backup, on each sort of database and with a test's own clock."""

import asyncio
import math
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from server.db import Database, Transaction
from server.fanout import Fanout
from server.intake import Intake, arrival
from server.metrics import Metrics
from server.routes.health import Watch
from server.store.accept import accept
from server.store.backups import Backup, note_backup
from server.store.frames import keep_snapshot, spaces_with_cards, whole_frame
from server.tables import grants
from sync.protocol import encode
from tests.changes import NOW
from tests.town import SECRET, Town

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class Looks:
    """A town whose figures are looked at; its time is the town's."""

    def __init__(self, town: Town, db: Database) -> None:
        self.town, self.db, self._metrics = town, db, Metrics()
        self._watch = Watch(db, town.db.where, self._metrics)
        self._given = Intake(db, SECRET, lambda: town.now), Fanout(b"epoch001", lambda: town.now)

    async def figure(self, name: str) -> float:
        """What Prometheus would read."""
        await self._watch.figures(*self._given)
        lines = [line for line in self._metrics.text().decode().splitlines() if line.startswith(f"{name} ")]
        return float(lines[0].split()[1])

    async def write(self, number: int) -> None:
        """So many ideas come to Koivu."""
        for _ in range(number):
            self.town.now += 1
            card = self.town.now.to_bytes(16)
            sets = {"team": (None, self.town.spaces["koivu"]), "title": (None, "Lamppu")}
            came = arrival(self.town.device("aino"), encode(self.town.change("aino", sets, card=card)))
            await self.db.write(accept, [came], self.town.now, SECRET)

    async def renew(self) -> None:
        """Every snapshot is made again."""
        for space in await self.db.read(spaces_with_cards):
            upto, frame = await self.db.read(whole_frame, space)
            await self.db.write(keep_snapshot, space, upto, bytes(frame), self.town.now)


@pytest.fixture
def run(town: Town) -> Callable[[Callable[[Looks], Awaitable[None]]], None]:
    """run(story) → the story is told on an open database."""

    async def told(story: Callable[[Looks], Awaitable[None]]) -> None:
        town.db.kill()
        db = Database(town.db.where)
        await db.open()
        try:
            await story(Looks(town, db))
        finally:
            await db.close()

    return lambda story: asyncio.run(told(story))


def test_a_snapshot_is_late_from_when_it_has_aged_until_it_is_renewed(run) -> None:
    async def story(looks: Looks) -> None:
        await looks.write(1)
        assert await looks.figure("virtaamo_late_snapshots") > 0
        await looks.renew()
        looks.town.now += 90 * 24 * HOUR_MS
        assert await looks.figure("virtaamo_late_snapshots") == 0
        await looks.write(9)
        assert await looks.figure("virtaamo_late_snapshots") == 1
        assert await looks.figure("virtaamo_snapshot_age_seconds") == 0
        looks.town.now += 10 * MINUTE_MS
        assert await looks.figure("virtaamo_snapshot_age_seconds") == 600
        await looks.renew()
        assert await looks.figure("virtaamo_snapshot_age_seconds") == 0
        assert await looks.figure("virtaamo_late_snapshots") == 0

    run(story)


def test_no_snapshot_is_late_of_a_space_that_nobody_reads(run) -> None:
    def part(txn: Transaction, space: int) -> None:
        txn.connection.execute(update(grants).where(grants.c.space == space).values(until=NOW))

    async def story(looks: Looks) -> None:
        await looks.write(1)
        await looks.renew()
        await looks.write(9)
        assert await looks.figure("virtaamo_late_snapshots") == 1
        await looks.db.write(part, looks.town.spaces["koivu"])
        assert await looks.figure("virtaamo_late_snapshots") == 0

    run(story)


def test_a_backup_is_as_old_as_what_it_holds(run) -> None:
    async def story(looks: Looks) -> None:
        assert math.isnan(await looks.figure("virtaamo_backup_age_seconds"))
        await looks.db.write(note_backup, Backup(NOW, NOW + 20_000, 1_000))
        looks.town.now = NOW + 90_000
        assert await looks.figure("virtaamo_backup_age_seconds") == 90

    run(story)

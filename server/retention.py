"""Once a day, what time has done with is let go of, in batches so small that nobody who writes waits for them."""

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import NamedTuple, TypeVar

import structlog

from server.db import UNAVAILABLE, Database, Transaction
from server.leaving import erase_due
from server.photos import Photos
from server.store import late, purge, retention, rounds, trust
from server.store import photos as stored
from server.store.people import DAY_MS
from server.store.retention import Batch, Pace

LOOK_S = 300
BATCH_S = 0.008
MOST_ROWS = 200
PAUSE_S = 0.05
REST = 4  # times as long as a batch has held the database
SPACES_AT_ONCE = 50
FILE_MS = 30 * DAY_MS  # a photo may come this long before its card
Everywhere = Callable[[Transaction, int, Pace], Batch]  # at this time
EVERYWHERE: dict[str, Everywhere] = {
    "sessions": retention.end_sessions,
    "subscriptions": retention.drop_subscriptions,
    "invitations": retention.drop_invitations,
    "snapshots": retention.drop_snapshots,
    "events": retention.drop_events,
    "notices": retention.drop_notices,
    "tries": retention.drop_tries,
    "late words": late.drop_late,
    "accounts": erase_due,
}
T = TypeVar("T")


class Round(NamedTuple):
    """What a round did: rows and files by task, and the longest that a batch held the database, in milliseconds."""

    removed: Counter[str]
    longest_ms: float


class Retention:
    """Runs the tasks of `store.retention`; several processes on one database take turns."""

    def __init__(
        self, db: Database, photos: Photos, secret: bytes, now: Callable[[], int], clock: Callable[[], float]
    ) -> None:
        self._db, self._photos, self._now, self._clock = db, photos, now, clock
        self._tasks: dict[str, rounds.Task] = {
            **rounds.TASKS,
            rounds.HIDDEN: partial(purge.purge, secret=secret),
        }
        self.everywhere: dict[str, Everywhere] = dict(EVERYWHERE)
        self.beside: dict[
            str, Callable[[int], int]
        ] = {}  # what lies beside the database; gives how many are gone
        self._removed: Counter[str] = Counter()
        self._longest_s = 0.0
        self._held: set[bytes] = set()  # photos of changes that may still be judged
        self._held_upto = 0

    async def keep(self) -> None:
        """Look every few minutes whether a round is due. Runs until it is cancelled."""
        log = structlog.get_logger()
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                begun = await self._db.write(trust.claim, self._now())
                if begun is not None:
                    done = await self.round(begun)
                    log.info("retention", longest_ms=round(done.longest_ms, 1), **done.removed)
            except UNAVAILABLE:  # a full disk passes: what is left is done tomorrow
                log.warning("retention waits until the database can be written")
            except Exception as error:  # words of an error may be a person's
                log.error("retention failed", error=type(error).__name__)

    async def round(self, now: int) -> Round:
        """Do all that is due at this time."""
        self._removed, self._longest_s, self._held, self._held_upto = Counter(), 0.0, set(), 0
        spaces = await self._db.read(retention.every_space)
        for start in range(0, len(spaces), SPACES_AT_ONCE):
            for where, name in await self._db.read(rounds.due, spaces[start : start + SPACES_AT_ONCE], now):
                await self._drain(name, partial(_in_space, self._tasks[name], where, now))
        for name, task in self.everywhere.items():
            await self._drain(name, partial(_everywhere, task, now))
        await self._sweep_photos(now)
        for name, drop in self.beside.items():
            self._removed[name] += await asyncio.to_thread(drop, now)
        if self._removed.total():
            self._db.empty_log()
        return Round(self._removed, self._longest_s * 1000)

    async def _drain(self, name: str, task: "Callable[[Transaction, Pace], Batch]") -> None:
        """What fails must not keep other tasks and spaces from being tidied; it is tried again tomorrow."""
        try:
            while not (batch := await self._hold(task)).is_done:
                self._removed[name] += batch.rows
            self._removed[name] += batch.rows
        except UNAVAILABLE:
            raise
        except Exception as error:  # words of an error may be a person's
            structlog.get_logger().error("retention failed", task=name, error=type(error).__name__)

    async def _hold(self, task: "Callable[[Transaction, Pace], T]") -> T:
        """Run one batch, measure how long it held the database, and let others write."""
        begun = self._clock()

        def run(txn: Transaction) -> T:
            nonlocal begun
            begun = self._clock()
            ends = begun + BATCH_S
            return task(txn, Pace(MOST_ROWS, lambda: self._clock() > ends))

        result = await self._db.write(run)
        held_s = self._clock() - begun
        self._longest_s = max(self._longest_s, held_s)
        await asyncio.sleep(max(PAUSE_S, REST * held_s))
        return result

    async def _sweep_photos(self, now: int) -> None:
        after, is_done = stored.START, False
        while not is_done:
            (touched, is_done), after = await self._hold(partial(_sweep, after, now))
            self._removed["photos"] += touched
        for prefix in range(256):
            old = await self._photos.names(f"{prefix:02x}", now - FILE_MS)
            loose = (
                await self._db.read(stored.unnamed, [bytes.fromhex(name) for name in old]) if old else set()
            )
            if loose:
                await self._look_into_quarantine()
                await self._drop_files(loose - self._held)

    async def _look_into_quarantine(self) -> None:
        """Go on from where the last look ended."""
        last = -1
        while last != self._held_upto:
            last = self._held_upto
            more, self._held_upto = await self._db.read(stored.named_in_quarantine, last)
            self._held |= more

    async def _drop_files(self, loose: set[bytes]) -> None:
        for sha in loose:
            name = sha.hex()
            content = await self._photos.photo(name)
            await self._photos.drop(name)
            self._removed["files"] += 1
            if content is not None and not await self._db.read(stored.unnamed, [sha]):
                await self._photos.keep(name, content)  # its card has come in this very moment


def _in_space(task: rounds.Task, where: int, now: int, txn: Transaction, pace: Pace) -> Batch:
    return task(txn, where, now, pace)


def _everywhere(task: Everywhere, now: int, txn: Transaction, pace: Pace) -> Batch:
    return task(txn, now, pace)


def _sweep(after: stored.Named, now: int, txn: Transaction, pace: Pace) -> tuple[Batch, stored.Named]:
    return stored.sweep(txn, after, now)

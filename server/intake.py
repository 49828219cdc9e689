"""Group commit: all changes that wait, from all requests, become one `store.accept` in one transaction."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Raw, structs

from server.db import UNAVAILABLE, Database
from server.refusals import Refused
from server.store.accept import accept, hold_all
from server.store.acceptance import ID_BYTES, Arrival, arrived
from server.store.people import Device
from sync.protocol import MAX_CHANGES, Change, Verdict, decode_change, decode_value

MAX_GROUP = 1_000
MAX_WAITING = 20_000
MAX_SAFE = 2**53 - 1
MAX_NAME = 128

Waiting = tuple[Sequence[Arrival], "asyncio.Future[list[Verdict]]"]


class Intake:
    """Takes changes from every connection and answers one verdict each, once they are on disk.

    `after_store` hears each group with its verdicts.
    """

    def __init__(self, db: Database, secret: bytes, now: Callable[[], int]) -> None:
        self.after_store: Callable[[Sequence[Arrival], Sequence[Verdict]], None] = lambda arrivals, verdicts: (
            None
        )
        self._db, self._secret, self._now = db, secret, now
        self._waiting: deque[Waiting] = deque()
        self._count = self._storing = 0
        self._is_closing = False
        self._runner: asyncio.Task[None] | None = None

    def offer(
        self, device: Device, changes: Sequence[Raw], is_sealed: bool = False, is_revoked: bool = False
    ) -> "asyncio.Future[list[Verdict]]":
        """Queue changes in the order of the calls. The future holds their verdicts after the commit.

        Those of a person or device that was removed are held, until somebody decides; so are sealed ones for a place
        that their author may write to no more.
        Refuses more than 500 at once, and everything while 20,000 wait (503: the device tries again).
        """
        if len(changes) > MAX_CHANGES:
            raise Refused("too_large", "changes")
        if self._is_closing or self._count + len(changes) > MAX_WAITING:
            raise Refused("read_only", retry_after_s=1)
        arrivals = [arrival(device, bytes(raw)) for raw in changes]
        if is_sealed:
            arrivals = [structs.replace(came, is_sealed=True, is_revoked=is_revoked) for came in arrivals]
        done: asyncio.Future[list[Verdict]] = asyncio.get_running_loop().create_future()
        if not arrivals:
            done.set_result([])
            return done
        self._waiting.append((arrivals, done))
        self._count += len(arrivals)
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run())
        return done

    @property
    def waiting(self) -> int:
        """How many changes have been offered and not yet answered."""
        return self._count + self._storing

    async def close(self) -> None:
        """Take nothing more, and wait until everything that was offered is stored."""
        self._is_closing = True
        if self._runner is not None:
            await asyncio.shield(self._runner)  # who waits may give up; the transaction goes on

    async def _run(self) -> None:
        while self._waiting:
            group = self._take()
            arrivals = [a for part, _ in group for a in part]
            self._storing = len(arrivals)
            try:
                verdicts = await self._store(arrivals)
                self.after_store(arrivals, verdicts)
            except Exception as error:
                for _, done in group:
                    if not done.done():
                        done.set_exception(error)
                continue
            finally:
                self._storing = 0
            start = 0
            for part, done in group:
                if not done.done():
                    done.set_result(verdicts[start : start + len(part)])
                start += len(part)

    def _take(self) -> list[Waiting]:
        group: list[Waiting] = []
        size = 0
        while self._waiting and (not group or size + len(self._waiting[0][0]) <= MAX_GROUP):
            group.append(self._waiting.popleft())
            size += len(group[-1][0])
        self._count -= size
        return group

    async def _store(self, arrivals: Sequence[Arrival]) -> list[Verdict]:
        """Store a group; should one of its changes break the transaction, halve until that one is alone (P7)."""
        try:
            return await self._db.write(accept, arrivals, self._now(), self._secret)
        except UNAVAILABLE:
            raise Refused("read_only", retry_after_s=5) from None
        except Exception:
            if len(arrivals) == 1:
                return await self._db.write(hold_all, arrivals, self._now())
        half = len(arrivals) // 2
        return [*await self._store(arrivals[:half]), *await self._store(arrivals[half:])]


def arrival(device: Device, raw: bytes) -> Arrival:
    """Read one change by itself, so that a malformed one is held alone."""
    try:
        change = decode_change(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
        return arrived(device.person, device.id, raw, None, _id_of(raw))
    if not _is_sound(change):
        return arrived(device.person, device.id, raw, None, change.id[:ID_BYTES])
    return arrived(device.person, device.id, raw, change, change.id)


def _is_sound(change: Change) -> bool:
    sizes = len(change.id) == ID_BYTES and len(change.card) == 16
    sizes = sizes and len(change.kind) <= 64 and "\0" not in change.kind  # no text of PostgreSQL's holds that
    numbers = 0 < change.space < 2**31 and 0 <= change.at <= MAX_SAFE and 0 <= change.base <= MAX_SAFE
    names = "".join(change.set)
    short = len(names) <= MAX_NAME or max(map(len, change.set)) <= MAX_NAME
    return sizes and numbers and short and "\0" not in names


def _id_of(raw: bytes) -> bytes:
    try:
        parts = decode_value(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
        return b""
    first = parts[0] if isinstance(parts, list) and parts else b""
    return first[:ID_BYTES] if isinstance(first, bytes) else b""

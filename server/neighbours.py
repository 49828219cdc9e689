"""What other processes on the same database commit, for the sockets of this one (docs/decisions/0013).

A poke that gets lost costs delay and never data: whoever listens again, and everybody at times, looks at the heads.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import msgspec
import structlog
from msgspec import Raw

from server.db import UNAVAILABLE, Database, StatementFailed
from server.fanout import Fanout
from server.store import pokes
from server.store.cards import News
from server.store.people import Regranted
from server.store.pokes import Seen, Stamped

LOOK_S = 30
AGAIN_S = 0.5
MOST_SPACES = 32  # in one look; their frames share one message's room
ALONE_MS = 30_000  # who wrote to a space makes its snapshot; the others wait for this long

log = structlog.get_logger()


class Reach(msgspec.Struct, array_like=True):
    """The head of a frame, without its rows."""

    space: int
    since: int
    upto: int


class Neighbours:
    """Between the database and the fan-out, where several processes share the database."""

    def __init__(self, db: Database, fanout: Fanout) -> None:
        self._db, self._fanout = db, fanout
        self._stamp = ""
        self._doubts = True  # whether grants may have changed that we have not heard of
        self._due: dict[int, int] = {}  # spaces that somebody here is behind in, and the head heard of
        self._wake = asyncio.Event()
        fanout.late = self.note
        db.after_commit = self.publish

    async def run(self) -> None:
        """Listen, and pass on what is heard. Runs until it is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._pass_on())

    def publish(self, told: Sequence[object]) -> None:
        """What a transaction of our own told. Its frames go out at once, unless somebody may have lost their grant."""
        stamped = next((item for item in told if isinstance(item, Stamped)), None)
        self._fanout.publish([item for item in told if isinstance(item, Regranted)])
        if stamped is None or self._follow(stamped):
            self._fanout.publish([item for item in told if isinstance(item, News)])
            return
        for item in told:
            if isinstance(item, News):
                self._fanout.touch(item.space)
                self.note(item.space, item.upto)
        self._wake.set()

    def hear(self, said: str, number: int) -> None:
        """A poke of the connection of this number; our own are known already."""
        if number == self._db.number:
            return
        poke, stamped = pokes.understand(said)
        self._fanout.publish([Regranted(person) for person in poke.persons])
        if not self._follow(stamped):
            self._wake.set()
        for space, head in poke.heads:
            self._fanout.touch(space, ALONE_MS)
            self.note(space, head)

    def note(self, space: int, head: int) -> None:
        """A space has come up to a head; if somebody here is behind, they get a frame, read once for all."""
        self._fanout.hint(space, head)
        if self._fanout.behind(space, head) is not None:
            self._due[space] = max(head, self._due.get(space, 0))
            self._wake.set()

    def _follow(self, stamped: Stamped) -> bool:
        """Whether we have known all grants up to here."""
        if stamped.was != self._stamp:
            self._doubts = True
            return False
        self._stamp = stamped.now
        return True

    async def _listen(self) -> None:
        while True:
            ear = self._db.ear(self.hear)
            if ear is None:
                return
            try:
                await ear.open()
                await self._look_around()
                while not await _is_lost(ear.lost) and await ear.is_there():
                    await self._look_around()
            except (*UNAVAILABLE, StatementFailed) as error:
                log.warning("deaf", why=str(error))
            finally:
                ear.close()
            await asyncio.sleep(AGAIN_S)

    async def _look_around(self) -> None:
        """See what may have been missed: everybody's grants, and the heads of what is followed."""
        self._doubts = True
        self._wake.set()
        for space, head in (await self._db.read(pokes.heads_of, self._fanout.followed)).items():
            self.note(space, head)

    async def _pass_on(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._catch_up()
            except (*UNAVAILABLE, StatementFailed) as error:
                log.warning("behind", why=str(error))
                self._doubts = True
                await asyncio.sleep(AGAIN_S)
                self._wake.set()

    async def _catch_up(self) -> None:
        """Read what is due in one state of the database together with the grants of that state (P6)."""
        spaces = list(self._due)[:MOST_SPACES]
        heads = {space: self._due.pop(space) for space in spaces}
        cursors = {s: at for s, h in heads.items() if (at := self._fanout.behind(s, h)) is not None}
        asks, self._doubts = self._doubts, False
        if not cursors and not asks:
            return
        watched = self._fanout.sessions if asks else {}
        try:
            seen = await self._db.read(pokes.look, list(watched), cursors)
        except (*UNAVAILABLE, StatementFailed):
            self._due = heads | self._due
            raise
        if asks:
            self._stamp = seen.stamp
            self._fanout.recheck(watched, seen.sessions)
        elif seen.stamp != self._stamp:
            self._doubts, self._due = True, heads | self._due
        if self._due or self._doubts:
            self._wake.set()
        if asks or seen.stamp == self._stamp:
            self._deliver(seen, heads, cursors)

    def _deliver(self, seen: Seen, heads: dict[int, int], cursors: dict[int, int]) -> None:
        for space, since in cursors.items():
            frame = seen.frames.get(space)
            upto = _upto(frame) if frame is not None else heads[space]
            news = News(space, since, upto, partial(seen.frames.__getitem__, space))
            self._fanout.deliver(news, frame is not None)


def _upto(frame: Raw) -> int:
    return msgspec.msgpack.decode(frame, type=Reach).upto


async def _is_lost(lost: asyncio.Event) -> bool:
    """Whether it happens before it is time to look around."""
    with suppress(TimeoutError):
        await asyncio.wait_for(lost.wait(), LOOK_S)
    return lost.is_set()

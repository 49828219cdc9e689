"""Snapshots: encoded and compressed once, served as stored bytes, renewed in the background."""

import asyncio

import brotli

from server.db import UNAVAILABLE, Database
from server.fanout import Fanout
from server.store import frames as store
from server.store.turns import claim_snapshot, let_go_of_snapshot

QUALITY = 9
LOOK_S = 1
QUIET_MS = 5_000
LONGEST_MS = 60_000


class Snapshots:
    """Keeps a fresh snapshot of every space that has cards."""

    def __init__(self, db: Database, fanout: Fanout) -> None:
        self.db, self._fanout = db, fanout
        self._making: dict[int, asyncio.Task[tuple[int, bytes]]] = {}

    async def of(self, space: int) -> tuple[str, bytes]:
        """A space's snapshot: its ETag and its brotli bytes; made now if there is none."""
        stored = await self.db.read(store.stored_snapshot, space)
        upto, body = stored or await self.make(space)
        return f'"{self._fanout.epoch.hex()}-{space}-{upto}"', body

    async def make(self, space: int) -> tuple[int, bytes]:
        """Make and store a space's snapshot; two who ask at once wait for the same one."""
        if space not in self._making:
            self._making[space] = asyncio.create_task(self._make(space))
        try:
            return await asyncio.shield(self._making[space])
        finally:
            self._making.pop(space, None)

    async def _make(self, space: int) -> tuple[int, bytes]:
        upto, frame = await self.db.read(store.whole_frame, space)
        body = await asyncio.to_thread(brotli.compress, bytes(frame), quality=QUALITY, lgwin=24)
        await self.db.write(store.keep_snapshot, space, upto, body, self._fanout.now())
        return upto, body

    async def _make_unless_others_do(self, space: int) -> None:
        """Another process on the same database may be at it, or may have been faster."""
        if not self.db.is_shared:
            await self.make(space)
        elif await self.db.write(claim_snapshot, space):
            try:
                if await self.db.read(store.stale_snapshots, [space]):
                    await self.make(space)
            finally:
                await self.db.write(let_go_of_snapshot, space)

    async def keep_fresh(self) -> None:
        """Renew what has aged, once the writing that aged it has paused. Runs until it is cancelled."""
        fanout = self._fanout
        for space in await self.db.read(store.spaces_with_cards):
            fanout.touch(space)
        while True:
            await asyncio.sleep(LOOK_S)
            now = fanout.now()
            due = {
                space
                for space, (first, last) in fanout.touched.items()
                if now - last >= QUIET_MS or now - first >= LONGEST_MS
            }
            for space in due:
                del fanout.touched[space]
            try:
                for space in await self.db.read(store.stale_snapshots, due) if due else ():
                    await self._make_unless_others_do(space)
            except UNAVAILABLE:  # a full disk passes: look again later
                for space in due:
                    fanout.touch(space)

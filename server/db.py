"""Transactions: `write` on the one writing connection, `read` on a few reading ones. Knows no table and no space.

A transaction is a plain function that runs whole beside its connection: in its thread with SQLite
(docs/decisions/0009), over asyncpg with PostgreSQL (0013). It can't wait for anything but its own database, and may
run twice. What `write` has returned is on disk.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

from server import db_sqlite
from server.db_sqlite import PRAGMAS, SqliteConnection
from server.transaction import CHANNEL, StatementFailed, Timer, Transaction, among

if TYPE_CHECKING:
    from server.db_postgres import Ear, Heard, Postgres

__all__ = [
    "CHANNEL",
    "PRAGMAS",
    "UNAVAILABLE",
    "Database",
    "StatementFailed",
    "Stored",
    "Timer",
    "Transaction",
    "among",
]

P = ParamSpec("P")
T = TypeVar("T")
Stored = Path | str  # a file of SQLite, or the address of a database of PostgreSQL

UNAVAILABLE = (*db_sqlite.UNAVAILABLE, OSError)  # what a database that can't be used right now raises
READERS = 3
PAUSE_S = 4.5


class Line(Protocol):
    """A connection to either sort of database."""

    time_commit: Timer

    @property
    def number(self) -> int: ...

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def transact(
        self, fn: Callable[..., T], args: Sequence[object], kwargs: Mapping[str, object]
    ) -> tuple[T, list[object]]: ...


class Database:
    """An open database: one writer, a few readers. `after_commit` hears what transactions told.

    `time_write` and `time_commit` are asked for a stopwatch for each writing transaction, and for its commit to disk.
    `announce` runs at the end of a transaction that told something, where other processes may have to hear of it.
    """

    time_write: Timer = nullcontext
    time_commit: Timer = nullcontext

    def __init__(
        self,
        where: Stored,
        after_commit: Callable[[Sequence[object]], None] = lambda news: None,
        announce: Callable[[Transaction], None] | None = None,
    ) -> None:
        self.after_commit = after_commit
        self._server = _server_at(where, announce) if isinstance(where, str) else None
        self._file = where if isinstance(where, Path) else Path()
        self._writing = asyncio.Lock()
        self._writer: Line | None = None
        self._readers: asyncio.Queue[Line] = asyncio.Queue()
        self._written_at = 0.0
        self._pause: asyncio.TimerHandle | None = None
        self._tidying: asyncio.Task[None] | None = None
        self._empties = False  # in the next pause

    @property
    def is_shared(self) -> bool:
        """Whether other processes may write too."""
        return self._server is not None

    @property
    def number(self) -> int:
        """What PostgreSQL calls the writing connection; 0 where there is none."""
        return self._writer.number if self._writer is not None else 0

    async def open(self) -> None:
        """Open the connections; raises one of UNAVAILABLE when the database can't be used."""
        self._writer = await self._connect(writes=True)
        for _ in range(READERS):
            self._readers.put_nowait(await self._connect(writes=False))
        self._note_write()  # make room for the first writes in a pause too

    async def close(self) -> None:
        """Close all connections, after what runs on them."""
        if self._pause is not None:
            self._pause.cancel()
        async with self._writing:
            if self._writer is not None:
                await self._writer.close()
                self._writer = None
        for _ in range(READERS):
            await (await self._readers.get()).close()

    async def write(
        self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run fn(txn, …) in one durable transaction. Raises what fn raises, after rolling back."""
        return await asyncio.shield(asyncio.ensure_future(self._write(fn, args, kwargs)))

    async def _write(self, fn: Callable[..., T], args: Sequence[object], kwargs: Mapping[str, object]) -> T:
        """Not to be interrupted: who waits may go away, but what is committed is told, in the order of the commits."""
        async with self._writing:
            if self._writer is None:
                raise ConnectionError("the database is closed")
            self._writer.time_commit = self.time_commit
            with self.time_write():
                result, told = await self._writer.transact(fn, args, kwargs)
            self._note_write()
            self.after_commit(told)
        return result

    def empty_log(self) -> None:
        """Leave nothing of what was removed in SQLite's log, which is else written over in time: in the next pause."""
        self._empties = True

    def _note_write(self) -> None:
        """SQLite's log is folded in a pause, so that no writer waits for it."""
        if self.is_shared:
            return
        loop = asyncio.get_running_loop()
        self._written_at = loop.time()
        if self._pause is None:
            self._pause = loop.call_later(PAUSE_S, self._look_for_pause, loop)

    def _look_for_pause(self, loop: asyncio.AbstractEventLoop) -> None:
        rest_s = self._written_at + PAUSE_S - loop.time()
        if rest_s > 0.001:
            self._pause = loop.call_later(rest_s, self._look_for_pause, loop)
        else:
            self._pause = None
            self._tidying = loop.create_task(self._tidy_now())

    async def _tidy_now(self) -> None:
        """On the writing connection, never beside a write: older SQLites can damage the file otherwise."""
        async with self._writing:
            if isinstance(self._writer, SqliteConnection):
                with suppress(*UNAVAILABLE, sqlite3.Error):  # the next pause will do
                    self._empties &= not await self._writer.tidy(self._empties)
                    await self._writer.make_room(self._file.with_name(f"{self._file.name}-wal"))

    async def read(
        self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run fn(txn, …) on a reader, seeing one committed state."""
        async with self._reader() as reader:
            result, _ = await asyncio.shield(reader.transact(fn, args, kwargs))
            return result

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[Line]:
        reader = await self._readers.get()
        try:
            yield reader
        finally:
            self._readers.put_nowait(reader)

    async def _connect(self, writes: bool) -> Line:
        on_server = self._server is not None and self._server.line(writes)
        line: Line = on_server or db_sqlite.connection_to(self._file, writes)
        await line.open()
        return line

    def ear(self, heard: "Heard") -> "Ear | None":
        """What hears of other processes; nothing with SQLite, which has none. To be opened."""
        return self._server.ear(heard) if self._server is not None else None


def _server_at(url: str, announce: Callable[[Transaction], None] | None) -> "Postgres":
    from server.db_postgres import Postgres  # slow to import, and SQLite doesn't need it

    return Postgres(url, announce)

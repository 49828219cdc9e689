"""SQLite: connections that run whole transactions in their own thread (docs/decisions/0009).

Opened with WAL and `synchronous=FULL`: what is committed is on disk.
"""

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TypeVar

import aiosqlite
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.pool import StaticPool

from server.transaction import Timer, Transaction

T = TypeVar("T")

UNAVAILABLE = (OperationalError, InterfaceError, sqlite3.OperationalError)
BUSY_TIMEOUT_MS = 5_000
# Who turns from reading to writing would not wait for a foreign process.
READ, WRITE = "BEGIN", "BEGIN IMMEDIATE"
WAL_BYTES = 4 << 20  # of the log's file after a pause; see `make_room`
WAL_MOST_PAGES = 8_000  # 32 MB: more is folded into the file in the midst of writing
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    f"PRAGMA journal_size_limit={WAL_BYTES}",
    f"PRAGMA wal_autocheckpoint={WAL_MOST_PAGES}",
    "PRAGMA cache_size=-65536",
)


# Python's driver looks for an adapter of these two in vain, each time, which takes it longer than passing them on.
sqlite3.register_adapter(bytes, bytes)
sqlite3.register_adapter(type(None), lambda nothing: nothing)


class SqliteConnection(aiosqlite.Connection):
    """aiosqlite's connection, which also runs whole transactions of SQLAlchemy Core in its thread."""

    time_commit: Timer = nullcontext
    number = 0  # what PostgreSQL would call it
    begin = ""

    def prepare(self) -> None:
        """Open SQLAlchemy's view of this connection; runs in the connection's thread."""
        for pragma in PRAGMAS:
            self._conn.execute(pragma)
        engine = create_engine(
            "sqlite://", creator=lambda: self._conn, poolclass=StaticPool, hide_parameters=True
        )  # what people wrote must not get into the words of an error
        event.listen(engine, "begin", self._begin)
        self._core = engine.connect()

    def _begin(self, core: Connection) -> None:
        core.connection.cursor().execute(self.begin)

    async def open(self) -> None:
        """Connect and set up."""
        self._thread.daemon = True  # a process that is told to end doesn't wait for a reader
        await self
        try:
            await self._in_thread(self.prepare)
        except sqlite3.Error as error:
            await self.close()
            raise OSError(str(error)) from error

    async def tidy(self, empties: bool) -> bool:
        """Fold the write-ahead log into the file and begin it anew, or empty it; not while somebody reads from it.

        Gives whether it could be done.
        """
        return await self._in_thread(lambda: self._tidy("TRUNCATE" if empties else "RESTART"))

    async def make_room(self, log: Path) -> None:
        """Bring the log's file to its full size: a commit that grows it waits for the file system's journal too."""
        await self._in_thread(lambda: self._make_room(log))

    def _make_room(self, log: Path) -> None:
        self._conn.execute("BEGIN IMMEDIATE")  # nobody else may be writing behind the end
        try:
            with log.open("r+b", buffering=0) as file:
                lacks = WAL_BYTES - file.seek(0, os.SEEK_END)
                if lacks > 0:
                    file.write(bytes(lacks))  # SQLite stops reading where a frame's checksum is wrong
                    os.fsync(file.fileno())
        finally:
            self._conn.execute("ROLLBACK")

    def _tidy(self, how: str) -> bool:
        self._conn.execute("PRAGMA busy_timeout=0")
        (is_busy, *_), *_ = self._conn.execute(f"PRAGMA wal_checkpoint({how})").fetchall()
        self._conn.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        return not is_busy

    async def _in_thread(self, fn: Callable[[], T]) -> T:
        return await self._execute(fn)  # type: ignore[no-untyped-call, no-any-return]  # aiosqlite doesn't type it

    async def transact(
        self, fn: Callable[..., T], args: Sequence[object], kwargs: Mapping[str, object]
    ) -> tuple[T, list[object]]:
        """Run fn(txn, …) in one transaction; what it returned and what it told."""
        return await self._in_thread(lambda: self._transact(fn, args, kwargs))

    def _transact(
        self, fn: Callable[..., T], args: Sequence[object], kwargs: Mapping[str, object]
    ) -> tuple[T, list[object]]:
        txn = Transaction(self._core)
        try:
            with self._core.begin() as running:
                result = fn(txn, *args, **kwargs)
                with self.time_commit():
                    running.commit()
        except BaseException:
            self._end_what_runs()
            raise
        return result, txn.told

    def _end_what_runs(self) -> None:
        """A COMMIT that found no room leaves the transaction open: without this nothing could be written again."""
        with suppress(*UNAVAILABLE):
            self._core.rollback()
        if self._conn.in_transaction:
            with suppress(sqlite3.Error):
                self._conn.execute("ROLLBACK")


def connection_to(file: Path, writes: bool) -> SqliteConnection:
    """A connection to a database file, to be opened."""
    connection = SqliteConnection(lambda: sqlite3.connect(file, isolation_level=None), 64)
    connection.begin = WRITE if writes else READ
    return connection

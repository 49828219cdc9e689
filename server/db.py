"""Transactions: `write` on the one writing connection, `read` on pooled readers. Knows no table and no space.

Store functions are plain `def` and run inside SQLAlchemy's greenlet, so a transaction can't wait for anything but its
own database. SQLite is opened with WAL and `synchronous=FULL`: a commit is on disk when `write` returns.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Concatenate, ParamSpec, TypeVar

import aiosqlite
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

P = ParamSpec("P")
T = TypeVar("T")

BUSY_TIMEOUT_MS = 5_000
READERS = 3
WAL_LIMIT_BYTES = 1 << 20
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    f"PRAGMA journal_size_limit={WAL_LIMIT_BYTES}",
    "PRAGMA cache_size=-65536",
)


class Transaction:
    """One transaction, handed to store functions. What they `tell` is told to the listeners once it is on disk."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.told: list[object] = []

    def tell(self, news: object) -> None:
        """Name an effect to be done after the commit; dropped if the transaction fails."""
        self.told.append(news)


class Database:
    """An open database: one writer, a few readers. `after_commit` hears what transactions told."""

    def __init__(
        self, url: str, after_commit: Callable[[Sequence[object]], None] = lambda news: None
    ) -> None:
        self.after_commit = after_commit
        self._engine = _engine(url)
        self._lock = asyncio.Lock()
        self._writer: AsyncConnection | None = None
        self._readers = asyncio.Semaphore(READERS)

    async def open(self) -> None:
        """Open the writing connection; raises OperationalError when the file can't be written."""
        self._writer = await self._engine.connect()

    async def close(self) -> None:
        """Close all connections, after the running transaction."""
        async with self._lock:
            if self._writer is not None:
                await self._writer.close()
                self._writer = None
        await self._engine.dispose()

    async def write(
        self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run fn(txn, …) in one durable transaction. Raises what fn raises, after rolling back."""
        async with self._lock:
            if self._writer is None:
                raise ConnectionError("the database is closed")
            result, told = await asyncio.shield(self._writer.run_sync(_in_transaction, fn, args, kwargs))
        self.after_commit(told)
        return result

    async def read(
        self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run fn(txn, …) on a reader, seeing one committed state."""
        async with self._readers, self._engine.connect() as connection:
            result, _ = await connection.run_sync(_in_transaction, fn, args, kwargs)
            return result


def _in_transaction(
    connection: Connection, fn: Callable[..., T], args: Iterable[object], kwargs: dict[str, object]
) -> tuple[T, list[object]]:
    txn = Transaction(connection)
    with connection.begin():
        result = fn(txn, *args, **kwargs)
    return result, txn.told


def _engine(url: str) -> AsyncEngine:
    path = url.removeprefix("sqlite+aiosqlite:///")

    async def connect() -> aiosqlite.Connection:
        return await OneHopConnection(lambda: sqlite3.connect(path, isolation_level=None), 64)

    engine = create_async_engine(url, async_creator=connect, pool_size=READERS + 1, max_overflow=0)

    @event.listens_for(engine.sync_engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


class OneHopCursor:
    """A cursor that fetches in the same trip to the database thread that executes: four trips become one."""

    def __init__(self, connection: "OneHopConnection") -> None:
        self._connection = connection
        self._rows: list[tuple[object, ...]] = []
        self.description: object = None
        self.lastrowid: int | None = None
        self.rowcount = -1
        self.arraysize = 1

    async def __aenter__(self) -> "OneHopCursor":
        return self

    async def execute(self, sql: str, parameters: Sequence[object] = ()) -> "OneHopCursor":
        """Run one statement and fetch all its rows."""
        await self._connection.run(self._execute, "execute", sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Sequence[object]]) -> "OneHopCursor":
        """Run one statement for many parameters."""
        await self._connection.run(self._execute, "executemany", sql, parameters)
        return self

    async def fetchall(self) -> list[tuple[object, ...]]:
        """All rows, once."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Nothing is held open between trips."""

    def _execute(self, how: str, sql: str, parameters: Iterable[object]) -> None:
        cursor = self._connection.raw.cursor()
        getattr(cursor, how)(sql, parameters)
        self.description, self.lastrowid, self.rowcount = (
            cursor.description,
            cursor.lastrowid,
            cursor.rowcount,
        )
        if cursor.description:
            self._rows = cursor.fetchall()
        cursor.close()


class OneHopConnection(aiosqlite.Connection):
    """aiosqlite's connection with `OneHopCursor`s."""

    @property
    def raw(self) -> sqlite3.Connection:
        """The connection of the database thread."""
        return self._conn

    async def run(self, fn: Callable[..., None], *args: object) -> None:
        """Run fn in the database thread."""
        await self._execute(fn, *args)

    async def cursor(self) -> OneHopCursor:  # type: ignore[override]  # the same use, fewer trips
        """A cursor, made without a trip."""
        return OneHopCursor(self)

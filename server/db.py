"""Transactions: `write` on the one writing connection, `read` on a few reading ones. Knows no table and no space.

A transaction is a plain function that runs whole in its connection's thread (docs/decisions/0009): it can't wait for
anything but its own database, and costs one trip between threads instead of one a statement. SQLite is opened with WAL
and `synchronous=FULL`: a commit is on disk when `write` returns.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress
from functools import cache
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar, TypeVarTuple

import aiosqlite
from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Connection,
    Dialect,
    Select,
    bindparam,
    create_engine,
    event,
)
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.pool import StaticPool

P = ParamSpec("P")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Timer = Callable[[], AbstractContextManager[object]]  # a new stopwatch, running inside its `with`

UNAVAILABLE = (
    OperationalError,
    InterfaceError,
    sqlite3.OperationalError,
    OSError,
)  # what a database that can't be used right now raises
BUSY_TIMEOUT_MS = 5_000
READERS = 3
WAL_LIMIT_BYTES = 1 << 20  # of what stays after a pause
WAL_MOST_PAGES = 8_000  # 32 MB: more is folded into the file in the midst of writing
PAUSE_S = 4.5
MOST_VALUES = 1_024  # in one statement
MANY_MARK = "__[POSTCOMPILE_many]"
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    f"PRAGMA journal_size_limit={WAL_LIMIT_BYTES}",
    f"PRAGMA wal_autocheckpoint={WAL_MOST_PAGES}",
    "PRAGMA cache_size=-65536",
)


class Transaction:
    """One transaction, handed to store functions. What they `tell` is told to the listeners once it is on disk."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.told: list[object] = []
        self._cursor = connection.connection.cursor()

    def rows(
        self, statement: Select[*Ts], values: Sequence[object], many: Sequence[object] | None = None
    ) -> list[tuple[*Ts]]:
        """The rows of a statement that every change needs; `many` are the values of its `among`, its last parameter.

        It is compiled once and kept, so it has to be one that lives as long as the program. What SQLAlchemy does for
        each run of a statement takes longer than SQLite does.
        """
        sql = _compiled(self.connection.dialect, statement)
        if many is None:
            return list(self._cursor.execute(sql, tuple(values)))
        found: list[tuple[*Ts]] = []
        for start in range(0, len(many), MOST_VALUES):
            few = list(many[start : start + MOST_VALUES])
            count = 1 << (len(few) - 1).bit_length()  # few sizes, so that SQLite too knows the statement
            few += few[-1:] * (count - len(few))
            marks = ", ".join("?" * count)
            found += self._cursor.execute(sql.replace(MANY_MARK, marks), (*values, *few))
        return found

    def store(self, statement: ClauseElement, rows: Sequence[tuple[object, ...]]) -> None:
        """Run a statement of the same sort for each of these rows of values."""
        self._cursor.executemany(_compiled(self.connection.dialect, statement), rows)

    def tell(self, news: object) -> None:
        """Name an effect to be done after the commit; dropped if the transaction fails."""
        self.told.append(news)


class SqliteConnection(aiosqlite.Connection):
    """aiosqlite's connection, which also runs whole transactions of SQLAlchemy Core in its thread."""

    time_commit: Timer = nullcontext

    def prepare(self) -> None:
        """Open SQLAlchemy's view of this connection; runs in the connection's thread."""
        for pragma in PRAGMAS:
            self._conn.execute(pragma)
        engine = create_engine(
            "sqlite://", creator=lambda: self._conn, poolclass=StaticPool, hide_parameters=True
        )  # what people wrote must not get into the words of an error
        event.listen(engine, "begin", _begin)
        self._core = engine.connect()

    async def open(self) -> None:
        """Connect and set up."""
        await self
        try:
            await self._in_thread(self.prepare)
        except sqlite3.Error as error:
            await self.close()
            raise OSError(str(error)) from error

    async def tidy(self) -> None:
        """Fold the write-ahead log into the file and empty it, unless somebody is reading from it."""
        await self._in_thread(self._tidy)

    def _tidy(self) -> None:
        self._conn.execute("PRAGMA busy_timeout=0")
        self._conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        self._conn.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")

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
        with self._core.begin() as running:
            result = fn(txn, *args, **kwargs)
            with self.time_commit():
                running.commit()
        return result, txn.told


class Database:
    """An open database: one writer, a few readers. `after_commit` hears what transactions told.

    `time_write` and `time_commit` are asked for a stopwatch for each writing transaction, and for its commit to disk.
    """

    time_write: Timer = nullcontext
    time_commit: Timer = nullcontext

    def __init__(
        self, file: Path, after_commit: Callable[[Sequence[object]], None] = lambda news: None
    ) -> None:
        self.after_commit = after_commit
        self._file = file
        self._writing = asyncio.Lock()
        self._writer: SqliteConnection | None = None
        self._readers: asyncio.Queue[SqliteConnection] = asyncio.Queue()
        self._written_at = 0.0
        self._pause: asyncio.TimerHandle | None = None
        self._tidying: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open the connections; raises one of UNAVAILABLE when the file can't be used."""
        self._writer = await self._connect()
        for _ in range(READERS):
            self._readers.put_nowait(await self._connect())

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

    def _note_write(self) -> None:
        """The log is folded in a pause, so that no writer waits for it."""
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
            if self._writer is not None:
                with suppress(*UNAVAILABLE, sqlite3.Error):  # the next pause will do
                    await self._writer.tidy()

    async def read(
        self, fn: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run fn(txn, …) on a reader, seeing one committed state."""
        async with self._reader() as reader:
            result, _ = await asyncio.shield(reader.transact(fn, args, kwargs))
            return result

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[SqliteConnection]:
        reader = await self._readers.get()
        try:
            yield reader
        finally:
            self._readers.put_nowait(reader)

    async def _connect(self) -> SqliteConnection:
        connection = SqliteConnection(lambda: sqlite3.connect(self._file, isolation_level=None), 64)
        connection._thread.daemon = True  # a process that is told to end doesn't wait for a reader
        await connection.open()
        return connection


def among(column: ColumnElement[object]) -> ColumnElement[bool]:
    """Whether a column holds one of the `many` values that `rows` is given."""
    return column.in_(bindparam("many", expanding=True))


def _begin(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN")


@cache
def _compiled(dialect: Dialect, statement: ClauseElement) -> str:
    return str(statement.compile(dialect=dialect))

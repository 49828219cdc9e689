"""PostgreSQL through asyncpg: connections that run whole transactions, and one that hears (docs/decisions/0013).

The driver is in autocommit and the transaction is ours: BEGIN, the function, COMMIT. What people wrote is in no error.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from typing import TypeVar

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

from server.transaction import CHANNEL, DatabaseAway, StatementFailed, Timer, Transaction

T = TypeVar("T")
Announce = Callable[[Transaction], None]
Heard = Callable[[str, int], None]  # what was said, and the number of the connection that said it

CONNECT_S = 5
STATEMENT_S = 60
TRIES = 6
MIGRATION_LOCK = 0x76697274  # "virt"
PAUSE_S = 0.01
READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
SESSION = {
    "application_name": "virtaamo",
    "jit": "off",  # our statements are short
    "idle_in_transaction_session_timeout": "60000",  # a process that hangs must not hold its spaces
    "lock_timeout": "30000",
}
DURABLE = """SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') IN ('off', 'local')"""
AGAIN = ("40001", "40P01", "23505")  # another process was faster: serialization, deadlock, the same key
AWAY = re.compile(r"08|53|57|58|25006|55P03|40|28|3D000")
OUTDATED = (  # of no more use: other tables than when it was opened, no longer the primary, said goodbye
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalClientError,  # the server's last word was read and its hanging up not yet
)
DRIVER = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class Postgres:
    """A database on a PostgreSQL server, as a libpq address names it."""

    def __init__(self, url: str, announce: Announce | None = None) -> None:
        self.url, self.announce = url, announce
        self.engine: AsyncEngine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self.connect,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            hide_parameters=True,
        )

    async def connect(self) -> asyncpg.Connection:
        """A connection of asyncpg's own; DatabaseAway where there is none to be had."""
        return await connect(self.url)

    def line(self, writes: bool) -> "PostgresConnection":
        """A connection for transactions that write, or for those that read; to be opened."""
        return PostgresConnection(self, WRITE if writes else READ)

    def ear(self, heard: Heard) -> "Ear":
        """A connection that listens; to be opened."""
        return Ear(self, heard)


class PostgresConnection:
    """One connection, which runs one transaction after the other and is opened again when it was lost."""

    time_commit: Timer = nullcontext

    def __init__(self, server: Postgres, begin: str) -> None:
        self._server, self._begin = server, begin
        self._busy = asyncio.Lock()
        self._core: AsyncConnection | None = None
        self._driver: asyncpg.Connection | None = None
        self._is_committing = False

    @property
    def number(self) -> int:
        """What PostgreSQL calls this connection; 0 while there is none."""
        return self._driver.get_server_pid() if self._driver is not None else 0

    async def open(self) -> None:
        """Connect; DatabaseAway where that can't be done."""
        async with self._busy:
            await self._opened()

    async def close(self) -> None:
        """Close, after what runs."""
        async with self._busy:
            await self._drop()

    async def transact(
        self, fn: Callable[..., T], args: Sequence[object], kwargs: Mapping[str, object]
    ) -> tuple[T, list[object]]:
        """Run fn(txn, …) in one transaction; what it returned and what it told.

        Runs again when another process was faster, or when the connection was lost before the commit was sent.
        Raises DatabaseAway, StatementFailed, and what fn raises.
        """
        async with self._busy:
            for _ in range(TRIES - 1):
                try:
                    return await self._attempt(fn, args, kwargs)
                except (*DRIVER, DBAPIError) as error:
                    if not await self._may_go_on(error):
                        raise self._told(error).with_traceback(error.__traceback__) from None
                    await asyncio.sleep(PAUSE_S)
            try:
                return await self._attempt(fn, args, kwargs)
            except (*DRIVER, DBAPIError) as error:
                await self._may_go_on(error)
                raise self._told(error).with_traceback(error.__traceback__) from None

    async def _attempt(
        self, fn: Callable[..., T], args: Sequence[object], kwargs: Mapping[str, object]
    ) -> tuple[T, list[object]]:
        self._is_committing = False
        core = await self._opened()
        return await core.run_sync(self._run, fn, args, kwargs)

    def _run(
        self, core: Connection, fn: Callable[..., T], args: Sequence[object], kwargs: Mapping[str, object]
    ) -> tuple[T, list[object]]:
        driver = self._driver
        assert driver is not None
        txn = Transaction(core)
        await_only(driver.execute(self._begin))
        try:
            with core.begin():  # SQLAlchemy's own view of it; to the driver this does nothing
                result = fn(txn, *args, **kwargs)
                if txn.told and self._server.announce is not None:
                    self._server.announce(txn)
            self._is_committing = True
            with self.time_commit():
                done = await_only(driver.execute("COMMIT"))
        except BaseException:
            self._undo(driver)
            raise
        if done != "COMMIT":
            raise StatementFailed("the transaction had failed before its commit")
        return result, txn.told

    def _undo(self, driver: asyncpg.Connection) -> None:
        try:
            if driver.is_in_transaction() and not driver.is_closed():
                await_only(driver.execute("ROLLBACK"))
        except DRIVER:
            driver.terminate()

    async def _opened(self) -> AsyncConnection:
        if self._driver is not None and self._driver.is_closed():
            await self._drop()
        if self._core is None or self._driver is None:
            self._core = await self._server.engine.connect()
            fairy = await self._core.get_raw_connection()
            driver: asyncpg.Connection = fairy.driver_connection
            if self._begin == WRITE:
                await driver.execute(DURABLE)
            self._driver = driver
        return self._core

    async def _drop(self) -> None:
        core, self._core, self._driver = self._core, None, None
        if core is not None:
            with suppress(*DRIVER, DBAPIError):
                await core.invalidate()
                await core.close()

    async def _may_go_on(self, error: Exception) -> bool:
        """Whether to run the same again; a connection that is of no more use is let go."""
        cause, was_open = _cause(error), self._driver is not None
        is_lost = self._driver is None or self._driver.is_closed() or isinstance(cause, OUTDATED)
        if is_lost:
            await self._drop()
        if isinstance(cause, DatabaseAway):
            return False
        if is_lost:
            return was_open and not self._is_committing
        return getattr(cause, "sqlstate", None) in AGAIN

    def _told(self, error: Exception) -> Exception:
        """The error as it may be told."""
        cause = _cause(error)
        state = getattr(cause, "sqlstate", None) or ""
        is_client = isinstance(cause, asyncpg.InterfaceError) and not isinstance(cause, asyncpg.DataError)
        if AWAY.match(state) or isinstance(cause, OSError) or is_client or self._driver is None:
            return DatabaseAway(reason_of(cause))
        return StatementFailed(reason_of(cause))


class Ear:
    """A connection that hears what is said on the channel, until it is lost."""

    def __init__(self, server: Postgres, heard: Heard) -> None:
        self._server, self._heard = server, heard
        self._driver: asyncpg.Connection | None = None
        self.lost = asyncio.Event()

    async def open(self) -> None:
        """Connect and listen; DatabaseAway where that can't be done."""
        self._driver = await self._server.connect()
        self._driver.add_termination_listener(lambda _: self.lost.set())
        try:
            await self._driver.add_listener(CHANNEL, self._hear)
        except DRIVER as error:
            raise DatabaseAway(reason_of(error)) from None

    def _hear(self, _connection: object, number: int, _channel: str, said: object) -> None:
        self._heard(str(said), number)

    async def is_there(self) -> bool:
        """Whether the connection still answers; one that hangs is ended."""
        try:
            if self._driver is not None and not self._driver.is_closed():
                await self._driver.execute("SELECT 1", timeout=CONNECT_S)
                return True
        except DRIVER:
            pass
        self.close()
        return False

    def close(self) -> None:
        """Hear no more."""
        if self._driver is not None and not self._driver.is_closed():
            self._driver.terminate()
        self.lost.set()


async def connect(url: str, longest_s: float | None = STATEMENT_S) -> asyncpg.Connection:
    """A connection; a statement that takes longer fails. DatabaseAway where there is none to be had."""
    try:
        return await asyncpg.connect(
            url,
            timeout=CONNECT_S,
            command_timeout=longest_s,
            statement_cache_size=256,
            server_settings=SESSION,
        )
    except DRIVER as error:
        raise DatabaseAway(reason_of(error)) from None


async def version_held(url: str) -> str | None:
    """The version that Alembic noted; nothing in a new database."""
    driver = await connect(url)
    try:
        if await driver.fetchval("SELECT to_regclass('alembic_version')") is None:
            return None
        held: str | None = await driver.fetchval("SELECT version_num FROM alembic_version")
        return held
    finally:
        await driver.close()


async def migrating(url: str, run: Callable[[Connection], None]) -> None:
    """Run migrations in one transaction; of several processes the first does it and the others wait."""
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: connect(url, None),
        poolclass=NullPool,
        hide_parameters=True,
    )
    async with engine.begin() as connection:
        await connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        await connection.exec_driver_sql("SET LOCAL lock_timeout = '30s'")
        await connection.run_sync(run)


def reason_of(error: BaseException) -> str:
    """What went wrong, without a value that anybody wrote.

    >>> reason_of(ConnectionRefusedError(111, "secret"))
    'ConnectionRefusedError'
    """
    parts = [type(error).__name__, getattr(error, "sqlstate", None), getattr(error, "constraint_name", None)]
    return " ".join(part for part in parts if part)


def _cause(error: BaseException) -> BaseException:
    """asyncpg's error under SQLAlchemy's two wrappings."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error

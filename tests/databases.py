"""The county's database of either sort, as plain calls, and killed at any statement."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Coroutine, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

import uvloop
from sqlalchemy import Connection, create_engine, event
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

from server import db_postgres
from server.transaction import Transaction
from tests.postgres import Postgres

T = TypeVar("T")


class Killed(Exception):
    """The server's process ends here."""


class Fuse:
    """Burns with every statement and commit; what it is tied to is killed before the n-th from now."""

    def __init__(self) -> None:
        self.news: list[object] = []
        self.fuse: int | None = None

    def burn(self) -> None:
        """One statement or commit."""
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                self.fuse = None
                raise Killed


class Fused(Transaction):
    """A transaction that may be killed also before the statements that bypass SQLAlchemy."""

    burn: Callable[[], None]

    def rows(
        self, statement: object, values: Sequence[object], many: Sequence[object] | None = None
    ) -> list[object]:
        """As the real one."""
        self.burn()
        return super().rows(statement, values, many)

    def store(self, statement: object, rows: Sequence[tuple[object, ...]]) -> None:
        """As the real one."""
        self.burn()
        super().store(statement, rows)


class Sqlite(Fuse):
    """A database file."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = self.where = file
        self._engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
        event.listen(self._engine, "connect", _set_up)
        event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        event.listen(self._engine, "before_cursor_execute", lambda *_: self.burn())
        event.listen(self._engine, "commit", lambda _: self.burn())
        self._connection: Connection | None = None

    def write(self, fn: Callable[..., T], *args: object) -> T:
        """Run fn(txn, …) in one transaction."""
        if self._connection is None:
            self._connection = self._engine.connect()
        txn = Fused(self._connection)
        txn.burn = self.burn
        with self._connection.begin():
            result = fn(txn, *args)
        self.news += txn.told
        return result

    def kill(self) -> None:
        """Let go of the file as a process does that is killed."""
        self.fuse = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def copied(self, file: Path) -> "Sqlite":
        """The same in a file of its own."""
        self.kill()
        shutil.copy(self.file, file)
        return Sqlite(file)

    def discard(self) -> None:
        """Needed no more."""
        self.kill()


class OnPostgres(Fuse):
    """A database of a test's own PostgreSQL; it lives in the loop of a thread, and announces nothing."""

    def __init__(self, server: Postgres, url: str, template: str = "") -> None:
        super().__init__()
        self.server, self.where, self._template = server, url, template
        self._engine = db_postgres.Postgres(url).engine
        event.listen(self._engine.sync_engine, "before_cursor_execute", lambda *_: self.burn())
        self._connection: AsyncConnection | None = None

    def write(self, fn: Callable[..., T], *args: object) -> T:
        """Run fn(txn, …) in one transaction."""
        result, told = in_thread(self._write(fn, args))
        self.news += told
        return result

    async def _write(self, fn: Callable[..., T], args: Sequence[object]) -> tuple[T, list[object]]:
        if self._connection is None:
            self._connection = await self._engine.connect()
        return await self._connection.run_sync(self._run, fn, args)

    def _run(self, core: Connection, fn: Callable[..., T], args: Sequence[object]) -> tuple[T, list[object]]:
        driver, txn = core.connection.driver_connection, Fused(core)
        txn.burn = self.burn
        await_only(driver.execute(db_postgres.WRITE))
        try:
            with core.begin():
                result = fn(txn, *args)
            self.burn()
            assert await_only(driver.execute("COMMIT")) == "COMMIT"
        except BaseException:
            await_only(driver.execute("ROLLBACK"))
            raise
        return result, txn.told

    def kill(self) -> None:
        """Let go of the connection as a process does that is killed."""
        self.fuse = None
        connection, self._connection = self._connection, None
        if connection is not None:
            in_thread(_end(connection))

    def copied(self, _file: Path) -> "OnPostgres":
        """The same in a database of its own."""
        self.kill()
        return OnPostgres(self.server, self.server.borrow(self.where), self.where)

    def discard(self) -> None:
        """Needed no more."""
        self.kill()
        self.server.give_back(self.where, self._template)


async def _end(connection: AsyncConnection) -> None:
    await connection.invalidate()
    await connection.close()


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = uvloop.new_event_loop()  # as the server's own
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


def in_thread(work: Coroutine[object, object, T]) -> T:
    """What comes of it in the loop of a thread, also while another loop runs here."""
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


def _set_up(connection: object, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=OFF")

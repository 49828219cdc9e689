"""The databases of the fuzz runs: killed at any statement, copied, and put back."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import event

from server import db_postgres
from tests import databases, postgres
from tests.town import Town

T = TypeVar("T")
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA temp_store=MEMORY", "PRAGMA wal_autocheckpoint=4000")


class Database(Protocol):
    """What an episode needs of a database of either sort."""

    name: str
    fuse: int | None

    def write(self, fn: Callable[..., T], *args: object) -> T: ...

    def kill(self) -> None: ...

    def fill(self, county: Town) -> None: ...

    def copy(self) -> object: ...

    def put_back(self, copied: object) -> None: ...


class Sqlite(databases.Sqlite):
    """One file for episode after episode, so that statements are compiled once."""

    name = "SQLite"

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        event.listen(self._engine, "connect", _hurry)

    def fill(self, county: Town) -> None:
        """Begin anew with the county."""
        with closing(sqlite3.connect(county.db.file)) as connection:
            self.put_back(connection)

    def copy(self) -> sqlite3.Connection:
        """A copy of everything that is stored."""
        self.kill()
        copied = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self.file)) as connection:
            connection.backup(copied)
        return copied

    def put_back(self, copied: sqlite3.Connection) -> None:
        """Replace everything by a copy."""
        self.kill()
        with closing(sqlite3.connect(self.file)) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            copied.backup(connection)


class Postgres(databases.OnPostgres):
    """One database of a private PostgreSQL; its copies lie beside it. Kills end its connection, not the machine."""

    name = "PostgreSQL"

    def __init__(self, server: postgres.Postgres, county: Town) -> None:
        server.sql("ALTER SYSTEM SET fsync = off")
        server.sql("SELECT pg_reload_conf()")
        county.db.kill()
        server.keep(county.db.where)
        super().__init__(server, server.borrow(county.db.where))

    def fill(self, county: Town) -> None:
        """Begin anew with the county."""
        self._script(postgres.PUT_BACK)

    def copy(self) -> str:
        """A copy of everything that is stored, in place of the last one."""
        self._script("DROP SCHEMA IF EXISTS copied CASCADE;" + postgres.KEEP.replace("kept", "copied"))
        return "copied"

    def put_back(self, copied: str) -> None:
        """Replace everything by a copy."""
        self._script(postgres.PUT_BACK.replace("kept", copied))

    def _script(self, script: str) -> None:
        self.kill()
        databases.in_thread(self._run_script(script))

    async def _run_script(self, script: str) -> None:
        connection = await db_postgres.connect(self.where)
        await connection.execute(script)
        await connection.close()


def _hurry(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in PRAGMAS:
        connection.execute(pragma)

"""The database's schema: which version it has, and bringing it up to date with Alembic.

A file is copied, and the migration tried on another copy, before it is migrated; PostgreSQL does all of it or nothing.
Either way a failed migration costs nothing. A newer version's database is refused.
"""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from server.db import Stored
from server.refusals import Stop

if TYPE_CHECKING:
    from sqlalchemy import Connection

KEPT = (  # tables of which no migration may lose a row
    *("space", "person", "grants", "device", "tablet", "passkey", "recovery_code", "identity", "server_key"),
    *("card", "change", "mark", "photo", "quarantine", "dropped", "claim"),
)
COPY_MS = (
    30 * 86_400_000
)  # so long the copy from before a migration stays: what was removed since lives on in it
MIGRATIONS = Path(__file__).parent.parent / "migrations"


class RowsMissing(Exception):
    """A migration has lost rows; its transaction is taken back."""


class NewerDatabase(Stop):
    """The database was made by a newer version of the program."""


def versions() -> list[str]:
    """The numbers of all migrations, oldest first.

    >>> versions()[0]
    '0001'
    """
    return sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def version_of(where: Stored) -> str | None:
    """The version that a database has; nothing for a new one. Raises Stop where there is none that can be read."""
    return _version_of_file(where) if isinstance(where, Path) else _version_on_server(where)


def _version_on_server(url: str) -> str | None:
    from server.db_postgres import version_held  # slow to import, and SQLite doesn't need it

    try:
        return asyncio.run(version_held(url))
    except OSError as error:
        raise Stop(f"PostgreSQL can't be reached ({error}): start it, or change VIRTAAMO_DATABASE.") from None


def _version_of_file(file: Path) -> str | None:
    if not file.exists() or file.stat().st_size == 0:
        return None
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    except sqlite3.DatabaseError:
        raise Stop(f"{file} can't be read as a database: restore a backup.") from None
    finally:
        connection.close()
    return row[0] if row else None


def is_current(where: Stored) -> bool:
    """Whether there is nothing to migrate."""
    return version_of(where) == versions()[-1]


def migrate(where: Stored) -> bool:
    """Bring a database up to date; returns whether there was anything to do. Raises NewerDatabase, Stop."""
    held = version_of(where)
    if held == versions()[-1]:
        return False
    if held is not None and held not in versions():
        name = where if isinstance(where, Path) else "The database"
        raise NewerDatabase(f"{name} has version {held}; this program knows versions up to {versions()[-1]}.")
    if isinstance(where, str):
        from server.db_postgres import migrating

        try:
            asyncio.run(migrating(where, _run_migrations))
        except RowsMissing as lack:
            raise Stop(_failed("the database", str(lack), "It")) from None
        return True
    if held is not None:
        _check_room(where)
        _copy(where, where.with_suffix(f".before-{versions()[-1]}"))
        _try(where)
    _upgrade(where)
    return True


def _check_room(file: Path) -> None:
    needed, free = 3 * file.stat().st_size, shutil.disk_usage(file.parent).free
    if free < needed:
        raise Stop(
            f"Migrating {file} needs {needed // 1_000_000} MB of free disk, there are {free // 1_000_000}."
        )


def _try(file: Path) -> None:
    """Migrate a copy and look whether everything is still there. Raises Stop where it isn't; the file is as it was."""
    trial = file.with_suffix(".trial")
    _drop_trial(trial)  # one that was killed has left a log, which would be read as this one's
    try:
        _copy(file, trial)
        _upgrade(trial)
        fault = _fault(trial)
    except RowsMissing as lack:
        fault = str(lack)
    except Exception as error:  # a defect of the migration's, whatever it is
        fault = f"it ended with {type(error).__name__}"
    finally:
        _drop_trial(trial)
    if fault:
        raise Stop(_failed("a copy", fault, str(file)))


def _drop_trial(trial: Path) -> None:
    for left in trial.parent.glob(f"{trial.name}*"):
        left.unlink()


def _failed(what: str, fault: str, which: str) -> str:
    return (
        f"Migrating {what} to version {versions()[-1]} failed ({fault}). {which} is as it was: "
        "run the version of the program that you had, and report this."
    )


def drop_old_copies(file: Path, now: int) -> int:
    """Remove what lies beside a file from before a migration of more than 30 days ago; gives how many."""
    old = [
        copy
        for copy in file.parent.glob(f"{file.stem}.before-*")
        if copy.stat().st_mtime * 1000 < now - COPY_MS
    ]
    for copy in old:
        copy.unlink()
    return len(old)


def _fault(file: Path) -> str:
    """What is wrong with a migrated copy; nothing where all is well."""
    with closing(sqlite3.connect(file)) as database:
        integrity = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
        broken = database.execute("PRAGMA foreign_key_check").fetchall()
    if integrity != "ok":
        return "the copy is damaged"
    return f"{len(broken)} rows name others that are not there" if broken else ""


def _copy(file: Path, to: Path) -> None:
    partial = to.with_suffix(".part")
    source, target = sqlite3.connect(file), sqlite3.connect(partial)
    with target:
        source.backup(target)
    source.close()
    target.close()
    shutil.move(partial, to)


def _upgrade(file: Path) -> None:
    from sqlalchemy import create_engine, event

    engine = create_engine(f"sqlite:///{file}", hide_parameters=True)  # no value in the words of an error
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        _run_migrations(connection)
    engine.dispose()


def _run_migrations(connection: "Connection") -> None:
    """Raises RowsMissing, upon which whoever began the transaction takes it back."""
    from alembic import command  # slow to import, and seldom needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    before = _counts(connection)
    command.upgrade(config, "head")
    after = _counts(connection)
    fewer = [name for name, count in before.items() if after.get(name, 0) < count]
    if fewer:
        raise RowsMissing(f"rows are missing in {', '.join(fewer)}")


def _counts(connection: "Connection") -> dict[str, int]:
    from sqlalchemy import func, inspect, select, table

    here = set(inspect(connection).get_table_names())
    found = {name: select(func.count()).select_from(table(name)) for name in KEPT if name in here}
    return {name: connection.execute(query).scalar_one() for name, query in found.items()}


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    """The driver would commit each CREATE by itself: a process killed in between would leave half a schema."""
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=FULL")

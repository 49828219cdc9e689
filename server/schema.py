"""The database's schema: which version a file has, and bringing it up to date with Alembic.

A file is copied before it is migrated, so that a failed migration costs nothing. A newer version's file is refused.
"""

import shutil
import sqlite3
from pathlib import Path

from server.refusals import Stop

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class NewerDatabase(Stop):
    """The file was made by a newer version of the program."""


def versions() -> list[str]:
    """The numbers of all migrations, oldest first.

    >>> versions()[0]
    '0001'
    """
    return sorted(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def version_of(file: Path) -> str | None:
    """The version that a database file has; nothing for a new one. Raises Stop where the file is no database."""
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


def is_current(file: Path) -> bool:
    """Whether there is nothing to migrate."""
    return version_of(file) == versions()[-1]


def migrate(file: Path) -> bool:
    """Bring a file up to date; returns whether there was anything to do. Raises NewerDatabase."""
    held = version_of(file)
    if held == versions()[-1]:
        return False
    if held is not None and held not in versions():
        raise NewerDatabase(f"{file} has version {held}; this program knows versions up to {versions()[-1]}.")
    if held is not None:
        _copy(file, file.with_suffix(f".before-{versions()[-1]}"))
    _upgrade(file)
    return True


def _copy(file: Path, to: Path) -> None:
    partial = to.with_suffix(".part")
    source, target = sqlite3.connect(file), sqlite3.connect(partial)
    with target:
        source.backup(target)
    source.close()
    target.close()
    shutil.move(partial, to)


def _upgrade(file: Path) -> None:
    from alembic import command  # slow to import, and seldom needed
    from alembic.config import Config
    from sqlalchemy import create_engine, event

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    """The driver would commit each CREATE by itself: a process killed in between would leave half a schema."""
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous=FULL")

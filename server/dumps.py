"""The database part of a backup: copied while the server runs, looked at as a file, put back as a file."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct

from server.db import Stored
from server.refusals import Stop
from server.schema import migrate
from sync.protocol import SUM_MODULUS

PAGES = 256  # copied at a time
FILE = "virtaamo.db"


class Facts(Struct):
    """What a copied database holds. `heads` by space; `photos` are those that cards name, in hex."""

    version: str
    epoch: bytes
    heads: dict[int, int]
    cards: int
    changes: int
    photos: list[str]


class SqliteDump:
    """SQLite's own backup call, on a reading connection that sees one committed state from beginning to end."""

    member = FILE

    def copy(self, stored: Stored, to: Path) -> None:
        """Copy a database, which may be in use, into a new file. Raises Stop."""
        if not isinstance(stored, Path) or not stored.exists():
            raise Stop(f"There is no database {stored}: run `virtaamo init`, or set VIRTAAMO_DATA.")
        with closing(sqlite3.connect(stored, isolation_level=None)) as source:
            source.execute("PRAGMA query_only=ON")
            source.execute("BEGIN")
            source.execute(
                "SELECT count(*) FROM sqlite_schema"
            ).fetchone()  # what comes from now on is not copied
            with closing(sqlite3.connect(to)) as target:
                source.backup(target, pages=PAGES)
                target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
            source.execute("ROLLBACK")
        with to.open("rb") as copied:
            os.fsync(copied.fileno())

    def facts(self, file: Path) -> Facts:
        """What a copied database holds. Raises Stop where it can't be read."""
        with _reading(file) as database:
            return _facts(database)

    def faults(self, file: Path) -> list[str]:
        """Everything that is wrong in a copied database. Raises Stop where it can't be read."""
        with _reading(file) as database:
            return list(_faults(database))

    def ready(self, file: Path) -> None:
        """Bring a copied database up to date, before it is put back. Raises Stop."""
        migrate(file)

    def settle(self, file: Path) -> None:
        """Leave nothing beside a database that was worked on, and all of it on the disk."""
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA journal_mode=DELETE")
        with file.open("rb") as settled:
            os.fsync(settled.fileno())


@contextmanager
def _reading(file: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as database:
            yield database
    except (sqlite3.Error, TypeError):  # no database, or not one of ours
        raise Stop(f"{file.name} in the backup can't be read as a database: it is damaged.") from None


def _facts(database: sqlite3.Connection) -> Facts:
    version = str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    epoch = bytes(database.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0])
    heads = dict(database.execute("SELECT id, head FROM space").fetchall())
    cards = database.execute("SELECT count(*) FROM card WHERE kind <> ''").fetchone()[0]
    changes = database.execute("SELECT count(*) FROM change").fetchone()[0]
    named = database.execute(
        "SELECT DISTINCT photo.sha FROM photo JOIN card ON card.space = photo.space AND card.id = photo.card"
        " WHERE card.kind <> ''"
    )
    photos = sorted(bytes(sha).hex() for (sha,) in named)
    return Facts(version, epoch, heads, cards, changes, photos)


def _faults(database: sqlite3.Connection) -> Iterator[str]:
    for (line,) in database.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield f"the file is damaged: {line}"
    for table, *_ in database.execute("PRAGMA foreign_key_check"):
        yield f"a row of {table} names one that isn't there"
    counted = database.execute(
        "SELECT s.id, s.count, s.sum, s.head, s.logged, coalesce(c.cards, 0), coalesce(c.seqs, 0),"
        " coalesce(c.last, 0), coalesce((SELECT max(n) FROM change WHERE change.space = s.id), 0) FROM space s"
        " LEFT JOIN (SELECT space, sum(kind <> '') AS cards, sum(CASE kind WHEN '' THEN 0 ELSE seq END) AS seqs,"
        " max(seq) AS last FROM card GROUP BY space) c ON c.space = s.id"
    )
    for space, count, sum_, head, logged, cards, seqs, last, n in counted:
        if (count, sum_) != (cards, seqs % SUM_MODULUS):
            yield f"space {space} says {count} cards and sum {sum_}, and has {cards} and {seqs % SUM_MODULUS}"
        if last > head or n > logged:
            yield f"space {space} has rows beyond its head"

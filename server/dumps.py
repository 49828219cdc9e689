"""The database part of a backup: copied while the server runs, looked at as a file, put back as a file."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from server import dumps_postgres as postgres
from server.db import Database, Stored
from server.refusals import Stop
from server.schema import migrate
from server.store.backups import Backup, begin_anew
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


class Life(Struct):
    """A new life of a database: the epoch that names it, and the backup that it is taken from."""

    epoch: bytes
    taken: Backup


class Dump(Protocol):
    """The database part of a backup, for one sort of database. `member` is its name in the archive. All raise Stop."""

    member: str

    def copy(self, stored: Stored, to: Path) -> None:
        """Copy a database, which may be in use, into a new file: as it was at one moment."""

    def facts(self, file: Path) -> Facts:
        """What a copied database holds."""

    def faults(self, file: Path) -> list[str]:
        """Everything that is wrong in a copied database."""

    def size(self, stored: Stored) -> int:
        """How many bytes the database takes on its disk, and a copy of it at most."""

    def is_taken(self, stored: Stored) -> bool:
        """Whether there is a database already where one is to be put back. Refuses while it is in use."""

    def prepare(self, file: Path, life: Life) -> None:
        """Do with a copied database what can be done before it is put back."""

    def put_back(self, file: Path, stored: Stored, life: Life) -> None:
        """Put a copied database back as a new life; one on a server that is there already is put aside."""


class SqliteDump:
    """SQLite's own backup call, on a reading connection that sees one committed state from beginning to end."""

    member = FILE

    def size(self, stored: Stored) -> int:
        """The file and the log beside it."""
        file = Path(stored)
        return sum(part.stat().st_size for part in file.parent.glob(f"{file.name}*"))

    def copy(self, stored: Stored, to: Path) -> None:
        """Copy the pages of the file; the copy needs no log beside it."""
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
            source.execute("ROLLBACK")
        _settle(to)

    def facts(self, file: Path) -> Facts:
        """Ask the copy."""
        with _reading(file) as database:
            return _facts(database)

    def faults(self, file: Path) -> list[str]:
        """SQLite's own checks, and the counts of every space."""
        with _reading(file) as database:
            return list(_faults(database))

    def is_taken(self, stored: Stored) -> bool:
        """Whether the file exists; whoever holds the data folder is alone with it."""
        return Path(stored).exists()

    def prepare(self, file: Path, life: Life) -> None:
        """Bring the copy up to date and into its new life beside its place."""
        migrate(file)
        asyncio.run(_begin_anew(file, life))
        _settle(file)

    def put_back(self, file: Path, stored: Stored, life: Life) -> None:
        """Give it its name."""
        file.rename(stored)


class PostgresDump:
    """What pg_dump writes in its custom format."""

    member = postgres.DUMP

    def size(self, stored: Stored) -> int:
        """As PostgreSQL counts it."""
        return int(postgres.ask(str(stored), "SELECT pg_database_size(current_database())"))

    def copy(self, stored: Stored, to: Path) -> None:
        """Run pg_dump, which sees one snapshot."""
        postgres.dump(str(stored), to)

    def facts(self, file: Path) -> Facts:
        """Read every row of the dump."""
        found = postgres.tally(file)
        heads = {number: said["head"] for number, said in found.spaces.items()}
        cards = sum(count.cards for count in found.counts.values())
        return Facts(found.version, found.epoch, heads, cards, found.rows["change"], sorted(found.photos))

    def faults(self, file: Path) -> list[str]:
        """The counts of every space."""
        return list(postgres.faults(postgres.tally(file)))

    def is_taken(self, stored: Stored) -> bool:
        """Whether the schema has our tables."""
        others = (
            "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        if postgres.ask(str(stored), f"SELECT count(*) FROM pg_stat_activity WHERE {others}") != "0":
            raise Stop("Somebody uses the database: end every server first.")
        return postgres.ask(str(stored), "SELECT to_regclass('public.alembic_version') IS NOT NULL") == "t"

    def prepare(self, file: Path, life: Life) -> None:
        """Nothing: a dump can't be changed."""

    def put_back(self, file: Path, stored: Stored, life: Life) -> None:
        """Load it in one transaction; what is there moves into a schema of its own."""
        url, aside = str(stored), ""
        if self.is_taken(stored):
            last = (
                "SELECT coalesce(max(substr(nspname, 8)::int), 0) + 1 FROM pg_namespace"
                " WHERE nspname ~ '^before_[0-9]{1,6}$'"
            )
            aside = f"before_{postgres.ask(url, last)}"
        postgres.load(file, url, life.epoch, aside)
        migrate(url)
        asyncio.run(_begin_anew(url, life))


async def _begin_anew(stored: Stored, life: Life) -> None:
    db = Database(stored)
    await db.open()
    try:
        await db.write(begin_anew, life.epoch, life.taken)
    finally:
        await db.close()


def _settle(file: Path) -> None:
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

"""Statements for whoever watches the server: what waits for a person, what is late."""

from msgspec import Struct
from sqlalchemy import extract, func, select

from server.db import Transaction
from server.store.backups import last_backup
from server.store.frames import is_late
from server.tables import quarantine, snapshot, space


class Watched(Struct, frozen=True):
    """How many changes are held, how many snapshots are late, when the oldest of those was made, and when what the
    last verified backup holds was copied (ms)."""

    held: int
    late: int
    late_since: int | None
    backup_at: int | None


def watched(txn: Transaction) -> Watched:
    """How it stands now; the time in milliseconds, nothing where no late snapshot exists."""
    s, n = space.c, snapshot.c
    query = select(n.upto, n.made_at, s.head, s.count.label("cards")).outerjoin(snapshot, n.space == s.id)
    rows = txn.connection.execute(query.where(s.count > 0))
    late = [row.made_at for row in rows if is_late(row.upto, row.head, row.cards)]
    backup, oldest = last_backup(txn), min((at for at in late if at is not None), default=None)
    return Watched(held_count(txn), len(late), oldest, backup.at if backup else None)


class Server(Struct, frozen=True):
    """Which version of a database server it is, whether a commit outlives a power cut there, and its clock (ms)."""

    version: int
    is_durable: bool
    now: int


def server_of(txn: Transaction) -> Server | None:
    """What PostgreSQL says of itself; nothing where the database is a file."""
    if txn.connection.dialect.name == "sqlite":
        return None
    names = ("server_version_num", "fsync", "full_page_writes")
    clock = extract("epoch", func.clock_timestamp())
    row = txn.connection.execute(select(clock, *(func.current_setting(name) for name in names))).one()
    now_s, version, *safeties = row
    return Server(int(version), safeties == ["on", "on"], int(now_s * 1000))


def held_count(txn: Transaction) -> int:
    """How many changes are in quarantine."""
    waits = select(func.count()).select_from(quarantine).where(quarantine.c.let_go_at.is_(None))
    return int(txn.connection.execute(waits).scalar_one())

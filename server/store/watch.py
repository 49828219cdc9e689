"""Statements for whoever watches the server: what waits for a person, what is late."""

from msgspec import Struct
from sqlalchemy import extract, func, select

from server.db import Transaction
from server.store.backups import last_backup
from server.store.frames import is_late, is_read
from server.tables import quarantine, snapshot, space


class Watched(Struct, frozen=True):
    """How many changes are held, which snapshots are late, and when what the last verified backup holds was copied.

    A snapshot is named by its space and the seq that it reaches, which is nothing where there is none yet. In ms.
    """

    held: int
    late: list[tuple[int, int | None]]
    backup_at: int | None


def watched(txn: Transaction) -> Watched:
    """How it stands now. Snapshots of spaces that nobody reads aren't late: retention drops them."""
    s, n = space.c, snapshot.c
    query = select(s.id, n.upto, s.head, s.count.label("cards")).outerjoin(snapshot, n.space == s.id)
    rows = txn.connection.execute(query.where(s.count > 0, is_read(s.id)))
    late = [(row.id, row.upto) for row in rows if is_late(row.upto, row.head, row.cards)]
    backup = last_backup(txn)
    return Watched(held_count(txn), late, backup.at if backup else None)


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

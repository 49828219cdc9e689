"""Statements for whoever watches the server: what waits for a person, what is late."""

from msgspec import Struct
from sqlalchemy import func, select

from server.db import Transaction
from server.store.frames import is_late
from server.tables import quarantine, snapshot, space


class Watched(Struct, frozen=True):
    """How many changes are held, how many snapshots are late, and when the oldest of those was made."""

    held: int
    late: int
    late_since: int | None


def watched(txn: Transaction) -> Watched:
    """How it stands now; the time in milliseconds, nothing where no late snapshot exists."""
    s, n = space.c, snapshot.c
    query = select(n.upto, n.made_at, s.head, s.count.label("cards")).outerjoin(snapshot, n.space == s.id)
    rows = txn.connection.execute(query.where(s.count > 0))
    late = [row.made_at for row in rows if is_late(row.upto, row.head, row.cards)]
    return Watched(held_count(txn), len(late), min((at for at in late if at is not None), default=None))


def held_count(txn: Transaction) -> int:
    """How many changes are in quarantine."""
    return int(txn.connection.execute(select(func.count()).select_from(quarantine)).scalar_one())

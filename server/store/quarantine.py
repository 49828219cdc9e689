"""Statements on what could not be judged."""

from msgspec import Struct
from sqlalchemy import func, select

from server.db import Transaction
from server.forms import Held
from server.tables import quarantine


class HeldChange(Struct, frozen=True):
    """A quarantined change as it came."""

    person: int
    device: int
    body: bytes


def held(txn: Transaction, number: int = 0) -> list[Held]:
    """What is in quarantine, oldest first; or the one of this number."""
    q = quarantine.c
    query = select(q.id, q.person, q.received_at, q.space, q.kind, func.length(q.body), q.reason).order_by(
        q.id
    )
    rows = txn.connection.execute(query.where(q.id == number) if number else query)
    return [Held(*row) for row in rows]


def held_change(txn: Transaction, number: int) -> HeldChange | None:
    """The quarantined change of this number."""
    q = quarantine.c
    row = txn.connection.execute(select(q.person, q.device, q.body).where(q.id == number)).one_or_none()
    return None if row is None else HeldChange(*row)

"""Statements on invitations."""

from msgspec import Struct
from sqlalchemy import delete, insert, select, update

from server.db import Transaction
from server.tables import invitation


class Invitation(Struct, frozen=True):
    """An invitation: into which space, in which role, for whom, how often, until when, from whom."""

    space: int | None
    role: str
    person: int | None
    name: str | None
    uses_left: int
    until: int
    made_by: int | None


def add_invitation(txn: Transaction, code_hash: bytes, new: Invitation) -> int:
    """Store an invitation under the hash of its code; gives its number."""
    values = {"code_hash": code_hash, "space": new.space, "role": new.role, "person": new.person}
    values |= {"name": new.name, "uses_left": new.uses_left, "until": new.until, "made_by": new.made_by}
    made = insert(invitation).values(values).returning(invitation.c.id)
    return int(txn.connection.execute(made).scalar_one())


def invitation_of(txn: Transaction, code_hash: bytes) -> tuple[int, Invitation] | None:
    """The invitation that a code belongs to and its number, whether or not it is still good."""
    i = invitation.c
    query = select(i.id, i.space, i.role, i.person, i.name, i.uses_left, i.until, i.made_by)
    row = txn.connection.execute(query.where(i.code_hash == code_hash)).one_or_none()
    return None if row is None else (row.id, Invitation(*row[1:]))


def use_invitation(txn: Transaction, number: int) -> bool:
    """One use fewer; whether there was one left, which somebody else may have taken in this very moment."""
    left = (invitation.c.id == number) & (invitation.c.uses_left > 0)
    one_fewer = update(invitation).where(left).values(uses_left=invitation.c.uses_left - 1)
    return bool(txn.connection.execute(one_fewer).rowcount)


def drop_invitation(txn: Transaction, number: int) -> None:
    """Forget an invitation."""
    txn.connection.execute(delete(invitation).where(invitation.c.id == number))

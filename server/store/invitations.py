"""Statements on invitations."""

from msgspec import Struct
from sqlalchemy import delete, insert, select, update

from server.codes import Sought
from server.db import Transaction
from server.tables import invitation

JOINED_BY = ("link", "typed")  # the other kinds are for tablets


class Invitation(Struct, frozen=True):
    """An invitation: into which space, in which role, for whom, how often, until when, from whom, in which language."""

    space: int | None
    role: str
    person: int | None
    name: str | None
    uses_left: int
    until: int
    made_by: int | None
    front: bytes | None = None  # what finds a code that is typed
    lang: str | None = None  # nil: as the browser asks for


def add_invitation(txn: Transaction, code_hash: bytes, new: Invitation) -> int:
    """Store an invitation under the hash of its code; gives its number."""
    values: dict[str, object] = {"code_hash": code_hash, "space": new.space, "role": new.role}
    values |= {"person": new.person, "lang": new.lang}
    values |= {"name": new.name, "uses_left": new.uses_left, "until": new.until, "made_by": new.made_by}
    values |= {"kind": "link" if new.front is None else "typed", "front": new.front}
    made = insert(invitation).values(values).returning(invitation.c.id)
    return int(txn.connection.execute(made).scalar_one())


def invitation_of(txn: Transaction, code_hash: bytes) -> tuple[int, Invitation] | None:
    """The invitation that a code belongs to and its number, whether or not it is still good."""
    i = invitation.c
    query = select(i.space, i.role, i.person, i.name, i.uses_left, i.until, i.made_by, i.front, i.lang, i.id)
    query = query.where(i.code_hash == code_hash, i.kind.in_(JOINED_BY))
    row = txn.connection.execute(query).one_or_none()
    return None if row is None else (row.id, Invitation(*row[:9]))


def is_taken(txn: Transaction, code: Sought) -> bool:
    """Whether the first letters of this code find another one."""
    return txn.connection.execute(select(1).where(invitation.c.front == code.front)).first() is not None


def try_code(txn: Transaction, code: Sought, most: int) -> bytes | None:
    """The hash held under a code, or for a typed one under its first letters, which takes one of its tries."""
    i = invitation.c
    if code.front is None:
        return txn.connection.execute(
            select(i.code_hash).where(i.code_hash == code.hash)
        ).scalar_one_or_none()
    found = (i.front == code.front) & (i.tries < most)
    tried = update(invitation).where(found).values(tries=i.tries + 1).returning(i.code_hash)
    return txn.connection.execute(tried).scalar_one_or_none()


def forgive_try(txn: Transaction, code: Sought) -> None:
    """The try that the right code has taken."""
    i = invitation.c
    if code.front is not None:
        txn.connection.execute(update(invitation).where(i.front == code.front).values(tries=i.tries - 1))


def use_invitation(txn: Transaction, number: int) -> bool:
    """One use fewer; whether there was one left, which somebody else may have taken in this very moment."""
    left = (invitation.c.id == number) & (invitation.c.uses_left > 0)
    one_fewer = update(invitation).where(left).values(uses_left=invitation.c.uses_left - 1)
    return bool(txn.connection.execute(one_fewer).rowcount)


def invitations_by(txn: Transaction, maker: int) -> list[tuple[int, Invitation]]:
    """What somebody has invited to, with its numbers."""
    i = invitation.c
    query = select(i.space, i.role, i.person, i.name, i.uses_left, i.until, i.made_by, i.front, i.lang, i.id)
    rows = txn.connection.execute(query.where(i.made_by == maker).order_by(i.id))
    return [(row.id, Invitation(*row[:9])) for row in rows]


def drop_invitations_for(txn: Transaction, person: int, space: int | None) -> None:
    """Forget what leaders have made to bring a person back to a space; nil: to the organisation."""
    i = invitation.c
    there = i.space.is_(None) if space is None else i.space == space
    txn.connection.execute(delete(invitation).where(i.person == person, i.made_by.is_not(None), there))


def drop_invitation(txn: Transaction, number: int) -> None:
    """Forget an invitation."""
    txn.connection.execute(delete(invitation).where(invitation.c.id == number))

"""Statements on seats: who has joined which space as what, and the invitations that still wait there."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from sqlalchemy import func, insert, or_, select, update

from server.db import Transaction
from server.store.invitations import JOINED_BY, Invitation
from server.store.people import Regranted
from server.tables import grants, invitation, person


class Sitting(Struct, frozen=True):
    """Somebody in a space that they have joined, and as what."""

    space: int
    person: int
    name: str
    role: str


class Offer(Struct, frozen=True):
    """An invitation that may still be taken up; its code is known to nobody here."""

    id: int
    space: int | None
    role: str
    name: str | None
    person: int | None
    uses_left: int
    until: int
    made_by: int | None


_joined = (grants.c.space == grants.c.via) & grants.c.until.is_(None) & (grants.c.role != "owner")


def sittings(txn: Transaction, spaces: Sequence[int], roles: Sequence[str] = ()) -> list[Sitting]:
    """Who has joined these spaces, by name; only those with one of the roles, where any is named."""
    query = (
        select(grants.c.space, person.c.id, person.c.name, grants.c.role)
        .join(person, person.c.id == grants.c.person)
        .where(_joined, grants.c.space.in_(spaces), person.c.left_at.is_(None))
    )
    if roles:
        query = query.where(grants.c.role.in_(roles))
    found = [Sitting(*row) for row in txn.connection.execute(query)]
    return sorted(found, key=lambda one: (one.name.lower(), one.person))  # databases disagree on letters


def staying(txn: Transaction, space: int) -> list[Sitting]:
    """Who has joined a space, by name, without those whose account goes by their own wish."""
    going = set(txn.connection.execute(select(person.c.id).where(person.c.erase_on.is_not(None))).scalars())
    return [one for one in sittings(txn, [space]) if one.person not in going]


def head_counts(txn: Transaction) -> Mapping[int, int]:
    """How many persons have joined each space."""
    query = select(grants.c.space, func.count()).where(_joined).group_by(grants.c.space)
    return {row[0]: row[1] for row in txn.connection.execute(query)}


def role_in(txn: Transaction, number: int, space: int) -> str | None:
    """As what a person has joined a space."""
    here = (grants.c.person == number) & (grants.c.space == space)
    return txn.connection.execute(select(grants.c.role).where(_joined, here)).scalar_one_or_none()


def names_of(txn: Transaction, persons: Sequence[int]) -> Mapping[int, str]:
    """The names of persons, also of those who have left."""
    rows = txn.connection.execute(select(person.c.id, person.c.name).where(person.c.id.in_(persons)))
    return {row[0]: row[1] for row in rows}


def tell_readers(txn: Transaction, spaces: Sequence[int]) -> None:
    """The grants of all who read these spaces move on: their devices fetch them anew."""
    readers = select(grants.c.person).where(grants.c.space.in_(spaces), grants.c.until.is_(None))
    moved_on = update(person).where(person.c.id.in_(readers))
    moved_on = moved_on.values(grants_version=person.c.grants_version + 1).returning(person.c.id)
    for number in txn.connection.execute(moved_on).scalars().all():
        txn.tell(Regranted(number))


def offers(txn: Transaction, spaces: Sequence[int], with_org: bool, now: int) -> list[Offer]:
    """The invitations to these spaces, and to the whole organisation, that are still good; the last to end first."""
    i = invitation.c
    where = i.space.in_(spaces)
    query = select(i.id, i.space, i.role, i.name, i.person, i.uses_left, i.until, i.made_by)
    query = query.where(or_(where, i.space.is_(None)) if with_org else where, i.uses_left > 0, i.until > now)
    query = query.where(i.kind.in_(JOINED_BY))
    return [Offer(*row) for row in txn.connection.execute(query.order_by(i.until.desc(), i.id.desc()))]


def offer_of(txn: Transaction, number: int) -> Offer | None:
    """One invitation, good or not."""
    i = invitation.c
    query = select(i.id, i.space, i.role, i.name, i.person, i.uses_left, i.until, i.made_by)
    row = txn.connection.execute(query.where(i.id == number, i.kind.in_(JOINED_BY))).one_or_none()
    return None if row is None else Offer(*row)


def add_invitations(txn: Transaction, made: Sequence[tuple[bytes, Invitation]]) -> None:
    """Store many links at once, each under the hash of its code."""
    rows: list[dict[str, object]] = []
    for code_hash, new in made:
        row: dict[str, object] = {"code_hash": code_hash, "space": new.space, "role": new.role}
        row |= {"person": new.person, "name": new.name, "uses_left": new.uses_left, "until": new.until}
        rows.append(row | {"made_by": new.made_by, "lang": new.lang})
    if rows:
        txn.connection.execute(insert(invitation), rows)

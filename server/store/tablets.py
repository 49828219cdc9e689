"""Statements on tablets that teams share, on the copies that persons have there, and on what asks for one."""

from collections.abc import Sequence

from msgspec import Struct, msgpack
from sqlalchemy import ColumnElement, delete, exists, func, insert, select, update

from server.codes import Sought
from server.db import Transaction
from server.store.people import DAY_MS, Regranted
from server.tables import copy_request, device, grants, invitation, person, session, tablet, tablet_team

ENROL, TABLET = "enrol", "tablet"  # kinds of invitations: for a tablet itself, and for a person's copy on one


class Tablet(Struct, frozen=True):
    """A tablet: its number, its id, and how it locks itself; `seen_on` is the day on which it last asked."""

    id: int
    uuid: bytes
    name: str
    lock_s: int
    strong: bool
    seen_on: int
    is_revoked: bool


class Ask(Struct, frozen=True):
    """What a tablet asks a phone: to approve the author key that somebody has made there."""

    id: bytes
    tablet: int
    number: int
    numbers: Sequence[int]
    sign_pub: bytes
    until: int
    state: str
    person: int | None = None


class Code(Struct, frozen=True):
    """A code for a tablet; for whose copy, where it is for one."""

    id: int
    device: int
    person: int | None
    made_by: int | None
    uses_left: int
    until: int


_tablets = select(
    device.c.id,
    device.c.uuid,
    device.c.name,
    tablet.c.lock_s,
    tablet.c.strong,
    device.c.seen_on,
    device.c.revoked_at.is_not(None),
).join(tablet, tablet.c.device == device.c.id)


def add_tablet(txn: Transaction, new: Tablet, token_hash: bytes, teams: Sequence[int]) -> int:
    """Store a tablet that is still to be enrolled: until then it is one that nobody lets in. Gives its number."""
    values = {"uuid": new.uuid, "name": new.name, "kind": "shared", "revoked_at": 0}
    days = {"made_on": new.seen_on, "seen_on": new.seen_on}
    made = insert(device).values(**values, **days).returning(device.c.id)
    number = int(txn.connection.execute(made).scalar_one())
    rows = {"device": number, "token_hash": token_hash, "lock_s": new.lock_s, "strong": new.strong}
    txn.connection.execute(insert(tablet).values(rows))
    txn.connection.execute(insert(tablet_team), [{"device": number, "space": team} for team in teams])
    return number


def let_in(txn: Transaction, number: int, name: str, token_hash: bytes, now: int) -> None:
    """A tablet is enrolled: whoever has the token is it."""
    values = {"name": name, "revoked_at": None, "seen_on": now // DAY_MS}
    txn.connection.execute(update(device).where(device.c.id == number).values(values))
    txn.connection.execute(update(tablet).where(tablet.c.device == number).values(token_hash=token_hash))


def tablet_by_token(txn: Transaction, token_hash: bytes) -> Tablet | None:
    """The tablet whose cookie it is, revoked or not."""
    row = txn.connection.execute(_tablets.where(tablet.c.token_hash == token_hash)).one_or_none()
    return None if row is None else Tablet(*row)


def tablet_named(txn: Transaction, uuid: bytes) -> Tablet | None:
    """The tablet of this id."""
    row = txn.connection.execute(_tablets.where(device.c.uuid == uuid)).one_or_none()
    return None if row is None else Tablet(*row)


def tablet_of(txn: Transaction, number: int) -> Tablet | None:
    """The tablet of this number."""
    row = txn.connection.execute(_tablets.where(device.c.id == number)).one_or_none()
    return None if row is None else Tablet(*row)


def tablets_in(txn: Transaction, teams: Sequence[int]) -> list[Tablet]:
    """The tablets of these teams that are in use."""
    here = select(tablet_team.c.device).where(tablet_team.c.space.in_(teams))
    query = _tablets.where(device.c.id.in_(here), device.c.revoked_at.is_(None)).order_by(device.c.id)
    return [Tablet(*row) for row in txn.connection.execute(query)]


def teams_of(txn: Transaction, number: int) -> list[int]:
    """The teams of a tablet."""
    query = select(tablet_team.c.space).where(tablet_team.c.device == number)
    return list(txn.connection.execute(query.order_by(tablet_team.c.space)).scalars())


def set_teams(txn: Transaction, number: int, teams: set[int]) -> None:
    """These teams share a tablet; the board of one that doesn't any more is not shown there."""
    known, t = set(teams_of(txn, number)), tablet_team.c
    others = (t.device == number) & t.space.not_in(sorted(teams))
    txn.connection.execute(delete(tablet_team).where(others))
    for team in sorted(teams - known):
        txn.connection.execute(insert(tablet_team).values(device=number, space=team))


def change_tablet(txn: Transaction, changed: Tablet) -> None:
    """Store name and lock of a tablet."""
    txn.connection.execute(update(device).where(device.c.id == changed.id).values(name=changed.name))
    lock = {"lock_s": changed.lock_s, "strong": changed.strong}
    txn.connection.execute(update(tablet).where(tablet.c.device == changed.id).values(lock))


def note_seen(txn: Transaction, number: int, today: int) -> None:
    """Note the day on which a tablet was last used; never the hour."""
    txn.connection.execute(update(device).where(device.c.id == number).values(seen_on=today))


def is_of_team(number: int, who: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a person belongs to one of a tablet's teams."""
    g, t = grants.c, tablet_team.c
    here = (t.device == number) & (t.space == g.space) & (g.person == who) & g.until.is_(None)
    return exists().where(here, g.role != "admin")


def belongs(txn: Transaction, number: int, who: int) -> bool:
    """The same for somebody who is here."""
    query = select(person.c.id).where(person.c.id == who, is_of_team(number, person.c.id))
    return txn.connection.execute(query.where(person.c.left_at.is_(None))).first() is not None


def add_copy(txn: Transaction, on: Tablet, owner: tuple[int, bytes, bytes], now: int) -> int:
    """A person's copy on a tablet; `owner` is the person, the copy's fresh id and the author key made there."""
    who, uuid, sign_pub = owner
    values = {"uuid": uuid, "person": who, "name": on.name, "sign_pub": sign_pub, "kind": "copy"}
    days = {"made_on": now // DAY_MS, "seen_on": now // DAY_MS}
    made = insert(device).values(**values, **days, stands_on=on.id).returning(device.c.id)
    return int(txn.connection.execute(made).scalar_one())


def copies_on(txn: Transaction, number: int) -> list[tuple[int, str]]:
    """Whose copies are on a tablet: number and name, by name; nothing of when anybody was there."""
    d = device.c
    query = select(person.c.id, person.c.name).join(device, d.person == person.c.id).distinct()
    rows = txn.connection.execute(query.where(d.stands_on == number, d.revoked_at.is_(None)))
    return sorted((tuple(row) for row in rows), key=lambda row: (row[1].casefold(), row[0]))


def gone_from(txn: Transaction, number: int) -> list[bytes]:
    """The copies on a tablet that are no more: ended, or of somebody who left or belongs to its teams no longer."""
    d, p = device.c, person.c
    query = select(d.uuid).join(person, p.id == d.person).where(d.stands_on == number)
    ended = d.revoked_at.is_not(None) | p.left_at.is_not(None) | ~is_of_team(number, p.id)
    return list(txn.connection.execute(query.where(ended).order_by(d.id)).scalars())


def copies_of(txn: Transaction, who: int) -> list[tuple[bytes, str, int, int]]:
    """A person's copies: the tablet's id and name, the days on which the copy was made and last opened."""
    copy, on = device.alias(), device.alias()
    days = func.max(copy.c.made_on), func.max(copy.c.seen_on)
    query = select(on.c.uuid, on.c.name, *days).join(on, copy.c.stands_on == on.c.id)
    query = query.where(copy.c.person == who, copy.c.revoked_at.is_(None)).group_by(
        on.c.id, on.c.uuid, on.c.name
    )
    return [tuple(row) for row in txn.connection.execute(query.order_by(on.c.id))]


def revoke(txn: Transaction, number: int, now: int) -> None:
    """A tablet is used no more, and no copy on it."""
    txn.connection.execute(update(device).where(device.c.id == number).values(revoked_at=now))
    end_copies(txn, number, None, now)


def end_copies(txn: Transaction, on: int, who: int | None, now: int) -> int:
    """The copies on a tablet hear `gone` from now on, one person's or everybody's; gives how many."""
    d = device.c
    live = (d.stands_on == on) & d.revoked_at.is_(None)
    if who is not None:
        live &= d.person == who
    ended = update(device).where(live).values(revoked_at=now, share=None).returning(d.person)
    persons = txn.connection.execute(ended).scalars().all()
    for number in set(persons):
        txn.tell(Regranted(number))
    return len(persons)


def lock(txn: Transaction, on: int) -> None:
    """Nobody is at a tablet any more: what was unlocked there is closed, open connections too."""
    copies = select(device.c.id).where(device.c.stands_on == on)
    ended = delete(session).where(session.c.device.in_(copies)).returning(session.c.person)
    for number in set(txn.connection.execute(ended).scalars()):
        txn.tell(Regranted(number))


def add_request(txn: Transaction, new: Ask, code_hash: bytes) -> None:
    """Store what a tablet asks; what it asked before, and what is long over, goes."""
    r = copy_request.c
    txn.connection.execute(
        delete(copy_request).where((r.tablet == new.tablet) | (r.until < new.until - DAY_MS))
    )
    values: dict[str, object] = {"id": new.id, "tablet": new.tablet, "code_hash": code_hash}
    values |= {"number": new.number, "numbers": msgpack.encode(new.numbers), "sign_pub": new.sign_pub}
    txn.connection.execute(insert(copy_request).values(**values, until=new.until, state=new.state))


def request_by(txn: Transaction, *, id_: bytes | None = None, code_hash: bytes | None = None) -> Ask | None:
    """What a tablet asks, by its id or by its code."""
    r = copy_request.c
    query = select(r.id, r.tablet, r.number, r.numbers, r.sign_pub, r.until, r.state, r.person)
    query = query.where(r.id == id_ if code_hash is None else r.code_hash == code_hash)
    row = txn.connection.execute(query).one_or_none()
    if row is None:
        return None
    return Ask(row.id, row.tablet, row.number, msgpack.decode(row.numbers, type=list[int]), *row[4:])


def settle(txn: Transaction, id_: bytes, was: str, becomes: tuple[str, int | None]) -> bool:
    """A request goes from one state to the next, with its person; false where somebody was faster."""
    r = copy_request.c
    state, who = becomes
    changed = update(copy_request).where(r.id == id_, r.state == was).values(state=state, person=who)
    return bool(txn.connection.execute(changed).rowcount)


def add_code(txn: Transaction, kind: str, key: Sought, new: Code) -> int:
    """Store a code for a tablet; gives its number."""
    values: dict[str, object] = {"code_hash": key.hash, "front": key.front, "kind": kind, "role": ""}
    values |= {"device": new.device, "person": new.person, "until": new.until, "made_by": new.made_by}
    made = insert(invitation).values(**values, uses_left=new.uses_left).returning(invitation.c.id)
    return int(txn.connection.execute(made).scalar_one())


def code_of(txn: Transaction, kind: str, code_hash: bytes) -> Code | None:
    """A code for a tablet, good or not."""
    i = invitation.c
    query = select(i.id, i.device, i.person, i.made_by, i.uses_left, i.until)
    row = txn.connection.execute(query.where(i.code_hash == code_hash, i.kind == kind)).one_or_none()
    return None if row is None else Code(*row)

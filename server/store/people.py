"""Statements on persons, devices, sessions and grants."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import bindparam, delete, insert, select, update

from server.db import Transaction
from server.store.spaces import add_space, decode_names, name_in, next_number
from server.tables import device, grants, person, session, space, subscription
from sync.protocol import Grants

DAY_MS = 86_400_000
IDLE_DAYS = 45
LONGEST_DAYS = 400
PROOF_MS = 300_000  # so long a proof of who is there counts (D-32)
COLOURS = 6

# Asked with nearly every request, so built once.
SESSION_BY_TOKEN = (
    select(
        session.c.person,
        session.c.device,
        session.c.seen_on,
        session.c.made_at,
        session.c.until,
        session.c.proved_at,
        session.c.ended_at,
        person.c.lang,
        person.c.left_at,
        device.c.revoked_at,
        device.c.stands_on,
    )
    .join(person, person.c.id == session.c.person)
    .join(device, device.c.id == session.c.device)
    .where(session.c.token_hash == bindparam("token"))
)
VERSION_OF_PERSON = select(person.c.lang, person.c.grants_version).where(person.c.id == bindparam("person"))
READABLE_OF_PERSON = (
    select(grants.c.space, grants.c.role, space.c.kind, space.c.name)
    .join(space, space.c.id == grants.c.space)
    .where(grants.c.person == bindparam("person"), grants.c.until.is_(None), grants.c.role != "admin")
    .order_by(grants.c.space)
)


class Device(Struct, frozen=True):
    """Who asks: a person on a device, in a session; `proved_at` is when they last showed who they are (ms)."""

    id: int
    person: int
    lang: str
    session: bytes
    proved_at: int | None = None

    def is_proved(self, now: int) -> bool:
        """Whether that was within the last five minutes (D-32)."""
        return self.proved_at is not None and 0 <= now - self.proved_at <= PROOF_MS


class Session(Struct, frozen=True):
    """A live session: its device, whether seen today, and whether device or person have been revoked."""

    device: Device
    seen_today: bool
    gone: bool
    stands_on: int | None = None  # of an unlocked copy: its tablet
    until: int | None = None


class Person(Struct, frozen=True):
    """A person as stored; `own` is the space of their own."""

    id: int
    name: str
    colour: int
    lang: str
    own: int


class NewDevice(Struct, frozen=True):
    """A device to be; `sign_pub` is its author key."""

    person: int
    uuid: bytes
    name: str
    sign_pub: bytes


class Grant(Struct, frozen=True):
    """A role in a space, held because the space `via` was joined; `source` is oidc where a group gave it."""

    space: int
    via: int
    role: str
    source: str | None = None


class Regranted(NamedTuple):
    """Told after a commit: this person's grants have changed, or a session of theirs has ended."""

    person: int


def device_of_session(txn: Transaction, token_hash: bytes, now: int) -> Session | None:
    """The session that a cookie's token belongs to; nothing when it is unknown or over (D-31).

    One whose device or person was removed is `gone` however long nobody has used it: it has to be told (D-44).
    """
    today = now // DAY_MS
    row = txn.connection.execute(SESSION_BY_TOKEN, {"token": token_hash}).one_or_none()
    if row is None:
        return None
    found = Device(row.device, row.person, row.lang, token_hash, row.proved_at)
    if row.left_at is not None or row.revoked_at is not None or row.ended_at is not None:
        return Session(found, row.seen_on >= today, True, row.stands_on)
    if today - row.seen_on > IDLE_DAYS or today - row.made_at // DAY_MS > LONGEST_DAYS:
        return None
    if row.until is not None and row.until <= now:
        return None
    return Session(found, row.seen_on >= today, False, row.stands_on, row.until)


def note_seen(txn: Transaction, seen: Device, now: int) -> None:
    """Note the day on which a session was last used; never the hour (H5)."""
    today = now // DAY_MS
    txn.connection.execute(update(session).where(session.c.token_hash == seen.session).values(seen_on=today))
    txn.connection.execute(update(device).where(device.c.id == seen.id).values(seen_on=today))


def start_session(txn: Transaction, owner: Device, now: int) -> None:
    """Store a new session for a person on a device."""
    values: dict[str, object] = {"token_hash": owner.session, "person": owner.person, "device": owner.id}
    values |= {"proved_at": owner.proved_at}
    txn.connection.execute(insert(session).values(**values, made_at=now, seen_on=now // DAY_MS))
    stays = {"erase_on": None, "keep_names": None}  # whoever comes back has changed their mind
    txn.connection.execute(update(person).where(person.c.id == owner.person).values(stays))


def end_session(txn: Transaction, ended: Device) -> None:
    """Forget a session; its open connections hear of it."""
    txn.connection.execute(delete(subscription).where(subscription.c.session == ended.session))
    txn.connection.execute(delete(session).where(session.c.token_hash == ended.session))
    txn.tell(Regranted(ended.person))


def add_person(txn: Transaction, name: str, lang: str, now: int) -> Person:
    """Make a person and the space of their own; the colour follows from the number."""
    own = add_space(txn, "own", {})
    values: dict[str, object] = {"name": name, "lang": lang, "own": own, "made_at": now}
    values |= next_number(txn, person)
    number = txn.connection.execute(insert(person).values(values).returning(person.c.id)).scalar_one()
    made = Person(number, name, (number - 1) % COLOURS + 1, lang, own)
    change_person(txn, made)
    txn.connection.execute(insert(grants).values(person=number, space=own, via=own, role="owner", since=now))
    return made


def person_of(txn: Transaction, number: int) -> Person | None:
    """A person who has not left."""
    p = person.c
    query = select(p.id, p.name, p.colour, p.lang, p.own).where(p.id == number, p.left_at.is_(None))
    row = txn.connection.execute(query).one_or_none()
    return None if row is None else Person(*row)


def change_person(txn: Transaction, now_is: Person) -> None:
    """Store name, colour and language."""
    values = {"name": now_is.name, "colour": now_is.colour, "lang": now_is.lang}
    txn.connection.execute(update(person).where(person.c.id == now_is.id).values(values))


def mark_left(txn: Transaction, number: int, now: int) -> None:
    """A person leaves the organisation: every session answers `gone` from now on."""
    txn.connection.execute(update(person).where(person.c.id == number).values(left_at=now))
    txn.connection.execute(delete(subscription).where(subscription.c.person == number))
    txn.tell(Regranted(number))


def add_device(txn: Transaction, new: NewDevice, now: int) -> int:
    """Register a device with its author key; gives its number."""
    values = {"uuid": new.uuid, "person": new.person, "name": new.name, "sign_pub": new.sign_pub}
    today = now // DAY_MS
    made = insert(device).values(**values, kind="own", made_on=today, seen_on=today).returning(device.c.id)
    return int(txn.connection.execute(made).scalar_one())


def device_row(txn: Transaction, number: int) -> tuple[bytes, str, str]:
    """A device's public id, kind and name."""
    query = select(device.c.uuid, device.c.kind, device.c.name).where(device.c.id == number)
    return tuple(txn.connection.execute(query).one())


def grants_of(txn: Transaction, number: int) -> Grants:
    """What a person may read, each space once, its name in the person's language; the own space as `owner`.

    An administrator's grant gives nothing to read and is left out.
    """
    lang, version = txn.connection.execute(VERSION_OF_PERSON, {"person": number}).one()
    rows = txn.connection.execute(READABLE_OF_PERSON, {"person": number})
    strongest: dict[int, tuple[int, str, str, str]] = {}
    for row in rows:
        if row.space not in strongest or weight(row.role) > weight(strongest[row.space][1]):
            strongest[row.space] = (row.space, row.role, row.kind, name_in(decode_names(row.name), lang))
    return Grants(version, list(strongest.values()))


def some_member(txn: Transaction) -> list[tuple[int, int]]:
    """A person who may write to a team, and that team; none where there is nobody yet."""
    query = select(grants.c.person, grants.c.space).join(space, space.c.id == grants.c.space)
    query = query.where(space.c.kind == "team", grants.c.until.is_(None), grants.c.role == "staff").limit(1)
    return [(number, team) for number, team in txn.connection.execute(query)]


def live_grants(txn: Transaction, number: int) -> list[Grant]:
    """Every grant that a person holds now."""
    query = select(grants.c.space, grants.c.via, grants.c.role, grants.c.source)
    rows = txn.connection.execute(query.where(grants.c.person == number, grants.c.until.is_(None)))
    return [Grant(*row) for row in rows]


def give_grants(txn: Transaction, number: int, given: Iterable[Grant], now: int) -> None:
    """Grant roles, in place of those held in the same spaces by the same way; the grants version moves on."""
    for grant in given:
        where = (grants.c.person == number) & (grants.c.space == grant.space) & (grants.c.via == grant.via)
        txn.connection.execute(delete(grants).where(where))
        values = {"person": number, "space": grant.space, "via": grant.via, "role": grant.role}
        txn.connection.execute(insert(grants).values(**values, since=now, source=grant.source))
    _bump(txn, number)


def end_grants(txn: Transaction, number: int, via: int, now: int) -> bool:
    """End what a person holds by having joined a space. Whether there was anything."""
    held = (grants.c.person == number) & (grants.c.via == via) & grants.c.until.is_(None)
    ended = txn.connection.execute(update(grants).where(held).values(until=now)).rowcount > 0
    if ended:
        _bump(txn, number)
    return ended


def members(txn: Transaction, where: int) -> list[tuple[int, str, str]]:
    """The persons of a space by name, each with the role that may do most."""
    found = txn.connection.execute(
        select(person.c.id, person.c.name, grants.c.role)
        .join(grants, grants.c.person == person.c.id)
        .where(grants.c.space == where, grants.c.until.is_(None), grants.c.role != "admin")
    ).all()
    rows = sorted(
        found, key=lambda row: (row.name.lower(), row.id)
    )  # databases disagree on the order of letters
    in_turn = sorted(rows, key=lambda row: weight(row.role))
    strongest = {row.id: row.role for row in in_turn}  # the last one of a person wins
    return list({row.id: (row.id, row.name, strongest[row.id]) for row in rows}.values())


def persons(txn: Transaction) -> list[tuple[int, str, int | None, str | None]]:
    """Every person who has not left, once for each team or organisation joined: number, name, space, role."""
    joined = (grants.c.person == person.c.id) & (grants.c.space == grants.c.via) & grants.c.until.is_(None)
    rows = txn.connection.execute(
        select(person.c.id, person.c.name, grants.c.space, grants.c.role)
        .join(grants, joined & (grants.c.role != "owner"), isouter=True)
        .where(person.c.left_at.is_(None))
        .order_by(person.c.id, grants.c.space)
    )
    return [tuple(row) for row in rows]


def _bump(txn: Transaction, number: int) -> None:
    moved_on = person.c.grants_version + 1
    txn.connection.execute(update(person).where(person.c.id == number).values(grants_version=moved_on))
    txn.tell(Regranted(number))


def weight(role: str) -> int:
    """Of two roles in one space the one with the greater weight may do more."""
    order = ("employee_rep", "staff", "agent", "supervisor", "hr", "management", "dev_lead", "admin", "owner")
    return order.index(role)

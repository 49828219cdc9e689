"""What an installation holds of one person, for that person alone."""

from collections.abc import Iterator

from msgspec import Struct
from sqlalchemy import or_, select

from server.db import Transaction
from server.store.cards import decode_body
from server.store.people import DAY_MS
from server.store.spaces import decode_names, name_in
from server.tables import card, device, grants, passkey, person, quarantine, recovery_code, session, space
from sync.protocol import Change, decode_change

SERVER_KINDS = ("", "person", "member", "team", "goal")
Plain = str | int | bool | None | list["Plain"]


class OwnCard(Struct, frozen=True):
    """A card of the person's: where, of what kind, made and hidden when (ms), what stands in its fields."""

    id: str
    space: int
    place: str
    kind: str
    made: int
    hidden: bool
    fields: dict[str, Plain]


class OwnDevice(Struct, frozen=True):
    """A device of the person's; days since 1970, as they are stored."""

    name: str
    kind: str
    made_on: int
    seen_on: int
    revoked: bool


class OwnSession(Struct, frozen=True):
    """A session by its days."""

    device: str
    made_on: int
    seen_on: int


class OwnPasskey(Struct, frozen=True):
    """A passkey without its key."""

    label: str
    made_on: int
    used_on: int


class OwnGrant(Struct, frozen=True):
    """A role that the person has or had, by the day."""

    space: int
    place: str
    role: str
    since_on: int
    until_on: int | None


class Late(Struct, frozen=True):
    """Words that wait in quarantine."""

    reason: str
    received_on: int
    fields: dict[str, Plain]


def own_cards(txn: Transaction, number: int, lang: str) -> Iterator[OwnCard]:
    """Every card that the person wrote, wherever it lies, and all that lies in the space of their own."""
    g, c, s = grants.c, card.c, space.c
    known = select(g.space).where(g.person == number).distinct()
    own = select(person.c.own).where(person.c.id == number).scalar_subquery()
    query = (
        select(c.id, c.space, s.name, c.kind, c.made, c.gone, c.body)
        .join(space, s.id == c.space)
        .where(c.space.in_(known), c.kind.not_in(SERVER_KINDS), or_(c.by == number, c.space == own))
        .order_by(c.made, c.id)
    )
    for row in txn.connection.execute(query):
        cells = decode_body(row.body).cells
        fields = {name: plain(cell.value) for name, cell in cells.items() if cell.value is not None}
        place = name_in(decode_names(row.name), lang)
        yield OwnCard(row.id.hex(), row.space, place, row.kind, row.made, row.gone is not None, fields)


def plain(value: object) -> Plain:
    """A value as JSON has it; bytes in hexadecimal.

    >>> plain([b"\\x01", "a", None])
    ['01', 'a', None]
    """
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value if isinstance(value, str | int | bool) else None


def own_devices(txn: Transaction, number: int) -> list[OwnDevice]:
    """The person's devices, also those that were removed."""
    d = device.c
    query = select(d.name, d.kind, d.made_on, d.seen_on, d.revoked_at).where(d.person == number)
    return [
        OwnDevice(name, kind, made, seen, revoked is not None)
        for name, kind, made, seen, revoked in txn.connection.execute(query.order_by(d.id))
    ]


def own_sessions(txn: Transaction, number: int) -> list[OwnSession]:
    """The person's sessions by the day; no hour is kept or told."""
    s, d = session.c, device.c
    query = select(d.name, s.made_at, s.seen_on).join(device, d.id == s.device).where(s.person == number)
    return [
        OwnSession(name, made // DAY_MS, seen)
        for name, made, seen in txn.connection.execute(query.order_by(s.made_at))
    ]


def own_passkeys(txn: Transaction, number: int) -> list[OwnPasskey]:
    """The person's passkeys by name and day."""
    p = passkey.c
    query = select(p.label, p.made_on, p.used_on).where(p.person == number).order_by(p.made_on, p.label)
    return [OwnPasskey(*row) for row in txn.connection.execute(query)]


def codes_left(txn: Transaction, number: int) -> int:
    """How many recovery codes the person has not used."""
    r = recovery_code.c
    query = select(r.code_hash).where(r.person == number, r.used_at.is_(None))
    return len(txn.connection.execute(query).all())


def own_grants(txn: Transaction, number: int, lang: str) -> list[OwnGrant]:
    """What the person may read or could once."""
    g, s = grants.c, space.c
    query = select(g.space, s.name, g.role, g.since, g.until).join(space, s.id == g.space)
    rows = txn.connection.execute(query.where(g.person == number, s.kind != "own").order_by(g.since, g.space))
    return [
        OwnGrant(
            row.space,
            name_in(decode_names(row.name), lang),
            row.role,
            row.since // DAY_MS,
            None if row.until is None else row.until // DAY_MS,
        )
        for row in rows
    ]


def own_quarantine(txn: Transaction, number: int) -> list[Late]:
    """What the server holds of the person's and has not taken in."""
    q = quarantine.c
    query = select(q.reason, q.received_at, q.body).where(q.person == number).order_by(q.id)
    found = []
    for reason, received, body in txn.connection.execute(query):
        change = _change(body)
        fields = {name: plain(now) for name, (_, now) in change.set.items()} if change else {}
        found.append(Late(reason, received // DAY_MS, fields))
    return found


def _change(body: bytes) -> Change | None:
    try:
        return decode_change(body)
    except (ValueError, RecursionError):
        return None

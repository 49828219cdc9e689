"""Statements on passkeys and on the challenges of their ceremonies."""

from typing import Literal

from msgspec import Struct
from sqlalchemy import delete, func, insert, select, update

from server.db import Transaction
from server.store.people import DAY_MS
from server.tables import challenge, passkey, person

Ceremony = Literal["register", "login", "stepup"]
CEREMONIES = ("register", "login", "stepup")


class Challenge(Struct, frozen=True):
    """A challenge that waits for its answer: in which ceremony, of which browser (a keyed hash), until when (ms)."""

    value: bytes
    ceremony: Ceremony
    browser: bytes
    until: int


class Passkey(Struct, frozen=True):
    """A passkey as stored."""

    id: bytes
    person: int
    public_key: bytes
    sign_count: int
    label: str
    synced: bool


class PasskeyRow(Struct, frozen=True):
    """A passkey as its person sees it: days, never hours."""

    id: str
    label: str
    synced: bool
    made_on: int
    used_on: int


def keep_challenge(txn: Transaction, new: Challenge) -> None:
    """Remember a challenge until it is answered."""
    values: dict[str, object] = {"value": new.value, "ceremony": new.ceremony, "device": new.browser}
    txn.connection.execute(insert(challenge).values(**values, until=new.until))


def take_challenge(txn: Transaction, value: bytes) -> Challenge | None:
    """Take a challenge out, whatever comes of it: it is good once (D-35)."""
    c = challenge.c
    mine = (c.value == value) & c.ceremony.in_(CEREMONIES)
    row = txn.connection.execute(
        delete(challenge).where(mine).returning(c.value, c.ceremony, c.device, c.until)
    ).one_or_none()
    return None if row is None else Challenge(*row)


def passkey_of(txn: Transaction, id_: bytes) -> Passkey | None:
    """A passkey of somebody who has not left."""
    p = passkey.c
    query = select(p.id, p.person, p.public_key, p.sign_count, p.label, p.synced)
    here = query.join(person, person.c.id == p.person).where(p.id == id_, person.c.left_at.is_(None))
    row = txn.connection.execute(here).one_or_none()
    return None if row is None else Passkey(*row)


def is_there(txn: Transaction, id_: bytes) -> bool:
    """Whether anybody has or had this passkey here."""
    return txn.connection.execute(select(1).where(passkey.c.id == id_)).first() is not None


def add_passkey(txn: Transaction, new: Passkey, now: int) -> None:
    """Store a new passkey."""
    today = now // DAY_MS
    values = {"id": new.id, "person": new.person, "public_key": new.public_key, "label": new.label}
    values |= {"sign_count": new.sign_count, "synced": new.synced, "made_on": today, "used_on": today}
    txn.connection.execute(insert(passkey).values(values))


def use_passkey(txn: Transaction, seen: Passkey, count: int, now: int) -> bool:
    """Note that a passkey was used, and its new counter; false where somebody used it meanwhile."""
    mine = (passkey.c.id == seen.id) & (passkey.c.sign_count == seen.sign_count)
    used = update(passkey).where(mine).values(sign_count=count, used_on=now // DAY_MS)
    return bool(txn.connection.execute(used).rowcount)


def passkeys_of(txn: Transaction, owner: int) -> list[PasskeyRow]:
    """A person's passkeys, the oldest first."""
    p = passkey.c
    query = select(p.id, p.label, p.synced, p.made_on, p.used_on).where(p.person == owner)
    rows = txn.connection.execute(query.order_by(p.made_on, p.id))
    return [PasskeyRow(row.id.hex(), row.label, row.synced, row.made_on, row.used_on) for row in rows]


def count_passkeys(txn: Transaction, owner: int | None = None) -> int:
    """How many passkeys a person has, or all together."""
    query = select(func.count()).select_from(passkey)
    if owner is not None:
        query = query.where(passkey.c.person == owner)
    return txn.connection.execute(query).scalar_one()


def drop_passkey(txn: Transaction, owner: int, id_: bytes) -> str | None:
    """Forget a person's passkey; gives its label, nothing where it isn't theirs."""
    mine = (passkey.c.id == id_) & (passkey.c.person == owner)
    dropped = delete(passkey).where(mine).returning(passkey.c.label)
    return txn.connection.execute(dropped).scalar_one_or_none()


def handle_of(txn: Transaction, owner: int, fresh: bytes) -> bytes:
    """The random number by which authenticators know a person; the fresh one where there was none (D-34)."""
    p = person.c
    none_yet = (p.id == owner) & p.handle.is_(None)
    txn.connection.execute(update(person).where(none_yet).values(handle=fresh))
    return bytes(txn.connection.execute(select(p.handle).where(p.id == owner)).scalar_one())

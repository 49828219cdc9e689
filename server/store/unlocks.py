"""Statements on unlocked copies: which copy it is, what opens it, and for how long (docs/devices.md D-38)."""

from msgspec import Struct
from sqlalchemy import delete, insert, select, update

from server.db import Transaction
from server.store.people import DAY_MS, Device, device_of_session
from server.store.tablets import belongs, lock, tablet_by_token
from server.tables import challenge, device, person, session

UNLOCK = "unlock"
OPEN_MS = 900_000  # without a use
MOVED_MS = 300_000  # the end is moved on at most so often


class Copy(Struct, frozen=True):
    """A person's copy on a tablet; `gone` where it, its tablet or its person was removed."""

    id: int
    uuid: bytes
    person: int
    lang: str
    sign_pub: bytes
    gone: bool


class Unlocked(Struct, frozen=True):
    """What a tablet's request comes with: its number, whether it was let go of; the copy that is unlocked."""

    tablet: int
    gone: bool
    seen_today: bool
    device: Device | None = None
    is_due: bool = False  # its end is to be moved on


def copy_of(txn: Transaction, on: int, who: int, uuid: bytes | None = None) -> Copy | None:
    """This copy of a person on a tablet, or the newest: an approval that was not finished leaves another beside it."""
    d, p = device.c, person.c
    is_gone = d.revoked_at.is_not(None) | p.left_at.is_not(None) | p.erase_on.is_not(None)
    query = select(d.id, d.uuid, d.person, p.lang, d.sign_pub, is_gone).join(person, p.id == d.person)
    mine = (d.stands_on == on) & (d.person == who)
    if uuid is not None:
        mine &= d.uuid == uuid
    here = query.where(mine).order_by(d.id.desc()).limit(1)
    row = txn.connection.execute(here).one_or_none()
    if row is None:
        return None
    id_, uuid, number, lang, sign_pub, gone = row
    return Copy(id_, uuid, number, lang, sign_pub or b"", bool(gone) or not belongs(txn, on, who))


def keep_challenge(txn: Transaction, of: Copy, value: bytes, until: int) -> None:
    """Remember what a copy is to sign, in place of what it was to sign before."""
    take_challenge(txn, of, 0)
    values = {"value": value, "ceremony": UNLOCK, "device": of.uuid, "person": of.person, "until": until}
    txn.connection.execute(insert(challenge).values(values))


def take_challenge(txn: Transaction, of: Copy, now: int) -> bytes | None:
    """Take out what a copy is to sign, whatever comes of it: it is good once (D-35)."""
    c = challenge.c
    mine = (c.ceremony == UNLOCK) & (c.device == of.uuid)
    found = txn.connection.execute(delete(challenge).where(mine).returning(c.value, c.until)).all()
    return next((row.value for row in found if row.until > now), None)


def share_of(txn: Transaction, of: Copy, fresh: bytes | None) -> bytes | None:
    """The share of a copy; `fresh` becomes it where there is none yet."""
    d = device.c
    if fresh is not None:
        unshared = update(device).where(d.id == of.id, d.share.is_(None), d.revoked_at.is_(None))
        txn.connection.execute(unshared.values(share=fresh))
    found: bytes | None = txn.connection.execute(select(d.share).where(d.id == of.id)).scalar_one()
    return found


def open_copy(txn: Transaction, of: Copy, on: int, token_hash: bytes, now: int) -> Device:
    """A copy is unlocked; whatever was unlocked on the tablet before is locked."""
    lock(txn, on)
    values = {"token_hash": token_hash, "person": of.person, "device": of.id, "until": now + OPEN_MS}
    txn.connection.execute(insert(session).values(**values, made_at=now, seen_on=now // DAY_MS))
    return Device(of.id, of.person, of.lang, token_hash)


def unlocked(txn: Transaction, tablet_hash: bytes, token_hash: bytes, now: int) -> Unlocked | None:
    """What a tablet's cookie and the two halves of an unlock open; nothing where no tablet has this cookie."""
    on = tablet_by_token(txn, tablet_hash)
    if on is None:
        return None
    bare = Unlocked(on.id, on.is_revoked, on.seen_on >= now // DAY_MS)
    found = device_of_session(txn, token_hash, now)
    if on.is_revoked or found is None or found.stands_on != on.id:
        return bare
    gone = found.gone or not belongs(txn, on.id, found.device.person)
    is_due = found.until is not None and found.until - now < OPEN_MS - MOVED_MS
    return Unlocked(on.id, gone, bare.seen_today, found.device, is_due)


def move_on(txn: Transaction, opened: Device, now: int) -> None:
    """What is used stays open."""
    mine = (session.c.token_hash == opened.session) & (session.c.until > now)
    txn.connection.execute(update(session).where(mine).values(until=now + OPEN_MS, seen_on=now // DAY_MS))

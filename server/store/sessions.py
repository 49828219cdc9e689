"""Statements on a person's sessions and own devices, as their person sees and ends them: days, never hours (H5)."""

from msgspec import Struct
from sqlalchemy import delete, select, update

from server.db import Transaction
from server.store.people import DAY_MS, Device, Regranted
from server.tables import device, session, subscription

ID_BYTES = 8


class SessionRow(Struct, frozen=True):
    """A session as its person sees it; `id` is the beginning of what the database knows it by."""

    id: str
    device: str
    name: str
    made_on: int
    seen_on: int
    current: bool


class DeviceRow(Struct, frozen=True):
    """A device of somebody's own, or with `kind` copy their copy on a tablet."""

    id: str
    name: str
    kind: str
    made_on: int
    seen_on: int
    current: bool


def prove(txn: Transaction, token_hash: bytes, now: int) -> None:
    """The person of this session has just shown who they are (D-32)."""
    txn.connection.execute(update(session).where(session.c.token_hash == token_hash).values(proved_at=now))


def sessions_of(txn: Transaction, asks: Device) -> list[SessionRow]:
    """A person's live sessions, the one that asks marked."""
    s, d = session.c, device.c
    query = select(s.token_hash, d.uuid, d.name, s.made_at, s.seen_on).join(device, d.id == s.device)
    live = query.where(s.person == asks.person, s.ended_at.is_(None), d.revoked_at.is_(None), d.kind == "own")
    return [
        SessionRow(
            row.token_hash[:ID_BYTES].hex(),
            row.uuid.hex(),
            row.name,
            row.made_at // DAY_MS,
            row.seen_on,
            row.token_hash == asks.session,
        )
        for row in txn.connection.execute(live.order_by(s.made_at, s.token_hash))
    ]


def session_named(txn: Transaction, person: int, id_: str) -> tuple[Device, str] | None:
    """A person's session of this id, and its device's name."""
    s, d = session.c, device.c
    query = select(s.token_hash, s.device, d.name).join(device, d.id == s.device)
    for row in txn.connection.execute(query.where(s.person == person, s.ended_at.is_(None))):
        if row.token_hash[:ID_BYTES].hex() == id_:
            return Device(row.device, person, "", row.token_hash), row.name
    return None


def devices_of(txn: Transaction, asks: Device) -> list[DeviceRow]:
    """A person's own devices that have not been revoked, the one that asks marked."""
    d = device.c
    query = select(d.id, d.uuid, d.name, d.kind, d.made_on, d.seen_on)
    mine = query.where(d.person == asks.person, d.kind == "own", d.revoked_at.is_(None))
    return [
        DeviceRow(row.uuid.hex(), row.name, row.kind, row.made_on, row.seen_on, row.id == asks.id)
        for row in txn.connection.execute(mine.order_by(d.made_on, d.id))
    ]


def device_named(txn: Transaction, person: int, uuid: bytes) -> tuple[int, str, bool] | None:
    """A person's own device: number, name, whether it has been revoked."""
    d = device.c
    mine = (d.uuid == uuid) & (d.person == person) & (d.kind == "own")
    row = txn.connection.execute(select(d.id, d.name, d.revoked_at).where(mine)).one_or_none()
    return None if row is None else (row.id, row.name, row.revoked_at is not None)


def device_with_key(txn: Transaction, person: int, sign_pub: bytes) -> int | None:
    """The device on which this person has this author key: whoever comes back there goes on as the same device."""
    d = device.c
    mine = (d.person == person) & (d.sign_pub == sign_pub) & (d.kind == "own") & d.revoked_at.is_(None)
    return txn.connection.execute(select(d.id).where(mine).order_by(d.id).limit(1)).scalar_one_or_none()


def register_key(txn: Transaction, asks: Device, sign_pub: bytes) -> None:
    """The author key with which this device signs from now on, if it is another one.

    A device whose own key lies behind its app lock makes a new one to come in.
    """
    d = device.c
    txn.connection.execute(
        update(device).where(d.id == asks.id, d.sign_pub.is_distinct_from(sign_pub)).values(sign_pub=sign_pub)
    )


def take_over(txn: Transaction, begun: Device) -> None:
    """A session that begins on a device ends those before it there; what woke the device belongs to the new one."""
    s = session.c
    before = (s.device == begun.id) & (s.token_hash != begun.session)
    its = select(s.token_hash).where(before)
    woken = update(subscription).where(subscription.c.session.in_(its))
    txn.connection.execute(woken.values(session=begun.session))
    if txn.connection.execute(delete(session).where(before)).rowcount:
        txn.tell(Regranted(begun.person))


def name_device(txn: Transaction, number: int, name: str) -> None:
    """Give a device another name."""
    txn.connection.execute(update(device).where(device.c.id == number).values(name=name))


def revoke_device(txn: Transaction, person: int, number: int, now: int) -> None:
    """A device is told `gone` from now on; its sessions stay, so that it can be told, and wake it no more."""
    txn.connection.execute(update(device).where(device.c.id == number).values(revoked_at=now))
    its = select(session.c.token_hash).where(session.c.device == number)
    txn.connection.execute(delete(subscription).where(subscription.c.session.in_(its)))
    txn.tell(Regranted(person))

"""Statements on persons who leave: what of theirs ends, and what is erased when they wish it."""

from collections.abc import Sequence

from msgspec import msgpack
from sqlalchemy import delete, or_, select, update

from server.db import Transaction
from server.store.people import DAY_MS, Regranted
from server.store.retention import Batch, Pace, in_chunks
from server.tables import (
    audit,
    calendar_feed,
    card,
    challenge,
    change,
    device,
    identity,
    invitation,
    mark,
    notice,
    passkey,
    person,
    photo,
    quarantine,
    recovery_code,
    session,
    snapshot,
    space,
    subscription,
    upkeep,
)

WAYS_IN = (passkey, recovery_code, challenge)
OWN_ROWS = (card, change, mark, photo, snapshot, upkeep)


def end_ways_in(txn: Transaction, number: int) -> None:
    """A person has no way back but a new invitation, and no device of theirs is woken; their calendar's address ends.

    Their account of the organisation's directory stays known: a group must not bring them back as somebody new.
    """
    for table in (*WAYS_IN, subscription, calendar_feed):
        txn.connection.execute(delete(table).where(table.c.person == number))
    _drop_invitations(txn, number)


def _drop_invitations(txn: Transaction, number: int) -> None:
    i = invitation.c
    txn.connection.execute(delete(invitation).where(or_(i.person == number, i.made_by == number)))


def end_sessions_of(txn: Transaction, number: int, now: int) -> None:
    """Every session of a person answers `gone` from now on, open connections too; push and calendar go with them."""
    for table in (subscription, calendar_feed):
        txn.connection.execute(delete(table).where(table.c.person == number))
    _close_sessions(txn, number, now)
    txn.tell(Regranted(number))


def _close_sessions(txn: Transaction, number: int, now: int) -> None:
    """Of a session only what tells its device `gone` stays: neither the hour that it began nor that of a proof."""
    today = now // DAY_MS * DAY_MS
    ended = {"ended_at": today, "made_at": today, "proved_at": None}
    live = (session.c.person == number) & session.c.ended_at.is_(None)
    txn.connection.execute(update(session).where(live).values(ended))


def ask_erasure(txn: Transaction, number: int, day: int, keep_names: Sequence[int]) -> None:
    """Note on which day a person's account goes, and in which spaces the name stays."""
    wish = {"erase_on": day, "keep_names": msgpack.encode(sorted(keep_names))}
    txn.connection.execute(update(person).where(person.c.id == number).values(wish))


def due_erasures(txn: Transaction, today: int) -> list[tuple[int, int, list[int], bool]]:
    """Whose account goes now: number, own space, the spaces that keep the name, and whether they have left already."""
    p = person.c
    query = select(p.id, p.own, p.keep_names, p.left_at).where(p.erase_on <= today).order_by(p.id)
    return [
        (row.id, row.own, msgpack.decode(row.keep_names or b"\x90", type=list[int]), row.left_at is not None)
        for row in txn.connection.execute(query)
    ]


def empty_own(txn: Transaction, own: int, pace: Pace) -> Batch:
    """Erase what lies in a space of one's own, words in the log first."""

    def erase(most: int) -> int:
        c, k = change.c, card.c
        numbers = txn.connection.execute(select(c.n).where(c.space == own).limit(most)).scalars().all()
        if numbers:
            txn.connection.execute(delete(change).where(c.space == own, c.n.in_(numbers)))
            return len(numbers)
        ids = txn.connection.execute(select(k.id).where(k.space == own).limit(most)).scalars().all()
        txn.connection.execute(delete(card).where(k.space == own, k.id.in_(ids)))
        return len(ids)

    batch = in_chunks(pace, erase)
    is_empty = not any(
        txn.connection.execute(select(1).where(table.c.space == own).limit(1)).first()
        for table in (change, card)
    )
    if is_empty:
        for table in OWN_ROWS:
            txn.connection.execute(delete(table).where(table.c.space == own))
        bare = {"count": 0, "sum": 0, "floor": space.c.head}
        txn.connection.execute(update(space).where(space.c.id == own).values(bare))
    return Batch(batch.rows, is_empty)


def forget_person(txn: Transaction, number: int, now: int) -> None:
    """Take a person out of every table but those where only the number stands; devices that come later hear `gone`."""
    _close_sessions(txn, number, now)
    for table in (*WAYS_IN, identity, subscription, calendar_feed, notice, quarantine):
        txn.connection.execute(delete(table).where(table.c.person == number))
    _drop_invitations(txn, number)
    a = audit.c
    txn.connection.execute(
        update(audit).where(or_(a.person == number, a.actor == number)).values(detail=None)
    )
    bare: dict[str, object] = {"name": "", "sign_pub": None, "sealed": None, "share": None}
    txn.connection.execute(update(device).where(device.c.person == number).values(bare))
    nobody = {"name": "", "handle": None, "push": None, "erase_on": None, "keep_names": None}
    txn.connection.execute(update(person).where(person.c.id == number).values(nobody))


def drop_snapshots_of(txn: Transaction, spaces: Sequence[int]) -> None:
    """Stored snapshots still tell what their cards said; they are made anew for who asks."""
    txn.connection.execute(delete(snapshot).where(snapshot.c.space.in_(spaces)))


def spaces_with_card(txn: Transaction, card_id: bytes) -> list[int]:
    """Every space in which a card of the server's own making lies, whatever sort of space it is."""
    k = card.c
    query = select(k.space).where(k.id == card_id, k.kind != "").order_by(k.space)
    return list(txn.connection.execute(query).scalars())

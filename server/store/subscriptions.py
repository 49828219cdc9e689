"""Statements on push: whose browsers wish to be woken, what waits to be told to them, what became of it."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import ColumnElement, delete, exists, func, insert, select, update

from server.db import Transaction
from server.store.people import DAY_MS, Device
from server.tables import card, device, grants, person, session, subscription

SEVERAL = 0  # as the space of what waits: cards of more than one number

Place = tuple[int, bytes | None]  # a space and a card in it; SEVERAL and nothing


class Subscribed(Struct, frozen=True):
    """What a browser says of itself."""

    endpoint: str
    p256dh: bytes
    auth: bytes


class Due(NamedTuple):
    """A browser of somebody to whom something is due; `is_live`: its session has not ended.

    `place` is what waits for it, nothing where it was taken to be told and nothing has come since. Times in
    milliseconds.
    """

    id: int
    person: int
    endpoint: str
    p256dh: bytes
    auth: bytes
    pushed_at: int
    not_before: int
    failures: int
    due_at: int | None
    place: Place | None
    push: bytes | None
    is_live: bool


class Reader(NamedTuple):
    """Somebody who can be woken and may read a card: as its author, or as a supervisor of its team (no card then)."""

    space: int
    card: bytes | None
    person: int
    push: bytes | None


def subscribe(txn: Transaction, device_: Device, new: Subscribed, now: int) -> None:
    """Store a session's subscription, in place of the one that it had; a browser belongs to one session."""
    s = subscription.c
    mine = select(func.coalesce(func.max(s.pushed_at), 0)).where(s.person == device_.person)
    pushed = int(txn.connection.execute(mine).scalar_one())
    owner = {"person": device_.person, "session": device_.session, "p256dh": new.p256dh, "auth": new.auth}
    others = (s.session == device_.session) & (s.endpoint != new.endpoint)
    txn.connection.execute(delete(subscription).where(others))
    here = s.endpoint == new.endpoint
    known = txn.connection.execute(
        update(subscription).where(here, s.session == device_.session).values(owner)
    )
    if not known.rowcount:
        txn.connection.execute(delete(subscription).where(here))
        standing = {"made_on": now // DAY_MS, "pushed_at": pushed, "not_before": 0, "failures": 0}
        txn.connection.execute(insert(subscription).values(endpoint=new.endpoint, **owner, **standing))


def unsubscribe(txn: Transaction, device_: Device, endpoint: str) -> None:
    """Forget a person's subscription; one that isn't there, or isn't theirs, is left."""
    s = subscription.c
    txn.connection.execute(delete(subscription).where(s.endpoint == endpoint, s.person == device_.person))


def endpoint_of(txn: Transaction, session_: bytes) -> str | None:
    """Where a session's browser is reached."""
    query = select(subscription.c.endpoint).where(subscription.c.session == session_)
    return txn.connection.execute(query).scalar_one_or_none()


def push_of(txn: Transaction, number: int) -> bytes | None:
    """What a person has chosen of when to be told."""
    stored: bytes | None = txn.connection.execute(
        select(person.c.push).where(person.c.id == number)
    ).scalar_one()
    return stored


def choose_push(txn: Transaction, number: int, chosen: bytes, now: int) -> None:
    """Store what a person has chosen; what waits for them is looked at anew."""
    txn.connection.execute(update(person).where(person.c.id == number).values(push=chosen))
    waits = (subscription.c.person == number) & subscription.c.due_at.is_not(None)
    txn.connection.execute(update(subscription).where(waits, subscription.c.due_at > now).values(due_at=now))


def authors(txn: Transaction, cards: Collection[tuple[int, bytes]]) -> list[Reader]:
    """Who wrote these cards, where they can be woken and may still read them."""
    c, g = card.c, grants.c
    spaces, ids = {space for space, _ in cards}, {id_ for _, id_ in cards}
    may_read = exists().where(g.person == c.by, g.space == c.space, g.until.is_(None), g.role != "admin")
    query = select(c.space, c.id, person.c.id, person.c.push).join(person, person.c.id == c.by)
    query = query.where(c.space.in_(spaces), c.id.in_(ids), _can_be_woken(), may_read)
    return [Reader(*row) for row in txn.connection.execute(query)]


def supervisors(txn: Transaction, teams: Collection[int]) -> list[Reader]:
    """Who supervises these teams, where they can be woken."""
    g = grants.c
    query = select(g.space, g.person, person.c.push).join(person, person.c.id == g.person)
    held = (g.role == "supervisor") & (g.via == g.space) & g.until.is_(None)
    query = query.where(g.space.in_(set(teams)), held, _can_be_woken())
    return [Reader(space, None, number, push) for space, number, push in txn.connection.execute(query)]


def _can_be_woken() -> ColumnElement[bool]:
    return exists().where(subscription.c.person == person.c.id)


def note_news(txn: Transaction, news: Mapping[int, Place], now: int) -> None:
    """Let news wait for each of these persons' browsers; where something waits already, there is one word for all."""
    s = subscription.c
    query = select(s.id, s.person, s.not_before, s.due_at, s.due_space, s.due_card)
    rows = txn.connection.execute(query.where(s.person.in_(list(news))).order_by(s.id).with_for_update())
    for id_, number, not_before, due_at, *waits in rows.all():
        place = news[number]
        if due_at is not None and waits[0] is not None and tuple(waits) != place:
            place = SEVERAL, None
        due = max(now, not_before) if due_at is None else due_at
        values = {"due_at": due, "due_space": place[0], "due_card": place[1]}
        txn.connection.execute(update(subscription).where(s.id == id_).values(values))


def next_due(txn: Transaction) -> int | None:
    """When something is to be told next; nothing where nothing waits."""
    s = subscription.c
    soonest: int | None = txn.connection.execute(
        select(func.min(s.due_at)).where(s.due_at.is_not(None))
    ).scalar_one()
    return soonest


def due(txn: Transaction, now: int, most: int) -> list[Due]:
    """All browsers of the first so many persons to whom something is due."""
    s = subscription.c
    first = (
        select(s.person).where(s.due_at <= now).group_by(s.person).order_by(func.min(s.due_at)).limit(most)
    )
    numbers = list(txn.connection.execute(first).scalars())
    columns = [s[name] for name in Due._fields[:9]]
    is_live = exists().where(
        session.c.token_hash == s.session,
        session.c.ended_at.is_(None),
        func.coalesce(session.c.until, now + 1) > now,
        person.c.left_at.is_(None),
        device.c.id == session.c.device,
        device.c.revoked_at.is_(None),
    )
    query = select(*columns, s.due_space, s.due_card, person.c.push, is_live.label("is_live"))
    query = query.join(person, person.c.id == s.person).where(s.person.in_(numbers)).order_by(s.id)
    rows = txn.connection.execute(query.with_for_update(of=subscription)).all()
    return [Due(*row[:9], _place(*row[9:11]), row.push, row.is_live) for row in rows]


def _place(space: int | None, card_: bytes | None) -> Place | None:
    return None if space is None else (space, card_)


def may_read(txn: Transaction, number: int, space: int) -> bool:
    """Whether a person may read a space now."""
    g = grants.c
    held = exists().where(g.person == number, g.space == space, g.until.is_(None), g.role != "admin")
    return bool(txn.connection.execute(select(held)).scalar_one())


def change(txn: Transaction, ids: Sequence[int], values: Mapping[str, object]) -> None:
    """Store something of these subscriptions."""
    txn.connection.execute(update(subscription).where(subscription.c.id.in_(ids)).values(values))


def let_wait(txn: Transaction, number: int, place: Place) -> None:
    """Let a card wait again for a browser, unless something newer does."""
    s = subscription.c
    values = {"due_space": place[0], "due_card": place[1]}
    txn.connection.execute(update(subscription).where(s.id == number, s.due_space.is_(None)).values(values))


def end_lease(txn: Transaction, number: int, lease: int) -> None:
    """Nothing waits for a browser that was told, unless something has come since."""
    s = subscription.c
    told = (s.id == number) & (s.due_at == lease) & s.due_space.is_(None)
    txn.connection.execute(update(subscription).where(told).values(due_at=None))


def drop(txn: Transaction, ids: Sequence[int]) -> None:
    """Forget these subscriptions."""
    txn.connection.execute(delete(subscription).where(subscription.c.id.in_(ids)))


def refused_count(txn: Transaction) -> int:
    """How many browsers can't be woken because their push service refuses what we send."""
    refused = select(func.count()).where(subscription.c.refused.is_not(None))
    return int(txn.connection.execute(refused).scalar_one())

"""What was dropped without a name: waiting, released as cards that nobody made, and found again by a claim code.

Nothing here holds a person, a device, an address or a time of day (docs/devices.md D-67 to D-71).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import Struct, msgpack
from sqlalchemy import Row, delete, insert, select

from server.db import Transaction
from server.store.cards import Desk, ServerCard
from server.store.frames import read_card
from server.store.people import DAY_MS
from server.store.retention import Batch, Pace
from server.store.writers import show_names
from server.tables import card as card_table
from server.tables import claim as claim_table
from server.tables import dropped, space, ticket_spent
from sync.laws import Cell
from sync.merge import Card

CROWD = 3  # so many of one space are shown together
ALONE_DAYS = 2  # by the day alone: at least 24 hours
ID_BYTES = 16
GROWING = ("idea", "task")  # what is made of another card and says of which
GONE, WITHDRAWN = "gone", "withdrawn"


class Body(Struct, array_like=True):
    """What waits: the kind of the card that it will be, and its fields."""

    kind: str
    fields: dict[str, object]


class Drop(NamedTuple):
    """Something to be kept until its hour; `proof_mac` is nil for what somebody adds to an earlier one."""

    space: int
    body: Body
    proof_mac: bytes | None


class Spent(NamedTuple):
    """A ticket as it is remembered: its hash, the last month in which it holds, and what it was spent on."""

    hash: bytes
    month: int
    box: bytes


class Claimed(NamedTuple):
    """What a claim code is of: a card where it is now, or what still waits."""

    space: int
    id: bytes
    card: Card
    is_waiting: bool


def spend(txn: Transaction, ticket: Spent) -> bool | None:
    """Spend a ticket: true when it was good, nothing when it went on this very box before, false on another."""
    t = ticket_spent.c
    held = txn.connection.execute(select(t.box).where(t.hash == ticket.hash)).scalar_one_or_none()
    if held is not None:
        return None if held == ticket.box else False
    txn.connection.execute(insert(ticket_spent).values(**ticket._asdict()))
    return True


def forget_spent(txn: Transaction, month: int, pace: Pace) -> Batch:
    """Let go of tickets that have expired before this month."""
    t = ticket_spent.c
    old = select(t.hash).where(t.month < month).limit(pace.most)
    touched = txn.connection.execute(delete(ticket_spent).where(t.hash.in_(old))).rowcount
    return Batch(touched, touched < pace.most)


def is_team(txn: Transaction, number: int) -> bool:
    """Whether a space is a team's."""
    return txn.connection.execute(select(space.c.kind).where(space.c.id == number)).scalar() == "team"


def keep_drop(txn: Transaction, drop: Drop, id_: bytes, day: int) -> None:
    """Keep it until its hour; what has come before under the same code is not kept twice."""
    mac = drop.proof_mac
    if mac is None or (_waits(txn, mac) is None and _known(txn, mac) is None):
        _keep(txn, drop, id_, day)


def _keep(txn: Transaction, drop: Drop, id_: bytes, day: int) -> None:
    values = {"id": id_, "day": day, "space": drop.space, "proof_mac": drop.proof_mac}
    txn.connection.execute(insert(dropped).values(**values, body=msgpack.encode(drop.body)))


def release(txn: Transaction, draw: Callable[[int], bytes], now: int) -> int:
    """Make cards of what may be shown, in an order that says nothing; gives how many.

    A space shows three or more together, and what is older than a day whatever there is beside it.
    """
    today = now // DAY_MS
    rows = txn.connection.execute(select(dropped).with_for_update()).all()
    due = [row for row in rows if today - row.day >= ALONE_DAYS or _crowd(rows, row.space) >= CROWD]
    due.sort(key=lambda _: draw(ID_BYTES))
    if due:
        _release(txn, due, draw, today * DAY_MS)
    return len(due)


def _crowd(rows: Sequence[Row[tuple[object, ...]]], where: int) -> int:
    return sum(row.space == where for row in rows)


def _release(
    txn: Transaction, due: Sequence[Row[tuple[object, ...]]], draw: Callable[[int], bytes], midnight: int
) -> None:
    desk, made, claims = Desk(txn, midnight), [], []
    for row in due:
        body, id_ = msgpack.decode(row.body, type=Body), draw(ID_BYTES)
        made.append(ServerCard(row.space, id_, body.kind, None, row.day * DAY_MS, body.fields))
        if row.proof_mac is not None:
            claims.append({"proof_mac": row.proof_mac, "space": row.space, "card": id_})
    desk.write_cards(made)
    desk.save()
    if claims:
        txn.connection.execute(insert(claim_table), claims)
    _wipe(txn, [row.id for row in due])


def _wipe(txn: Transaction, ids: Sequence[bytes]) -> None:
    """Delete what waited, and leave zeros in its place where the database can."""
    if not txn.is_shared:
        txn.connection.exec_driver_sql("PRAGMA secure_delete=ON")
    txn.connection.execute(delete(dropped).where(dropped.c.id.in_(ids)))
    if not txn.is_shared:
        txn.connection.exec_driver_sql("PRAGMA secure_delete=OFF")


def claimed(txn: Transaction, proof_mac: bytes) -> Claimed | None:
    """What a code is of. Looks in both places whatever it finds."""
    waiting, known = _waits(txn, proof_mac), _known(txn, proof_mac)
    if waiting is not None:
        body = msgpack.decode(waiting.body, type=Body)
        return Claimed(waiting.space, waiting.id, _as_card(body), True)
    return None if known is None else _followed(txn, known.space, known.card)


def _waits(txn: Transaction, proof_mac: bytes) -> Row[tuple[object, ...]] | None:
    return txn.connection.execute(select(dropped).where(dropped.c.proof_mac == proof_mac)).one_or_none()


def _known(txn: Transaction, proof_mac: bytes) -> Row[tuple[object, ...]] | None:
    query = select(claim_table).where(claim_table.c.proof_mac == proof_mac)
    return txn.connection.execute(query).one_or_none()


def _as_card(body: Body) -> Card:
    card = Card(body.kind, None, 0)
    card.cells = {name: Cell(value, 0, 0) for name, value in body.fields.items()}
    return card


def _followed(txn: Transaction, where: int, id_: bytes) -> Claimed | None:
    """The card where it is now."""
    c = card_table.c
    while True:
        row = txn.connection.execute(select(card_table).where(c.space == where, c.id == id_)).one_or_none()
        if row is None or not row.kind:
            return None
        card = read_card(row.kind, row.by, row.made, row.seq, row.body)
        moved = card.value("moved")
        if not isinstance(moved, list):
            return Claimed(where, id_, card, False)
        where, id_ = moved


def said_of(txn: Transaction, found: Claimed) -> list[Card]:
    """The comments on a card that are to be seen, oldest first."""
    c = card_table.c
    query = select(card_table).where(c.space == found.space, c.hangs == found.id, c.gone.is_(None))
    rows = txn.connection.execute(query.order_by(c.seq)).all()
    cards = [read_card(row.kind, row.by, row.made, row.seq, row.body) for row in rows if row.kind]
    return [card for card in cards if card.kind == "comment"]


def grown_from(txn: Transaction, found: Claimed) -> list[Card]:
    """What has been made of a card beside it and is to be seen, oldest first."""
    c = card_table.c
    later = (c.space == found.space) & c.kind.in_(GROWING) & (c.made >= found.card.made) & c.gone.is_(None)
    rows = txn.connection.execute(
        select(c.kind, c.by, c.made, c.seq, c.body).where(later).order_by(c.made)
    ).all()
    # Few bodies have to be read for that: an id stands in them as it is.
    cards = [read_card(*row) for row in rows if found.id in row.body]
    return [card for card in cards if card.value("origin") == found.id]


def waiting_on(txn: Transaction, found: Claimed) -> list[str]:
    """What its author has added and nobody sees yet."""
    waits = _waiting(txn, found.space)
    return [str(body.fields["text"]) for _, _, body in waits if body.fields.get("on") == found.id]


def withdraw(txn: Transaction, found: Claimed, now: int) -> None:
    """Take it back: what waits is deleted, a card is hidden as by its author."""
    if found.is_waiting:
        _wipe(txn, [found.id])
        return
    desk = Desk(txn, now // DAY_MS * DAY_MS)
    fields = {GONE: [WITHDRAWN, ""]}
    desk.write_cards([ServerCard(found.space, found.id, found.card.kind, None, found.card.made, fields)])
    desk.save()


def come_forward(txn: Transaction, found: Claimed, who: int, draw: Callable[[int], bytes], now: int) -> None:
    """Its author is this person from now on, of what they have added too; what of that still waits is shown at once."""
    c = card_table.c
    hanging = (c.space == found.space) & (c.hangs == found.id) & (c.kind == "comment") & c.by.is_(None)
    ids = [found.id, *txn.connection.execute(select(c.id).where(hanging)).scalars()]
    desk = Desk(txn, now // DAY_MS * DAY_MS)
    desk.lock([found.space])
    desk.load((found.space, id_) for id_ in ids)
    for id_ in ids:
        card = desk.cards[found.space, id_]
        if card is not None and card.kind and card.by is None:
            card.by, card.seq = who, desk.places[found.space].head + 1
            desk.put((found.space, id_), card, wrote=True, names=())
    show_names(desk, [(who, found.space)])
    waits = [
        (id_, day, body) for id_, day, body in _waiting(txn, found.space) if body.fields.get("on") == found.id
    ]
    desk.write_cards(
        ServerCard(found.space, draw(ID_BYTES), body.kind, who, day * DAY_MS, body.fields)
        for _, day, body in waits
    )
    desk.save()
    _wipe(txn, [id_ for id_, _, _ in waits])


def _waiting(txn: Transaction, where: int) -> list[tuple[bytes, int, Body]]:
    d = dropped.c
    rows = txn.connection.execute(select(d.id, d.day, d.body).where(d.space == where)).all()
    return [(row.id, row.day, msgpack.decode(row.body, type=Body)) for row in rows]

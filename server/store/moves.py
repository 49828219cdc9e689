"""Widening or narrowing who sees a card: one transaction over both spaces, which leaves a stub and nothing else."""

from collections.abc import Callable, Mapping

from msgspec import Struct
from sqlalchemy import delete, insert, select, update

from server.db import Transaction
from server.refusals import Refused
from server.store.cards import Desk, Key, ServerCard, mark_card_id
from server.store.frames import read_card, readable_spaces
from server.store.spaces import spaces_above
from server.store.writers import own_spaces_by_mark, show_names
from server.tables import card as card_table
from server.tables import claim, mark, photo
from sync.cards import KINDS
from sync.kinds import Role
from sync.laws import Cell
from sync.merge import Card

WIDER = ("team", "area", "org", "network")


class Move(Struct, frozen=True):
    """Who moves which card to which space, when; `secret` keys the tally marks, which go with it."""

    person: int
    card: Key
    to: int
    now: int
    secret: bytes


def move(txn: Transaction, asked: Move, new_id: Callable[[], bytes]) -> bytes:
    """Move a card with its comments; returns its new id. Refuses what stays, who may not and where it may not go."""
    desk = Desk(txn, asked.now)
    desk.lock([asked.card[0], asked.to])
    desk.load([asked.card])
    _check(txn, asked, desk, desk.cards[asked.card])
    made = _carry(desk, asked, new_id)
    desk.save()
    return made


class Homing(Struct, frozen=True):
    """Which team has left which area, when; `secret` keys the tally marks."""

    team: int
    left: int
    now: int
    secret: bytes


def bring_home(txn: Transaction, asked: Homing, new_id: Callable[[], bytes]) -> int:
    """Cards of a team that lie in an area above it no more come to the team's own space; gives how many.

    Their authors read that area no longer, and whoever reads the new one was never meant to see them.
    """
    if asked.left in {place.id for place in spaces_above(txn, asked.team)}:
        return 0
    desk = Desk(txn, asked.now)
    desk.lock([asked.team, asked.left])
    found = _of_team(txn, asked)
    desk.load(found)
    for key in found:
        _carry(desk, Move(0, key, asked.team, asked.now, asked.secret), new_id)
    desk.save()
    return len(found)


def _of_team(txn: Transaction, asked: Homing) -> list[Key]:
    """Hidden ones too: they may be restored."""
    c = card_table.c
    kinds = [kind.name for kind in KINDS.values() if kind.may_make and "team" in kind.fields]
    query = select(c.id, c.kind, c.by, c.made, c.seq, c.body).where(c.space == asked.left, c.kind.in_(kinds))
    rows = [(row.id, read_card(*row[1:])) for row in txn.connection.execute(query.order_by(c.seq))]
    return [(asked.left, id_) for id_, card in rows if card.value("team") == asked.team]


def _carry(desk: Desk, asked: Move, new_id: Callable[[], bytes]) -> bytes:
    """Put a card, loaded, and its comments into another space, locked; gives its new id."""
    txn = desk.txn
    hanging = _hanging_on(txn, asked.card)
    desk.load(hanging)
    ids = {key: new_id() for key in (asked.card, *hanging)}
    for key, id_ in ids.items():
        held = desk.cards[key]
        if held is not None:
            _take_over(desk, key, (asked.to, id_), {old[1]: new for old, new in ids.items()})
    claimed = (claim.c.space == asked.card[0]) & (claim.c.card == asked.card[1])
    txn.connection.execute(update(claim).where(claimed).values(space=asked.to, card=ids[asked.card]))
    desk.write_cards(_marks(txn, asked, ids[asked.card]))
    authors = {held.by for key in ids if (held := desk.cards[key]) and held.by}
    show_names(desk, [(author, asked.to) for author in sorted(authors)])
    return ids[asked.card]


def _check(txn: Transaction, asked: Move, desk: Desk, card: Card | None) -> None:
    roles = readable_spaces(txn, asked.person)
    if card is None or asked.card[0] not in roles or card.value("moved") or card.value("gone"):
        raise Refused("not_found")
    team, kind = card.value("team"), KINDS.get(card.kind)
    if kind is None or not kind.moves or not isinstance(team, int):
        raise Refused("not_allowed")
    place = desk.places.get(asked.to)
    if asked.to not in roles or place is None or place.kind not in WIDER or asked.to == asked.card[0]:
        raise Refused("not_allowed", "to")
    if place.kind == "team" and asked.to != team:
        raise Refused("not_allowed", "to")
    if card.by != asked.person and roles.get(team) is not Role.SUPERVISOR:
        raise Refused("not_allowed")


def _hanging_on(txn: Transaction, key: Key) -> list[Key]:
    """The comments on a card."""
    c = card_table.c
    query = select(c.id).where(c.space == key[0], c.hangs == key[1]).order_by(c.seq)
    return [(key[0], id_) for id_ in txn.connection.execute(query).scalars()]


def _take_over(desk: Desk, old: Key, new: Key, ids: Mapping[bytes, bytes]) -> None:
    held = desk.cards[old]
    if held is None:
        return
    seq = desk.places[new[0]].head + 1
    moved = Card(held.kind, held.by, held.made)
    moved.cells = {name: Cell(c.value, c.at, seq, c.by) for name, c in held.cells.items()}
    on = held.value("on")
    if isinstance(on, bytes):
        moved.cells["on"] = Cell(ids.get(on, on), desk.now, seq)
    moved.seq, moved.talk = seq, held.talk.then(seq, held.talk.by)
    desk.put(new, moved, wrote=True)
    held.seq = desk.places[old[0]].head + 1
    held.cells = {"moved": Cell([new[0], new[1]], desk.now, held.seq)}
    desk.put(old, held, wrote=True)


def _marks(txn: Transaction, asked: Move, new_id: bytes) -> list[ServerCard]:
    """Tally marks go along; each giver's own `mark` card names the new place."""
    space, card = asked.card
    connection, m = txn.connection, mark.c
    here = (m.space == space) & (m.card == card)
    given = connection.execute(select(m.who, m.field, m.value).where(here)).all()
    connection.execute(update(mark).where(here).values(space=asked.to, card=new_id))
    photos = (
        connection.execute(select(photo.c.sha).where(photo.c.space == space, photo.c.card == card))
        .scalars()
        .all()
    )
    connection.execute(delete(photo).where(photo.c.space == space, photo.c.card == card))
    if photos:
        connection.execute(insert(photo), [{"space": asked.to, "card": new_id, "sha": sha} for sha in photos])
    if not given:
        return []
    own_of = own_spaces_by_mark(txn, space, asked.secret)
    fields: dict[int, dict[str, object]] = {}
    for who, field, value in given:
        if own := own_of.get(who):
            fields.setdefault(own, {"on": new_id, "space": asked.to})[f"marks/{field}"] = (
                True if value else None
            )
    id_ = mark_card_id(new_id)
    return [ServerCard(own, id_, "mark", None, asked.now, values) for own, values in fields.items()]

"""What devices read: frames after a cursor and snapshots."""

from collections.abc import Iterable, Mapping

from msgspec import Raw
from sqlalchemy import ColumnElement, delete, exists, insert, select

from server.db import Transaction
from server.store.backups import stable_of
from server.store.cards import Body, Names, Place, decode_body, frame_of
from server.store.writers import stronger
from server.tables import card as card_table
from server.tables import grants, snapshot
from server.tables import space as space_table
from sync.kinds import Role
from sync.merge import Card
from sync.protocol import MAX_MESSAGE_BYTES

MOVED = b"moved"
SNAPSHOT_AFTER = 8  # a snapshot is renewed when the frame since it has more than an eighth of its cards


def frames_for(
    txn: Transaction, person: int, cursors: Mapping[int, int]
) -> tuple[dict[int, Raw], list[int], dict[int, int]]:
    """As `frames_after`, but only of spaces that the person may read in this very moment (P6); and what is stable."""
    readable = readable_spaces(txn, person)
    wanted = {space: since for space, since in cursors.items() if space in readable}
    return *frames_after(txn, wanted), stable_of(txn, cursors, wanted)


def frames_after(txn: Transaction, cursors: Mapping[int, int]) -> tuple[dict[int, Raw], list[int]]:
    """Frames of the spaces that have moved on since the cursors, and the spaces whose device needs a snapshot.

    A cursor beyond the head needs a snapshot too (a foreign epoch counts as 0 before this). All frames together stay
    within one message.
    """
    frames: dict[int, Raw] = {}
    behind: list[int] = []
    room = MAX_MESSAGE_BYTES
    for place in places(txn, cursors):
        since = cursors[place.id]
        if since == place.head:
            continue
        if since < place.floor or since > place.head:
            behind.append(place.id)
            continue
        frame = frame_of(place, since, cards_after(txn, place.id, since))
        if len(bytes(frame)) > room:
            behind.append(place.id)
        else:
            frames[place.id] = frame
            room -= len(bytes(frame))
    return frames, behind


def is_beyond(txn: Transaction, cursors: Mapping[int, int]) -> bool:
    """Whether a device of this epoch has seen more of a space than the database holds."""
    return any(cursors[place.id] > place.head for place in places(txn, cursors))


def places(txn: Transaction, spaces: Iterable[int]) -> list[Place]:
    """The rows of spaces, as read."""
    s = space_table.c
    query = select(s.id, s.head, s.floor, s.logged, s.count, s.sum, s.kind, s.standing).where(
        s.id.in_(list(spaces))
    )
    return [Place(row[:6], row.kind, row.standing) for row in txn.connection.execute(query)]


def cards_after(txn: Transaction, space: int, since: int) -> list[tuple[bytes, Card, Names]]:
    """Cards of a space with a seq above `since`, in the order of their seqs, for a frame."""
    c = card_table.c
    query = (
        select(c.id, c.seq, c.kind, c.by, c.made, c.body)
        .where(c.space == space, c.seq > since)
        .order_by(c.seq)
    )
    return [
        (row.id, read_card(row.kind, row.by, row.made, row.seq, row.body), None)
        for row in txn.connection.execute(query)
    ]


def read_card(kind: str, by: int | None, made: int, seq: int, body: bytes) -> Card:
    """A card from the columns of its row."""
    card = Card(kind, by, made)
    card.seq = seq
    if kind:
        loaded: Body = decode_body(body)
        card.cells, card.talk = loaded.cells, loaded.talk
    return card


def whole_frame(txn: Transaction, space: int) -> tuple[int, Raw]:
    """A frame from 0: all cards of a space, and the seq that it reaches."""
    place = places(txn, [space])[0]
    return place.head, frame_of(place, 0, cards_after(txn, space, 0))


def stored_snapshot(txn: Transaction, space: int) -> tuple[int, bytes] | None:
    """The stored snapshot: the seq that it reaches and its brotli bytes; nothing where a new one has to be made.

    That is so when it still shows a card that has been hidden or moved since, whose words must not reach another
    device (P6), and when what came since is too much for the frame that the device asks for next.
    """
    row = txn.connection.execute(
        select(snapshot.c.upto, snapshot.c.body).where(snapshot.c.space == space)
    ).first()
    if row is None:
        return None
    c = card_table.c
    query = select(c.kind, c.gone, c.body).where(c.space == space, c.seq > row.upto)
    later = txn.connection.execute(query).all()
    too_much = sum(len(card.body) for card in later) > MAX_MESSAGE_BYTES
    return None if too_much or any(_hides(*card) for card in later) else (row.upto, row.body)


def _hides(kind: str, gone: int | None, body: bytes) -> bool:
    if not kind or gone is not None:
        return True
    return MOVED in body and "moved" in decode_body(body).cells  # few bodies have to be read for that


def keep_snapshot(txn: Transaction, space: int, upto: int, body: bytes, now: int) -> None:
    """Store a snapshot in place of the one before."""
    txn.connection.execute(
        delete(snapshot).where(snapshot.c.space == space)
    )  # first, so that its room is used again
    row = {"space": space, "upto": upto, "made_at": now, "body": body}
    txn.connection.execute(insert(snapshot).values(row))


def stale_snapshots(txn: Transaction, spaces: Iterable[int]) -> list[int]:
    """Of these spaces those that somebody reads and whose snapshot is missing or far behind."""
    s, n = space_table.c, snapshot.c
    query = (
        select(s.id, s.head, s.count.label("cards"), n.upto)
        .outerjoin(snapshot, n.space == s.id)
        .where(s.id.in_(list(spaces)), is_read(s.id))
    )
    return [row.id for row in txn.connection.execute(query) if is_late(row.upto, row.head, row.cards)]


def is_late(upto: int | None, head: int, cards: int) -> bool:
    """Whether a snapshot up to this seq, of a space with this head and so many cards, is to be renewed."""
    return upto is None or head - upto > max(cards // SNAPSHOT_AFTER, SNAPSHOT_AFTER)


def is_read(space: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether anybody may read the space that this column names."""
    g = grants.c
    return exists().where(g.space == space, g.until.is_(None), g.role != "admin")


def spaces_with_cards(txn: Transaction) -> list[int]:
    """Every space that has cards."""
    return list(txn.connection.execute(select(space_table.c.id).where(space_table.c.count > 0)).scalars())


def readable_spaces(txn: Transaction, person: int) -> dict[int, Role]:
    """Spaces that a person may read now."""
    g = grants.c
    query = select(g.space, g.role).where(g.person == person, g.until.is_(None))
    found: dict[int, Role] = {}
    for space, role in txn.connection.execute(query):
        found[space] = stronger(found.get(space), Role(role))
    return {space: role for space, role in found.items() if role is not Role.ADMIN}

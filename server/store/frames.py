"""What devices read: grants, frames after a cursor, snapshots and histories."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Raw
from sqlalchemy import literal, select

from server.db import Transaction
from server.store.cards import Body, Place, decode_body, frame_of, upsert
from server.store.writers import stronger
from server.tables import card as card_table
from server.tables import change as change_table
from server.tables import grants, photo, run, snapshot
from server.tables import space as space_table
from sync.cards import KINDS
from sync.kinds import Role
from sync.merge import Card
from sync.protocol import MAX_MESSAGE_BYTES

SNAPSHOT_AFTER = 8  # a snapshot is renewed when the frame since it has more than an eighth of its cards


def frames_after(txn: Transaction, cursors: Mapping[int, int]) -> tuple[dict[int, Raw], list[int]]:
    """Frames of the spaces that have moved on since the cursors, and the spaces whose device needs a snapshot.

    A frame of no rows answers a cursor beyond the head (a foreign epoch counts as 0 before this).
    """
    frames: dict[int, Raw] = {}
    behind: list[int] = []
    for place in places(txn, cursors):
        since = cursors[place.id]
        if since == place.head:
            continue
        if since < place.floor or since > place.head:
            behind.append(place.id)
            continue
        frame = frame_of(place, since, cards_after(txn, place.id, since))
        if len(bytes(frame)) > MAX_MESSAGE_BYTES:
            behind.append(place.id)
        else:
            frames[place.id] = frame
    return frames, behind


def places(txn: Transaction, spaces: Iterable[int]) -> list[Place]:
    """The rows of spaces, as read."""
    s = space_table.c
    query = select(s.id, s.head, s.floor, s.logged, s.count, s.sum, s.kind, s.standing).where(
        s.id.in_(list(spaces))
    )
    return [Place(row[:6], row.kind, row.standing) for row in txn.connection.execute(query)]


def cards_after(txn: Transaction, space: int, since: int) -> list[tuple[bytes, Card]]:
    """Cards of a space with a seq above `since`, in the order of their seqs."""
    c = card_table.c
    query = (
        select(c.id, c.seq, c.kind, c.by, c.made, c.body)
        .where(c.space == space, c.seq > since)
        .order_by(c.seq)
    )
    return [
        (row.id, _card(row.kind, row.by, row.made, row.seq, row.body))
        for row in txn.connection.execute(query)
    ]


def _card(kind: str, by: int | None, made: int, seq: int, body: bytes) -> Card:
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
    """The stored snapshot: the seq that it reaches and its brotli bytes."""
    row = txn.connection.execute(
        select(snapshot.c.upto, snapshot.c.body).where(snapshot.c.space == space)
    ).first()
    return (row.upto, row.body) if row else None


def keep_snapshot(txn: Transaction, space: int, upto: int, body: bytes, now: int) -> None:
    """Store a snapshot in place of the one before."""
    upsert(txn, snapshot, ("space",), [{"space": space, "upto": upto, "made_at": now, "body": body}])


def stale_snapshots(txn: Transaction, spaces: Iterable[int]) -> list[int]:
    """Of these spaces those whose snapshot is missing or far behind."""
    s, n = space_table.c, snapshot.c
    query = (
        select(s.id, s.head, s.count.label("cards"), n.upto)
        .outerjoin(snapshot, n.space == s.id)
        .where(s.id.in_(list(spaces)))
    )
    return [
        row.id
        for row in txn.connection.execute(query)
        if row.upto is None or row.head - row.upto > max(row.cards // SNAPSHOT_AFTER, SNAPSHOT_AFTER)
    ]


def spaces_with_cards(txn: Transaction) -> list[int]:
    """Every space that has cards."""
    return list(txn.connection.execute(select(space_table.c.id).where(space_table.c.count > 0)).scalars())


def history_of(txn: Transaction, space: int, card: bytes) -> list[list[object]] | None:
    """[[seq, by, at, received, set, code]], oldest first: what landed, merged, forked or came too late. Nothing if there is no such card."""
    c, k, r = change_table.c, card_table.c, run.c
    row = txn.connection.execute(select(k.kind, k.by, k.log).where(k.space == space, k.id == card)).first()
    if row is None or not row.kind:
        return None
    chain = select(c.n, c.prev).where(c.space == space, c.n == literal(row.log)).cte("chain", recursive=True)
    older = chain.union_all(
        select(c.n, c.prev).where(c.space == space, c.n == chain.c.prev, chain.c.prev > 0)
    )
    query = (
        select(c.seq, r.person, c.at, c.lag, c.body, c.code)
        .join(older, older.c.n == c.n)
        .join(run, r.id == c.run)
        .where(c.space == space, c.body.is_not(None))
        .order_by(c.n)
    )
    tallies = KINDS[row.kind].tallies if row.kind in KINDS else frozenset[str]()
    return [
        [seq, by, at, at + lag, _without(msgspec.msgpack.decode(body), tallies), code]
        for seq, by, at, lag, body, code in txn.connection.execute(query)
    ]


def _without(fields: Mapping[str, object], tallies: frozenset[str]) -> dict[str, object]:
    return {name: pair for name, pair in fields.items() if name not in tallies}


def spaces_of_photo(txn: Transaction, sha: bytes) -> Sequence[int]:
    """The spaces with a card that names this photo."""
    return list(txn.connection.execute(select(photo.c.space).where(photo.c.sha == sha).distinct()).scalars())


def readable_spaces(txn: Transaction, person: int) -> dict[int, Role]:
    """Spaces that a person may read now."""
    g = grants.c
    query = select(g.space, g.role).where(g.person == person, g.until.is_(None))
    found: dict[int, Role] = {}
    for space, role in txn.connection.execute(query):
        found[space] = stronger(found.get(space), Role(role))
    return {space: role for space, role in found.items() if role is not Role.ADMIN}

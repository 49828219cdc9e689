"""Hidden cards go for good after 30 days, with the words in their log; an empty row says so, until it too is old.

So do thanks: a year after they were given, and from the wall of a team after 60 days.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import BigInteger, ColumnElement, Integer, case, delete, exists, literal, select, update

from server.db import Transaction
from server.store.cards import Desk, Key, mark_card_id
from server.store.people import DAY_MS
from server.store.retention import CHUNK, LOG_DAYS, Batch, Pace, in_chunks
from server.store.writers import own_spaces_by_mark
from server.tables import IS_THANKS, card, change, claim, mark, photo, snapshot, space
from sync.merge import Card

HIDDEN_DAYS = 30
THANKS_DAYS = 365  # in the receiver's own space and in the sender's
WALL_DAYS = 60  # a team's: all thanks that lie there are on its wall
EMPTY_DAYS = LOG_DAYS  # as long as anybody may come with words for the card, they are refused and not held
MOST_CARDS = 10


def purge(txn: Transaction, where: int, now: int, pace: Pace, secret: bytes) -> Batch:
    """Remove cards of a space that were hidden more than 30 days ago, what hangs on them first, and thanks of old.

    A card becomes an empty row with a new seq, so that devices drop it. A long history goes over several batches.
    Of a card that moved away so long ago, the words in this space's log go, which nobody can read any more.
    """
    doomed = _doomed(txn, where, now)
    if not doomed:
        return Batch(0, True)
    desk = Desk(txn, now)
    markers = _mark_cards(txn, where, doomed, secret)
    desk.lock([where, *(own for owns in markers.values() for own, _ in owns)])
    still = set(_doomed(txn, where, now))  # nobody brings a card back from here on
    doomed = [id_ for id_ in doomed if id_ in still]
    desk.load((where, id_) for id_ in doomed)
    rows = 0
    for id_ in doomed:
        erased, is_whole = _erase(desk, (where, id_), pace, pace.most - rows)
        rows += erased
        if is_whole and _has_moved(desk.cards[where, id_]):
            rows += 1  # the stub stays: changes still follow it
        elif is_whole:
            rows += _empty(desk, [(where, id_)])
            desk.load(markers.get(id_, []))
            rows += _empty(desk, markers.get(id_, []))
        if not is_whole or rows >= pace.most or pace.is_late():
            break
    _forget(txn, where, [id_ for id_ in doomed if _is_empty(desk.cards[where, id_])])
    desk.save()
    return Batch(rows, False)


def raise_floor(txn: Transaction, where: int, now: int, pace: Pace) -> Batch:
    """Remove the empty rows of cards that went 25 months ago; a device that hasn't seen them go needs a snapshot."""
    c = card.c

    def raise_(most: int) -> int:
        old = (c.space == where) & (c.kind == "") & (c.gone < now - EMPTY_DAYS * DAY_MS)
        rows = txn.connection.execute(select(c.id, c.seq).where(old).order_by(c.seq).limit(most)).all()
        if rows:
            txn.connection.execute(delete(card).where(c.space == where, c.id.in_([row.id for row in rows])))
            lower = (space.c.id == where) & (space.c.floor < rows[-1].seq)
            txn.connection.execute(update(space).where(lower).values(floor=rows[-1].seq))
        return len(rows)

    return in_chunks(pace, raise_)


def aged_thanks(where: int, now: int) -> ColumnElement[bool]:
    """Which cards of a space are thanks of old: by their day, and by the server's clock since a word about them came.

    The second is for a device whose clock was behind: what it brings today isn't old.
    """
    c, h = card.c, change.c
    is_own = select(space.c.kind).where(space.c.id == where).scalar_subquery() == "own"
    of_own, of_wall = (literal(now - days * DAY_MS, BigInteger) for days in (THANKS_DAYS, WALL_DAYS))
    before = case((is_own, of_own), else_=of_wall)
    came_since = exists().where(h.space == where, h.n == c.log, h.at + h.lag >= before)
    return IS_THANKS & (c.space == where) & (c.made < before) & ~came_since


def _doomed(txn: Transaction, where: int, now: int) -> list[bytes]:
    """The next cards to go; what hangs on one comes before it. Nothing hangs on thanks."""
    c = card.c
    hidden = (c.space == where) & (c.gone < now - HIDDEN_DAYS * DAY_MS) & (c.kind != "")
    found: list[bytes] = []
    for id_ in txn.connection.execute(
        select(c.id).where(hidden).order_by(c.gone).limit(MOST_CARDS)
    ).scalars():
        hanging = select(c.id).where(c.space == where, c.hangs == id_).limit(MOST_CARDS)
        found += txn.connection.execute(hanging).scalars()
        found.append(id_)
        if len(found) >= MOST_CARDS:
            break
    if len(found) < MOST_CARDS:
        aged = select(c.id).where(aged_thanks(where, now)).order_by(c.made).limit(MOST_CARDS)
        found += txn.connection.execute(aged).scalars()
    return list(dict.fromkeys(found))[:MOST_CARDS]


def _erase(desk: Desk, key: Key, pace: Pace, most: int) -> tuple[int, bool]:
    """Take the words out of a card's rows in the log, newest first; how many, and whether those were all."""
    rows = 0
    while newest := desk.log_of.get(key, 0):
        if rows and (rows >= most or pace.is_late()):
            return rows, False
        chain = _chain(desk.txn, key[0], newest)
        there = (change.c.space == key[0]) & change.c.n.in_([n for n, _ in chain])
        desk.txn.connection.execute(update(change).where(there).values(body=None))
        desk.log_of[key] = chain[-1][1] if chain else 0
        desk.changed[key] = None
        rows += len(chain)
    return rows, True


def _chain(txn: Transaction, where: int, newest: int) -> list[tuple[int, int]]:
    """The next rows of a card's chain: number, and that of the one before."""
    c = change.c
    first = select(c.n, c.prev, literal(1, Integer).label("depth")).where(c.space == where, c.n == newest)
    chain = first.cte("chain", recursive=True)
    before = select(c.n, c.prev, chain.c.depth + 1)
    chain = chain.union_all(before.where(c.space == where, c.n == chain.c.prev, chain.c.depth < CHUNK))
    rows = txn.connection.execute(select(chain.c.n, chain.c.prev).order_by(chain.c.depth))
    return [(n, prev) for n, prev in rows]


def _empty(desk: Desk, keys: Iterable[Key]) -> int:
    rows = 0
    for key in keys:
        held = desk.cards[key]
        if held is not None and held.kind:
            gone = Card("", None, 0)
            gone.seq = desk.places[key[0]].head + 1
            desk.log_of[key], desk.gone_since[key] = 0, desk.now
            desk.put(key, gone, wrote=True)
            rows += 1
    return rows


def _has_moved(held: Card | None) -> bool:
    return held is not None and held.value("moved") is not None


def _is_empty(held: Card | None) -> bool:
    return held is not None and not held.kind


def _mark_cards(txn: Transaction, where: int, ids: Sequence[bytes], secret: bytes) -> dict[bytes, list[Key]]:
    """The cards in people's own spaces that tell them of their marks on these cards."""
    m = mark.c
    given = select(m.card, m.who).where(m.space == where, m.card.in_(ids)).distinct()
    rows = txn.connection.execute(given).all()
    own_of = own_spaces_by_mark(txn, where, secret) if rows else {}
    found: dict[bytes, list[Key]] = {}
    for row in rows:
        if own := own_of.get(row.who):
            found.setdefault(row.card, []).append((own, mark_card_id(row.card)))
    return found


def _forget(txn: Transaction, where: int, ids: Sequence[bytes]) -> None:
    """Marks, photos and claim codes of cards that have gone, and the snapshot that may still show their words."""
    if ids:
        for table in (mark, photo, claim):
            txn.connection.execute(delete(table).where(table.c.space == where, table.c.card.in_(ids)))
        txn.connection.execute(delete(snapshot).where(snapshot.c.space == where))

"""Cards and spaces in one transaction: what is loaded, what changed, and how it goes back."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, cached_property, partial
from hashlib import sha256
from typing import NamedTuple

from msgspec import Raw, Struct, msgpack
from sqlalchemy import Insert, Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from server.db import Transaction, among
from server.store.trust import counts_from
from server.tables import card as card_table
from server.tables import space as space_table
from sync.cards import KINDS
from sync.laws import Cell
from sync.merge import Card, Talk
from sync.protocol import SUM_MODULUS, Frame, Row, encode

Key = tuple[int, bytes]  # space, card
Names = Collection[str] | None  # of fields that may have changed; nothing where it may be any


def mark_card_id(card: bytes) -> bytes:
    """The id of the card in one's own space that tells of one's marks on another: a UUIDv8 (RFC 9562).

    Nobody can post under such an id, nor learn by trying whether it is there.
    """
    id_ = bytearray(sha256(b"mark" + card).digest()[:16])
    id_[6] = 0x80 | id_[6] & 0x0F
    return bytes(id_)


class Body(Struct, array_like=True, gc=False):
    """How a card's cells lie in the database."""

    cells: dict[str, Cell]
    talk: Talk


_s, _c = space_table.c, card_table.c
LOCK_PLACES = (
    select(_s.id, _s.head, _s.floor, _s.logged, _s.count, _s.sum, _s.kind, _s.standing)
    .where(among(_s.id))
    .order_by(_s.id)
    .with_for_update()
)
LOAD_CARDS = select(_c.id, _c.seq, _c.kind, _c.by, _c.made, _c.log, _c.body, _c.gone).where(
    _c.space == bindparam("in_space"), among(_c.id)
)
SAVE_PLACE = (
    update(space_table)
    .where(space_table.c.id == bindparam("place"))
    .values({name: bindparam(name) for name in ("head", "logged", "count", "sum")})
)

decode_body = msgpack.Decoder(Body).decode


class Place:
    """A space's row while a transaction holds it."""

    __slots__ = ("_loaded", "count", "floor", "head", "id", "kind", "logged", "since", "standing", "sum")

    def __init__(self, row: Sequence[int], kind: str, standing: bool) -> None:
        self.id, self.head, self.floor, self.logged, self.count, self.sum = row
        self.since, self.kind, self.standing = self.head, kind, standing
        self._loaded = (self.head, self.logged)

    @property
    def is_changed(self) -> bool:
        """Whether anything has to go back."""
        return (self.head, self.logged) != self._loaded


class News(NamedTuple):
    """What changed in one space: the frame from the old head to the new one, encoded when somebody wants it."""

    space: int
    since: int
    upto: int
    frame: Callable[[], Raw]


class ServerCard(NamedTuple):
    """A card that the server writes itself; `fields` may name only some of its fields."""

    space: int
    id: bytes
    kind: str
    by: int | None
    made: int
    fields: Mapping[str, object]


class Desk:
    """The cards and spaces that one transaction works on; `save` writes what changed, in a handful of statements."""

    def __init__(self, txn: Transaction, now: int) -> None:
        self.txn, self.now = txn, now
        self.places: dict[int, Place] = {}
        self.cards: dict[Key, Card | None] = {}
        self.log_of: dict[Key, int] = {}  # the card's newest log row
        self.gone_since: dict[Key, int] = {}  # of hidden and of purged cards
        self._stored_seq: dict[Key, int] = {}  # of cards that count: not of purged ones
        self.changed: dict[Key, Names] = {}
        self.has_stubs = False  # whether one of the cards has moved away

    @cached_property
    def counts_from(self) -> int:
        """From when the days count of what is hidden or held now; looked up only where something is."""
        return counts_from(self.txn, self.now)

    def lock(self, spaces: Iterable[int]) -> None:
        """Load the spaces' rows, in order of their number; on PostgreSQL this is the lock that orders them."""
        wanted = sorted(set(spaces) - self.places.keys())
        for *numbers, kind, standing in self.txn.rows(LOCK_PLACES, (), wanted):
            self.places[numbers[0]] = Place(numbers, kind, bool(standing))

    def load(self, keys: Iterable[Key]) -> None:
        """Load cards by key; those that don't exist are known to be missing afterwards."""
        wanted = [k for k in dict.fromkeys(keys) if k not in self.cards]
        self.cards.update(dict.fromkeys(wanted))
        by_space: dict[int, list[bytes]] = {}
        for space, id_ in wanted:
            by_space.setdefault(space, []).append(id_)
        for space, ids in by_space.items():
            self._remember(space, self.txn.rows(LOAD_CARDS, (space,), ids))

    def _remember(
        self, space: int, rows: Iterable[tuple[bytes, int, str, int | None, int, int, bytes, int | None]]
    ) -> None:
        for id_, seq, kind, by, made, log, body, gone in rows:
            key = (space, id_)
            card = self.cards[key] = Card(kind, by, made)
            if kind:
                loaded = decode_body(body)
                card.cells, card.talk = loaded.cells, loaded.talk
                self.has_stubs |= "moved" in card.cells
                self._stored_seq[key] = seq
            card.seq = seq
            self.log_of[key] = log
            if gone is not None:
                self.gone_since[key] = gone

    def put(self, key: Key, card: Card, wrote: bool, names: Names = None) -> None:
        """Note that a card changed; if it `wrote` cells, the space's head moves to the card's seq.

        `names` has all the fields that this wrote, so that the frame need not look through the others.
        """
        self.cards[key] = card
        self.changed[key] = None if key in self.changed else names
        if wrote:
            self.places[key[0]].head = max(self.places[key[0]].head, card.seq)

    def write_cards(self, cards: Iterable[ServerCard]) -> None:
        """Write the server's own cards: each gets a seq if one of its fields changes."""
        cards = list(cards)
        self.lock(c.space for c in cards)
        self.load((c.space, c.id) for c in cards)
        for new in cards:
            held = self.cards[new.space, new.id]
            card = held if held and held.kind else Card(new.kind, new.by, new.made)
            seq = self.places[new.space].head + 1
            cells = {n: Cell(v, self.now, seq) for n, v in new.fields.items() if card.value(n) != v}
            if held and not held.kind:  # a device may know it as hidden, and not that it went for good
                cells["gone"] = Cell(None, self.now, seq)
            if cells:
                card.kind, card.seq = new.kind, seq
                if (
                    "gone" in cells and cells["gone"].value is None
                ):  # it comes back: devices have nothing else of it
                    card.cells = {n: Cell(c.value, c.at, seq, c.by) for n, c in card.cells.items()}
                card.cells.update(cells)
                self.put((new.space, new.id), card, wrote=True)

    def save(self) -> None:
        """Write changed cards and spaces, and tell what changed."""
        rows: list[tuple[object, ...]] = []
        by_space: dict[int, list[tuple[bytes, Card, Names]]] = {}
        for key, names in self.changed.items():
            card = self.cards[key]
            if card is not None:
                rows.append(self._row(key, card))
                by_space.setdefault(key[0], []).append((key[1], card, names))
        if rows:
            add_rows(self.txn, card_table, rows, ("space", "id"))
        self._save_places()
        for space, cards in by_space.items():
            place = self.places[space]
            if place.head > place.since:
                self.txn.tell(
                    News(space, place.since, place.head, partial(frame_of, place, place.since, cards))
                )

    def _row(self, key: Key, card: Card) -> tuple[object, ...]:
        """Count the card, and give its row."""
        place, stored, log = self.places[key[0]], self._stored_seq.get(key), self.log_of.get(key, 0)
        place.count += bool(card.kind) - (stored is not None)
        place.sum = (place.sum + (card.seq if card.kind else 0) - (stored or 0)) % SUM_MODULUS
        kind, cells = KINDS.get(card.kind), card.cells
        is_gone = not card.kind or ("gone" in cells and cells["gone"].value is not None)
        has_left = log > 0 and "moved" in cells  # its words still lie in the log here
        gone = self.gone_since.get(key) if is_gone or has_left else None
        if gone is None and (is_gone or has_left):
            gone = self.counts_from
        if not card.kind:
            return (*key, card.seq, "", card.by, card.made, log, b"", None, gone)
        hangs = card.value(kind.hangs_on) if kind and kind.hangs_on else None
        body = encode((cells, card.talk))
        return (*key, card.seq, card.kind, card.by, card.made, log, body, hangs, gone)

    def _save_places(self) -> None:
        changed = [p for p in self.places.values() if p.is_changed]
        if changed:
            self.txn.store(SAVE_PLACE, [(p.head, p.logged, p.count, p.sum, p.id) for p in changed])


def add_rows(
    txn: Transaction, table: Table, rows: Sequence[tuple[object, ...]], key: tuple[str, ...] = ()
) -> None:
    """Insert whole rows, in the order of the table's columns, as the driver takes them; with a key, replace."""
    txn.store(_add_row(txn.connection.dialect.name, table, key), rows)


@cache
def _add_row(dialect: str, table: Table, key: tuple[str, ...]) -> Insert:
    columns = tuple(column.name for column in table.columns)
    insert = _upsert(dialect, table, key, columns) if key else _insert(dialect, table)
    return insert.values({name: bindparam(name) for name in columns})


def upsert(
    txn: Transaction,
    table: Table,
    key: tuple[str, ...],
    rows: Sequence[Mapping[str, object]],
    only: tuple[str, ...] | None = None,
) -> None:
    """Insert rows, replacing all other columns of those whose key exists, or only some; one statement for all."""
    statement = _upsert(txn.connection.dialect.name, table, key, tuple(rows[0]), only)
    txn.connection.execute(statement, rows)


@cache
def _upsert(
    dialect: str,
    table: Table,
    key: tuple[str, ...],
    columns: tuple[str, ...],
    only: tuple[str, ...] | None = None,
) -> Insert:
    insert = _insert(dialect, table)
    replaced = columns if only is None else only
    others = {name: insert.excluded[name] for name in replaced if name not in key}
    if not others:
        return insert.on_conflict_do_nothing(index_elements=list(key))
    return insert.on_conflict_do_update(index_elements=list(key), set_=others)


def _insert(dialect: str, table: Table) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def fields_after(card: Card, since: int, names: Names = None) -> dict[str, object]:
    """The cells that a reader at this cursor has not seen; a hidden or moved card shows nothing but that.

    Only those in `names` may be newer.
    """
    cells = card.cells
    for cover in ("moved", "gone"):
        if cover in cells and cells[cover].value is not None:
            return {cover: cells[cover].value}
    if names is not None:
        return {name: cells[name].value for name in names if name in cells and cells[name].seq > since}
    if since == 0:
        return {name: cell.value for name, cell in cells.items()}
    return {name: cell.value for name, cell in cells.items() if cell.seq > since}


def frame_of(place: Place, since: int, cards: Iterable[tuple[bytes, Card, Names]]) -> Raw:
    """The space's frame from a cursor to its head, as bytes."""
    rows = [
        Row(id_, c.kind, c.seq, c.by, c.made, fields_after(c, since, names) if c.kind else {})
        for id_, c, names in cards
        if c.seq > since and (since or c.kind)
    ]
    return Raw(encode(Frame(place.id, since, place.head, rows, place.count, place.sum)))


def write_server_cards(txn: Transaction, cards: Iterable[ServerCard], now: int) -> None:
    """Write cards of the server's own making (persons, members, teams, goals) in one transaction."""
    desk = Desk(txn, now)
    desk.write_cards(cards)
    desk.save()

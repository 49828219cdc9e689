"""What the checks read behind the server's back, straight from the tables."""

from typing import NamedTuple

from sqlalchemy import select

from server.db import Transaction
from server.store.cards import decode_body
from server.tables import card, change, mark, quarantine, run, space
from sync.laws import Cell
from sync.protocol import Code, encode
from tests.fuzz.ledger import Key
from tests.property.phones import WORD, words


class Row(NamedTuple):
    """A card as it lies in its table."""

    key: Key
    seq: int
    kind: str
    by: int | None
    cells: dict[str, Cell]

    def value(self, field: str) -> object:
        """A field's value."""
        return self.cells[field].value if field in self.cells else None


class Tables(NamedTuple):
    """Everything in which words lie, and what counts them."""

    cards: list[Row]
    codes: dict[tuple[int, bytes], int]  # by person and change id
    history: set[bytes]
    quarantine: list[tuple[str, bytes]]  # reason, body
    marks: list[Key]
    places: list[tuple[int, int, int, int, int]]  # space, head, floor, count, sum


def heads(txn: Transaction) -> dict[int, int]:
    """How far each space has come."""
    return dict(txn.connection.execute(select(space.c.id, space.c.head)).all())


def moved_since(txn: Transaction, number: int, seq: int) -> dict[Key, Key]:
    """Which cards have left a space since a seq, and where they are."""
    query = select(card.c.id, card.c.body).where(card.c.space == number, card.c.seq > seq)
    found = {}
    for id_, body in txn.connection.execute(query):
        stub = decode_body(body).cells.get("moved")
        if stub:
            found[number, id_] = (stub.value[0], stub.value[1])
    return found


def empty_cards(txn: Transaction) -> set[Key]:
    """The cards that are gone for good."""
    query = select(card.c.space, card.c.id).where(card.c.kind == "")
    return {tuple(key) for key in txn.connection.execute(query)}


def hidden_cards(txn: Transaction) -> set[Key]:
    """The cards that retention may remove: hidden ones, what hangs on them, the marks on them, empty ones."""
    query = select(card.c.space, card.c.id, card.c.kind, card.c.body)
    cells = {
        (where, id_): decode_body(body).cells if kind else None
        for where, id_, kind, body in txn.connection.execute(query)
    }
    hidden = {key for key, held in cells.items() if held is None or _value(held, "gone") is not None}
    about = {id_ for _, id_ in hidden}
    return hidden | {key for key, held in cells.items() if held and _value(held, "on") in about}


def _value(cells: dict[str, Cell], field: str) -> object:
    return cells[field].value if field in cells else None


def words_on_cards(txn: Transaction) -> set[bytes]:
    """Every word that stands on a card."""
    return set().union(*map(WORD.findall, txn.connection.execute(select(card.c.body)).scalars()))


def words_logged(txn: Transaction) -> set[bytes]:
    """Every word of what landed that the log still has."""
    landed = select(change.c.body).where(change.c.body.is_not(None), change.c.code < Code.REFUSED)
    return set().union(*map(WORD.findall, txn.connection.execute(landed).scalars()))


def words_held(txn: Transaction) -> set[bytes]:
    """Every word that the server holds anywhere."""
    waiting = txn.connection.execute(select(quarantine.c.body)).scalars()
    return words_on_cards(txn).union(words_logged(txn), *map(WORD.findall, waiting))


def read_tables(txn: Transaction) -> Tables:
    """Read it all."""
    ask = txn.connection.execute
    c, k, s = change.c, card.c, space.c
    cards = [
        Row((where, id_), seq, kind, by, decode_body(body).cells if kind else {})
        for where, id_, seq, kind, by, body in ask(select(k.space, k.id, k.seq, k.kind, k.by, k.body))
    ]
    log = select(run.c.person, run.c.prefix, c.counter, c.code, c.body).join(run, run.c.id == c.run)
    codes: dict[tuple[int, bytes], int] = {}
    history: set[bytes] = set()
    for person, prefix, counter, code, body in ask(log):
        codes[person, bytes(prefix) + counter.to_bytes(4)] = code
        if body and code < Code.REFUSED:
            history.update(WORD.findall(body))
    held = [(reason, body) for reason, body in ask(select(quarantine.c.reason, quarantine.c.body))]
    marks = ask(select(mark.c.space, mark.c.card).where(mark.c.value, mark.c.field == "same_here"))
    places = ask(select(s.id, s.head, s.floor, s.count, s.sum)).all()
    return Tables(cards, codes, history, held, [tuple(m) for m in marks], [tuple(p) for p in places])


def shown_on(row: Row) -> list[bytes]:
    """The words on a card, forks included; a word twice if it stands there twice."""
    return WORD.findall(encode([cell.value for cell in row.cells.values()]))


def words_of(bodies: list[bytes]) -> set[bytes]:
    """The words in several bodies."""
    return set().union(*map(words, bodies))

"""Statements on spaces and on what names the installation."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import Table, delete, func, insert, select, update

from server.db import Transaction
from server.tables import card, meta, space

LANGUAGES = ("fi", "sv", "en")
GAP = 10_000  # more numbers than are given out between two backups

Names = Mapping[str, str]


class Space(Struct, frozen=True):
    """A space: `kind` is team, area, org or own; `parent` is the space above."""

    id: int
    kind: str
    names: Names
    parent: int | None


def leap(txn: Transaction, table: Table, far: int) -> None:
    """Leave a gap before the next number of a table, at least so many numbers wide."""
    last = far + txn.connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    if txn.connection.dialect.name != "sqlite":
        sequence = func.pg_get_serial_sequence(table.name, "id")
        txn.connection.execute(select(func.setval(sequence, last + GAP)))
    else:
        set_meta(txn, f"next {table.name}", (last + GAP).to_bytes(4))


def next_number(txn: Transaction, table: Table) -> dict[str, int]:
    """The number of a table's next row, where it isn't the usual one."""
    key = f"next {table.name}"
    number = meta_of(txn, key)
    if number is None:
        return {}
    txn.connection.execute(delete(meta).where(meta.c.key == key))
    return {"id": int.from_bytes(number)}


def add_space(txn: Transaction, kind: str, names: Names, parent: int | None = None) -> int:
    """Make a space; gives its number."""
    values = {"kind": kind, "name": msgspec.msgpack.encode(dict(names)), "parent": parent}
    made = insert(space).values(values | next_number(txn, space)).returning(space.c.id)
    return int(txn.connection.execute(made).scalar_one())


def rename_space(txn: Transaction, number: int, names: Names) -> None:
    """Give a space its name in each language."""
    named = msgspec.msgpack.encode(dict(names))
    txn.connection.execute(update(space).where(space.c.id == number).values(name=named))


def put_under(txn: Transaction, number: int, above: int) -> None:
    """Put a space under another one."""
    txn.connection.execute(update(space).where(space.c.id == number).values(parent=above))


def spaces(txn: Transaction, kinds: Sequence[str]) -> list[Space]:
    """All spaces of some kinds, oldest first."""
    query = select(space.c.id, space.c.kind, space.c.name, space.c.parent)
    rows = txn.connection.execute(query.where(space.c.kind.in_(kinds)).order_by(space.c.id))
    return [Space(row.id, row.kind, decode_names(row.name), row.parent) for row in rows]


def space_of(txn: Transaction, number: int) -> Space | None:
    """One space, or nothing."""
    query = select(space.c.id, space.c.kind, space.c.name, space.c.parent).where(space.c.id == number)
    row = txn.connection.execute(query).one_or_none()
    return None if row is None else Space(row.id, row.kind, decode_names(row.name), row.parent)


def lock_space(txn: Transaction, number: int) -> None:
    """Until this transaction ends, nobody else changes a space or who is in it."""
    txn.connection.execute(select(space.c.id).where(space.c.id == number).with_for_update())


def spaces_above(txn: Transaction, number: int) -> list[Space]:
    """A space, the one above it, and so on to the organisation."""
    above, found = [], space_of(txn, number)
    while found is not None:
        above.append(found)
        found = space_of(txn, found.parent) if found.parent is not None else None
    return above


def set_standing(txn: Transaction, number: int, standing: bool) -> None:
    """Let a team start quick deeds by itself, or not."""
    txn.connection.execute(update(space).where(space.c.id == number).values(standing=standing))


def shown_by(txn: Transaction, where: int, kind: str, person: int) -> list[bytes]:
    """The ids of the cards of a kind that a person has made in a space and that aren't hidden."""
    c = card.c
    query = select(c.id).where(c.space == where, c.kind == kind, c.by == person, c.gone.is_(None))
    return list(txn.connection.execute(query).scalars())


def spaces_holding(txn: Transaction, card_id: bytes) -> list[int]:
    """The spaces in which a card of the server's own making lies."""
    in_any = space.c.kind.in_(("team", "area", "org", "own"))
    there = (card.c.space == space.c.id) & (card.c.id == card_id) & (card.c.kind != "")
    rows = txn.connection.execute(select(space.c.id).join(card, there).where(in_any).order_by(space.c.id))
    return [row.id for row in rows]


def count_spaces(txn: Transaction) -> int:
    """How many spaces there are but the own ones."""
    return int(txn.connection.execute(select(func.count()).where(space.c.kind != "own")).scalar_one())


def decode_names(stored: bytes) -> dict[str, str]:
    """A space's name in each language, as stored."""
    return msgspec.msgpack.decode(stored, type=dict[str, str])


def name_in(names: Names, lang: str) -> str:
    """A name in the wanted language, or in the first that has one.

    >>> name_in({"fi": "Koivu"}, "sv")
    'Koivu'
    """
    return names.get(lang) or next((names[other] for other in LANGUAGES if names.get(other)), "")


def meta_of(txn: Transaction, key: str) -> bytes | None:
    """What the installation remembers under a key."""
    return txn.connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar_one_or_none()


def set_meta(txn: Transaction, key: str, value: bytes) -> None:
    """Remember something for the whole installation."""
    changed = txn.connection.execute(update(meta).where(meta.c.key == key).values(value=value))
    if not changed.rowcount:
        txn.connection.execute(insert(meta).values(key=key, value=value))


def drop_meta(txn: Transaction, key: str) -> None:
    """Remember it no more."""
    txn.connection.execute(delete(meta).where(meta.c.key == key))


def touch_meta(txn: Transaction) -> None:
    """Write something that changes nothing: fails where the database can't be written."""
    txn.connection.execute(update(meta).values(value=meta.c.value))

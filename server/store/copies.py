"""Statements that take a whole installation from one database to another, page by page."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, msgpack
from sqlalchemy import Table as Table
from sqlalchemy import delete, func, insert, literal, select, tuple_, update

from server.db import Transaction
from server.store.cards import add_rows
from server.store.spaces import meta_of, set_meta
from server.tables import (
    audit,
    device,
    invitation,
    meta,
    metadata,
    notice,
    person,
    quarantine,
    run,
    space,
    subscription,
)

COPYING = "copying"
# By the database.
NUMBERED = (space, person, device, invitation, run, quarantine, audit, notice, subscription)
TABLES = tuple(table for table in metadata.sorted_tables if table is not meta)  # those referred to come first

Values = tuple[object, ...]


class Copying(Struct):
    """How far a copy has come: `after` holds the last key of each table that was begun."""

    epoch: bytes
    after: dict[str, list[object]] = {}


def copying(txn: Transaction) -> Copying | None:
    """The unfinished copy in this database."""
    stored = meta_of(txn, COPYING)
    return None if stored is None else msgpack.decode(stored, type=Copying)


def page(txn: Transaction, table: Table, after: Sequence[object], size: int) -> list[Values]:
    """The next rows of a table in the order of its key, each with all columns in the table's order."""
    key = list(table.primary_key)
    query = select(table).order_by(*key).limit(size)
    if after:
        last = (literal(value, column.type) for column, value in zip(key, after, strict=True))
        query = query.where(tuple_(*key) > tuple_(*last))
    return [tuple(row) for row in txn.connection.execute(query)]


def key_of(table: Table, row: Values) -> list[object]:
    """The key of a row."""
    return [value for column, value in zip(table.columns, row, strict=True) if column.primary_key]


def count(txn: Transaction, table: Table) -> int:
    """How many rows a table has."""
    return txn.connection.execute(select(func.count()).select_from(table)).scalar_one()


def put_page(txn: Transaction, table: Table, rows: Sequence[Values], state: Copying) -> None:
    """Add rows and note how far the copy has come, both or neither."""
    if rows:
        add_rows(txn, table, [_without_parent(table, row) for row in rows])
    set_meta(txn, COPYING, msgpack.encode(state))


def _without_parent(table: Table, row: Values) -> Values:
    """A space may be older than the one above it, which must exist before it can be named."""
    if table is not space:
        return row
    return tuple(
        None if column is space.c.parent else value for column, value in zip(table.columns, row, strict=True)
    )


def parents(txn: Transaction) -> dict[int, int]:
    """The spaces that stand below another."""
    s = space.c
    rows = txn.connection.execute(select(s.id, s.parent).where(s.parent.is_not(None)))
    return {row.id: row.parent for row in rows}


def set_parents(txn: Transaction, above: Mapping[int, int]) -> None:
    """Put the spaces below others again."""
    for child, parent in above.items():
        txn.connection.execute(update(space).where(space.c.id == child).values(parent=parent))


def all_meta(txn: Transaction) -> dict[str, bytes]:
    """What the installation knows of itself."""
    return {row.key: row.value for row in txn.connection.execute(select(meta))}


def finish(txn: Transaction, known: Mapping[str, bytes]) -> None:
    """Make the copy an installation: it gets its epoch, and new numbers go on above the old ones."""
    txn.connection.execute(delete(meta).where(meta.c.key == COPYING))
    txn.connection.execute(
        insert(meta),
        [{"key": key, "value": value} for key, value in known.items() if not key.startswith("next ")],
    )
    for table in NUMBERED if txn.connection.dialect.name == "postgresql" else ():
        highest = txn.connection.execute(select(func.max(table.c.id))).scalar_one() or 0
        if last := max(highest, _last_given(known, table.name)):
            counter = func.pg_get_serial_sequence(table.name, "id")
            txn.connection.execute(select(func.setval(counter, last)))


def _last_given(known: Mapping[str, bytes], table: str) -> int:
    """Numbers up to here belong to an earlier life of the database (docs/decisions/0014)."""
    following = known.get(f"next {table}")
    return int.from_bytes(following) - 1 if following else 0

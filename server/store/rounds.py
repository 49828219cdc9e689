"""Which spaces have something for retention to do; asked while others write."""

from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, select

from server.db import Transaction
from server.store import purge, retention
from server.store.people import DAY_MS
from server.store.retention import Batch, Pace
from server.tables import card, change

Task = Callable[[Transaction, int, int, Pace], Batch]  # in this space, at this time
# Rows are cut before others are counted, so that a round lies between the two.
TASKS: dict[str, Task] = {
    "bodies": retention.blank_log,
    "rows": retention.cut_log,
    "counted": retention.count_log,
    "empty rows": purge.raise_floor,
}
HIDDEN = "hidden cards"  # and thanks of old; the task needs the secret


def due(txn: Transaction, spaces: Sequence[int], now: int) -> list[tuple[int, str]]:
    """The tasks that have something to do, space by space."""
    return [(where, name) for where in spaces for name in _due_in(txn, where, now)]


def _due_in(txn: Transaction, where: int, now: int) -> list[str]:
    counted = retention.reached(txn, where, "log")
    bodies_before, rows_before = (now - days * DAY_MS for days in (retention.BODY_DAYS, retention.LOG_DAYS))
    hidden = (card.c.kind != "") & (card.c.gone < now - purge.HIDDEN_DAYS * DAY_MS)
    empty = (card.c.kind == "") & (card.c.gone < now - purge.EMPTY_DAYS * DAY_MS)
    has = {
        "bodies": retention.is_aged(txn, where, retention.reached(txn, where, "bodies"), bodies_before),
        "rows": _has(txn, (change.c.space == where) & (change.c.n <= counted)),
        "counted": retention.is_aged(txn, where, counted, rows_before),
        "empty rows": _has(txn, (card.c.space == where) & empty),
        HIDDEN: _has(txn, (card.c.space == where) & hidden) or _has(txn, purge.aged_thanks(where, now)),
    }
    return [name for name, is_due in has.items() if is_due]


def _has(txn: Transaction, where: ColumnElement[bool]) -> bool:
    return txn.connection.execute(select(1).where(where).limit(1)).first() is not None

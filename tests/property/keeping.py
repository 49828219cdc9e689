"""A round of retention over a town, and what it is allowed to remove: the model's own reading of the rules."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from sqlalchemy import select

from server.db import Transaction
from server.store import retention
from server.store.purge import purge, raise_floor
from server.store.retention import Batch, Pace
from server.tables import card as card_table
from server.tables import change as change_table
from tests.changes import DAY, NOW
from tests.property.phones import Ledger, kept_by, values_of, words
from tests.town import SECRET, Town

HIDDEN_FOR, BODIES_FOR, ROWS_FOR = 30 * DAY, 400 * DAY, 775 * DAY
TASKS: tuple[Callable[..., Batch], ...] = (
    retention.blank_log,
    retention.cut_log,
    retention.count_log,
    partial(purge, secret=SECRET),
    raise_floor,
)


class Going(NamedTuple):
    """What time may take now: cards that were hidden for long and what hangs on them, and words."""

    cards: set[tuple[int, bytes]]
    words: set[bytes]


def going(town: Town) -> Going:
    """Read what is old enough to go."""
    return town.db.write(_going, town.now)


def _going(txn: Transaction, now: int) -> Going:
    c, log, run = card_table.c, change_table.c, txn.connection.execute
    hidden = run(select(c.space, c.id).where(c.gone < now - HIDDEN_FOR, c.kind != "")).all()
    keys = {(row.space, row.id) for row in hidden}
    for space, id_, on in run(select(c.space, c.id, c.hangs).where(c.hangs.is_not(None))).all():
        if (space, on) in keys:
            keys.add((space, id_))
    found: set[bytes] = set()
    for space, id_, newest, body in run(select(c.space, c.id, c.log, c.body)).all():
        if (space, id_) in keys:
            found |= words(values_of(body)) | _history(txn, space, newest)
    old = select(log.body).where(log.body.is_not(None), log.at + log.lag < now - BODIES_FOR)
    return Going(keys, found.union(*map(words, run(old).scalars())))


def _history(txn: Transaction, space: int, n: int) -> set[bytes]:
    log, found = change_table.c, set()
    while n:
        row = txn.connection.execute(
            select(log.body, log.prev).where(log.space == space, log.n == n)
        ).one_or_none()
        if row is None:
            break
        found |= words(row.body or b"")
        n = row.prev
    return found


def tend(town: Town, ledger: Ledger, most: int, batches: int, fuse: int | None) -> None:
    """So many small batches of every task; what goes has to be old, and the quarantine loses nothing."""
    before, may_go = kept_by(town), going(town)
    town.db.fuse = fuse
    try:
        for where in sorted(town.spaces.values()):
            for task in TASKS:
                for _ in range(batches):
                    if town.db.write(task, where, town.now, Pace(most, lambda: False)).is_done:
                        break
    finally:
        town.db.kill()
        after = kept_by(town)
        hidden = set(before.shown) - set(after.shown)
        gone = (hidden | before.history) - after.history - set(after.shown)
        assert gone | hidden <= may_go.words, f"gone too early: {(gone | hidden) - may_go.words}"
        assert before.quarantine == after.quarantine, "the quarantine lost something"
        ledger.let_go |= gone
        ledger.hidden_away |= hidden
        ledger.purged |= may_go.cards
        ledger.is_log_cut |= town.now - NOW > ROWS_FOR

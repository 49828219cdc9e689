"""Advisory locks: what several processes on one PostgreSQL must not do at the same time. SQLite has one process."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, Integer, bindparam, column, func, literal_column, select

from server.db import Transaction

RUNS = literal_column("1", Integer)  # the first half of a lock; the second is a person, and here a space
SNAPSHOTS = literal_column("2", Integer)
PUSHES = literal_column("3", Integer)

_person = column("person", Integer)
TAKE_TURNS = select(func.pg_advisory_xact_lock(RUNS, _person)).select_from(
    func.unnest(bindparam("persons", type_=ARRAY(Integer))).alias("person")
)
_space = bindparam("space", type_=Integer)
CLAIM = select(func.pg_try_advisory_lock(SNAPSHOTS, _space))
TAKE_PUSHES = select(func.pg_try_advisory_xact_lock(PUSHES, literal_column("0", Integer)))
LET_GO = select(func.pg_advisory_unlock(SNAPSHOTS, _space))


def take_turns(txn: Transaction, persons: Sequence[int]) -> None:
    """Until this transaction ends, nobody else makes runs for these persons; `persons` in order of their number."""
    txn.rows(TAKE_TURNS, (list(persons),))


def claim_snapshot(txn: Transaction, space: int) -> bool:
    """Whether this process may make a space's snapshot now; it then says `let_go_of_snapshot`, or ends."""
    return not txn.is_shared or bool(txn.rows(CLAIM, (space,))[0][0])


def let_go_of_snapshot(txn: Transaction, space: int) -> None:
    """Others may make it again."""
    if txn.is_shared:
        txn.rows(LET_GO, (space,))


def take_pushes(txn: Transaction) -> bool:
    """Whether this transaction may choose whom to wake: no other one does at this moment."""
    return not txn.is_shared or bool(txn.rows(TAKE_PUSHES, ())[0][0])

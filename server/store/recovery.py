"""Statements on recovery codes."""

from collections.abc import Sequence

from sqlalchemy import delete, func, insert, select, update

from server.db import Transaction
from server.tables import person, recovery_code


def put_codes(txn: Transaction, owner: int, hashes: Sequence[bytes]) -> None:
    """Store a person's codes by their keyed hashes, in place of all that were there."""
    txn.connection.execute(delete(recovery_code).where(recovery_code.c.person == owner))
    rows = [{"person": owner, "code_hash": one} for one in hashes]
    txn.connection.execute(insert(recovery_code), rows)


def owner_of(txn: Transaction, code_hash: bytes) -> tuple[int, str] | None:
    """Whose unused code this is, of those who have not left: number and name."""
    r = recovery_code.c
    query = select(person.c.id, person.c.name).join(recovery_code, r.person == person.c.id)
    good = query.where(r.code_hash == code_hash, r.used_at.is_(None), person.c.left_at.is_(None))
    row = txn.connection.execute(good).one_or_none()
    return None if row is None else (row.id, row.name)


def use_code(txn: Transaction, owner: int, code_hash: bytes, now: int) -> bool:
    """Use up a person's code; false where it isn't theirs or was used before."""
    r = recovery_code.c
    mine = (r.person == owner) & (r.code_hash == code_hash) & r.used_at.is_(None)
    return bool(txn.connection.execute(update(recovery_code).where(mine).values(used_at=now)).rowcount)


def codes_left(txn: Transaction, owner: int) -> int:
    """How many codes a person has not used."""
    mine = (recovery_code.c.person == owner) & recovery_code.c.used_at.is_(None)
    return txn.connection.execute(select(func.count()).select_from(recovery_code).where(mine)).scalar_one()

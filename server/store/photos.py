"""Statements on who may see a photo."""

from sqlalchemy import select

from server.db import Transaction
from server.tables import grants, photo


def may_see(txn: Transaction, person: int, sha: bytes) -> bool:
    """Whether a person may read a space with a card that names this photo."""
    readable = (grants.c.space == photo.c.space) & (grants.c.person == person) & grants.c.until.is_(None)
    query = (
        select(photo.c.space).join(grants, readable & (grants.c.role != "admin")).where(photo.c.sha == sha)
    )
    return txn.connection.execute(query.limit(1)).first() is not None

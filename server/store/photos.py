"""Statements on who may see a photo."""

from sqlalchemy import select

from server.db import Transaction
from server.store.cards import decode_body
from server.tables import card, grants, photo


def may_see(txn: Transaction, person: int, sha: bytes) -> bool:
    """Whether a person may read a card that names this photo; a hidden or moved card shows none."""
    readable = (grants.c.space == photo.c.space) & (grants.c.person == person) & grants.c.until.is_(None)
    named = (card.c.space == photo.c.space) & (card.c.id == photo.c.card) & (card.c.kind != "")
    query = select(card.c.body).join(photo, named).join(grants, readable & (grants.c.role != "admin"))
    bodies = txn.connection.execute(query.where(photo.c.sha == sha)).scalars()
    return any(_shows(body, f"photos/{sha.hex()}") for body in bodies)


def _shows(body: bytes, field: str) -> bool:
    values = {name: cell.value for name, cell in decode_body(body).cells.items()}
    return values.get(field) is not None and values.get("gone") is None and values.get("moved") is None

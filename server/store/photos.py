"""Statements on photos: who may see one, and which nobody refers to any more."""

import re
from collections.abc import Sequence

from sqlalchemy import delete, select, tuple_, update

from server.db import Transaction
from server.store.cards import decode_body
from server.store.people import DAY_MS
from server.store.retention import CHUNK, Batch
from server.tables import card, grants, photo, quarantine

UNUSED_DAYS = 30  # a photo that was taken off may be put back by somebody who hasn't seen that
Named = tuple[int, bytes, bytes]  # space, SHA-256, card
START: Named = (0, b"", b"")
IN_CHANGE = re.compile(rb"photos/([0-9a-f]{64})")


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


def sweep(txn: Transaction, after: Named, now: int) -> tuple[Batch, Named]:
    """Look at the next few photos of cards: forget those that their card has not named for 30 days.

    A hidden card still names its photos. Gives where to go on.
    """
    p = photo.c
    key = tuple_(p.space, p.sha, p.card)
    held = (card.c.space == p.space) & (card.c.id == p.card)
    query = select(p.space, p.sha, p.card, p.unused_since, card.c.kind, card.c.body)
    query = query.join(card, held, isouter=True).where(key > tuple_(*after)).order_by(p.space, p.sha, p.card)
    rows = txn.connection.execute(query.limit(CHUNK)).all()
    touched = 0
    for space, sha, id_, since, kind, body in rows:
        here = (p.space == space) & (p.sha == sha) & (p.card == id_)
        is_named = bool(kind) and _names(body, f"photos/{sha.hex()}")
        if not is_named and since is not None and since < now - UNUSED_DAYS * DAY_MS:
            txn.connection.execute(delete(photo).where(here))
        elif is_named == (since is None):
            continue
        else:
            txn.connection.execute(update(photo).where(here).values(unused_since=None if is_named else now))
        touched += 1
    last: Named = (rows[-1].space, rows[-1].sha, rows[-1].card) if rows else after
    return Batch(touched, len(rows) < CHUNK), last


def _names(body: bytes, field: str) -> bool:
    cell = decode_body(body).cells.get(field)
    return cell is not None and cell.value is not None


def unnamed(txn: Transaction, shas: Sequence[bytes]) -> set[bytes]:
    """Those of these photos that no card refers to."""
    named = txn.connection.execute(select(photo.c.sha).where(photo.c.sha.in_(shas))).scalars()
    return set(shas) - set(named)


def named_in_quarantine(txn: Transaction, after: int) -> tuple[set[bytes], int]:
    """The photos that the next few held changes name, and the last one's number; the same when there are no more."""
    q = quarantine.c
    query = select(q.id, q.body).where(q.id > after).order_by(q.id).limit(CHUNK)
    rows = txn.connection.execute(query).all()
    named = {bytes.fromhex(name.decode()) for row in rows for name in IN_CHANGE.findall(row.body)}
    return named, rows[-1].id if rows else after

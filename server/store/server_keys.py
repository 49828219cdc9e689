"""Statements on the server's keys: public halves and states; what opens lies elsewhere (D-65)."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct
from sqlalchemy import insert, select, update

from server.db import Transaction
from server.store.audit import Event, note
from server.tables import server_key

State = Literal["prepared", "active", "retired", "destroyed"]


class KeyRow(Struct, frozen=True):
    """A key of the server's; `since`: when it came into its state, `kept_at`: when a verified backup first held it."""

    kid: bytes
    public: bytes
    state: State
    since: int
    kept_at: int | None


def keys(txn: Transaction) -> list[KeyRow]:
    """All keys that are not destroyed, those that came into their state first before the others."""
    k = server_key.c
    query = select(k.kid, k.public, k.state, k.since, k.kept_at).where(k.state != "destroyed")
    return [KeyRow(*row) for row in txn.connection.execute(query.order_by(k.since, k.kid))]


def add_key(txn: Transaction, kid: bytes, public: bytes, now: int) -> State | None:
    """Take up a new key: the first one is active at once, the next is prepared. Nothing while one is prepared."""
    states = {key.state for key in keys(txn)}
    if "prepared" in states:
        return None
    state: State = "prepared" if "active" in states else "active"
    txn.connection.execute(insert(server_key).values(kid=kid, public=public, state=state, since=now))
    note(txn, Event("key_changed", detail={"kid": kid.hex(), "state": state}), now)
    return state


def set_state(txn: Transaction, kid: bytes, state: State, now: int) -> None:
    """A key comes into another state."""
    changed = update(server_key).where(server_key.c.kid == kid, server_key.c.state != state)
    if txn.connection.execute(changed.values(state=state, since=now)).rowcount:
        note(txn, Event("key_changed", detail={"kid": kid.hex(), "state": state}), now)


def note_kept(txn: Transaction, kids: Iterable[bytes], now: int) -> None:
    """A verified backup holds the private halves of these."""
    k = server_key.c
    kept = update(server_key).where(k.kid.in_(list(kids)), k.kept_at.is_(None))
    txn.connection.execute(kept.values(kept_at=now))

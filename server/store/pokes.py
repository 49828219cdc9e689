"""What processes on one PostgreSQL tell each other, and how one sees what it missed (docs/decisions/0013).

A poke has no content: persons whose grants changed, and spaces with their heads. Each change of any grant gives the
installation a new stamp. Whoever has followed all stamps knows all grants; whoever has not has to look.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Raw, Struct
from sqlalchemy import Text, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert

from server.db import CHANNEL, Transaction, among
from server.store.cards import News
from server.store.frames import frames_after
from server.store.people import Regranted
from server.tables import device, meta, person, session, space

STAMP = "grants"  # its key in `meta`
MOST_HEADS = 300  # in one poke, which PostgreSQL limits to 8,000 bytes


class Stamped(NamedTuple):
    """Told last by a transaction that told anything: the stamp that it found, and the one that it left."""

    was: str
    now: str


class Poke(Struct, array_like=True):
    """What one transaction says; `was` is the stamp that it replaced, nothing where it left it as it was."""

    persons: list[int]
    heads: list[tuple[int, int]]  # space, head
    was: str | None


class Seen(NamedTuple):
    """One look at one state of the database: the stamp, the sessions asked for, frames, and spaces that are too far."""

    stamp: str
    sessions: Mapping[bytes, int]  # those that live, with the person's grants version
    frames: Mapping[int, Raw]
    far: Sequence[int]


_value = select(func.convert_from(meta.c.value, literal_column("'UTF8'"))).where(
    meta.c.key == literal_column(f"'{STAMP}'")
)
_stamp = func.coalesce(_value.scalar_subquery(), literal_column("''"))
STAMP_NOW = select(_stamp)
STAMP_LOCKED = _value.with_for_update()
SAY = select(func.pg_notify(literal_column(f"'{CHANNEL}'"), bindparam("said", type_=Text) + _stamp), _stamp)
_new = func.convert_to(cast(func.pg_current_xact_id(), Text), literal_column("'UTF8'"))
RESTAMP = (
    insert(meta)
    .values(key=STAMP, value=_new)
    .on_conflict_do_update(index_elements=["key"], set_={"value": _new})
)
SESSIONS = (
    select(session.c.token_hash, person.c.grants_version)
    .join(person, person.c.id == session.c.person)
    .join(device, device.c.id == session.c.device)
    .where(session.c.ended_at.is_(None), person.c.left_at.is_(None), device.c.revoked_at.is_(None))
    .where(among(session.c.token_hash))
)
HEADS = select(space.c.id, space.c.head).where(among(space.c.id))


def announce(txn: Transaction) -> None:
    """Say what this transaction told. Its last statements, so that nobody waits long for the stamp's row."""
    persons = sorted({told.person for told in txn.told if isinstance(told, Regranted)})
    heads = [(told.space, told.upto) for told in txn.told if isinstance(told, News)]
    was: str | None = None
    if persons:
        was = next((row[0] for row in txn.rows(STAMP_LOCKED, ())), "")
        txn.connection.execute(RESTAMP)
    now = _say(txn, Poke(persons, heads[:MOST_HEADS], was))
    for start in range(MOST_HEADS, len(heads), MOST_HEADS):
        _say(txn, Poke([], heads[start : start + MOST_HEADS], None))
    txn.tell(Stamped(now if was is None else was, now))


def _say(txn: Transaction, poke: Poke) -> str:
    return str(txn.rows(SAY, (msgspec.json.encode(poke).decode() + "\n",))[0][1])


def understand(said: str) -> tuple[Poke, Stamped]:
    """What a poke says, and the stamps around it."""
    packed, _, now = said.partition("\n")
    poke = msgspec.json.decode(packed, type=Poke)
    return poke, Stamped(now if poke.was is None else poke.was, now)


def look(txn: Transaction, tokens: Sequence[bytes], cursors: Mapping[int, int]) -> Seen:
    """The stamp, the live ones of these sessions (by the hash of their token), and frames after these cursors."""
    sessions = dict(txn.rows(SESSIONS, (), tokens)) if tokens else {}
    frames, far = frames_after(txn, cursors) if cursors else ({}, [])
    return Seen(txn.rows(STAMP_NOW, ())[0][0], sessions, frames, far)


def heads_of(txn: Transaction, spaces: Iterable[int]) -> dict[int, int]:
    """The heads of these spaces."""
    return dict(txn.rows(HEADS, (), sorted(spaces)))

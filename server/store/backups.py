"""Statements on the backups that were verified: what they hold is stable (docs/protocol.md section 6)."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, func, select, update

from server.db import Transaction
from server.store.spaces import drop_meta, leap, meta_of, set_meta
from server.tables import person, space

LAST = "backup"
SET_BACK = "set back"
MOVED = "moved"  # everything was copied to another database, which goes on in this one's epoch
LEAP = 100_000  # more than grants of one person change
NOTE_HEAD = (
    update(space)
    .where(space.c.id == bindparam("in_space"), func.coalesce(space.c.stable, -1) < bindparam("upto"))
    .values(stable=bindparam("upto"))
)


class Backup(Struct, frozen=True):
    """A backup that was verified: when what it holds was copied (ms), when it was verified, its size in bytes."""

    at: int
    verified_at: int
    bytes: int


def note_heads(txn: Transaction, heads: Sequence[tuple[int, int]]) -> None:
    """A verified backup holds these spaces up to these seqs."""
    txn.connection.execute(NOTE_HEAD, [{"in_space": number, "upto": head} for number, head in heads])


def note_backup(txn: Transaction, backup: Backup) -> None:
    """Remember the last verified backup."""
    set_meta(txn, LAST, msgspec.msgpack.encode(backup))


def last_backup(txn: Transaction) -> Backup | None:
    """The last verified backup; nothing where there is none."""
    stored = meta_of(txn, LAST)
    return msgspec.msgpack.decode(stored, type=Backup) if stored is not None else None


def begin_anew(txn: Transaction, epoch: bytes, taken: Backup | None = None) -> None:
    """Make what a backup held a new life: nothing that devices remember of the old one is taken for something new.

    Devices know an epoch by its name and grants by their version. Numbers of spaces and persons that were given out
    after the backup was made are not given to others; nor those of another life that began from the same backup.
    Without a backup, of a database that was set back or moved away, what was stable stays so.
    """
    far = int.from_bytes(epoch[-3:])  # drawn by chance, as the epoch is
    set_meta(txn, "epoch", epoch)
    for key in (SET_BACK, MOVED):
        drop_meta(txn, key)
    txn.connection.execute(update(person).values(grants_version=person.c.grants_version + LEAP + far))
    if taken is not None:
        txn.connection.execute(update(space).values(stable=space.c.head))
        set_meta(txn, LAST, msgspec.msgpack.encode(taken))
    for table in (space, person):
        leap(txn, table, far)


def note_set_back(txn: Transaction, now: int) -> None:
    """A device has seen more than the database holds: it is not what it was, and nobody has begun a new life."""
    set_meta(txn, SET_BACK, now.to_bytes(8))


def set_back_at(txn: Transaction) -> int | None:
    """When a device was last found to have seen more than there is (ms)."""
    stored = meta_of(txn, SET_BACK)
    return int.from_bytes(stored) if stored is not None else None


def stable_of(txn: Transaction, asked: Iterable[int], readable: Mapping[int, object]) -> dict[int, int]:
    """The seqs up to which a verified backup has the asked spaces: 0 where it has nothing, or may not be told (P6).

    Empty where nothing is asked for or no backup was ever verified: devices then keep their echo by its age.
    """
    numbers = list(asked)
    if not numbers or meta_of(txn, LAST) is None:
        return {}
    query = select(space.c.id, space.c.stable).where(space.c.id.in_(list(readable)))
    held = {number: stable for number, stable in txn.connection.execute(query) if stable is not None}
    return {number: held.get(number, 0) for number in numbers}

"""`virtaamo copy`: an installation on SQLite goes to PostgreSQL, and is checked there row by row.

Each page is added in one transaction with the note of how far the copy has come, so that one that was cut short goes
on where it stopped. The new database gets its epoch last: until then no server takes it for an installation.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from hashlib import blake2b

from msgspec import Struct

from server.db import Database
from server.refusals import Stop
from server.store import copies
from server.store.backups import MOVED
from server.store.copies import COPYING, Copying, Table, Values
from server.store.spaces import set_meta
from sync.protocol import encode

PAGE = 2_000
SUM_BYTES = 8

Say = Callable[[str], None]


class Copied(Struct):
    """What was copied: rows by table, and how many spaces were compared."""

    rows: dict[str, int]
    spaces: int


async def copy(source: Database, target: Database, say: Say) -> Copied:
    """Copy everything and compare; Stop where the target holds something else or differs afterwards."""
    known = await source.read(copies.all_meta)
    state = await _begun(target, known["epoch"])
    for table in copies.TABLES:
        await _copy_table(source, target, table, state, say)
    await target.write(copies.set_parents, await source.read(copies.parents))
    rows, spaces = {}, set[object]()
    for table in copies.TABLES:
        say(f"checking {table.name}")
        here, there = await _sums(source, table), await _sums(target, table)
        if different := [
            space for space in here.keys() | there.keys() if here.get(space) != there.get(space)
        ]:
            raise Stop(_differs(table, different))
        rows[table.name] = sum(number for number, _ in here.values())
        spaces |= here.keys() - {0}
    # From here on it is there that words are kept: a server on the old database would go on in the same epoch.
    await source.write(set_meta, MOVED, b"")
    left_out = {COPYING, MOVED}
    await target.write(copies.finish, {key: value for key, value in known.items() if key not in left_out})
    return Copied(rows, len(spaces))


def _differs(table: Table, spaces: list[object]) -> str:
    named = ", ".join(str(space) for space in sorted(map(int, map(str, spaces)))[:10])
    return f"The copy of {table.name} differs in the spaces {named}: empty the new database and copy again."


async def _begun(target: Database, epoch: bytes) -> Copying:
    known = await target.read(copies.all_meta)
    if "epoch" in known:
        same = known["epoch"] == epoch
        what = "this installation already" if same else "another installation"
        raise Stop(f"The new database holds {what}: nothing was copied.")
    state = await target.read(copies.copying)
    if state is not None and state.epoch != epoch:
        raise Stop("The new database holds the unfinished copy of another installation: nothing was copied.")
    return state or Copying(epoch)


async def _copy_table(source: Database, target: Database, table: Table, state: Copying, say: Say) -> None:
    total, done = await source.read(copies.count, table), await target.read(copies.count, table)
    async for rows in _pages(source, table, state.after.get(table.name, [])):
        state.after[table.name] = copies.key_of(table, rows[-1])
        await target.write(copies.put_page, table, rows, state)
        done += len(rows)
        say(f"{table.name} {done:,} of {total:,}")


async def _pages(db: Database, table: Table, after: list[object]) -> AsyncIterator[list[Values]]:
    while rows := await db.read(copies.page, table, after, PAGE):
        yield rows
        after = copies.key_of(table, rows[-1])


async def _sums(db: Database, table: Table) -> dict[object, tuple[int, int]]:
    """The number of rows and the sum of their hashes in each space; a table without spaces counts as space 0."""
    numbers, sums = Counter[object](), Counter[object]()
    names = [column.name for column in table.columns]
    at = names.index("space") if "space" in names else None
    async for rows in _pages(db, table, []):
        for row in rows:
            space = (row[at] or 0) if at is not None else 0
            numbers[space] += 1
            sums[space] += int.from_bytes(blake2b(encode(row), digest_size=SUM_BYTES).digest())
    return {space: (number, sums[space]) for space, number in numbers.items()}

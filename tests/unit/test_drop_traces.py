"""What twelve drops leave behind: nothing that leads to a device, to their order or to their hour (D-70)."""

import os
import re
import time
from collections.abc import Iterable
from contextlib import closing
from sqlite3 import connect

import pytest
from sqlalchemy import select

from server import drops
from server.app import open_database
from server.settings import Settings
from server.store.cards import decode_body
from server.tables import metadata
from tests.conftest import join_with
from tests.databases import in_thread
from tests.drops import Box, tickets
from tests.tablets import tablet_of

MARKS = [f"Merkki {n:02}" for n in range(12)]
# Where what is dropped lies once it is shown; no table else is another one than before.
TOUCHED = {"card", "claim", "space", "ticket_spent"}
# What the server makes when it finds the time, of what everybody may read; it may be while something is dropped.
UPKEEP = "snapshot"


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request):
    return request.param


@pytest.fixture(params=["persons", "tablets"])
def droppers(request, stopped, join):
    """Three that drop, and what somebody knows who has `me`."""
    server = stopped.start()
    server.add_team()
    leader = join(server, "supervisor", name="Liisa")
    if request.param == "persons":
        return leader.me, [join_with(server, server.invite(), f"Henkilö {n}") for n in range(3)]
    return leader.me, [tablet_of(server, leader, f"Taulu {n}").client for n in range(3)]


def rows_of(server) -> dict[str, list[str]]:
    """Every row of every table, as text."""

    async def read() -> dict[str, list[str]]:
        async with open_database(settings(server)) as db:
            return {
                name: await db.read(
                    lambda txn, table=table: [repr(row) for row in txn.connection.execute(select(table))]
                )
                for name, table in metadata.tables.items()
            }

    return in_thread(read())


def numbers(rows: Iterable[str]) -> list[int]:
    """All that may be a time in milliseconds."""
    return [int(found) for row in rows for found in re.findall(r"\b\d{13}\b", row)]


def settings(server) -> Settings:
    return Settings(data=server.folder, database=server.environ.get("VIRTAAMO_DATABASE", ""))


async def release(server, now: int) -> int:
    async with open_database(settings(server)) as db:
        return await drops.release(db, os.urandom, now)


async def titles(server) -> list[str]:
    """Of the ideas, in the order in which the database holds them."""
    card = metadata.tables["card"]
    async with open_database(settings(server)) as db:
        query = select(card.c.body).where(card.c.kind == "idea").order_by(card.c.seq)
        bodies = await db.read(lambda txn: txn.connection.execute(query).scalars().all())
        return [str(decode_body(body).cells["title"].value) for body in bodies]


def drop_twelve(server, me, mine) -> range:
    """In turns; gives the milliseconds in which it was."""
    box = Box(server, me)
    begun = time.time_ns() // 1_000_000 + 5
    time.sleep(0.01)
    for n, mark in enumerate(MARKS):
        assert box.drop(mine[n % 3][n // 3], mark).status_code == 204
    return range(begun, time.time_ns() // 1_000_000 + 1)


def test_d70_twelve_drops_from_three_devices_or_tablets_leave_no_trace(stopped, droppers):
    me, clients = droppers
    mine = [tickets(client, 4) for client in clients]
    before = rows_of(stopped)
    while_dropping = drop_twelve(stopped, me, mine)
    assert stopped.stop() == 0
    assert in_thread(release(stopped, while_dropping[-1])) == 12

    after = rows_of(stopped)
    moments = set(while_dropping) - set(numbers(after[UPKEEP]))
    assert {name for name in after if sorted(after[name]) != sorted(before[name])} - {UPKEEP} == TOUCHED
    assert after["dropped"] == []
    assert moments.isdisjoint(numbers(row for rows in after.values() for row in rows))
    shown = in_thread(titles(stopped))
    assert (sorted(shown), shown == MARKS) == (MARKS, False)
    _nothing_in_the_log(stopped)
    if not stopped.environ.get("VIRTAAMO_DATABASE"):
        _nothing_in_the_file(stopped, [ticket for part in mine for ticket in part], moments)


def _nothing_in_the_log(server) -> None:
    log = server.log_file.read_text().replace(str(server.folder), "").replace(server.url, "")
    assert [word for word in ("drop", "claim", "127.0.0.1") if word in log] == []


def _nothing_in_the_file(server, spent: list[bytes], moments: set[int]) -> None:
    """Nor in its log or its freed pages."""
    files = [path for path in server.folder.glob("virtaamo.db*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)
    assert not [ticket for ticket in spent if ticket[:16] in content]
    assert [content.count(mark.encode()) for mark in MARKS] == [1] * 12
    seen = {int.from_bytes(content[at : at + 6]) for at in range(len(content) - 5)}
    assert moments.isdisjoint(seen)
    with closing(connect(server.folder / "virtaamo.db")) as db:
        in_order = [
            body for (body,) in db.execute("SELECT body FROM card WHERE kind = 'idea' ORDER BY rowid")
        ]
    found = [str(decode_body(body).cells["title"].value) for body in in_order]
    assert (sorted(found), found == MARKS) == (MARKS, False)

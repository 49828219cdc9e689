"""A disk that is full: nobody is told "done", nothing is put away as broken, and no error quotes a person."""

import asyncio
from hashlib import blake2b

import pytest
from msgspec import Raw
from sqlalchemy import insert, select

from server import snapshots
from server.db import Database
from server.fanout import Fanout
from server.intake import Intake
from server.refusals import Refused
from server.snapshots import Snapshots
from server.store.frames import stored_snapshot
from server.tables import device, quarantine
from sync.protocol import encode
from tests.changes import NOW
from tests.town import SECRET

on_sqlite = pytest.mark.parametrize("any_county", ["sqlite"], indirect=True)


def leave_pages(txn, count):
    """Let the file grow by this many pages and no more."""
    (pages,) = txn.connection.exec_driver_sql("PRAGMA page_count").one()
    txn.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + count}")


def held(txn):
    return txn.connection.execute(select(quarantine)).all()


@on_sqlite
@pytest.mark.parametrize("pages", [0, 6])
def test_a_full_disk_is_said_and_holds_nothing(town, pages):
    fields = {"team": (None, town.spaces["koivu"]), "title": (None, "A"), "text": (None, "sana " * 190)}
    raws = [Raw(encode(town.change("aino", fields, card=n.to_bytes(16)))) for n in range(1, 100)]
    town.db.kill()

    async def fill():
        db = Database(town.db.file)
        await db.open()
        await db.write(leave_pages, pages)
        with pytest.raises(Refused) as refused:
            await Intake(db, SECRET, lambda: NOW).offer(town.device("aino"), raws)
        found = await db.read(held)
        await db.close()
        return refused.value.code, found

    assert asyncio.run(fill()) == ("read_only", [])


@on_sqlite
def test_snapshots_are_kept_fresh_again_when_there_is_room_again(town, monkeypatch):
    monkeypatch.setattr(snapshots, "LOOK_S", 0.01)
    monkeypatch.setattr(snapshots, "QUIET_MS", 0)
    for n in range(1, 40):
        words = "".join(blake2b(bytes([n, k])).hexdigest() for k in range(7))
        fields = {"team": (None, town.spaces["koivu"]), "title": (None, "A"), "text": (None, words)}
        assert town.send("aino", fields, card=n.to_bytes(16)).code == 0
    town.db.kill()

    async def keep():
        db = Database(town.db.file)
        await db.open()
        await db.write(leave_pages, 0)
        keeper = asyncio.create_task(Snapshots(db, Fanout(b"epoch001", lambda: NOW)).keep_fresh())
        await asyncio.sleep(0.3)
        went_on, stored = not keeper.done(), await db.read(stored_snapshot, town.spaces["koivu"])
        await db.write(leave_pages, 10_000)
        for _ in range(300):
            await asyncio.sleep(0.01)
            if await db.read(stored_snapshot, town.spaces["koivu"]):
                break
        else:
            went_on = False
        keeper.cancel()
        await db.close()
        return stored, went_on

    assert asyncio.run(keep()) == (None, True)


def test_an_error_of_the_database_quotes_nobody(town):
    town.db.kill()

    async def fail():
        db = Database(town.db.where)
        await db.open()
        wrong = insert(device).values(name="Merkkinimi", person=99_999, uuid=b"u", made_on=1, seen_on=1)
        try:
            await db.write(lambda txn: txn.connection.execute(wrong))
        finally:
            await db.close()

    with pytest.raises(Exception, match=r"FOREIGN KEY|device_person_fkey") as failed:
        asyncio.run(fail())
    assert "Merkkinimi" not in str(failed.value)

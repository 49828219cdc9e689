"""PostgreSQL behind `write` and `read`: who was outrun runs again, who lost the connection opens another."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text

from server.db import UNAVAILABLE, Database
from server.schema import NewerDatabase, is_current, migrate, version_of, versions
from server.store.spaces import lock_space, meta_of, set_meta
from tests.postgres import name_of

pytestmark = pytest.mark.parametrize("any_county", ["postgres"], indirect=True)
SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"


# FATAL 57P01 as PostgreSQL sends it to a session that it ends; hanging up follows, sometimes a moment later.
SAID = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
GOODBYE = b"E" + (len(SAID) + 4).to_bytes(4, "big") + SAID


def with_two(town, work):
    """What comes of work(one, other), on two processes' databases."""

    async def run():
        one, other = Database(town.db.where), Database(town.db.where)
        await one.open()
        await other.open()
        try:
            return await work(one, other)
        finally:
            await one.close()
            await other.close()

    return asyncio.run(run())


def test_of_two_in_a_deadlock_the_one_that_is_thrown_out_runs_again(town):
    first, second = town.spaces["koivu"], town.spaces["leppa"]
    runs = []

    def cross(txn, here, there):
        runs.append(here)
        lock_space(txn, here)
        txn.connection.execute(text("SELECT pg_sleep(0.3)"))
        lock_space(txn, there)
        return here

    async def work(one, other):
        return await asyncio.gather(one.write(cross, first, second), other.write(cross, second, first))

    assert with_two(town, work) == [first, second]
    assert len(runs) == 3


def test_two_that_make_the_same_key_both_go_through(town):
    def put(txn, value):
        set_meta(txn, "uusi", value)
        txn.connection.execute(text("SELECT pg_sleep(0.2)"))

    async def work(one, other):
        await asyncio.gather(one.write(put, b"a"), other.write(put, b"b"))
        return await one.read(meta_of, "uusi")

    assert with_two(town, work) in (b"a", b"b")


def test_a_connection_lost_before_the_commit_costs_nothing(town):
    runs = []

    def lose(txn):
        runs.append(1)
        set_meta(txn, "kerran", bytes(runs))
        if len(runs) == 1:
            txn.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    async def work(one, other):
        await one.write(lose)
        await other.write(lambda txn: txn.connection.execute(text(f"{SESSIONS} AND pid <> pg_backend_pid()")))
        return [await one.read(meta_of, "kerran") for _ in range(4)]  # more than one has readers

    assert with_two(town, work) == [b"\1\1"] * 4


def test_a_goodbye_that_was_read_before_the_hanging_up_costs_nothing(town):
    async def work(one, other):
        for line in [one._writer, one._readers._queue[0]]:
            line._driver._protocol.data_received(GOODBYE)
        await one.write(set_meta, "kerran", b"1")
        return [await one.read(meta_of, "kerran") for _ in range(4)]

    assert with_two(town, work) == [b"1"] * 4


def test_a_reader_sees_one_state_and_cannot_write(town):
    def twice(txn):
        before = meta_of(txn, "epoch")
        town.db.write(set_meta, "epoch", b"epoch002")
        return before, meta_of(txn, "epoch")

    async def work(one, _):
        seen = await one.read(twice)
        with pytest.raises(UNAVAILABLE):
            await one.read(set_meta, "epoch", b"epoch003")
        return seen

    assert with_two(town, work) == (b"epoch001", b"epoch001")


def test_processes_that_migrate_at_once_do_it_once(town, postgres):
    url = postgres.make()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, [url] * 3))
    assert is_current(url)


def test_a_newer_version_is_refused(town):
    town.db.write(lambda txn: txn.connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    try:
        assert version_of(town.db.where) == "9999"
        with pytest.raises(NewerDatabase):
            migrate(town.db.where)
    finally:
        back = f"UPDATE alembic_version SET version_num = '{versions()[-1]}'"
        town.db.write(lambda txn: txn.connection.execute(text(back)))


def test_what_is_committed_is_on_disk_whatever_the_database_is_set_to(town, postgres):
    name = name_of(town.db.where)
    postgres.sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    try:
        shown = with_two(town, lambda one, _: one.write(_setting))
    finally:
        postgres.sql(f"ALTER DATABASE {name} RESET synchronous_commit")
    assert shown == "on"


def _setting(txn):
    return txn.connection.execute(select(text("current_setting('synchronous_commit')"))).scalar_one()

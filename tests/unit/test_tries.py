"""How often anybody may try: buckets in a process and in a database (docs/devices.md D-82)."""

import asyncio

import pytest

from server.db import Database
from server.limits import Rate
from server.refusals import Refused
from server.settings import Settings
from server.store import buckets
from server.tries import Tries
from tests.conftest import Server, author_key
from tests.town import SECRET, Town

MINUTES_10 = 600_000


@pytest.mark.parametrize(("way", "allowed"), [("target", 5), ("device", 10), ("address", 120)])
def test_d82_so_many_tries_and_then_a_wait_on_each_database(town, way, allowed):
    town.db.kill()
    db = Database(town.db.where)
    tries = Tries(Settings(), db, SECRET)

    async def all_of_them() -> int:
        await db.open()
        try:
            for count in range(allowed + 1):
                try:
                    await _one(tries, way, town.now)
                except Refused as refused:
                    assert refused.code == "slow_down"
                    assert refused.retry_after_s == MINUTES_10 // allowed // 1000
                    return count
            return allowed + 1
        finally:
            await db.close()

    assert asyncio.run(all_of_them()) == allowed


async def _one(tries: Tries, way: str, now: int) -> None:
    if way == "target":
        await tries.of_target("Maija", now)
    elif way == "address":
        await tries.of_address("192.0.2.1", "joining", now)
    else:
        await tries.of_device(7, "invite", now)


def test_d82_a_bucket_in_the_database_fills_again_evenly_and_no_clock_empties_it(town):
    rate = Rate(5, MINUTES_10)

    def take(at: int) -> int:
        return town.db.write(buckets.take, b"key", rate, at)

    assert [take(town.now) for _ in range(6)] == [0, 0, 0, 0, 0, 120]
    assert take(town.now - MINUTES_10) == 120, "a clock set back fills nothing"
    assert take(town.now + 120_000) == 0
    assert take(town.now + 10 * MINUTES_10) == 0


def test_d82_two_processes_share_the_buckets_of_a_database(county_on_postgres):
    town: Town = county_on_postgres
    rate = Rate(2, MINUTES_10)
    first, second = (Database(town.db.where) for _ in range(2))

    async def both() -> list[int]:
        await first.open()
        await second.open()
        try:
            taken = [first.write(buckets.take, b"both", rate, town.now) for _ in range(2)]
            taken += [second.write(buckets.take, b"both", rate, town.now) for _ in range(2)]
            return sorted(await asyncio.gather(*taken))
        finally:
            await first.close()
            await second.close()

    waits = asyncio.run(both())
    assert waits[:2] == [0, 0]
    assert min(waits[2:]) > 0


def test_d82_a_name_is_tried_five_times_whether_it_is_known_or_not(tmp_path, initialised):
    server = Server(tmp_path / "data", {"VIRTAAMO_RATE_CODE": "5"})
    assert server.cli("init").returncode == 0
    server.start()
    try:
        form = {"code": "00000-00000", "sign_pub": author_key()}
        for name in ("Maija", "Nobody"):
            replies = [
                server.client().post("/api/recover", json={**form, "name_hint": name}) for _ in range(6)
            ]
            assert [reply.status_code for reply in replies] == [404] * 5 + [429]
            assert int(replies[-1].headers["retry-after"]) > 0
    finally:
        server.close()

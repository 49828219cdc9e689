"""The drop box: nobody's words, under no name, and the code that finds them (docs/devices.md D-67 to D-71)."""

import asyncio
import os
import time
from contextlib import closing, suppress
from sqlite3 import connect

import msgspec
import pytest

from server import drops
from server.app import open_database
from server.limits import Limits, Rate
from server.refusals import Refused
from server.settings import Settings
from server.store import drops as stored
from server.store.drops import Body, Drop
from server.store.retention import Pace
from server.store.spaces import add_space
from server.tables import change, dropped, ticket_spent
from server.world import World
from sync.cards import Lang
from tests.conftest import join_with
from tests.databases import in_thread
from tests.drops import Box, proof, tickets, why
from tests.town import SECRET

DAY, HOUR = 86_400_000, 3_600_000
NOW = 1_795_000_000_000
FREE = Pace(10_000, lambda: False)


@pytest.fixture
def person(shared):
    return join_with(shared, shared.invite())


@pytest.fixture
def box(shared, person):
    return Box(shared, person.me)


def world(now: int = NOW) -> World:
    return World(now, os.urandom, "", SECRET)


def put(town, text: str, day: int, space: str = "koivu") -> None:
    where = town.spaces[space]
    body = Body("idea", {"team": where, "title": text})
    town.db.write(
        stored.keep_drop, Drop(where, body, drops.proof_mac(proof(text), SECRET)), os.urandom(16), day
    )


def shown(town, space: str = "koivu") -> list[str]:
    return [c.fields["title"] for c in town.replica(space).cards.values() if c.kind == "idea"]


def ask(town, code: str, do: str = "read", text: str = "") -> drops.Found | None:
    mac = drops.proof_mac(proof(code), SECRET)
    return town.db.write(
        drops._do if do != "read" else _read, drops.Asked(proof(code), do, text), mac, world(town.now)
    )


def _read(txn, _asked, mac, _world):
    return drops._look(txn, mac)


# Tickets


def test_d68_a_ticket_is_good_once_and_says_nothing(person, box):
    mine = tickets(person)
    assert (len(set(mine)), {len(one) for one in mine}) == (20, {34})
    assert box.drop(mine[0], "Ensimmäinen").status_code == 204
    assert why(box.drop(mine[0], "Toinen")) == (403, "ticket_spent", None)
    assert why(box.drop(bytes(34), "Kolmas")) == (403, "ticket_expired", None)


def test_d68_what_was_sent_and_not_answered_is_sent_again_with_the_same_ticket(person, box):
    ticket, sealed = tickets(person)[0], box.seal(box.words("Vain kerran"))
    assert [box.post(ticket, sealed).status_code for _ in range(2)] == [204, 204]


def test_d68_tickets_are_for_who_is_signed_in(shared, person):
    assert shared.client().post("/api/tickets", json={"n": 1}).status_code == 401
    assert person.post("/api/tickets", json={"n": 21}).status_code == 422


def test_d68_a_ticket_expires_with_its_month_and_is_then_forgotten(town):
    (ticket,) = drops.make_tickets(1, world())
    came = drops.Came(ticket, b"box", b"k" * 8)
    spent = drops._ticket(came, world())
    assert town.db.write(stored.spend, spent)
    with pytest.raises(Refused, match="ticket_expired"):
        drops._ticket(came, world(NOW + 130 * DAY))
    count = ticket_spent.select()
    assert town.db.write(drops.forget_spent, NOW + 60 * DAY, FREE).rows == 0
    assert len(town.db.write(lambda txn: txn.connection.execute(count).all())) == 1
    assert town.db.write(drops.forget_spent, NOW + 130 * DAY, FREE).rows == 1


# What is dropped


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 81}, "title"),
        ({"text": "x" * 1001}, "text"),
        ({"kind": "observation"}, "title"),
        ({"kind": "observation", "title": ""}, "text"),
        ({"space": 999_999}, "space"),
        ({"claim": b"short"}, "box"),
        ({"kind": "person"}, "box"),
        ({"by": 1}, "box"),
    ],
)
def test_d67_what_can_be_no_card_is_refused_and_costs_no_ticket(person, box, other, field):
    ticket = tickets(person, 1)[0]
    assert why(box.drop(ticket, "Tämä", **other)) == (422, "invalid", field)
    assert box.drop(ticket, os.urandom(8).hex()).status_code == 204


def test_d67_a_box_for_another_key_or_broken_is_refused(person, box):
    ticket, sealed = tickets(person, 1)[0], box.seal(box.words("Avain"))
    assert why(box.post(ticket, sealed, b"12345678")) == (422, "invalid", "kid")
    assert why(box.post(ticket, sealed[:-1] + b"\0")) == (422, "invalid", "box")
    ends = box.seal({**box.words("Nollia"), "claim": bytes(32)}, ends=bytes(200))
    assert box.post(ticket, ends).status_code == 204


def test_d67_no_cookie_is_looked_at(shared, person, box):
    ticket = tickets(person, 1)[0]
    box.stranger.headers["Cookie"] = "__Host-v_s=nobody-has-this; __Host-v_d=nor-this"
    assert box.drop(ticket, "Keksi").status_code == 204
    assert box.claim("Keksi").body["card"]["stage"] == "waiting"


# Released


def test_h3_what_is_released_has_no_author_no_time_and_no_row_in_the_log(town):
    day, head = town.now // DAY, town.replica().cursor
    for text in ("a", "b", "c"):
        put(town, text, day)
    assert town.db.write(stored.release, os.urandom, town.now) == 3
    replica = town.replica()
    cards = [c for c in replica.cards.values() if c.kind == "idea"]
    assert {(c.by, c.made) for c in cards} == {(None, day * DAY)}
    assert replica.cursor == head + 3
    assert town.db.write(lambda txn: txn.connection.execute(change.select()).all()) == []


def test_d70_two_wait_for_a_third_or_for_a_day_to_pass(town):
    day = town.now // DAY
    put(town, "yksi", day)
    put(town, "kaksi", day)
    put(town, "muualla", day, "leppa")
    for later in (0, DAY):
        assert town.db.write(stored.release, os.urandom, town.now + later) == 0
    put(town, "kolme", day + 1)
    assert town.db.write(stored.release, os.urandom, town.now + DAY) == 3
    assert sorted(shown(town)) == ["kaksi", "kolme", "yksi"]
    assert town.db.write(stored.release, os.urandom, town.now + 2 * DAY) == 1
    assert shown(town, "leppa") == ["muualla"]


def test_d70_the_order_of_arrival_is_lost(town):
    came = [f"{n:02}" for n in range(12)]
    for text in came:
        put(town, text, town.now // DAY)
    town.db.write(stored.release, os.urandom, town.now)
    assert sorted(shown(town)) == came
    assert shown(town) != came


def test_d70_twelve_drops_of_three_devices_leave_no_trace(stopped):
    server = stopped.start()
    server.add_team()
    people = [join_with(server, server.invite(), f"Henkilö {n}") for n in range(3)]
    mine = [tickets(person, 4) for person in people]
    begun = time.time_ns() // 1_000_000 + 5
    time.sleep(0.01)
    for n in range(12):
        assert Box(server, people[n % 3].me).drop(mine[n % 3][n // 3], f"Merkki {n:02}").status_code == 204
    ended = time.time_ns() // 1_000_000
    assert server.stop() == 0
    assert in_thread(_release(server, ended)) == 12
    _nothing_left(server, [ticket for part in mine for ticket in part], range(begun, ended + 1))


async def _release(server, now: int) -> int:
    async with open_database(Settings(data=server.folder)) as db:
        return await drops.release(db, os.urandom, now)


def _nothing_left(server, spent, while_dropping):
    files = [p for p in server.folder.glob("virtaamo.db*") if p.is_file()]
    content = b"".join(path.read_bytes() for path in files)
    log = server.log_file.read_text().replace(str(server.folder), "").replace(server.url, "")
    assert "drop" not in log
    assert "claim" not in log
    assert "127.0.0.1" not in log
    assert not [ticket for ticket in spent if ticket[:16] in content]
    assert [content.count(f"Merkki {n:02}".encode()) for n in range(12)] == [1] * 12
    seen = {int.from_bytes(content[at : at + 6]) for at in range(len(content) - 5)}
    assert not [moment for moment in while_dropping if moment in seen]
    with closing(connect(server.folder / "virtaamo.db")) as db:
        titles = [msgspec.msgpack.decode(body)[0]["title"][0] for (body,) in db.execute(IN_ORDER)]
        assert sorted(titles) == [f"Merkki {n:02}" for n in range(12)]
        assert titles != sorted(titles)
        assert db.execute("SELECT count(*) FROM dropped").fetchone() == (0,)


IN_ORDER = "SELECT body FROM card WHERE kind = 'idea' ORDER BY rowid"


def test_d70_the_server_shows_them_at_the_next_full_hour_and_not_before(stopped, monkeypatch):
    monkeypatch.setattr(drops, "LOOK_S", 0)
    assert in_thread(_hours(stopped, [0, 60_000, HOUR - 1])) == 3
    assert in_thread(_hours(stopped, [HOUR - 1, HOUR])) == 0


async def _hours(server, moments: list[int]) -> int:
    """What waits after the server has looked at these moments after midnight; three were dropped that day."""
    midnight = NOW // DAY * DAY
    clock = iter(midnight + moment for moment in moments)

    def now() -> int:
        try:
            return next(clock)
        except StopIteration:
            raise asyncio.CancelledError from None

    async with open_database(Settings(data=server.folder)) as db:
        team = await db.write(add_space, "team", {"fi": "Koivu"})
        for n in range(3):
            drop = Drop(team, Body("idea", {"team": team, "title": str(n)}), None)
            await db.write(stored.keep_drop, drop, os.urandom(16), midnight // DAY)
        with suppress(asyncio.CancelledError):
            await drops.keep_releasing(db, now, os.urandom)
        of_team = dropped.select().where(dropped.c.space == team)
        return len(await db.read(lambda txn: txn.connection.execute(of_team).all()))


# The claim code


def release_all(town) -> None:
    for n in range(3):
        put(town, f"muu {n}", town.now // DAY)
    town.db.write(stored.release, os.urandom, town.now)


def card_of(town, text: str) -> bytes:
    return next(id_ for id_, c in town.replica().cards.items() if c.fields.get("title") == text)


def test_f8_the_author_reads_the_answer_adds_once_and_gets_the_receipt(town):
    put(town, "Lamppu", town.now // DAY)
    assert ask(town, "Lamppu").card.stage == "waiting"
    release_all(town)
    assert (ask(town, "Lamppu").card.stage, ask(town, "Lamppu").thread) == ("new", [])
    with pytest.raises(Refused, match="not_allowed"):
        ask(town, "Lamppu", "reply", "Vielä yksi asia")
    id_ = card_of(town, "Lamppu")
    answer = {"size": "quick", "stage": "trying", "reply": ["Kokeillaan heti huomenna", None]}
    assert town.send("jorma", {n: (None, v) for n, v in answer.items()}, card=id_).code < 3
    found = ask(town, "Lamppu", "reply", "Hienoa!")
    assert [(one.kind, one.mine, one.waiting) for one in found.thread] == [
        ("reply", False, False),
        ("grown", False, False),
        ("comment", True, True),
    ]
    with pytest.raises(Refused, match="not_allowed"):
        ask(town, "Lamppu", "reply", "Ja vielä")
    town.db.write(stored.release, os.urandom, town.now + 2 * DAY)
    assert [c.by for c in town.replica().cards.values() if c.kind == "comment"] == [None]
    assert not ask(town, "Lamppu").thread[-1].waiting


def test_f8_the_author_withdraws_before_and_after_others_see_it(town):
    put(town, "Ennen", town.now // DAY)
    put(town, "Jälkeen", town.now // DAY)
    ask(town, "Ennen", "withdraw")
    assert ask(town, "Ennen") is None
    release_all(town)
    assert ask(town, "Jälkeen", "withdraw").card.stage == "hidden"
    assert "Jälkeen" not in [c.fields.get("title") for c in town.replica().cards.values()]
    assert ask(town, "Jälkeen").card.stage == "hidden"


def test_d71_the_database_has_a_keyed_hash_of_what_the_code_gives(town):
    place = town.spaces["koivu"]
    words = drops.Words(place, "idea", "Avain", "", proof("Avain"), Lang.FI)
    (ticket,) = drops.make_tickets(1, world())
    town.db.write(drops._keep, words, drops._ticket(drops.Came(ticket, b"", b""), world()), world())
    (row,) = town.db.write(lambda txn: txn.connection.execute(dropped.select()).all())
    assert proof("Avain") not in (row.proof_mac, row.id)
    assert row.proof_mac == drops.proof_mac(proof("Avain"), SECRET)
    assert proof("Avain") not in row.body


def test_d71_ten_wrong_codes_bring_a_pause_and_right_ones_none(stopped):
    server = stopped.start()
    server.add_team()
    person = join_with(server, server.invite())
    box = Box(server, person.me)
    assert box.drop(tickets(person, 1)[0], "Oikea").status_code == 204
    assert [box.claim("Oikea").status for _ in range(15)] == [200] * 15
    assert {(box.claim(f"väärä {n}").status) for n in range(9)} == {404}
    assert (box.claim("väärä").status, box.claim("Oikea").status) == (404, 429)
    assert box.claim("väärä").body["error"] == "slow_down"


def test_d71_a_try_that_is_given_back_does_not_fill_beyond_the_brim():
    limits, rate = Limits(), Rate(2, 60_000)
    assert limits.take("a", rate, 0) == 0
    for _ in range(5):
        limits.give("a", rate)
    assert [limits.take("a", rate, 0) > 0 for _ in range(3)] == [False, False, True]

"""The drop box: nobody's words, under no name, and the code that finds them (docs/devices.md D-67 to D-71)."""

import asyncio
import os
from base64 import b64encode
from contextlib import suppress

import pytest

from server import drops
from server.app import open_database
from server.limits import Limits, Rate
from server.refusals import Refused
from server.settings import Settings
from server.store import drops as stored
from server.store.drops import Body, Drop
from server.store.frames import readable_spaces
from server.store.moves import Move, move
from server.store.purge import purge
from server.store.retention import Pace
from server.store.spaces import add_space
from server.tables import change, claim, dropped, ticket_spent
from server.world import World
from sync.cards import Lang
from tests.conftest import join_with
from tests.databases import in_thread
from tests.drops import Box, proof, tickets, why
from tests.tablets import tablet_of
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


def test_d68_a_tablet_gets_fifty_as_itself_while_nobody_has_unlocked_it(shared, join):
    tablet = tablet_of(shared, join(shared, "supervisor"))
    box = Box(shared, {**tablet.me, "grants": [(one["space"], "", "team", "") for one in tablet.me["boxes"]]})
    assert len(set(mine := tickets(tablet.client, 50))) == 50
    assert tablet.client.post("/api/tickets", json={"n": 51}).status_code == 422
    assert box.drop(mine[49], "Tabletilta").status_code == 204
    assert box.claim("Tabletilta").body["card"]["stage"] == "waiting"


def test_d68_tickets_of_a_tablet_are_counted_by_tablet_and_end_with_it(stopped, join):
    stopped.environ["VIRTAAMO_RATE_DEVICE"] = "3"
    server = stopped.start()
    server.add_team()
    leader = join(server, "supervisor")
    one, other = tablet_of(server, leader), tablet_of(server, leader, "Toinen")
    ask = {"n": 1}
    assert [one.client.post("/api/tickets", json=ask).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert other.client.post("/api/tickets", json=ask).status_code == 200
    assert leader.delete(f"/api/devices/{other.uuid}").status_code == 204
    assert other.client.post("/api/tickets", json=ask).status_code == 410


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


def test_d72_anybody_hears_where_misconduct_is_reported(stopped):
    stopped.environ["VIRTAAMO_REPORT_URL"] = "https://ilmoita.example/hoiva"
    assert stopped.start().client().get("/api/keys").json()["report"] == "https://ilmoita.example/hoiva"


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


def answer(town, id_: bytes) -> None:
    fields = {"size": "quick", "stage": "trying", "reply": ["Kokeillaan heti huomenna", None]}
    assert town.send("jorma", {n: (None, v) for n, v in fields.items()}, card=id_).code < 3


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
    answer(town, id_)
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


def test_f8_the_receipt_names_what_was_made_of_the_card(town):
    put(town, "Siemen", town.now // DAY)
    release_all(town)
    id_ = card_of(town, "Siemen")
    town.idea(title="Versonut", origin=id_)
    task = {
        "team": town.spaces["koivu"],
        "title": "Laske askeleet",
        "prompt": "Yhden vuoron ajan",
        "origin": id_,
    }
    made = {name: (None, value) for name, value in task.items()}
    assert town.send("jorma", made, card=b"t" * 16, kind="task").code < 3
    assert [(one.kind, one.text) for one in ask(town, "Siemen").thread] == [
        ("grown_idea", "Versonut"),
        ("grown_task", "Laske askeleet"),
    ]
    with pytest.raises(Refused, match="not_allowed"):
        ask(town, "Siemen", "reply", "Nobody has answered")
    assert ask(town, "muu 1").thread == []


def test_f8_the_author_withdraws_before_and_after_others_see_it(town):
    put(town, "Ennen", town.now // DAY)
    put(town, "Jälkeen", town.now // DAY)
    ask(town, "Ennen", "withdraw")
    assert ask(town, "Ennen") is None
    release_all(town)
    assert ask(town, "Jälkeen", "withdraw").card.stage == "hidden"
    assert "Jälkeen" not in [c.fields.get("title") for c in town.replica().cards.values()]
    assert ask(town, "Jälkeen").card.stage == "hidden"


def come_forward(town, code: str, name: str) -> drops.Found | None:
    mac = drops.proof_mac(proof(code), SECRET)
    return town.db.write(drops._name, mac, town.people[name].number, world(town.now))


def test_f8_the_author_comes_forward_by_name_with_what_they_have_added(town):
    put(town, "Nimeni tähän", town.now // DAY)
    with pytest.raises(Refused, match="not_allowed"):
        come_forward(town, "Nimeni tähän", "aino")  # nobody sees it yet
    release_all(town)
    id_, replica = card_of(town, "Nimeni tähän"), town.replica()
    answer(town, id_)
    ask(town, "Nimeni tähän", "reply", "Sopii")
    town.db.write(stored.release, os.urandom, town.now + 2 * DAY)
    town.pull(replica)
    assert {replica.cards[id_].by, *(c.by for c in replica.cards.values() if c.kind == "comment")} == {None}

    aino, found = town.people["aino"].number, come_forward(town, "Nimeni tähän", "aino")

    assert found.card.named
    assert [(one.kind, one.mine) for one in found.thread] == [
        ("reply", False),
        ("grown", False),
        ("comment", True),
    ]
    town.pull(replica)  # a device that has it learns it by an ordinary frame
    assert replica.board() == town.replica().board()
    assert {replica.cards[id_].by, *(c.by for c in replica.cards.values() if c.kind == "comment")} == {aino}
    others = {c.by for key, c in replica.cards.items() if c.kind == "idea" and key != id_}
    assert others == {None}
    assert town.send("aino", {"text": (None, "Lisään vielä")}, card=id_).code < 3  # as its author
    with pytest.raises(Refused, match="not_allowed"):
        ask(town, "Nimeni tähän", "reply", "Vielä")
    assert come_forward(town, "Nimeni tähän", "aino").card.named
    with pytest.raises(Refused, match="not_allowed"):
        come_forward(town, "Nimeni tähän", "jorma")
    assert come_forward(town, "Toinen", "aino") is None


def test_f8_what_waits_is_shown_at_once_under_the_name(town):
    put(town, "Lisäys odottaa", town.now // DAY)
    release_all(town)
    id_ = card_of(town, "Lisäys odottaa")
    answer(town, id_)
    ask(town, "Lisäys odottaa", "reply", "Kiitos")
    found = come_forward(town, "Lisäys odottaa", "aino")
    assert [(one.text, one.mine, one.waiting) for one in found.thread][2:] == [("Kiitos", True, False)]
    assert town.db.write(stored.release, os.urandom, town.now + 2 * DAY) == 0


def claims(town) -> int:
    return len(town.db.write(lambda txn: txn.connection.execute(claim.select()).all()))


def test_f8_a_code_follows_its_card_and_goes_with_it(town):
    put(town, "Muuttaa", town.now // DAY)
    put(town, "Jää", town.now // DAY)
    release_all(town)
    known, id_ = claims(town), card_of(town, "Muuttaa")
    jorma, wider = town.people["jorma"].number, town.spaces["org"]
    asked = Move(jorma, (town.spaces["koivu"], id_), wider, town.now, SECRET)
    town.db.write(move, asked, lambda: os.urandom(16))
    assert come_forward(town, "Muuttaa", "aino").card.named
    assert ask(town, "Muuttaa", "withdraw").card.stage == "hidden"
    later = town.now + 31 * DAY
    while not town.db.write(purge, wider, later, FREE, SECRET).is_done:
        pass
    assert ask(town, "Muuttaa") is None
    assert claims(town) == known - 1
    while not town.db.write(purge, town.spaces["koivu"], later, FREE, SECRET).is_done:
        pass
    assert ask(town, "Jää").card.stage == "new"
    assert claims(town) == known - 1


def test_f8_who_cannot_read_the_team_does_not_come_forward_there(town):
    put(town, "Muualta", town.now // DAY)
    release_all(town)
    stranger = next(n for n, one in town.people.items() if _cannot_read(town, one.number))
    with pytest.raises(Refused, match="not_allowed"):
        come_forward(town, "Muualta", stranger)


def _cannot_read(town, person: int) -> bool:
    return town.spaces["koivu"] not in town.db.write(readable_spaces, person)


def test_f8_coming_forward_takes_a_session_and_the_code(shared, person, box):
    body = {"proof": b64encode(proof("Ei ole")).decode()}
    assert shared.client().post("/api/claim/name", json=body).status_code == 401
    assert person.post("/api/claim/name", json=body).json()["error"] == "claim_unknown"
    assert box.drop(tickets(person, 1)[0], "Odottaa vielä").status_code == 204
    body = {"proof": b64encode(proof("Odottaa vielä")).decode()}
    assert person.post("/api/claim/name", json=body).json()["error"] == "not_allowed"


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

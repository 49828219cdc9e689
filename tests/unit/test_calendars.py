"""A person's own tasks as a calendar: a secret address, titles and days, and nothing that is private."""

import os
import re
from hashlib import sha256

import pytest
from icalendar import Calendar

from server import calendars, export, leaving
from server.people import hash_of
from server.store import feeds, people
from server.store.cards import Desk, ServerCard
from server.world import World
from sync.protocol import Code
from tests.conftest import Cookies, join_with
from tests.pens import Pen
from tests.town import SECRET

DAY = 86_400_000
URL = "https://virtaamo.example"


@pytest.fixture
def person(shared):
    return join_with(shared, shared.invite())


def world(town) -> World:
    return World(town.now, os.urandom, URL, SECRET)


def put(town, name: str, space: str, **fields: object) -> bytes:
    """A task of somebody's in a space; gives its id."""
    id_ = sha256(name.encode()).digest()[:16]
    by = town.people["jorma"].number
    new = ServerCard(town.spaces[space], id_, "task", by, town.now, {"title": name, **fields})

    def write(txn):
        desk = Desk(txn, town.now)
        desk.write_cards([new])
        desk.save()

    town.db.write(write)
    return id_


def calendar(town, name: str = "aino") -> Calendar:
    address = town.db.write(calendars.renew, town.device(name), world(town)).url
    token = address.removeprefix(f"{URL}/kalenteri/").removesuffix(".ics")
    return Calendar.from_ical(town.db.write(calendars.read, token, world(town)).body)


def titles(town, name: str = "aino") -> list[str]:
    return [str(event["summary"]) for event in calendar(town, name).events]


def test_a_calendar_shows_the_tasks_of_a_person_and_of_their_teams_and_nobody_elses(town):
    put(town, "Lue ohje", "koivu", due="2026-12-01")
    put(town, "Kirjoita kolme kohtaamista", "own of aino", due="2026-12-02")
    put(town, "Toisen oma", "own of timo", due="2026-12-02")
    put(town, "Toinen tiimi", "leppa", due="2026-12-02")
    put(town, "Ilman päivää", "koivu")
    put(town, "Jo suljettu", "koivu", due="2026-12-02", stage="closed")
    put(town, "Otettu pois", "koivu", due="2026-12-02", gone=["withdrawn", ""])
    finished = [1, "finished", None, None]
    put(town, "Perillä", "koivu", due="2026-12-02", relay=True, baton=finished)
    put(town, "Ei sellaista päivää", "koivu", due="2026-02-31")
    assert sorted(titles(town)) == ["Kirjoita kolme kohtaamista", "Lue ohje"]
    assert titles(town, "adele") == [], "an administrator has no tasks"


def test_a_changed_task_stays_the_same_event_with_a_higher_sequence(town):
    id_ = put(town, "Lue ohje", "koivu", due="2026-12-01")
    (first,) = calendar(town).events
    put(town, "Lue ohje", "koivu", due="2026-12-05")
    (second,) = calendar(town).events
    assert (first["uid"], first["dtstamp"].dt) == (second["uid"], second["dtstamp"].dt)
    assert str(first["uid"]) == f"{id_.hex()}@virtaamo.example"
    assert second["sequence"] > first["sequence"]
    assert (str(first.start), str(second.start), str(second.end)) == (
        "2026-12-01",
        "2026-12-05",
        "2026-12-06",
    )


def test_h9_a_calendar_tells_of_nobody_elses_marks_and_leaves_out_what_is_done(town):
    id_ = put(town, "Lue ohje", "koivu", due="2026-12-01", team=town.spaces["koivu"], prompt="Mieti")
    url = town.db.write(calendars.renew, town.device("aino"), world(town)).url
    token = url.rpartition("/")[2].removesuffix(".ics")
    read = town.db.write(calendars.read, token, world(town))
    for name, sets in (("timo", {"done": (None, True)}), ("jorma", {"prompt": ("Mieti", "Mieti taas")})):
        assert town.send(name, sets, kind="task", card=id_).code == Code.DONE
    assert town.db.write(calendars.read, token, world(town)) == read
    town.send("aino", {"done": (None, True)}, kind="task", card=id_)
    assert b"Lue ohje" not in town.db.write(calendars.read, token, world(town)).body
    town.send("aino", {"done": (True, None)}, kind="task", card=id_)
    assert town.db.write(calendars.read, token, world(town)) == read


def test_h1_h5_a_calendar_holds_titles_and_days_only(town):
    made = put(town, "Lue ohje\r\nATTENDEE:x", "koivu", due="2026-12-01", text="Sanoja", prompt="Mieti")
    (event,) = calendar(town).events
    assert set(event) == {
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "SUMMARY",
        "SEQUENCE",
        "TRANSP",
        "CLASS",
        "URL",
    }
    assert str(event["url"]) == f"{URL}/kortti/{made.hex()}"
    assert event["dtstamp"].dt.strftime("%H%M%S") == "000000", "no hour at which somebody wrote"


def test_an_address_that_is_renewed_or_ended_is_nobodys(town):
    aino = town.device("aino")
    first = town.db.write(calendars.renew, aino, World(town.now, lambda n: b"1" * n, URL, SECRET)).url
    second = town.db.write(calendars.renew, aino, World(town.now, lambda n: b"2" * n, URL, SECRET)).url
    tokens = [re.search(r"/kalenteri/([\w-]{43})\.ics$", url)[1] for url in (first, second)]
    assert [town.db.write(calendars.read, token, world(town)) is not None for token in tokens] == [
        False,
        True,
    ]
    assert town.db.write(calendars.show, aino).made_on == town.now // DAY
    town.db.write(calendars.end, aino)
    assert town.db.write(calendars.read, tokens[1], world(town)) is None
    assert town.db.write(calendars.show, aino).made_on is None


@pytest.mark.parametrize("way", ["left", "deleted"])
def test_who_has_gone_has_no_calendar(town, way):
    aino = town.people["aino"].number
    url = town.db.write(calendars.renew, town.device("aino"), world(town)).url
    token = url.rpartition("/")[2].removesuffix(".ics")
    if way == "left":
        town.db.write(people.mark_left, aino, town.now)
    else:
        town.db.write(leaving.stored.end_sessions_of, aino, town.now)
    assert town.db.write(calendars.read, token, world(town)) is None


def test_the_database_holds_the_hash_of_an_address_and_the_export_its_day(town):
    aino = town.device("aino")
    url = town.db.write(calendars.renew, aino, world(town)).url
    token = url.rpartition("/")[2].removesuffix(".ics")
    assert town.db.write(feeds.reader_of, hash_of(token)).person == aino.person
    own = town.db.write(export.collect, aino, town.now)
    assert own.calendar_made_on == town.now // DAY
    assert token.encode() not in export.pack(own, "")


def test_a_calendar_is_read_without_cookies_and_told_apart_by_its_etag(shared, person):
    assert person.get("/api/me/calendar").json() == {"made_on": None}
    path = person.post("/api/me/calendar").json()["url"].partition("/kalenteri/")[2]
    stranger = shared.client()
    reply = stranger.get(f"/kalenteri/{path}")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert reply.headers["cache-control"] == "private, no-store"
    assert "set-cookie" not in reply.headers
    assert str(Calendar.from_ical(reply.content)["x-wr-calname"]) == "Virtaamo: omat tehtävät"
    again = stranger.get(f"/kalenteri/{path}", headers={"If-None-Match": reply.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert person.delete("/api/me/calendar").status_code == 204
    assert stranger.get(f"/kalenteri/{path}").status_code == 404


def test_no_address_of_a_calendar_is_in_the_logs(shared, person):
    path = person.post("/api/me/calendar").json()["url"].partition("/kalenteri/")[2]
    shared.client().get(f"/kalenteri/{path}")
    shared.client().get(f"/kalenteri/{path}x")
    assert path[:43] not in shared.log_file.read_text()


def test_d37_a_calendar_address_is_never_made_on_a_shared_device(shared, person):
    client = shared.client()
    client.auth = Cookies("__Host-v_d=x; " + person.auth.cookie)
    for method in ("GET", "POST", "DELETE"):
        reply = client.request(method, "/api/me/calendar")
        assert (reply.status_code, reply.json()["error"]) == (403, "shared_device"), method


def test_d82_wrong_calendar_addresses_are_counted_and_right_ones_are_not(server, join):
    person = join(server)
    path = person.post("/api/me/calendar").json()["url"].partition("/kalenteri/")[2]
    stranger = server.client()
    assert {stranger.get(f"/kalenteri/{path}").status_code for _ in range(40)} == {200}
    said = [stranger.get(f"/kalenteri/{'x' * 43}.ics").status_code for _ in range(31)]
    assert said == [404] * 30 + [429]


def test_h1_a_task_is_in_the_calendar_of_its_team_and_no_answer_is(shared, person, join):
    leader, aino = Pen(join(shared, "supervisor")), Pen(person)
    fields = {
        "team": leader.space(),
        "title": "Hiljainen raportti",
        "prompt": "Kokeile.",
        "due": "2027-01-07",
    }
    task = os.urandom(16)
    assert leader.write(leader.space(), "task", fields, task).code == Code.DONE
    answer = {"on": task, "of": leader.space(), "text": "Minua pelottaa"}
    assert aino.write(aino.own, "task_answer", answer).code == Code.DONE

    path = person.post("/api/me/calendar").json()["url"].partition("/kalenteri/")[2]
    read = shared.client().get(f"/kalenteri/{path}")

    assert [(str(e["summary"]), str(e.start)) for e in Calendar.from_ical(read.content).events] == [
        ("Hiljainen raportti", "2027-01-07")
    ]
    assert not re.search("pelottaa|Kokeile|Maija", read.text)

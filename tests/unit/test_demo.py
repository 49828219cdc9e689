"""The demo county: told through the same doors as people, nameless where it is nameless."""

import json
import sqlite3
from collections import Counter

import msgspec
import pytest

from server.demo import FILE, goal_id
from tests.conftest import Server, join_with

DAY_MS = 86_400_000


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """A running server with the demo county, and Jorma."""
    server = Server(tmp_path_factory.mktemp("demo") / "data")
    assert server.cli("demo").returncode == 0
    server.start("--demo-links")
    links = [server.next_line().strip() for _ in range(2)]
    yield server, join_with(server, links[1].rpartition("#")[2], name="")
    server.close()


@pytest.fixture(scope="module")
def told():
    return json.loads(FILE.read_text())


def cards(server, kind):
    """(space, id, by, made) of every card of a kind."""
    with sqlite3.connect(server.folder / "virtaamo.db") as db:
        return db.execute('SELECT space, id, "by", made FROM card WHERE kind = ?', (kind,)).fetchall()


def test_everything_that_this_version_knows_is_there(county, told):
    server, _ = county

    with sqlite3.connect(server.folder / "virtaamo.db") as db:
        spaces = Counter(kind for (kind,) in db.execute("SELECT kind FROM space"))

    assert spaces == {"org": 1, "area": 3, "team": 6, "own": 44}
    assert len(cards(server, "idea")) == len(told["ideas"]) == 60
    assert len(cards(server, "observation")) == len(told["observations"])
    assert len(cards(server, "comment")) == len(told["comments"])
    assert {one["text"] for one in told["recognitions"]} == _thanks(server)
    assert {id_ for _, id_, _, _ in cards(server, "goal")} == {goal_id(goal["key"]) for goal in told["goals"]}


def _thanks(server):
    with sqlite3.connect(server.folder / "virtaamo.db") as db:
        bodies = db.execute("SELECT body FROM card WHERE kind = 'recognition'").fetchall()
    return {msgspec.msgpack.decode(body)[0]["text"][0] for (body,) in bodies}


def test_b13_strength_cards_are_private_but_for_those_that_are_shared(county, told):
    server, _ = county
    profiles = told["strength_profiles"]

    with sqlite3.connect(server.folder / "virtaamo.db") as db:
        kinds = dict(db.execute("SELECT id, kind FROM space"))

    for kind, where, field in (("strength_card", "own", "cards"), ("shared_strength", "team", "shared")):
        found = cards(server, kind)
        assert len(found) == sum(len(profile[field]) for profile in profiles)
        assert {kinds[space] for space, *_ in found} == {where}


def test_f5_a_relay_waits_for_its_next_leg_and_a_task_is_done_by_some(county, told):
    server, _ = county
    relay = next(task for task in told["tasks"] if task["relay"])

    legs = sorted(cards(server, "relay_leg"), key=lambda leg: leg[3])
    with sqlite3.connect(server.folder / "virtaamo.db") as db:
        bodies = [body for (body,) in db.execute("SELECT body FROM card WHERE kind = 'task'")]
    tasks = [msgspec.msgpack.decode(body)[0] for body in bodies]
    batons = [task["baton"][0] for task in tasks if "baton" in task]

    assert len(legs) == len(relay["legs"]) == 4
    assert batons == [[5, "waiting", None, legs[-1][1]]]
    assert [task["done"][0] for task in tasks if "done" in task] == [1]


def test_anonymous_ideas_have_no_author_no_hour_and_no_log(county, told):
    server, _ = county
    nameless = [card for card in cards(server, "idea") if card[2] is None]

    assert len(nameless) == sum(idea["anonymous"] for idea in told["ideas"])
    assert all(made % DAY_MS == 0 for *_, made in nameless)
    assert not any(id_[:6] == made.to_bytes(6, "big") for _, id_, _, made in nameless)


def test_dates_lie_where_the_file_says(county, told):
    server, _ = county
    ages = sorted(
        (max(made for *_, made in cards(server, "idea")) - made) // DAY_MS
        for *_, made in cards(server, "idea")
    )

    assert ages[-1] >= 90


def test_jorma_reads_his_team_its_area_and_the_organisation(county):
    _, jorma = county

    assert [kind for _, _, kind, _ in jorma.me["grants"]][:3] == ["org", "area", "team"]
    assert jorma.me["name"] == "Jorma"
    for space, _, _, _ in jorma.me["grants"]:
        assert jorma.get(f"/api/spaces/{space}/snapshot").status_code == 200


def test_an_answered_idea_has_its_history(county):
    _, jorma = county
    team = next(space for space, _, kind, _ in jorma.me["grants"] if kind == "team")
    answered = next(row for row in rows(jorma, team) if row[1] == "idea" and row[5].get("reply") and row[3])

    history = msgspec.msgpack.decode(
        jorma.get(f"/api/spaces/{team}/cards/{answered[0].hex()}/history").content
    )

    assert [entry[1] for entry in history[:1]] == [answered[3]]
    assert any("reply" in entry[4] for entry in history)


def test_reactions_are_totals_without_names(county):
    _, jorma = county
    area = next(space for space, _, kind, _ in jorma.me["grants"] if kind == "area")

    assert 3 in [row[5].get("same_here") for row in rows(jorma, area)]


def rows(client, space):
    sync = msgspec.msgpack.encode([1, None, 0, {space: 0}, [], 1])
    reply = client.post("/api/sync", content=sync, headers={"Content-Type": "application/x-msgpack"})
    return next(frame[3] for frame in msgspec.msgpack.decode(reply.content)[5] if frame[0] == space)

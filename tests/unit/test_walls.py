"""View-only boards over HTTP: who hangs one, and what whoever stands at a locked tablet can read (D-45)."""

import os

import httpx
import pytest

from tests.authenticator import add_passkey
from tests.pens import Pen
from tests.tablets import tablet_of

SECRETS = ("Salainen kuvaus", "Salainen kommentti", "Salainen kiitos", "Liisa", "Mirkku", "Salainen havainto")


@pytest.fixture(params=["sqlite", "postgres", "shards"])
def sort(request):
    return request.param


@pytest.fixture
def leader(shared, join):
    return join(shared, "supervisor", name="Liisa")


@pytest.fixture
def team(leader):
    return leader.me["leads"][0][0]


@pytest.fixture
def tablet(shared, leader):
    return tablet_of(shared, leader)


def hang(leader, tablet, space):
    reply = leader.put(f"/api/devices/{tablet.uuid}/wall/{space}", json={})
    assert reply.status_code == 204, reply.text


def error_of(reply):
    return reply.status_code, reply.json()["error"]


def titles(wall):
    return {stage["stage"]: [idea["title"] for idea in stage["ideas"]] for stage in wall["stages"]}


def test_d45_no_tablet_shows_a_board_before_its_supervisor_says_so(shared, join, leader, tablet, team):
    path = f"/api/wall/{team}"
    assert tablet.client.get("/api/me").json()["walls"] == []
    assert error_of(tablet.client.get(path)) == (404, "not_found")
    assert error_of(shared.client().get(path)) == (403, "not_enrolled")
    assert error_of(join(shared, name="Mirkku").get(path)) == (403, "not_enrolled"), "an own device"

    hang(leader, tablet, team)

    assert tablet.client.get("/api/me").json()["walls"] == [team]
    assert tablet.client.get(path).status_code == 200
    row = next(row for row in leader.get("/api/devices").json() if row["kind"] == "shared")
    assert row["walls"] == [team]


def test_d45_a_wall_has_titles_by_stage_and_nothing_of_a_person(shared, join, leader, tablet, team):
    pen, boss = Pen(join(shared, name="Mirkku")), Pen(leader)
    lamp = pen.idea(team, team, title="Lamppu käytävään", text="Salainen kuvaus", lang="fi")
    tried = pen.idea(team, team, title="Hiljainen raportti")
    assert boss.write(team, "idea", {"stage": "trying"}, tried).code < 2
    away = pen.idea(team, team, title="Ei nyt -asia")
    parked = {"stage": "not_now", "reason": "Salainen perustelu on tässä"}
    assert boss.write(team, "idea", parked, away).code < 2
    pen.write(team, "comment", {"on": lamp, "text": "Salainen kommentti"})
    pen.write(team, "observation", {"team": team, "text": "Salainen havainto"})
    private = pen.idea(pen.own, team, title="Salainen kiitos")
    hang(leader, tablet, team)

    reply = tablet.client.get(f"/api/wall/{team}")

    wall = reply.json()
    assert titles(wall) == {
        "new": ["Lamppu käytävään"],
        "considering": [],
        "trying": ["Hiljainen raportti"],
        "in_use": [],
    }
    assert wall["stages"][0] == {
        "stage": "new",
        "total": 1,
        "ideas": [{"title": "Lamppu käytävään", "lang": "fi"}],
    }
    assert [word for word in (*SECRETS, "Salainen", "Ei nyt") if word in reply.text] == []
    for card in (lamp, tried, private):
        assert card.hex() not in reply.text
        assert card[:8].hex() not in reply.text
    assert reply.headers["cache-control"] == "no-store"
    assert set(wall) == {"space", "name", "stages", "relays", "waiting"}
    assert (wall["relays"], wall["waiting"]) == (0, 0)


def test_d45_h2_a_hidden_idea_leaves_the_wall(shared, join, leader, tablet, team):
    pen = Pen(join(shared, name="Mirkku"))
    card = pen.idea(team, team, title="Lamppu käytävään")
    hang(leader, tablet, team)
    assert "Lamppu" in tablet.client.get(f"/api/wall/{team}").text
    assert pen.write(team, "idea", {"gone": ["withdrawn", ""]}, card).code < 2
    wall = tablet.client.get(f"/api/wall/{team}")
    assert "Lamppu" not in wall.text
    assert wall.json()["stages"][0]["total"] == 0


def test_f5_d45_a_wall_counts_the_relays_that_are_on_their_way_and_says_nothing_of_them(
    shared, join, leader, tablet, team
):
    boss, me = Pen(leader), str(leader.me["person"])
    given = {"team": team, "title": "Salainen tehtävä", "prompt": "Salainen pyyntö"}
    tasks, leg = [os.urandom(16) for _ in range(4)], os.urandom(16)
    for task in tasks:
        assert boss.write(team, "task", {**given, "relay": True}, task).code < 2
    assert boss.write(team, "task", given).code < 2
    assert boss.write(team, "relay_leg", {"on": tasks[1], "text": "Salainen osuus"}, leg).code < 2
    held, done = [1, "held", me, None], [1, "finished", None, leg]
    assert boss.write(team, "task", {"baton": held}, tasks[1]).code < 2
    assert boss.write(team, "task", {"stage": "closed"}, tasks[2]).code < 2
    assert boss.write(team, "task", {"gone": ["withdrawn", ""]}, tasks[3]).code < 2
    hang(leader, tablet, team)
    reply = tablet.client.get(f"/api/wall/{team}")
    assert (reply.json()["relays"], reply.json()["waiting"]) == (2, 1)
    assert "Salainen" not in reply.text
    assert tasks[0].hex() not in reply.text

    assert boss.write(team, "task", {"baton": done}, tasks[1], baton=held).code < 2
    wall = tablet.client.get(f"/api/wall/{team}").json()
    assert (wall["relays"], wall["waiting"]) == (1, 1)


def test_d45_of_a_long_lane_the_newest_are_shown_and_all_counted(shared, join, leader, tablet, team):
    pen = Pen(join(shared))
    for number in range(33):
        pen.idea(team, team, title=f"Ajatus {number}")
    hang(leader, tablet, team)
    first = tablet.client.get(f"/api/wall/{team}").json()["stages"][0]
    assert (first["total"], len(first["ideas"])) == (33, 30)
    assert first["ideas"][0]["title"] == "Ajatus 32"


def test_d45_only_who_leads_the_team_hangs_its_board(shared, join, leader, tablet, team):
    path = f"/api/devices/{tablet.uuid}/wall"
    for role in ("staff", "agent"):
        other = join(shared, role, name="Mirkku")
        add_passkey(other)
        assert error_of(other.put(f"{path}/{team}", json={})) == (403, "not_allowed"), role
    assert error_of(shared.client().put(f"{path}/{team}", json={})) == (401, "signed_out")
    assert error_of(tablet.client.put(f"{path}/{team}", json={})) == (403, "shared_device")
    own, org = leader.me["own"], next(s for s, _, kind, _ in leader.me["grants"] if kind != "team")
    for space in (own, org, 99_999):
        assert error_of(leader.put(f"{path}/{space}", json={})) == (403, "not_allowed"), space
    missing = leader.put(f"/api/devices/{'0' * 32}/wall/{team}", json={})
    assert error_of(missing) == (404, "not_found")
    mine = leader.put(f"/api/devices/{leader.me['device']['id']}/wall/{team}", json={})
    assert error_of(mine) == (404, "not_found"), "an own device is no tablet"
    assert tablet.client.get("/api/me").json()["walls"] == []


def test_d45_a_tablet_reads_the_walls_of_its_own_teams_only(shared, join, leader, tablet, team):
    hang(leader, tablet, team)
    other = tablet_of(shared, leader, "Käytävä")
    assert error_of(other.client.get(f"/api/wall/{team}")) == (404, "not_found")
    for space in (leader.me["own"], 1, 99_999):
        assert error_of(tablet.client.get(f"/api/wall/{space}")) == (404, "not_found")


def test_d45_a_wall_ends_when_it_is_taken_down_and_with_its_tablet(shared, join, leader, tablet, team):
    hang(leader, tablet, team)
    place = f"/api/devices/{tablet.uuid}/wall/{team}"
    assert leader.delete(place).status_code == 204
    assert leader.delete(place).status_code == 204, "it is gone already"
    assert error_of(tablet.client.get(f"/api/wall/{team}")) == (404, "not_found")
    hang(leader, tablet, team)
    assert leader.delete(f"/api/devices/{tablet.uuid}").status_code == 204
    assert error_of(tablet.client.get(f"/api/wall/{team}")) == (410, "gone")
    assert error_of(leader.put(place, json={})) == (404, "not_found")


def test_d45_d83_the_audit_log_tells_who_hung_a_wall(shared, join, leader, tablet, team):
    hang(leader, tablet, team)
    hang(leader, tablet, team)
    leader.delete(f"/api/devices/{tablet.uuid}/wall/{team}")
    log = join(shared, "admin", None).get("/api/audit").json()
    rows = [row for row in log["events"] if row["what"].startswith("wall_") and row["space"] == team]
    assert [row["what"] for row in rows] == ["wall_removed", "wall_shown"]
    assert {log["persons"][str(row["actor"])] for row in rows} == {"Liisa"}
    assert rows[0]["detail"] == {"device": "Osasto 3"}


def test_d45_without_a_fresh_proof_no_wall_is_hung(leader, tablet, team, late):
    late()
    reply = leader.put(f"/api/devices/{tablet.uuid}/wall/{team}", json={})
    assert isinstance(reply, httpx.Response)
    assert error_of(reply) == (403, "reauth_required")


@pytest.fixture
def late(live_sql):
    """Everybody has shown who they are a while ago."""
    return lambda: live_sql("UPDATE session SET proved_at = 1000")

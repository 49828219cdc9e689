"""What leaders do over HTTP and at the command line: roles, moves, the tree, lists, the audit log."""

import json
from base64 import urlsafe_b64encode

import pytest

from server.forms import InviteForm, LinkMade
from tests.authenticator import add_passkey
from tests.conftest import join_with
from tests.unit.test_people import roles, team_of


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request):
    return request.param


def admin_of(server):
    client = join_with(server, server.ask("invite", InviteForm("admin"), LinkMade).code, "Adele")
    add_passkey(client)
    return client


def packed(text):
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def error(reply):
    return reply.status_code, reply.json()["error"]


def test_a_supervisor_gives_and_takes_roles(shared, join):
    jorma, aino = join(shared, "supervisor", name="Jorma"), join(shared, name="Aino")
    add_passkey(aino)
    team = team_of(jorma)
    path = f"/api/persons/{aino.me['person']}/grants/{team}"

    assert jorma.put(path, json={"role": "agent"}).status_code == 204
    assert roles(aino)["team"] == "agent"
    assert error(aino.put(path, json={"role": "supervisor"})) == (403, "not_allowed")
    assert error(jorma.put(path, json={"role": "hr"})) == (403, "not_allowed")
    assert jorma.put(path, json={"role": "owner"}).status_code == 422
    assert jorma.delete(path).status_code == 204
    assert roles(aino) == {"own": "owner"}


def test_moving_is_one_request(shared, join):
    admin, jorma, aino = admin_of(shared), join(shared, "supervisor", name="Jorma"), join(shared, name="Aino")
    here, there = team_of(jorma), shared.add_team(f"{shared.team} B")
    path = f"/api/persons/{aino.me['person']}/grants/{there}"

    assert error(jorma.put(path, json={"role": "staff", "instead_of": here})) == (403, "not_allowed")
    assert admin.put(path, json={"role": "staff", "instead_of": here}).status_code == 204

    assert team_of(aino) == there


def test_duties_are_listed_before_somebody_leaves(shared, join):
    jorma, aino = join(shared, "supervisor", name="Jorma"), join(shared, name="Aino")
    path, team = f"/api/persons/{aino.me['person']}", team_of(jorma)
    timo = join(shared, name="Timo")
    others = [{"id": jorma.me["person"], "name": "Jorma", "role": "supervisor"}]
    others += [{"id": timo.me["person"], "name": "Timo", "role": "staff"}]
    told = {"space": team, "name": shared.team, "sole": None, "duties": [], "others": others}

    assert jorma.get(f"{path}/duties").json() == [told]
    assert error(timo.get(f"{path}/duties")) == (403, "not_allowed")
    for method, way in (
        ("DELETE", f"{path}/grants/{team}"),
        ("POST", f"{path}/leave"),
        ("DELETE", "/api/me"),
    ):
        assert error(jorma.request(method, way, json={"duties_to": {team: 999_999}})) == (422, "invalid")
    assert roles(aino)["team"] == "staff"


def test_a_leader_corrects_a_name(shared, join):
    jorma, aino = join(shared, "supervisor", name="Jorma"), join(shared, name="Iano")
    path = f"/api/persons/{aino.me['person']}"

    assert error(aino.patch(path, json={"name": "Aino"})) == (404, "not_found")
    assert jorma.patch(path, json={"name": " Aino "}).status_code == 204
    assert aino.get("/api/me").json()["name"] == "Aino"
    assert error(jorma.patch(path, json={"name": "Ai\u0007no"})) == (422, "invalid")


def test_invitations_that_wait_are_listed_without_codes_and_taken_back(shared, join):
    jorma, second = join(shared, "supervisor", name="Jorma"), join(shared, "supervisor", name="Sari")
    team = team_of(jorma)
    made = jorma.post("/api/invitations", json={"space": team, "role": "agent", "name": "Liisa"}).json()

    (offer,) = [one for one in second.get(f"/api/invitations?space={team}").json() if one["name"]]
    assert (offer["name"], offer["role"], offer["uses_left"]) == ("Liisa", "agent", 1)
    assert made["code"] not in json.dumps(offer)
    assert error(join(shared, name="Timo").get(f"/api/invitations?space={team}")) == (403, "not_allowed")
    assert second.delete(f"/api/invitations/{offer['id']}").status_code == 204
    assert error(shared.client().post("/api/join/look", json={"code": made["code"]})) == (404, "code_unknown")


def test_the_tree_is_made_renamed_and_moved_over_http(shared, join):
    admin = admin_of(shared)
    org = next(one for one in admin.get("/api/organisation").json() if one["kind"] == "org")["space"]
    name = shared.team
    area = admin.post(
        "/api/spaces", json={"kind": "area", "names": {"fi": f"Alue {name}"[:80]}, "above": org}
    )
    space = area.json()["space"]
    team = {"kind": "team", "names": {"fi": f"T {name}"[:80]}, "above": space}
    made = admin.post("/api/spaces", json=team).json()["space"]

    assert error(admin.post("/api/spaces", json=team)) == (409, "name_taken")
    assert error(join(shared).post("/api/spaces", json=team)) == (403, "not_allowed")
    assert (
        admin.patch(f"/api/spaces/{made}", json={"names": {"fi": f"U {name}"[:80], "sv": "Ny"}}).status_code
        == 204
    )
    assert admin.patch(f"/api/spaces/{made}", json={"above": org}).status_code == 204
    shown = {one["space"]: one for one in admin.get("/api/organisation").json()}
    assert (shown[made]["names"]["sv"], shown[made]["above"]) == ("Ny", org)
    assert error(join(shared).get("/api/organisation")) == (403, "not_allowed")


def test_me_says_where_one_leads(shared, join):
    assert admin_of(shared).me["leads"][0][1] == "admin"
    jorma = join(shared, "supervisor")
    assert jorma.me["leads"] == [[team_of(jorma), "supervisor"]]
    assert join(shared).me["leads"] == []


def test_an_administrator_reads_no_card_and_no_list_of_readers(shared, join):
    """H1: leading isn't reading."""
    admin, aino = admin_of(shared), join(shared, name="Aino")
    team = team_of(aino)

    assert admin.get(f"/api/spaces/{team}/snapshot").status_code == 404
    assert [row["name"] for row in admin.get(f"/api/persons?space={team}").json()] == ["Aino"]
    assert set(admin.get(f"/api/persons?space={team}").json()[0]) == {"id", "name", "role"}


def test_a_list_is_looked_at_and_taken(shared, join):
    jorma = join(shared, "supervisor", name="Jorma")
    body = {"text": packed("Liisa\nKalle;Kuusi\n"), "space": team_of(jorma)}

    looked = jorma.post("/api/rosters/look", json=body).json()
    assert looked[0] == {"line": 1, "name": "Liisa", "place": shared.team, "role": "staff", "lang": "fi"}
    assert looked[1]["field"] == "team"
    assert "Kuusi" in looked[1]["fault"]
    assert jorma.post("/api/rosters", json=body).json()["tickets"] == []
    made = jorma.post("/api/rosters", json={**body, "good_ones": True}).json()
    assert [ticket["name"] for ticket in made["tickets"]] == ["Liisa"]
    assert join_with(shared, made["tickets"][0]["url"].partition("#")[2], name="").me["name"] == "Liisa"


def test_a_line_is_told_in_the_callers_language(shared, join):
    jorma = join(shared, "supervisor", name="Jorma")
    jorma.patch("/api/me", json={"lang": "sv"})

    looked = jorma.post("/api/rosters/look", json={"text": packed(";x\n")}).json()

    assert looked[0]["fault"] == "Namnet saknas."


def test_d83_the_log_has_days_and_no_sign_in_that_succeeded(shared, join):
    admin, jorma, aino = admin_of(shared), join(shared, "supervisor", name="Jorma"), join(shared, name="Aino")
    jorma.put(f"/api/persons/{aino.me['person']}/grants/{team_of(jorma)}", json={"role": "agent"})
    for client in (jorma, aino):
        client.get("/api/me")
        client.get(f"/api/persons?space={team_of(jorma)}")

    log = admin.get("/api/audit").json()

    mine = [e for e in log["events"] if jorma.me["person"] in (e["actor"], e["person"])]
    assert ("granted", {"role": "agent"}) in [(e["what"], e["detail"]) for e in mine]
    assert {e["at"] for e in log["events"] if e["actor"] or e["person"]} <= {None}
    assert not {"signed_in", "seen", "read"} & {e["what"] for e in log["events"]}
    assert log["persons"][str(aino.me["person"])] == "Aino"
    assert error(jorma.get("/api/audit")) == (403, "not_allowed")
    assert admin.get("/api/audit?since=2147483647").json()["events"] == []


# ---- the command line


@pytest.mark.parametrize("sort", ["sqlite"], indirect=True)
class TestCommands:
    """Scripts of whoever runs the server, through the same rules."""

    def test_a_team_added_twice_is_one_team(self, server):
        again = json.loads(server.cli("team", "add", " koivu ", "--json").stdout)
        placed = json.loads(server.cli("team", "add", "Koivu", "--area", "Kotihoito", "--json").stdout)
        once_more = json.loads(server.cli("team", "add", "Koivu", "--area", "Kotihoito", "--json").stdout)

        assert again["name"] == "Koivu"
        assert placed == once_more
        assert placed["space"] != again["space"]

    def test_teams_and_areas_are_renamed_and_moved(self, server):
        area = json.loads(server.cli("area", "add", "Kotihoito", "--json").stdout)
        assert server.cli("area", "rename", "Kotihoito", "Hemvården", "--lang", "sv").returncode == 0
        assert json.loads(server.cli("area", "add", "hemvården", "--json").stdout)["space"] == area["space"]
        done = server.cli("team", "rename", "Koivu", "Koivikko", "--area", "Kotihoito", "--json")

        assert json.loads(done.stdout)["name"] == "Koivikko"
        assert server.cli("team", "rename", "Koivu", "X").returncode == 1

    def test_a_list_is_imported_through_the_same_rules(self, server, tmp_path):
        file = tmp_path / "list.csv"
        file.write_bytes("Nimi;Tiimi\nLiisa;Koivu\nKalle;Kuusi\n".encode("utf-8-sig"))

        looked = server.cli("people", "import", str(file), "--look")
        assert (looked.returncode, looked.stdout.split(";")[0]) == (1, "1 good, 1 wrong")
        assert "line 3" in looked.stderr
        piped = server.cli("people", "import", "-", "--look", input=file.read_text())
        assert piped.stdout == looked.stdout
        assert server.cli("people", "import", str(file)).stdout.startswith("1 good") is False
        done = json.loads(server.cli("people", "import", str(file), "--good-ones", "--json").stdout)

        assert [link["name"] for link in done["links"]] == ["Liisa"]
        assert join_with(server, done["links"][0]["url"].partition("#")[2], name="").me["name"] == "Liisa"
        assert server.cli("people", "import", str(tmp_path / "none.csv")).returncode == 1

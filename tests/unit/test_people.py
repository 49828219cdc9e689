"""Joining, inviting, leaving and being removed, over HTTP as devices do it."""

from hashlib import sha256

import brotli
import msgspec
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from server.forms import RemoveForm
from tests.conftest import author_key, join_with


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request):
    return request.param


def roles(client):
    return {kind: role for _, role, kind, _ in client.get("/api/me").json()["grants"]}


def team_of(client):
    return next(space for space, _, kind, _ in client.get("/api/me").json()["grants"] if kind == "team")


def test_d33_opening_the_link_ten_times_uses_nothing_up(shared):
    code = shared.invite()
    with shared.client() as client:
        for _ in range(10):
            assert client.get("/liity").status_code == 200
            assert client.post("/api/join/look", json={"code": code}).json()["uses_left"] == 1

    assert join_with(shared, code).me["name"] == "Maija"


def test_staff_are_granted_their_team_its_area_and_the_organisation(shared, join):
    shared.add_team("Lumme of an area", "Neuvolat")

    assert roles(join(shared, "staff", "Lumme of an area")) == {
        "team": "staff",
        "area": "staff",
        "org": "staff",
        "own": "owner",
    }


def test_roles_of_the_whole_organisation_are_granted_that_alone(shared, join):
    assert roles(join(shared, "dev_lead", None)) == {"org": "dev_lead", "own": "owner"}
    assert roles(join(shared, "admin", None)) == {"own": "owner"}


def test_a_code_works_as_often_as_it_was_made_for(shared):
    code = shared.invite(uses=2)
    join_with(shared, code)
    join_with(shared, code)

    with shared.client() as client:
        reply = client.post("/api/join", json=join_form(code))

    assert (reply.status_code, reply.json()["error"]) == (410, "code_used")


def test_an_unknown_code_is_refused_in_the_callers_language(shared):
    with shared.client() as client:
        form = {"code": "A" * 22}
        finnish = client.post("/api/join/look", json=form).json()
        swedish = client.post(
            "/api/join/look", json=form, headers={"Accept-Language": "sv-FI, fi;q=0.5"}
        ).json()

    assert finnish["error"] == swedish["error"] == "code_unknown"
    assert finnish["message"] != swedish["message"]


def test_an_expired_code_says_so(server, sql):
    code = server.invite()
    server.stop()
    sql("UPDATE invitation SET until = 1")
    server.start()

    with server.client() as client:
        reply = client.post("/api/join", json=join_form(code))

    assert (reply.status_code, reply.json()["error"]) == (410, "code_expired")


def test_joining_with_a_live_session_adds_the_grant_to_that_person(shared, join):
    client = join(shared)
    shared.add_team("Lumme")

    reply = client.post("/api/join", json=join_form(shared.invite("agent", "Lumme")))

    assert reply.json()["person"] == client.me["person"]
    assert "set-cookie" not in reply.headers
    assert [role for _, role, kind, _ in reply.json()["grants"] if kind == "team"] == ["staff", "agent"]


def test_an_invitation_for_a_person_brings_that_person_back_on_a_new_device(shared, join):
    first = join(shared)

    again = join_with(shared, shared.invite(person=first.me["person"]), name="")

    assert again.me["person"] == first.me["person"]
    assert again.me["device"]["id"] != first.me["device"]["id"]
    assert again.me["name"] == "Maija"


def test_whoever_is_brought_back_goes_on_in_the_language_chosen_on_the_page(shared, join):
    first = join(shared)
    assert first.me["lang"] == "fi"
    code = shared.invite(person=first.me["person"])
    assert shared.client().post("/api/join/look", json={"code": code}).json()["lang"] == "fi"

    again = join_with(shared, code, name="", lang="sv")

    assert again.me["lang"] == "sv"
    assert first.get("/api/me").json()["lang"] == "sv"


@pytest.mark.parametrize("sort", ["sqlite"], indirect=True)
def test_the_database_holds_hashes_of_codes_and_tokens_only(server):
    code = server.invite()
    client = join_with(server, code)
    token = client.auth.cookie.split("=", 1)[1]
    server.stop()

    stored = b"".join(path.read_bytes() for path in server.folder.iterdir() if path.is_file())

    assert token.encode() not in stored
    assert code.encode() not in stored
    assert sha256(token.encode()).digest() in stored


def test_a_supervisor_invites_to_the_own_team_and_nowhere_else(shared, join):
    other = shared.add_team("Lumme")
    supervisor = join(shared, "supervisor")
    own = team_of(supervisor)

    made = supervisor.post("/api/invitations", json={"space": own, "name": "Uusi"})
    assert made.status_code == 201
    assert made.json()["url"] == f"{shared.url}/liity#{made.json()['code']}"
    assert made.json()["svg"]["path"].startswith("M4 4h7v1h-7z")
    assert join_with(shared, made.json()["code"], name="").me["name"] == "Uusi"
    assert supervisor.post("/api/invitations", json={"space": other}).status_code == 403
    assert supervisor.post("/api/invitations", json={"space": own, "role": "dev_lead"}).status_code == 403
    assert join(shared).post("/api/invitations", json={"space": own}).status_code == 403


def test_an_invitation_can_be_taken_back_by_its_maker(shared, join):
    supervisor = join(shared, "supervisor")
    made = supervisor.post("/api/invitations", json={"space": team_of(supervisor)}).json()
    path = f"/api/invitations/{made['id']}"

    assert join(shared).delete(path).status_code == 404
    assert supervisor.delete(path).status_code == 204

    with shared.client() as client:
        assert client.post("/api/join/look", json={"code": made["code"]}).status_code == 404


def test_being_removed_ends_the_grants_at_once_and_keeps_the_session(shared, join):
    supervisor, member = join(shared, "supervisor"), join(shared, name="Otto")
    team = team_of(supervisor)

    assert supervisor.delete(f"/api/persons/{member.me['person']}/grants/{team}").status_code == 204

    assert roles(member) == {"own": "owner"}
    assert member.get(f"/api/persons?space={team}").status_code == 404
    assert member.get(f"/api/spaces/{team}/snapshot").status_code == 404


def test_staff_may_leave_and_may_not_remove_others(shared, join):
    one, other = join(shared), join(shared, name="Otto")
    team = team_of(one)

    assert one.delete(f"/api/persons/{other.me['person']}/grants/{team}").status_code == 403
    assert one.delete(f"/api/persons/{one.me['person']}/grants/{team}").status_code == 204
    assert roles(one) == {"own": "owner"}


def test_nobody_loses_the_space_of_their_own(shared, join):
    member = join(shared)

    reply = member.delete(f"/api/persons/{member.me['person']}/grants/{member.me['own']}")

    assert reply.status_code == 403
    assert roles(member)["own"] == "owner"


def test_nobody_takes_a_team_s_last_supervisor_away_who_may_go_by_themselves(shared, join):
    supervisor, _, admin = join(shared, "supervisor"), join(shared), join(shared, "admin", None)
    path = f"/api/persons/{supervisor.me['person']}/grants/{team_of(supervisor)}"

    reply = admin.delete(path)
    assert (reply.status_code, reply.json()["error"]) == (409, "last_supervisor")
    assert supervisor.delete(path).status_code == 204


def test_coming_back_shows_the_member_again(shared, join):
    supervisor, member = join(shared, "supervisor"), join(shared, name="Otto")
    team = team_of(supervisor)
    supervisor.delete(f"/api/persons/{member.me['person']}/grants/{team}")
    member.post("/api/join", json=join_form(shared.invite()))

    card = member_card(rows_of(supervisor, team), member.me["person"])

    assert card["role"] == "staff"
    assert card.get("gone") is None


def test_who_leaves_the_organisation_is_told_gone(shared, join):
    client = join(shared)

    assert shared.cli("people", "remove", "--person", str(client.me["person"])).returncode == 0

    reply = client.get("/api/me")
    assert (reply.status_code, reply.json()["error"]) == (410, "gone")


def test_who_has_left_may_join_anew_as_somebody_new(shared, join):
    client = join(shared)
    shared.ask("people.remove", RemoveForm(client.me["person"]), type(None))

    again = client.post("/api/join", json=join_form(shared.invite()))

    assert again.status_code == 200
    assert again.json()["person"] != client.me["person"]
    assert "set-cookie" in again.headers


def test_a_new_name_reaches_every_space_with_the_persons_card(shared, join):
    client = join(shared)
    changed = client.patch("/api/me", json={"name": "Maija M", "colour": 4, "lang": "sv"})

    rows = rows_of(client, team_of(client))

    assert changed.json()["name"] == "Maija M"
    card = next(fields for kind, fields in rows if kind == "person")
    assert card == {"name": "Maija M", "colour": 4, "language": "sv", "own": client.me["own"]}


def test_logging_out_ends_the_session_on_the_server(shared, join):
    client = join(shared)

    reply = client.post("/api/logout", json={"waiting": 2})

    assert reply.status_code == 204
    assert "Max-Age=0" in reply.headers["set-cookie"]
    assert client.get("/api/me").status_code == 401


@pytest.mark.parametrize(("end", "code"), [("logout", 4401), ("leave", 4410)])
def test_d74_open_connections_close_when_the_session_ends(shared, join, end, code):
    client = join(shared)
    headers = {"Cookie": client.auth.cookie, "Origin": shared.url}
    with connect(shared.url.replace("http", "ws") + "/api/live", additional_headers=headers) as socket:
        socket.send(msgspec.msgpack.encode([1, None, 0, {}, [], 1]))
        socket.recv(timeout=5)
        if end == "logout":
            client.post("/api/logout", json={})
        else:
            shared.ask("people.remove", RemoveForm(client.me["person"]), type(None))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=5)

    assert closed.value.rcvd.code == code


def test_being_removed_is_told_to_open_connections(shared, join):
    supervisor, member = join(shared, "supervisor"), join(shared, name="Otto")
    headers = {"Cookie": member.auth.cookie, "Origin": shared.url}
    with connect(shared.url.replace("http", "ws") + "/api/live", additional_headers=headers) as socket:
        socket.send(msgspec.msgpack.encode([1, None, 0, {}, [], 1]))
        socket.recv(timeout=5)
        supervisor.delete(f"/api/persons/{member.me['person']}/grants/{team_of(supervisor)}")
        told = msgspec.msgpack.decode(socket.recv(timeout=5))

    assert [role for _, role, _, _ in told[3][1]] == ["owner"]


def test_d31_a_session_ends_after_45_idle_days_and_after_400(server, join, sql):
    idle, old, fresh = join(server), join(server), join(server)
    server.stop()
    sql(f"UPDATE session SET seen_on = seen_on - 46 WHERE person = {idle.me['person']}")
    sql(f"UPDATE session SET made_at = made_at - 34646400000 WHERE person = {old.me['person']}")
    sql(f"UPDATE session SET seen_on = seen_on - 44 WHERE person = {fresh.me['person']}")
    server.start()

    def status(client):
        with server.client() as again:
            return again.get("/api/me", headers={"Cookie": client.auth.cookie}).status_code

    assert [status(client) for client in (idle, old, fresh)] == [401, 401, 200]


def test_msgpack_is_taken_and_given_wherever_json_is(shared, join):
    client = join(shared)
    body = msgspec.msgpack.encode({"name": "Pakattu"})
    kinds = {"Content-Type": "application/x-msgpack", "Accept": "application/x-msgpack"}

    reply = client.patch("/api/me", content=body, headers=kinds)

    assert msgspec.msgpack.decode(reply.content)["name"] == "Pakattu"


def join_form(code):
    return {"code": code, "name": "Otto", "lang": "fi", "sign_pub": author_key()}


def rows_of(client, space):
    """Kind and fields of every card that a new device gets from a space."""
    sync = [1, None, 0, {space: 0}, [], 1]
    reply = client.post(
        "/api/sync", content=msgspec.msgpack.encode(sync), headers={"Content-Type": "application/x-msgpack"}
    )
    synced = msgspec.msgpack.decode(reply.content)
    frames = {frame[0]: frame for frame in synced[5]}
    if space in frames:
        return [(row[1], row[5]) for row in frames[space][3]]
    body = client.get(f"/api/spaces/{space}/snapshot").content
    return [(row[1], row[5]) for row in msgspec.msgpack.decode(brotli.decompress(body))[3]]


def member_card(rows, person):
    return next(fields for kind, fields in rows if kind == "member" and fields.get("person") == person)

"""Codes that are typed, and what a code tells whom (docs/devices.md D-29, D-33, D-82)."""

import pytest

from server import codes
from server.forms import InviteForm, LinkMade
from tests.conftest import Server, author_key, join_with
from tests.unit.test_passkeys import error, notices
from tests.unit.test_people import join_form, team_of

WRONG = "ZZZZZZ"


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request):
    return request.param


def typed(server: Server) -> str:
    """An invitation to the test's team whose code is typed."""
    return server.ask("invite", InviteForm("staff", server.team, is_typed=True), LinkMade).code


def look(server: Server, code: str):
    return server.client().post("/api/join/look", json={"code": code})


def test_a_typed_code_has_ten_letters_that_are_not_mistaken_for_others(shared):
    code = typed(shared)

    assert len(code.replace("-", "")) == 10
    assert not set("ILOU") & set(code)


@pytest.mark.parametrize(
    "write", [str.lower, lambda c: f" {c[:5]} {c[6:]} ", lambda c: c.replace("0", "o").replace("1", "I")]
)
def test_d33_a_typed_code_is_understood_however_it_is_typed(shared, write):
    code = write(typed(shared))

    assert look(shared, code).status_code == 200
    assert join_with(shared, code).me["name"] == "Maija"
    assert error(look(shared, code)) == (410, "code_used")


def test_d29_the_fifth_wrong_try_ends_a_typed_code(shared):
    code = typed(shared)
    for _ in range(4):
        assert error(look(shared, code[:4] + WRONG)) == (404, "code_unknown")
    assert look(shared, code).status_code == 200, "the right one takes no try away"

    assert error(look(shared, code[:4] + WRONG)) == (404, "code_unknown")

    assert error(look(shared, code)) == (404, "code_unknown")
    assert error(shared.client().post("/api/join", json=join_form(code))) == (404, "code_unknown")


def test_d29_the_database_holds_no_code_and_nothing_that_finds_one_without_the_secret(shared):
    code, secret = codes.fold(typed(shared)), (shared.folder / "secret").read_bytes()
    key = codes.sought(secret, code)

    other = codes.sought(b"another", code)

    assert key.hash != other.hash
    assert key.front != other.front
    assert codes.sought(secret, code[:4] + WRONG).front == key.front


def test_d33_what_was_never_a_code_and_a_wrong_one_look_alike(shared):
    code = typed(shared)
    replies = [
        look(shared, text) for text in (code[:4] + WRONG, WRONG + "0000", "A" * 22, code[:4] + WRONG + "ä")
    ]

    assert {reply.text for reply in replies} == {replies[0].text}
    assert {reply.status_code for reply in replies} == {404}


def test_d33_used_and_expired_are_told_only_to_who_holds_the_code(server, sql):
    used, old = typed(server), typed(server)
    join_with(server, used)
    server.stop()
    sql("UPDATE invitation SET until = 0 WHERE uses_left > 0")
    server.start()

    assert error(look(server, used)) == (410, "code_used")
    assert error(look(server, old)) == (410, "code_expired")
    assert (
        error(look(server, used[:4] + WRONG)) == error(look(server, old[:4] + WRONG)) == (404, "code_unknown")
    )


def test_d33_a_supervisor_makes_a_typed_code_for_one_person_and_one_day(shared, join):
    supervisor = join(shared, "supervisor")
    form = {"space": team_of(supervisor), "kind": "typed"}

    made = supervisor.post("/api/invitations", json=form).json()

    assert made["code"] not in made["url"]
    assert join_with(shared, made["code"]).me["name"] == "Maija"
    several = supervisor.post("/api/invitations", json={**form, "uses": 2})
    assert error(several) == (422, "invalid")


def test_d33_being_invited_back_is_told_and_the_old_sessions_stay(shared, join):
    client = join(shared)

    back = join_with(shared, shared.invite(person=client.me["person"]))

    assert back.me["person"] == client.me["person"]
    assert notices(client) == ["signed_in", "reinvited"]
    assert client.get("/api/me").status_code == 200


def test_d33_joining_with_a_live_session_adds_the_grant_to_that_person(shared, join):
    client = join(shared)
    shared.add_team(f"{shared.team} toinen")

    reply = client.post("/api/join", json=join_form(shared.invite(team=f"{shared.team} toinen")))

    assert reply.json()["person"] == client.me["person"]
    assert "set-cookie" not in reply.headers
    assert len([space for space, _, kind, _ in reply.json()["grants"] if kind == "team"]) == 2
    assert notices(client) == ["granted"]


def test_whoever_was_invited_back_may_make_a_passkey_where_they_have_lost_another(shared, join):
    supervisor = join(shared, "supervisor")

    back = join_with(shared, shared.invite("supervisor", person=supervisor.me["person"]))

    assert back.post("/api/passkey/register/begin", json={}).status_code == 200


def test_a_code_of_the_command_line_is_printed_once(shared):
    done = shared.cli("invite", "--role", "staff", "--team", shared.team, "--typed")

    assert done.returncode == 0, done.stderr
    url, code = done.stdout.split()
    assert url.endswith("/liity")
    form = {"code": code, "name": "Otto", "lang": "fi", "sign_pub": author_key()}
    assert shared.client().post("/api/join", json=form).status_code == 200

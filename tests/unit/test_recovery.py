"""Recovery codes over HTTP, and the rules of codes that are typed (docs/devices.md D-29, D-39)."""

import pytest

from tests.authenticator import add_passkey
from tests.conftest import Cookies, author_key, join_with
from tests.unit.test_passkeys import error, failures, notices


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request):
    return request.param


@pytest.fixture
def who(shared, join):
    """A person with a passkey and fresh codes, of a name that nobody else has."""
    client = join(shared, name=f"Maija {shared.count()}")
    add_passkey(client)
    client.codes = client.post("/api/recovery-codes", json={}).json()["codes"]
    return client


def recover(server, name, code):
    form = {"name_hint": name, "code": code, "device_name": "Uusi", "sign_pub": author_key()}
    return server.client().post("/api/recover", json=form)


def test_d39_there_are_eight_codes_each_shown_once(who):
    assert len(set(who.codes)) == 8
    assert all(len(code.replace("-", "")) == 10 for code in who.codes)
    assert who.get("/api/recovery-codes").json() == {"left": 8}


def test_d39_a_code_signs_in_once_and_the_other_devices_are_told(shared, who):
    reply = recover(shared, who.me["name"].upper(), f" {who.codes[0].lower().replace('-', ' ')}")

    assert reply.status_code == 200, reply.text
    assert reply.json()["person"] == who.me["person"]
    assert notices(who)[0] == "recovered"
    assert who.get("/api/me/notices").json()[0]["detail"] == {"device": "Uusi", "left": 7}
    assert error(recover(shared, who.me["name"], who.codes[0])) == (404, "code_unknown")


def test_whoever_recovers_may_make_a_passkey_at_once(shared, who):
    reply = recover(shared, who.me["name"], who.codes[1])
    fresh = shared.client()
    fresh.auth = Cookies(reply.headers["set-cookie"].split(";")[0])

    add_passkey(fresh)

    assert len(fresh.get("/api/passkey").json()) == 2


def test_a_wrong_name_and_a_wrong_code_look_alike_and_are_noted_without_a_name(shared, join, who):
    other = join(shared, name="Merkkinimi")
    before = len(failures(shared, join))
    wrong = [
        recover(shared, "Merkkinimi", who.codes[0]),
        recover(shared, "Nobody of this name", who.codes[0]),
        recover(shared, who.me["name"], "00000-00000"),
        recover(shared, "Nobody of this name", "00000-00000"),
    ]

    assert {reply.text for reply in wrong} == {wrong[0].text}
    assert {reply.status_code for reply in wrong} == {404}
    noted = failures(shared, join)
    assert len(noted) == before + 4
    assert all(row["person"] is None and "erkki" not in str(row) for row in noted)
    assert recover(shared, who.me["name"], who.codes[0]).status_code == 200, "it was not used up"
    assert notices(other) == []


def test_d32_a_code_proves_who_is_there_where_no_passkey_is_at_hand(shared, join, who):
    again = join_with(shared, shared.invite(person=who.me["person"]))
    reply = again.post("/api/passkey/stepup/finish", json={"code": who.codes[2]})

    assert reply.status_code == 200
    assert again.post("/api/recovery-codes", json={}).status_code == 201
    used = again.post("/api/passkey/stepup/finish", json={"code": who.codes[3]})
    assert error(used) == (404, "code_unknown"), "fresh codes took the place of the old ones"


def test_the_codes_of_another_prove_nothing(shared, join, who):
    other = join(shared)

    assert error(other.post("/api/passkey/stepup/finish", json={"code": who.codes[0]})) == (
        404,
        "code_unknown",
    )
    assert error(other.post("/api/passkey/stepup/finish", json={})) == (422, "invalid")


def test_codes_are_a_way_in_so_the_only_passkey_may_go(who):
    (only,) = who.get("/api/passkey").json()

    assert who.delete(f"/api/passkey/{only['id']}").status_code == 204


def test_an_admin_of_the_machine_makes_codes_for_who_lost_everything(shared, join):
    client = join(shared, name=f"Lost {shared.count()}")

    done = shared.cli("people", "recover", "--person", str(client.me["person"]))

    assert done.returncode == 0, done.stderr
    code = done.stdout.splitlines()[-1].strip()
    assert recover(shared, client.me["name"], code).status_code == 200
    assert notices(client) == ["recovered", "recovery_codes_made"]
    assert shared.cli("people", "recover", "--person", "999999").returncode == 1

"""Organisation sign-in over HTTP, as browsers do it, with a provider on loopback."""

import sqlite3

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from server.doctor import examine
from server.settings import read_settings
from tests.conftest import Cookies, Server, author_key, join_with
from tests.directory import Directory
from tests.sealing import Phone, deliver, states


@pytest.fixture
def directory():
    directory = Directory()
    yield directory
    directory.close()


@pytest.fixture
def server(stopped: Server, directory: Directory) -> Server:
    """A running server that knows the directory; its wards are the team Koivu."""
    (stopped.folder / "virtaamo.toml").write_text(
        '[oidc_groups]\nwards = { team = "Koivu", role = "staff" }\n'
    )
    stopped.environ |= {**directory.settings, "VIRTAAMO_OIDC_NAME": "Kehrävesi-tunnus"}
    running = stopped.start()
    running.add_team()
    return running


def leave(client, path="/api/oidc/begin", new=True):
    """Begin; the client keeps the cookie beside the one that it has. Gives the provider's address."""
    begun = client.post(path, json={"new": new})
    assert begun.status_code == 200, begun.text
    keep_cookies(client, begun)
    return begun.json()["url"]


def keep_cookies(client, reply):
    had = client.auth.cookie.split("; ") if client.auth else []
    fresh = [line.split(";")[0] for line in reply.headers.get_list("set-cookie")]
    kept = {pair.partition("=")[0]: pair for pair in [*had, *fresh]}
    client.auth = Cookies("; ".join(pair for pair in kept.values() if not pair.endswith("=")))


def come_back(client, back):
    """Finish with what the provider sent back."""
    form = {**back, "lang": "fi", "sign_pub": author_key(), "device_name": "phone"}
    reply = client.post("/api/oidc/finish", json=form)
    if reply.status_code == 200:
        keep_cookies(client, reply)
    return reply


def error_of(reply):
    return reply.status_code, reply.json()["error"]


def signed_in(server, directory, subject="aino", groups=("wards",)):
    client = server.client()
    reply = come_back(client, directory.sign_in(leave(client), subject, groups=list(groups)))
    assert reply.status_code == 200, reply.text
    return client


def teams(client):
    return [role for _, role, kind, _ in client.get("/api/me").json()["grants"] if kind == "team"]


def test_d28_the_organisations_account_opens_the_team_of_its_group(server, directory):
    client = server.client()
    assert client.get("/api/oidc").json() == {"on": True, "name": "Kehrävesi-tunnus", "linked": False}

    reply = come_back(client, directory.sign_in(leave(client), groups=["wards"]))

    assert reply.json()["name"] == "Aino"
    assert teams(client) == ["staff"]
    assert client.get("/api/oidc").json()["linked"] is True


def test_d28_a_group_that_is_gone_takes_its_team_along_at_the_next_sign_in(server, directory):
    phone = signed_in(server, directory)
    desk = signed_in(server, directory, groups=())

    assert phone.get("/api/me").json()["person"] == desk.get("/api/me").json()["person"]
    assert teams(phone) == teams(desk) == []


def test_d30_its_cookies_are_made_as_all_others_are(server, directory):
    client = server.client()
    begun = client.post("/api/oidc/begin", json={"new": True})
    keep_cookies(client, begun)
    done = come_back(client, directory.sign_in(begun.json()["url"], groups=["wards"]))

    cookies = [*begun.headers.get_list("set-cookie"), *done.headers.get_list("set-cookie")]
    assert [line.partition("=")[0] for line in cookies] == ["__Host-v_o", "__Host-v_s", "__Host-v_o"]
    for line in cookies:
        assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(line.split("; ")), line
        assert "Domain" not in line
    assert "Max-Age=600" in cookies[0]
    assert cookies[2].startswith(("__Host-v_o=;", '__Host-v_o="";'))


def test_d28_a_state_counts_once(server, directory):
    client = server.client()
    address = leave(client)
    assert come_back(client, directory.sign_in(address, groups=["wards"])).status_code == 200

    assert error_of(come_back(client, directory.sign_in(address, groups=["wards"]))) == (
        410,
        "challenge_expired",
    )


def test_d28_a_state_that_failed_once_is_worth_nothing(server, directory):
    client = server.client()
    address = leave(client)
    assert error_of(come_back(client, directory.sign_in(address, nonce="another"))) == (422, "oidc_refused")

    assert error_of(come_back(client, directory.sign_in(address, groups=["wards"]))) == (
        410,
        "challenge_expired",
    )


def test_d28_a_made_up_state_is_refused(server, directory):
    client = server.client()
    back = directory.sign_in(leave(client), groups=["wards"]) | {"state": "m" * 43}

    assert error_of(come_back(client, back)) == (410, "challenge_expired")


def test_d28_what_one_browser_began_no_other_can_finish(server, directory):
    began, other = server.client(), server.client()
    back = directory.sign_in(leave(began), groups=["wards"])
    leave(other)

    assert error_of(come_back(other, back)) == (410, "challenge_expired")
    assert error_of(come_back(server.client(), back)) == (410, "challenge_expired")


@pytest.mark.parametrize("sort", ["sqlite"], indirect=True)
def test_d28_a_state_is_good_for_ten_minutes(server, directory):
    client = server.client()
    address = leave(client)
    with sqlite3.connect(server.folder / "virtaamo.db") as db:
        db.execute("UPDATE challenge SET until = until - 600000")

    assert error_of(come_back(client, directory.sign_in(address, groups=["wards"]))) == (
        410,
        "challenge_expired",
    )


def test_d28_who_is_in_no_group_is_told_what_to_do(server, directory):
    client = server.client()
    reply = come_back(client, directory.sign_in(leave(client), groups=["strangers"]))

    assert error_of(reply) == (403, "no_place")
    assert "kutsu" in reply.json()["message"]


@pytest.mark.parametrize("sort", ["sqlite"], indirect=True)
def test_d28_who_is_unknown_is_asked_before_a_person_is_made(server, directory):
    client = server.client()
    asked = come_back(client, directory.sign_in(leave(client, new=False), groups=["wards"]))
    with sqlite3.connect(server.folder / "virtaamo.db") as db:
        made = db.execute("SELECT count(*) FROM person WHERE name = 'Aino'").fetchone()
        noted = db.execute("SELECT count(*) FROM audit WHERE what = 'sign_in_failed'").fetchone()

    assert error_of(asked) == (409, "identity_new")
    assert (made, noted) == ((0,), (0,))
    aino = signed_in(server, directory)
    again = server.client()
    reply = come_back(again, directory.sign_in(leave(again, new=False), groups=["wards"]))
    assert reply.json()["person"] == aino.get("/api/me").json()["person"]


def test_d28_without_the_provider_local_ways_in_go_on(server, directory):
    directory.close()

    begun = server.client().post("/api/oidc/begin", json={})

    assert error_of(begun) == (503, "oidc_unavailable")
    assert join_with(server, server.invite()).get("/api/me").status_code == 200


def test_d28_it_is_off_where_no_provider_is_named(shared):
    client = shared.client()

    assert client.get("/api/oidc").json() == {"on": False, "name": "", "linked": False}
    assert error_of(client.post("/api/oidc/begin", json={})) == (404, "not_found")


def test_d73_signing_in_can_not_be_begun_from_another_site(server):
    client = server.client()
    client.headers["Origin"] = "https://evil.example"

    assert error_of(client.post("/api/oidc/begin", json={})) == (403, "cross_site")


@pytest.mark.parametrize("sort", ["sqlite"], indirect=True)
def test_d83_failures_are_noted_without_names_and_successes_told_to_the_person_alone(server, directory):
    client = server.client()
    come_back(client, directory.sign_in(leave(client), "aino", groups=["strangers"]))
    signed_in(server, directory, "ville")

    with sqlite3.connect(server.folder / "virtaamo.db") as db:
        noted = db.execute(
            "SELECT what, actor, person, detail FROM audit WHERE what LIKE 'sign_in%'"
        ).fetchall()
        told = db.execute("SELECT what FROM notice").fetchall()
    assert [row[:3] for row in noted] == [("sign_in_failed", None, None)]
    assert b"aino" not in noted[0][3].lower()
    assert ("signed_in",) in told


def test_d15_no_token_of_the_provider_is_kept_or_logged(server, directory):
    client = server.client()
    back = directory.sign_in(leave(client), groups=["wards"])
    token = directory.codes[back["code"]][1]
    come_back(client, back)

    files = [server.log_file, *server.folder.glob("virtaamo.db*")]
    kept = b"".join(file.read_bytes() for file in files)
    assert all(secret.encode() not in kept for secret in (token, back["state"], back["code"] + " "))


def proved(server):
    """Somebody who has joined by invitation, brought back a moment ago."""
    first = join_with(server, server.invite(), "Aino")
    return join_with(server, server.invite(person=first.me["person"]), "")


def test_d32_linking_and_unlinking_need_a_proof(server):
    aino = join_with(server, server.invite())

    assert error_of(aino.post("/api/oidc/link", json={})) == (403, "reauth_required")
    assert error_of(aino.delete("/api/oidc")) == (403, "reauth_required")
    assert error_of(server.client().post("/api/oidc/link", json={})) == (401, "signed_out")


def test_d28_a_linked_account_leads_to_the_person_who_joined_by_invitation(server, directory):
    aino = proved(server)
    reply = come_back(aino, directory.sign_in(leave(aino, "/api/oidc/link"), "oid-7", name="Somebody Else"))
    assert reply.status_code == 200, reply.text
    assert not any(line.startswith("__Host-v_s") for line in reply.headers.get_list("set-cookie"))
    assert aino.get("/api/oidc").json()["linked"] is True

    elsewhere = signed_in(server, directory, "oid-7", groups=())

    me = elsewhere.get("/api/me").json()
    assert (me["person"], me["name"]) == (aino.me["person"], "Aino")
    assert teams(elsewhere) == ["staff"]


def test_d61_who_links_an_account_from_behind_an_app_lock_signs_with_the_key_made_then(server, directory):
    aino = Phone(server, server.invite(person=join_with(server, server.invite(), "Aino").me["person"]), "")
    aino.private = ec.generate_private_key(ec.SECP256R1())
    back = directory.sign_in(leave(aino.client, "/api/oidc/link"), "oid-7")
    form = {**back, "lang": "fi", "sign_pub": aino.sign_pub, "device_name": "phone"}
    assert aino.client.post("/api/oidc/finish", json=form).status_code == 200

    sealed = aino.seal(aino.idea("Kello seinälle"), aino.key())
    assert states(deliver(server.client(), [sealed])) == ["stored"]


def test_d28_an_account_of_somebody_else_is_not_linked(server, directory):
    signed_in(server, directory, "ville")
    aino = proved(server)

    reply = come_back(aino, directory.sign_in(leave(aino, "/api/oidc/link"), "ville"))

    assert error_of(reply) == (409, "identity_taken")


def test_d28_what_one_person_began_to_link_no_other_can_finish(server, directory):
    aino, ville = proved(server), join_with(server, server.invite(), "Ville")
    back = directory.sign_in(leave(aino, "/api/oidc/link"))
    ville.auth = Cookies(f"{ville.auth.cookie}; {aino.auth.cookie.split('; ')[1]}")

    assert error_of(come_back(ville, back)) == (401, "signed_out")
    assert ville.get("/api/oidc").json()["linked"] is False


def test_doctor_asks_the_provider(server, directory):
    settings = read_settings({**directory.settings, "VIRTAAMO_DATA": str(server.folder)})
    assert [f.mark for f in examine(settings, 0) if directory.issuer in f.text] == ["ok"]

    directory.close()

    assert [f.mark for f in examine(settings, 0) if directory.issuer in f.text] == ["FAIL"]


def test_groups_that_open_no_place_are_named_in_the_log(server):
    server.stop()
    with (server.folder / "virtaamo.toml").open("a") as file:
        file.write('dreams = { team = "Ei ole", role = "staff" }\n')
    server.start()

    _, _, since = server.log_file.read_text().rpartition("stopping")
    assert "dreams" in since
    assert "wards" not in since

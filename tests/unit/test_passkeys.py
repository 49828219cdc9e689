"""Passkeys over HTTP, with an authenticator in software and the real library (docs/devices.md D-32, D-34, D-35)."""

import httpx
import pytest

from server.store.passkeys import Passkey, use_passkey
from server.store.passkeys import add_passkey as add_stored
from tests.authenticator import Authenticator, add_passkey, step_up
from tests.conftest import Cookies, Server, author_key, join_with


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request):
    return request.param


def log_in(server: Server, authenticator: Authenticator, **how: object) -> httpx.Response:
    """Sign in with a passkey in a browser that nobody has used; `how`: sign_pub, answers (how often it is sent)."""
    client = server.client()
    begun = client.post("/api/passkey/login/begin", json={})
    browser = {"Cookie": begun.headers["set-cookie"].split(";")[0]}
    answer = authenticator.use(begun.json()["options"])
    form = {"credential": answer, "sign_pub": how.get("sign_pub", author_key()), "device_name": "Toinen"}
    for _ in range(int(how.get("answers", 1))):
        reply = client.post("/api/passkey/login/finish", json=form, headers=how.get("headers", browser))
    return reply


def signed_in(server: Server, reply: httpx.Response) -> httpx.Client:
    assert reply.status_code == 200, reply.text
    client = server.client()
    client.auth = Cookies(reply.headers.get_list("set-cookie")[0].split(";")[0])
    client.me = reply.json()
    return client


def error(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]


def notices(client: httpx.Client) -> list[str]:
    return [one["what"] for one in client.get("/api/me/notices").json()]


def failures(server: Server, join) -> list[dict[str, object]]:
    admin = join(server, "admin", None, "Adele")
    rows = page = admin.get("/api/audit").json()["events"]
    while page:  # other tests of this server have filled the newest page
        page = admin.get("/api/audit", params={"before": page[-1]["id"]}).json()["events"]
        rows += page
    return [row for row in rows if row["what"] == "sign_in_failed"]


def test_a_second_device_signs_in_with_the_passkey_of_the_first(shared, join):
    first = join(shared)
    authenticator = add_passkey(first)

    second = signed_in(shared, log_in(shared, authenticator))

    assert second.me["person"] == first.me["person"]
    assert second.me["device"]["id"] != first.me["device"]["id"]
    assert notices(first) == ["signed_in", "passkey_made"], "told to the person, on every device"


def test_d34_options_ask_for_a_discoverable_passkey_and_a_verified_person(shared, join):
    client = join(shared)
    made = client.post("/api/passkey/register/begin", json={}).json()["options"]
    used = shared.client().post("/api/passkey/login/begin", json={}).json()["options"]

    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["authenticatorSelection"]["userVerification"] == used["userVerification"] == "required"
    assert made["attestation"] == "none"
    assert len(made["user"]["id"]) == 43, "32 random bytes, which say nothing of the person"
    assert made["user"]["name"] == "Maija"
    assert used["allowCredentials"] == []


def test_d34_an_authenticator_that_does_not_verify_its_owner_is_refused(shared, join):
    client = join(shared)
    lax = Authenticator(shared.url, verifies=False)
    begun = client.post("/api/passkey/register/begin", json={}).json()["options"]
    made = client.post("/api/passkey/register/finish", json={"credential": lax.make(begun)})
    assert error(made) == (422, "passkey_refused")

    lax.verifies = True
    add_passkey(client, lax)
    lax.verifies = False
    assert error(log_in(shared, lax)) == (422, "passkey_refused")
    assert error(step_up(client, lax)) == (422, "passkey_refused")


@pytest.mark.parametrize("change", ["origin", "party", "framed", "key"])
def test_d34_a_passkey_of_another_page_or_another_key_is_refused(shared, join, change):
    client = join(shared)
    authenticator = add_passkey(client)
    if change == "origin":
        authenticator.origin = "https://evil.example"
    if change == "framed":
        authenticator.extra = {"crossOrigin": True}
    if change == "key":
        authenticator.key = Authenticator("").key
    if change == "party":
        made = authenticator.use
        authenticator.use = lambda options: made({**options, "rpId": "evil.example"})

    expected = (401, "passkey_unknown") if change == "key" else (422, "passkey_refused")
    assert error(log_in(shared, authenticator)) == expected


def test_an_unknown_passkey_is_refused_and_noted_without_a_name(shared, join):
    authenticator = Authenticator(shared.url)
    authenticator.handle = b"h" * 32
    before = len(failures(shared, join))

    assert error(log_in(shared, authenticator)) == (401, "passkey_unknown")

    noted = failures(shared, join)
    assert len(noted) == before + 1
    assert noted[0]["detail"] == {"way": "passkey", "why": "passkey_unknown"}
    assert noted[0]["person"] is None


def test_d35_a_challenge_is_good_once(shared, join):
    authenticator = add_passkey(join(shared))

    assert error(log_in(shared, authenticator, answers=2)) == (410, "challenge_expired")


def test_d35_a_challenge_is_used_up_by_a_wrong_answer_too(shared, join):
    client = join(shared)
    authenticator = add_passkey(client)
    options = client.post("/api/passkey/stepup/begin", json={}).json()["options"]
    authenticator.verifies = False
    wrong = client.post("/api/passkey/stepup/finish", json={"credential": authenticator.use(options)})
    authenticator.verifies = True
    right = client.post("/api/passkey/stepup/finish", json={"credential": authenticator.use(options)})

    assert error(wrong) == (422, "passkey_refused")
    assert error(right) == (410, "challenge_expired")


def test_d35_a_challenge_is_bound_to_its_ceremony_and_its_browser(shared, join):
    client = join(shared)
    authenticator = add_passkey(client)
    begun = shared.client().post("/api/passkey/login/begin", json={})
    answer = authenticator.use(begun.json()["options"])

    assert error(client.post("/api/passkey/stepup/finish", json={"credential": answer})) == (
        410,
        "challenge_expired",
    )
    assert error(log_in(shared, authenticator, headers={})) == (410, "challenge_expired")
    options = client.post("/api/passkey/stepup/begin", json={}).json()["options"]
    other = signed_in(shared, log_in(shared, authenticator))
    carried = other.post("/api/passkey/stepup/finish", json={"credential": authenticator.use(options)})
    assert error(carried) == (410, "challenge_expired")


def test_d35_a_challenge_lives_for_five_minutes(server, join, sql):
    client = join(server)
    authenticator = add_passkey(client)
    options = client.post("/api/passkey/stepup/begin", json={}).json()["options"]
    server.stop()
    sql("UPDATE challenge SET until = until - 300000")
    server.start(port=server.port)

    late = client.post("/api/passkey/stepup/finish", json={"credential": authenticator.use(options)})

    assert error(late) == (410, "challenge_expired")


def test_d35_a_counter_that_went_back_is_refused_and_told(shared, join):
    client = join(shared)
    authenticator = add_passkey(client, Authenticator(shared.url, counts=True))
    assert log_in(shared, authenticator).status_code == 200
    assert log_in(shared, authenticator).status_code == 200
    authenticator.count -= 2

    assert error(log_in(shared, authenticator)) == (422, "passkey_refused")
    assert notices(client)[0] == "passkey_turned_back"


def test_a_synced_passkey_whose_counter_stays_0_signs_in_again_and_again(shared, join):
    client = join(shared)
    authenticator = Authenticator(shared.url, syncs=True)
    add_passkey(client, authenticator)

    assert [log_in(shared, authenticator).status_code for _ in range(3)] == [200] * 3
    assert client.get("/api/passkey").json()[0]["synced"] is True


def test_d32_inviting_takes_a_proof_of_the_last_five_minutes(server, join, sql):
    supervisor = join(server, "supervisor")
    team = next(space for space, _, kind, _ in supervisor.me["grants"] if kind == "team")
    assert supervisor.post("/api/invitations", json={"space": team}).status_code == 201
    server.stop()
    sql("UPDATE session SET proved_at = proved_at - 300001")
    server.start(port=server.port)

    late = supervisor.post("/api/invitations", json={"space": team})
    proved = step_up(supervisor, supervisor.authenticator)

    assert error(late) == (403, "reauth_required")
    assert proved.status_code == 200
    assert supervisor.post("/api/invitations", json={"space": team}).status_code == 201


def test_d32_who_has_neither_passkey_nor_codes_cannot_invite(shared):
    supervisor = join_with(shared, shared.invite("supervisor"))
    team = next(space for space, _, kind, _ in supervisor.me["grants"] if kind == "team")

    assert error(supervisor.post("/api/invitations", json={"space": team})) == (403, "reauth_required")


def test_d32_a_proof_counts_for_its_own_session_alone(shared, join):
    supervisor = join(shared, "supervisor")
    other = signed_in(shared, log_in(shared, supervisor.authenticator))
    third = signed_in(shared, log_in(shared, supervisor.authenticator))
    shared_url = shared.client()
    assert step_up(third, supervisor.authenticator).status_code == 200

    stranger = join_with(shared, shared.invite())
    assert error(step_up(stranger, supervisor.authenticator)) == (401, "passkey_unknown")
    assert other.post("/api/recovery-codes").status_code == 201, "who has just signed in by passkey is proved"
    assert shared_url.post("/api/recovery-codes").status_code == 401


def test_d32_a_second_passkey_takes_a_proof_the_first_takes_none(server, join, sql):
    client = join(server)
    add_passkey(client)
    server.stop()
    sql("UPDATE session SET proved_at = NULL")
    server.start(port=server.port)

    assert error(client.post("/api/passkey/register/begin", json={})) == (403, "reauth_required")


def test_d32_every_route_that_needs_a_proof_says_so(shared):
    client = join_with(shared, shared.invite())
    for method, path, form in (
        ("POST", "/api/invitations", {"space": 1}),
        ("PUT", f"/api/persons/{client.me['person']}/grants/1", {"role": "staff"}),
        ("DELETE", "/api/persons/999/grants/1", None),
        ("POST", "/api/recovery-codes", {}),
        ("DELETE", "/api/passkey/00", None),
        ("GET", "/api/me/export", None),
        ("DELETE", "/api/me", {"keep_names": []}),
    ):
        assert error(client.request(method, path, json=form)) == (403, "reauth_required"), path


def test_the_last_way_in_stays(shared, join):
    client = join(shared)
    add_passkey(client)
    (only,) = client.get("/api/passkey").json()

    assert error(client.delete(f"/api/passkey/{only['id']}")) == (409, "last_way_in")
    add_passkey(client, Authenticator(shared.url))
    assert client.delete(f"/api/passkey/{only['id']}").status_code == 204
    assert [one["label"] for one in client.get("/api/passkey").json()] == ["test"]
    assert error(client.delete(f"/api/passkey/{only['id']}")) == (404, "not_found")
    assert notices(client)[0] == "passkey_removed"


def test_nobody_drops_the_passkey_of_another(shared, join):
    client, other = join(shared), join(shared)
    add_passkey(client)
    authenticator = add_passkey(other)

    assert error(client.delete(f"/api/passkey/{authenticator.id.hex()}")) == (404, "not_found")


def test_a_passkey_that_somebody_has_is_nobody_elses(shared, join):
    authenticator = add_passkey(join(shared))
    other = join(shared)
    begun = other.post("/api/passkey/register/begin", json={}).json()["options"]

    made = other.post("/api/passkey/register/finish", json={"credential": authenticator.make(begun)})

    assert error(made) == (422, "passkey_refused")


def test_who_comes_back_with_the_same_author_key_goes_on_as_the_same_device(shared, join):
    client = join(shared)
    authenticator, key = add_passkey(client), author_key()

    first, again = (signed_in(shared, log_in(shared, authenticator, sign_pub=key)) for _ in range(2))

    assert first.me["device"] == again.me["device"]
    assert error(first.get("/api/me")) == (401, "signed_out"), "one session on one device"
    assert len(client.get("/api/me/sessions").json()) == 2
    stranger = add_passkey(join(shared))
    assert log_in(shared, stranger, sign_pub=key).json()["device"] != first.me["device"]


def test_who_has_left_signs_in_no_more(shared, join):
    client = join(shared)
    authenticator = add_passkey(client)
    shared.cli("people", "remove", "--person", str(client.me["person"]))

    assert error(log_in(shared, authenticator)) == (401, "passkey_unknown")


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"response": None},
        {"response": {"clientDataJSON": 7}},
        {"response": {"clientDataJSON": "AAAA"}},
        {"rawId": "AA", "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiIifQ"}},
        {"rawId": [], "response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiJBQUFBIn0"}},
    ],
)
def test_what_is_no_credential_is_refused_in_each_ceremony(shared, join, credential):
    client = join(shared)

    for path, more in (
        ("register/finish", {"label": ""}),
        ("stepup/finish", {}),
        ("login/finish", {"sign_pub": author_key()}),
    ):
        reply = client.post(f"/api/passkey/{path}", json={"credential": credential, **more})
        assert reply.status_code in (410, 422), reply.text


def test_d37_nothing_of_a_person_is_made_on_a_shared_device(shared, join):
    client = join(shared)
    client.auth = Cookies(f"{client.auth.cookie}; __Host-v_d=tablet")

    for path in ("passkey/register/begin", "passkey/login/begin", "passkey/stepup/begin", "recovery-codes"):
        assert error(client.post(f"/api/{path}", json={})) == (403, "shared_device"), path


def test_d34_the_doctor_refuses_another_domain_than_that_of_the_passkeys(server, join):
    authenticator = add_passkey(join(server))
    server.stop()
    server.environ["VIRTAAMO_URL"] = "https://ideas.example"

    moved = server.cli("doctor")
    assert moved.returncode == 2
    (line,) = [line for line in moved.stdout.splitlines() if "passkeys were made" in line]
    assert line.startswith("FAIL  1 passkeys were made for 127.0.0.1 and open nothing at ideas.example")

    assert "FAIL  1 passkeys" not in server.cli("doctor", "--new-domain").stdout
    del server.environ["VIRTAAMO_URL"]
    assert "FAIL  1 passkeys" in server.cli("doctor").stdout
    server.cli("doctor", "--new-domain")
    server.start(port=server.port)
    assert log_in(server, authenticator).status_code == 200


def test_d35_of_two_answers_at_once_with_the_same_counter_one_counts(town):
    owner = town.people["aino"].number
    known = Passkey(b"id", owner, b"key", 4, "", False)
    town.db.write(add_stored, known, town.now)

    assert town.db.write(use_passkey, known, 5, town.now) is True
    assert town.db.write(use_passkey, known, 5, town.now) is False

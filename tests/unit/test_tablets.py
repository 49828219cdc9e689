"""Tablets over HTTP: enrolled, listed, changed, let go of; copies approved by phone or by code (D-40 to D-44)."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.authenticator import add_passkey
from tests.tablets import Tablet, public, tablet_of, text
from tests.unit.test_people import join_form


@pytest.fixture(params=["sqlite", "postgres", "shards"])
def sort(request):
    return request.param


@pytest.fixture
def leader(shared, join):
    return join(shared, "supervisor", name="Liisa")


@pytest.fixture
def tablet(shared, leader):
    return tablet_of(shared, leader)


@pytest.fixture
def aino(shared, join):
    """Of the same team, with a passkey."""
    client = join(shared, name="Aino")
    add_passkey(client)
    return client


def error_of(reply):
    return reply.status_code, reply.json()["error"]


@pytest.fixture
def late(live_sql):
    """What waits in a table ended a while ago."""
    return lambda table: live_sql(f"UPDATE {table} SET until = 1000")


def test_d40_a_supervisor_makes_a_tablet_of_a_browser_once(shared, leader):
    space = leader.me["leads"][0][0]
    made = leader.post("/api/devices/codes", json={"spaces": [space], "name": "Osasto 3"})
    code = made.json()["url"].partition("/laite#")[2]
    assert (made.status_code, len(code)) == (201, 22)
    assert made.json()["qr"]["size"] > 20
    assert [row for row in leader.get("/api/devices").json() if row["kind"] == "shared"] == []

    tablet = Tablet(shared, code)

    assert tablet.me["device"]["name"] == "Osasto 3"
    assert tablet.me["teams"] == [shared.team]
    assert tablet.me["boxes"] == [{"space": space, "name": shared.team, "few": True}]
    assert error_of(shared.client().post("/api/devices", json={"code": code})) == (410, "code_used")
    row = next(row for row in leader.get("/api/devices").json() if row["kind"] == "shared")
    assert (row["id"], row["teams"], row["lock_s"]) == (tablet.uuid, [space], 120)
    locked = tablet.client.get("/api/me")
    assert "person" not in locked.json()
    assert locked.json()["device"] == {"id": tablet.uuid, "kind": "shared", "name": "Osasto 3"}


def test_d52_what_was_ticked_stands_in_the_audit_log_under_who_enrolled(shared, join, leader):
    space = leader.me["leads"][0][0]
    form = {"spaces": [space], "name": "Osasto 3"}
    code = leader.post("/api/devices/codes", json=form).json()["url"].partition("#")[2]
    odd = shared.client().post("/api/devices", json={"code": code, "checked": ["everything"]})
    assert (odd.status_code, odd.json()["error"]) == (422, "invalid")
    ticked = {"code": code, "checked": ["encrypted", "managed", "encrypted"]}
    assert shared.client().post("/api/devices", json=ticked).status_code == 201
    log = join(shared, "admin", None).get("/api/audit").json()
    row = next(row for row in log["events"] if row["what"] == "tablet_enrolled")
    assert log["persons"][str(row["actor"])] == "Liisa"
    assert row["detail"] == {"device": "Osasto 3", "checked": "encrypted managed"}


def test_d40_nobody_makes_a_tablet_of_a_team_that_they_do_not_lead(shared, leader, aino, late):
    space = leader.me["leads"][0][0]
    form = {"spaces": [space], "name": "Osasto 3"}
    assert error_of(aino.post("/api/devices/codes", json=form)) == (403, "not_allowed")
    assert error_of(leader.post("/api/devices/codes", json={**form, "spaces": [1]})) == (403, "not_allowed")
    assert error_of(shared.client().post("/api/devices/codes", json=form)) == (401, "signed_out")
    made = leader.post("/api/devices/codes", json=form).json()["url"].partition("#")[2]
    looked = shared.client().post("/api/join/look", json={"code": made})
    assert error_of(looked) == (404, "code_unknown"), "nobody joins by it"
    late("invitation")
    assert error_of(shared.client().post("/api/devices", json={"code": made})) == (410, "code_expired")


def test_d40_who_leads_the_team_changes_a_tablet_and_nobody_else(leader, tablet, aino):
    path = f"/api/devices/{tablet.uuid}"
    assert leader.patch(path, json={"name": "Käytävä", "lock_s": 60}).status_code == 204
    assert tablet.client.get("/api/me").json()["lock_s"] == 60
    assert tablet.client.get("/api/me").json()["device"]["name"] == "Käytävä"
    assert leader.patch(path, json={"lock_s": 29}).status_code == 422
    for reply in (aino.patch(path, json={"lock_s": 90}), aino.delete(path)):
        assert error_of(reply) == (404, "not_found")
    assert [row["kind"] for row in aino.get("/api/devices").json()] == ["own"]


def test_d40_a_tablet_gets_other_teams_and_keeps_the_copies_of_theirs(shared, leader, tablet, aino, join):
    first, other = leader.me["leads"][0][0], shared.add_team(f"{shared.team} yö")
    path = f"/api/devices/{tablet.uuid}"
    tablet.add(aino)
    tablet.add(leader)
    assert error_of(leader.patch(path, json={"spaces": [first, other]})) == (403, "not_allowed")
    assert error_of(leader.patch(path, json={"spaces": []})) == (422, "invalid")
    joined = leader.post("/api/join", json=join_form(shared.invite("supervisor", f"{shared.team} yö")))
    assert joined.status_code == 200, joined.text
    assert leader.put(f"{path}/wall/{first}", json={}).status_code == 204

    assert leader.patch(path, json={"spaces": [first, other]}).status_code == 204
    said = tablet.client.get("/api/me").json()
    assert (said["teams"], said["gone"]) == ([shared.team, f"{shared.team} yö"], [])
    assert tablet.unlock(aino.me["person"]).status_code == 200

    assert leader.patch(path, json={"spaces": [other]}).status_code == 204
    assert error_of(tablet.client.get("/api/me/notices")) == (410, "gone")
    tablet.client.headers["X-Virtaamo"] = "1"  # as it is once the copy is locked
    assert error_of(tablet.unlock(aino.me["person"])) == (410, "gone")
    assert tablet.unlock(leader.me["person"]).status_code == 200, "of the team that stays"
    row = next(row for row in leader.get("/api/devices").json() if row["kind"] == "shared")
    assert (row["teams"], row["walls"]) == ([other], [])
    assert row["copies"] == [[leader.me["person"], "Liisa"]]
    told = next(one for one in aino.get("/api/me/notices").json() if one["what"] == "copy_removed")
    assert told["detail"] == {"device": "Osasto 3"}
    log = join(shared, "admin", None).get("/api/audit").json()["events"]
    changed = [row["space"] for row in log if row["what"] == "tablet_changed"]
    assert [changed.count(team) for team in (first, other)] == [2, 2]


def test_d41_a_phone_approves_a_copy_by_the_number_on_the_tablet(tablet, aino):
    key = ec.generate_private_key(ec.SECP256R1())
    asked = tablet.ask(key).json()
    print_ = text(sha256(_point(key)).digest())
    assert asked["url"].endswith(f"/hyvaksy#{asked['code']}{print_}")
    seen = aino.post("/api/devices/approve/look", json={"code": asked["code"]}).json()
    assert asked["number"] in seen["numbers"]
    assert len(set(seen["numbers"])) == 3
    assert seen["device"] == "Osasto 3"
    assert text(sha256(_bytes(seen["sign_pub"])).digest()) == print_

    path = f"/api/devices/requests/{asked['id']}"
    assert tablet.client.get(path).json()["state"] == "waiting"
    right = {"code": asked["code"], "number": asked["number"]}
    assert aino.post("/api/devices/approve", json=right).status_code == 204
    state = tablet.client.get(path).json()
    assert (state["state"], state["person"], state["name"]) == ("approved", aino.me["person"], "Aino")

    copy = tablet.client.post("/api/devices/persons", json={"request": asked["id"]}).json()
    assert (copy["person"], copy["device"]["kind"], copy["own"]) == (
        aino.me["person"],
        "copy",
        aino.me["own"],
    )
    assert "copy_made" in [row["what"] for row in aino.get("/api/me/notices").json()]


def test_d41_a_request_is_good_once(tablet, aino):
    tablet.add(aino)
    asked = tablet.ask(ec.generate_private_key(ec.SECP256R1())).json()
    right = {"code": asked["code"], "number": asked["number"]}
    early = tablet.client.post("/api/devices/persons", json={"request": asked["id"]})
    assert error_of(early) == (404, "code_unknown"), "nobody has approved it"
    assert aino.post("/api/devices/approve", json=right).status_code == 204
    assert error_of(aino.post("/api/devices/approve", json=right)) == (410, "code_used")
    assert tablet.client.post("/api/devices/persons", json={"request": asked["id"]}).status_code == 201
    again = tablet.client.post("/api/devices/persons", json={"request": asked["id"]})
    assert error_of(again) == (410, "code_used")


def test_d41_a_wrong_number_ends_a_request(tablet, aino):
    asked = tablet.ask(ec.generate_private_key(ec.SECP256R1())).json()
    wrong = asked["number"] % 90 + 10 if asked["number"] % 90 + 10 != asked["number"] else 11
    reply = aino.post("/api/devices/approve", json={"code": asked["code"], "number": wrong})
    assert error_of(reply) == (409, "number_wrong")
    right = aino.post("/api/devices/approve", json={"code": asked["code"], "number": asked["number"]})
    assert error_of(right) == (410, "code_used")
    assert tablet.client.get(f"/api/devices/requests/{asked['id']}").json()["state"] == "refused"


def test_d41_an_old_request_is_approved_by_nobody(late, tablet, aino):
    asked = tablet.ask(ec.generate_private_key(ec.SECP256R1())).json()
    late("copy_request")
    right = aino.post("/api/devices/approve", json={"code": asked["code"], "number": asked["number"]})
    assert error_of(right) == (410, "code_expired")
    assert tablet.client.get(f"/api/devices/requests/{asked['id']}").json()["state"] == "expired"


def test_d41_the_key_of_a_request_cannot_be_swapped(tablet, aino):
    asked = tablet.ask(ec.generate_private_key(ec.SECP256R1())).json()
    aino.post("/api/devices/approve", json={"code": asked["code"], "number": asked["number"]})
    other = ec.generate_private_key(ec.SECP256R1())
    form = {"request": asked["id"], "sign_pub": public(other)}
    made = tablet.client.post("/api/devices/persons", json=form).json()
    tablet.keys[made["person"]] = (made["device"]["id"], other)
    assert error_of(tablet.unlock(made["person"])) == (401, "author_unknown")


def test_d41_only_an_enrolled_device_asks_and_only_its_own_team_approves(shared, leader, tablet, aino, join):
    form = {"sign_pub": public(ec.generate_private_key(ec.SECP256R1()))}
    for stranger in (shared.client(), aino):
        assert error_of(stranger.post("/api/devices/requests", json=form)) == (403, "not_enrolled")
    asked = tablet.ask(ec.generate_private_key(ec.SECP256R1())).json()
    second = tablet_of(shared, leader, "Osasto 4")
    assert second.client.get(f"/api/devices/requests/{asked['id']}").status_code == 404
    shared.add_team(other := f"{shared.team} muu")
    elsewhere = join(shared, "supervisor", other)
    reply = elsewhere.post("/api/devices/approve", json={"code": asked["code"], "number": asked["number"]})
    assert error_of(reply) == (403, "not_allowed")


def test_d42_a_leaders_code_opens_one_copy_for_one_person_there(shared, leader, tablet, aino):
    space = leader.me["leads"][0][0]
    form = {"space": space, "kind": "tablet", "person": aino.me["person"], "device": tablet.uuid}
    made = leader.post("/api/invitations", json=form)
    assert made.status_code == 201, made.text
    code = made.json()["code"]
    assert len(code.replace("-", "")) == 8
    assert "copy_code" in [row["what"] for row in aino.get("/api/me/notices").json()]
    assert leader.post("/api/invitations", json={**form, "person": leader.me["person"]}).status_code == 403
    key = public(ec.generate_private_key(ec.SECP256R1()))

    other = tablet_of(shared, leader, "Toinen")
    stolen = other.client.post("/api/devices/persons", json={"code": code, "sign_pub": key})
    assert error_of(stolen) == (404, "code_unknown")
    copy = tablet.client.post("/api/devices/persons", json={"code": code.lower(), "sign_pub": key})
    assert (copy.status_code, copy.json()["person"]) == (201, aino.me["person"])
    again = tablet.client.post("/api/devices/persons", json={"code": code, "sign_pub": key})
    assert error_of(again) == (410, "code_used")


def test_d44_a_tablet_that_was_let_go_of_hears_it_with_all_its_copies(leader, tablet, aino):
    tablet.add(aino)
    assert tablet.unlock(aino.me["person"]).status_code == 200
    assert leader.delete(f"/api/devices/{tablet.uuid}").status_code == 204
    for path in ("/api/me", "/api/me/notices"):
        assert error_of(tablet.client.get(path)) == (410, "gone")
    assert error_of(tablet.client.post("/api/unlock/begin", json={"person": aino.me["person"]})) == (
        410,
        "gone",
    )
    assert tablet.client.get("/api/keys").status_code == 200, "what waits can still be sealed"
    assert error_of(leader.delete(f"/api/devices/{tablet.uuid}")) == (409, "already_revoked")


def test_d44_a_person_lets_go_of_their_copy_by_themselves(tablet, aino):
    tablet.add(aino)
    assert tablet.unlock(aino.me["person"]).status_code == 200
    path = f"/api/devices/{tablet.uuid}/persons/{aino.me['person']}"
    assert aino.delete(path).status_code == 204
    assert error_of(tablet.client.get("/api/me/notices")) == (410, "gone")
    assert aino.delete(path).status_code == 404


def test_d44_who_leads_sees_whose_copies_are_on_a_tablet_and_removes_one(leader, tablet, aino, join, shared):
    tablet.add(aino)
    tablet.add(aino)
    ville = join(shared, name="ville")
    add_passkey(ville)
    tablet.add(ville)
    row = next(row for row in leader.get("/api/devices").json() if row["kind"] == "shared")
    assert row["copies"] == [[aino.me["person"], "Aino"], [ville.me["person"], "ville"]]

    assert leader.delete(f"/api/devices/{tablet.uuid}/persons/{aino.me['person']}").status_code == 204
    row = next(row for row in leader.get("/api/devices").json() if row["kind"] == "shared")
    assert row["copies"] == [[ville.me["person"], "ville"]]
    told = next(one for one in aino.get("/api/me/notices").json() if one["what"] == "copy_removed")
    assert told["detail"] == {"device": "Osasto 3"}
    assert error_of(ville.delete(f"/api/devices/{tablet.uuid}/persons/{aino.me['person']}")) == (
        404,
        "not_found",
    )


def test_d44_a_person_sees_the_own_copies_by_the_tablet_that_they_are_on(leader, tablet, aino, join, shared):
    tablet.add(aino)
    ville = join(shared, name="Ville")
    add_passkey(ville)
    tablet.add(ville)
    assert leader.patch(f"/api/devices/{tablet.uuid}", json={"name": "Taukotila"}).status_code == 204
    (copy,) = (row for row in aino.get("/api/devices").json() if row["kind"] != "own")
    assert copy.keys() == {"id", "name", "kind", "made_on", "seen_on", "current"}
    assert (copy["id"], copy["name"], copy["kind"], copy["current"]) == (
        tablet.uuid,
        "Taukotila",
        "copy",
        False,
    )

    assert aino.delete(f"/api/devices/{copy['id']}/persons/{aino.me['person']}").status_code == 204
    assert [row["kind"] for row in aino.get("/api/devices").json()] == ["own"]
    assert [one for one in aino.get("/api/me/notices").json() if one["what"] == "copy_removed"] == []


def test_d44_whoever_leaves_the_team_loses_the_copy(leader, tablet, aino):
    tablet.add(aino)
    assert tablet.unlock(aino.me["person"]).status_code == 200
    space = leader.me["leads"][0][0]
    assert leader.delete(f"/api/persons/{aino.me['person']}/grants/{space}").status_code == 204
    assert error_of(tablet.client.get("/api/me/notices")) == (410, "gone")
    assert error_of(tablet.client.post("/api/unlock/begin", json={"person": aino.me["person"]})) == (
        410,
        "gone",
    )


def _point(key):
    return _bytes(public(key))


def _bytes(written: str) -> bytes:
    from base64 import urlsafe_b64decode

    return urlsafe_b64decode(written + "=" * (-len(written) % 4))

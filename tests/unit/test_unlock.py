"""Unlocking a copy on a tablet: half a cookie, half a header, and neither alone (docs/devices.md D-37, D-38)."""

from contextlib import suppress

import msgspec
import pytest
from litestar import Litestar
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from server.app import make_app
from server.settings import Settings
from tests.authenticator import add_passkey
from tests.conftest import Cookies
from tests.routes import Call, calls, filled
from tests.sealing import raw
from tests.tablets import sign, tablet_of


@pytest.fixture(params=["sqlite", "postgres", "shards"])
def sort(request):
    return request.param


@pytest.fixture
def leader(shared, join):
    return join(shared, "supervisor")


@pytest.fixture
def strong(place, leader):
    """The tablet has a strong lock; the first answer that gave Aino's share."""
    tablet, aino = place
    assert leader.patch(f"/api/devices/{tablet.uuid}", json={"strong_lock": True}).status_code == 204
    return tablet.client.post("/api/unlock/share", json={"person": aino.me["person"]}).json()


@pytest.fixture
def place(shared, join, leader):
    """A tablet with a copy of Aino's."""
    aino = join(shared, name="Aino")
    add_passkey(aino)
    tablet = tablet_of(shared, leader)
    tablet.add(aino)
    return tablet, aino


def error_of(reply):
    return reply.status_code, reply.json()["error"]


def marked(mark: str) -> set[tuple[str, str]]:
    """The routes under /api with a mark in their options."""
    app: Litestar = make_app(Settings())
    return {
        (str(method), filled(route.path_components))
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        for method in handler.http_methods
        if handler.opt.get(mark)
    }


def closed_calls() -> list[Call]:
    open_to_all = marked("public") | marked("tablet")
    return [
        one
        for one in calls()
        if one.path.startswith("/api/")
        and one.method != "OPTIONS"
        and (one.method, one.path) not in open_to_all
        and one.path != "/api/live"
    ]


def test_d38_an_unlocked_tablet_reads_as_its_person(place):
    tablet, aino = place
    opened = tablet.unlock(aino.me["person"])
    assert opened.status_code == 200, opened.text
    assert "Max-Age" not in opened.headers["set-cookie"]
    assert len(opened.json()["unlock"]) == 22
    assert opened.json()["person"] == aino.me["person"]
    me = tablet.client.get("/api/me").json()
    assert (me["person"], me["device"]["kind"]) == (aino.me["person"], "copy")
    assert tablet.client.patch("/api/me", json={"colour": 4}).status_code == 200


def test_d38_a_locked_tablet_opens_no_route_with_what_lies_in_it(place):
    tablet, aino = place
    person = aino.me["person"]
    assert tablet.unlock(person).status_code == 200
    half = tablet.client.headers["X-Virtaamo"]
    closed = closed_calls()
    assert len(closed) > 40
    for header in (
        "1",
        f"p={person}",
        f"p={person};u=",
        f"p={person};u={'A' * 22}",
        "p=1;" + half.split(";")[1],
    ):
        for method, path, *_ in closed if header == f"p={person}" else closed[:6]:
            reply = tablet.client.request(method, path, headers={"X-Virtaamo": header})
            said = error_of(reply)
            assert said in [(401, "unlock_required"), (403, "shared_device")], (header, method, path)
    assert tablet.client.get("/api/me/notices").status_code == 200, "the right half still opens it"

    assert tablet.client.post("/api/lock", json={}).status_code == 204
    for method, path, *_ in closed:
        reply = tablet.client.request(method, path)
        assert reply.status_code in (401, 403), (method, path)
        assert error_of(reply)[1] in ("unlock_required", "shared_device")
    assert "person" not in tablet.client.get("/api/me").json()


def test_d38_a_half_alone_or_on_another_browser_opens_nothing(shared, place):
    tablet, aino = place
    tablet.unlock(aino.me["person"])
    jar, header = dict(tablet.jar), tablet.client.headers["X-Virtaamo"]
    for cookies in ({"__Host-v_d": jar["__Host-v_d"]}, {"__Host-v_p": jar["__Host-v_p"]}):
        client = shared.client()
        told = "; ".join(f"{name}={value}" for name, value in cookies.items())
        reply = client.get("/api/me/notices", headers={"X-Virtaamo": header, "Cookie": told})
        assert reply.status_code == 401
    both = f"{jar['__Host-v_p']}:{header.partition(';u=')[2]}"
    as_session = shared.client().get("/api/me/notices", headers={"Cookie": f"__Host-v_s={both}"})
    assert as_session.status_code == 401, "what opens a copy is no session of an own device"


def test_d38_the_next_unlock_and_a_quarter_of_an_hour_end_it(shared, place, join, live_sql):
    tablet, aino = place
    other = join(shared, name="Olli")
    add_passkey(other)
    tablet.add(other)
    tablet.unlock(aino.me["person"])
    first, jar = tablet.client.headers["X-Virtaamo"], dict(tablet.jar)
    tablet.unlock(other.me["person"])
    tablet.client.headers["X-Virtaamo"] = first
    assert error_of(tablet.client.get("/api/me/notices")) == (401, "unlock_required")
    told = "; ".join(f"{name}={value}" for name, value in jar.items())
    old = shared.client().get("/api/me/notices", headers={"Cookie": told, "X-Virtaamo": first})
    assert error_of(old) == (401, "unlock_required")

    tablet.unlock(aino.me["person"])
    assert tablet.client.get("/api/me/notices").status_code == 200
    live_sql("UPDATE session SET until = 1000 WHERE until IS NOT NULL")
    assert error_of(tablet.client.get("/api/me/notices")) == (401, "unlock_required")


def test_d38_a_challenge_is_good_once_and_for_one_copy(shared, place, join):
    tablet, aino = place
    person = aino.me["person"]
    uuid, key = tablet.keys[person]
    begun = tablet.client.post("/api/unlock/begin", json={"person": person}).json()
    form = {"person": person, "signature": sign(key, bytes.fromhex(uuid), begun["challenge"])}
    assert tablet.client.post("/api/unlock/finish", json=form).status_code == 200
    assert error_of(tablet.client.post("/api/unlock/finish", json=form)) == (401, "author_unknown")
    for wrong in ("", "A" * 86, "!"):
        tablet.client.post("/api/unlock/begin", json={"person": person})
        reply = tablet.client.post("/api/unlock/finish", json={"person": person, "signature": wrong})
        assert error_of(reply) == (401, "author_unknown")
    stranger = join(shared)
    begun = tablet.client.post("/api/unlock/begin", json={"person": stranger.me["person"]})
    assert error_of(begun) == (401, "author_unknown")
    at_home = aino.post("/api/unlock/begin", json={"person": person})
    assert error_of(at_home) == (403, "not_enrolled")


def test_d37_what_is_for_own_devices_is_refused_on_an_unlocked_tablet(place):
    tablet, aino = place
    tablet.unlock(aino.me["person"])
    own = marked("own")
    assert len(own) > 10
    for method, path in sorted(own):
        assert error_of(tablet.client.request(method, path)) == (403, "shared_device"), (method, path)


def test_d74_a_live_connection_of_a_tablet_begins_with_the_half(shared, place):
    tablet, aino = place
    tablet.unlock(aino.me["person"])
    person, half = aino.me["person"], tablet.client.headers["X-Virtaamo"].partition(";u=")[2]
    url = f"{shared.url.replace('http', 'ws')}/api/live?p={person}"
    told = {"Cookie": tablet.client.auth.cookie}
    for wrong in (["A" * 22], [half, half], "x"):
        with connect(url, origin=shared.url, additional_headers=told) as socket:
            socket.send(msgspec.msgpack.encode(wrong))
            with pytest.raises(ConnectionClosed):
                socket.recv(timeout=10)
            assert socket.close_code == 4401
    with connect(url, origin=shared.url, additional_headers=told) as socket:
        socket.send(msgspec.msgpack.encode([half]))
        with suppress(TimeoutError):
            socket.recv(timeout=0.5)  # there may be news; it stays open
        assert tablet.client.post("/api/lock", json={}).status_code == 204
        with pytest.raises(ConnectionClosed):
            while True:
                socket.recv(timeout=10)
        assert socket.close_code == 4401


def test_d51_a_strong_lock_takes_a_share_that_the_server_alone_keeps(shared, place, leader):
    tablet, aino = place
    form = {"person": aino.me["person"]}
    assert error_of(tablet.client.post("/api/unlock/share", json=form)) == (404, "not_found")
    path = f"/api/devices/{tablet.uuid}"
    assert leader.patch(path, json={"strong_lock": True}).status_code == 204
    first = tablet.client.post("/api/unlock/share", json=form)
    assert first.status_code == 200, first.text
    assert len(raw(first.json()["share"])) == 32
    assert tablet.client.post("/api/unlock/share", json=form).json() == first.json()
    assert leader.patch(path, json={"strong_lock": False}).status_code == 204
    assert tablet.client.post("/api/unlock/share", json=form).json() == first.json(), "it may still be needed"
    assert first.json()["share"] not in leader.get("/api/devices").text
    for stranger in (shared.client(), aino):
        assert error_of(stranger.post("/api/unlock/share", json=form)) == (403, "not_enrolled")
    nobody = tablet.client.post("/api/unlock/share", json={"person": leader.me["person"]})
    assert error_of(nobody) == (401, "author_unknown")


@pytest.mark.parametrize("what", ["tablet", "copy"])
def test_d51_nothing_gives_the_share_of_what_was_revoked(place, leader, what, live_sql, strong):
    tablet, aino = place
    form = {"person": aino.me["person"]}
    assert tablet.client.post("/api/unlock/share", json=form).status_code == 200
    path = f"/api/devices/{tablet.uuid}"
    ended = path if what == "tablet" else f"{path}/persons/{aino.me['person']}"
    assert leader.delete(ended).status_code == 204
    assert error_of(tablet.client.post("/api/unlock/share", json=form)) == (410, "gone")
    live_sql("UPDATE device SET revoked_at = NULL WHERE kind IN ('copy', 'shared')")
    again = tablet.client.post("/api/unlock/share", json=form)
    assert (again.status_code, again.json()) != (200, strong), "it was destroyed, not only kept back"


def test_d51_a_person_s_share_is_given_ten_times_in_a_quarter_of_an_hour(shared, place, leader, strong):
    tablet, aino = place
    form = {"person": aino.me["person"]}
    given = [tablet.client.post("/api/unlock/share", json=form).status_code for _ in range(9)]
    assert given == [200] * 9, "one was given before"
    late = tablet.client.post("/api/unlock/share", json=form)
    assert error_of(late) == (429, "slow_down")
    assert late.json()["retry_after"] <= 90
    second = tablet_of(shared, leader, "Toinen")
    second.add(aino)
    assert error_of(second.client.post("/api/unlock/share", json=form)) == (429, "slow_down")


def test_d32_locks_and_revoking_of_a_tablet_need_a_fresh_proof(place, leader, live_sql):
    tablet, aino = place
    live_sql("UPDATE session SET proved_at = 1000")
    path = f"/api/devices/{tablet.uuid}"
    for reply in (
        leader.patch(path, json={"strong_lock": True}),
        leader.patch(path, json={"lock_s": 300}),
        leader.delete(path),
        leader.delete(f"{path}/persons/{aino.me['person']}"),
    ):
        assert error_of(reply) == (403, "reauth_required")
    assert aino.delete(f"{path}/persons/{aino.me['person']}").status_code == 204, "a copy of one's own"


def test_d30_a_planted_cookie_keeps_nobody_out_of_an_own_device(place):
    _, aino = place
    session = aino.auth.cookie
    for planted in ("", "A" * 43):
        aino.auth = Cookies(f"{session}; __Host-v_d={planted}")
        assert error_of(aino.get("/api/me/notices")) == (401, "unlock_required")
        reply = aino.get("/api/me")
        assert error_of(reply) == (403, "not_enrolled")
        (taken,) = reply.headers.get_list("set-cookie")
        assert taken.startswith("__Host-v_d=")
        assert "Max-Age=0" in taken
    aino.auth = Cookies(session)
    assert aino.get("/api/me/notices").status_code == 200, "the session was there all the time"


def test_d40_a_browser_in_which_somebody_is_signed_in_becomes_no_tablet(shared, place, leader):
    tablet, aino = place
    form = {"spaces": [leader.me["leads"][0][0]], "name": "Ansa"}
    code = leader.post("/api/devices/codes", json=form).json()["url"].partition("#")[2]
    refused = aino.post("/api/devices", json={"code": code})
    assert error_of(refused) == (403, "not_allowed")
    assert "set-cookie" not in refused.headers
    tablet.unlock(aino.me["person"])
    again = tablet.client.post("/api/devices", json={"code": code})
    assert again.status_code == 201, "a tablet may be enrolled anew"


def test_d38_a_tablet_s_cookies_write_in_nobody_s_name_beside_a_phone_s_session(place):
    tablet, aino = place
    person = aino.me["person"]
    tablet.unlock(person)
    half = tablet.client.headers["X-Virtaamo"]
    tablet.client.auth = Cookies(f"{tablet.client.auth.cookie}; {aino.auth.cookie}")
    for header in ("1", f"p={person}", f"p={person};u=", f";u={half.partition(';u=')[2]}"):
        wrote = tablet.client.patch("/api/me", json={"colour": 5}, headers={"X-Virtaamo": header})
        assert error_of(wrote) == (401, "unlock_required"), header
        seen = tablet.client.get("/api/me", headers={"X-Virtaamo": header})
        assert "person" not in seen.json(), header
    assert tablet.client.patch("/api/me", json={"colour": 5}, headers={"X-Virtaamo": half}).status_code == 200


def test_f5_copies_on_one_tablet_get_one_key_for_the_legs_of_their_team_and_another_tablet_another(
    place, join, shared, leader
):
    tablet, aino = place
    bete = join(shared, name="Bete")
    add_passkey(bete)
    tablet.add(bete)
    other = tablet_of(shared, leader, "Toinen")
    other.add(aino)
    told = [
        on.unlock(person.me["person"]).json()["leg_keys"]
        for on, person in ((tablet, aino), (tablet, bete), (other, aino))
    ]
    (team,) = told[0]
    assert int(team) == leader.me["leads"][0][0]
    assert told[0] == told[1]
    assert list(told[2]) == [team] and told[2] != told[0]
    assert len(raw(told[0][team])) == 32

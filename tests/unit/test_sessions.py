"""One's own sessions, devices and notices (docs/devices.md D-31, D-83 and H5)."""

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.conftest import join_with
from tests.unit.test_passkeys import error, notices

DAY_MS = 86_400_000


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request):
    return request.param


@pytest.fixture
def pair(shared, join):
    """Two devices of one person."""
    first = join(shared)
    return first, join_with(shared, shared.invite(person=first.me["person"]))


def test_h5_sessions_and_devices_show_days_and_no_hours(pair):
    first, _ = pair
    sessions, devices = (first.get(f"/api/{path}").json() for path in ("me/sessions", "devices"))

    assert [row["current"] for row in sessions] == [row["current"] for row in devices] == [True, False]
    for row in (*sessions, *devices, *first.get("/api/me/notices").json()):
        numbers = [value for value in row.values() if isinstance(value, int)]
        assert all(number < DAY_MS for number in numbers), "a day since 1970, or a number of a notice"


def test_a_person_ends_a_session_elsewhere_and_it_hears(pair):
    first, second = pair
    (other,) = [row for row in first.get("/api/me/sessions").json() if not row["current"]]

    assert first.delete(f"/api/me/sessions/{other['id']}").status_code == 204
    assert error(second.get("/api/me")) == (401, "signed_out")
    assert notices(first)[0] == "session_ended"
    assert error(first.delete(f"/api/me/sessions/{other['id']}")) == (404, "not_found")


def test_d14_a_socket_for_one_person_is_not_opened_by_the_session_of_another(shared, join):
    aino, jorma = join(shared), join(shared)
    headers = {"Cookie": aino.auth.cookie, "Origin": shared.url}
    live = shared.url.replace("http", "ws") + "/api/live?p="
    with connect(f"{live}{aino.me['person']}", additional_headers=headers) as socket:
        socket.send(b"\x96\x01\xc0\x00\x80\x90\x01")
        assert socket.recv(timeout=5)
    other = f"{live}{jorma.me['person']}"
    with connect(other, additional_headers=headers) as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=5)
    assert closed.value.rcvd.code == 4401


def test_d14_d44_only_who_was_removed_hears_gone(pair, shared, join):
    first, second = pair
    assert first.delete(f"/api/devices/{second.me['device']['id']}").status_code == 204
    for person, answer in (
        (join(shared).me["person"], (401, "signed_out")),
        (first.me["person"], (410, "gone")),
    ):
        assert error(second.get("/api/me", headers={"X-Virtaamo": f"p={person}"})) == answer


def test_d44_d74_a_revoked_device_hears_gone_on_every_way(shared, pair):
    first, second = pair
    headers = {"Cookie": second.auth.cookie, "Origin": shared.url}
    with connect(shared.url.replace("http", "ws") + "/api/live", additional_headers=headers) as socket:
        socket.send(b"\x96\x01\xc0\x00\x80\x90\x01")
        socket.recv(timeout=5)
        assert first.delete(f"/api/devices/{second.me['device']['id']}").status_code == 204
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=5)

    assert closed.value.rcvd.code == 4410
    assert error(second.get("/api/me")) == (410, "gone")
    assert [row["current"] for row in first.get("/api/devices").json()] == [True]
    assert notices(first)[0] == "device_revoked"
    again = first.delete(f"/api/devices/{second.me['device']['id']}")
    assert error(again) == (409, "already_revoked")


def test_a_device_gets_the_name_that_its_person_gives(pair):
    first, second = pair
    path = f"/api/devices/{second.me['device']['id']}"

    assert first.patch(path, json={"name": " Äidin vanha "}).status_code == 204
    assert second.get("/api/me").json()["device"]["name"] == "Äidin vanha"
    assert error(first.patch(path, json={"name": "  "})) == (422, "invalid")


def test_nobody_sees_or_touches_what_is_anothers(shared, join, pair):
    first, _ = pair
    stranger = join(shared, "supervisor")
    device, (session, *_) = first.me["device"]["id"], first.get("/api/me/sessions").json()

    assert error(stranger.delete(f"/api/me/sessions/{session['id']}")) == (404, "not_found")
    assert error(stranger.delete(f"/api/devices/{device}")) == (404, "not_found")
    assert error(stranger.patch(f"/api/devices/{device}", json={"name": "X"})) == (404, "not_found")
    assert error(stranger.delete("/api/devices/xyz")) == (404, "not_found")
    assert len(stranger.get("/api/me/sessions").json()) == 1
    assert first.get("/api/me").status_code == 200


def test_d83_a_sign_in_is_no_line_of_the_audit_log(shared, join, pair):
    first, _ = pair
    admin = join(shared, "admin", None)
    rows = [row for row in admin.get("/api/audit").json()["events"] if row["person"] == first.me["person"]]

    assert {row["what"] for row in rows} == {"granted", "reinvited"}
    assert notices(admin) == ["passkey_made"]


def test_notices_are_seen_on_all_devices(pair):
    first, second = pair
    newest = first.get("/api/me/notices").json()[0]

    assert second.post("/api/me/notices/seen", json={"upto": newest["id"]}).status_code == 204
    assert all(row["seen"] for row in first.get("/api/me/notices").json())

"""Leaving, deleting the account and taking one's data along, over HTTP as devices do it."""

import io
import json
from zipfile import ZipFile

import msgspec
import pytest

from server.forms import HeldForm, PersonLine, RemoveForm
from tests.authenticator import add_passkey
from tests.conftest import Cookies
from tests.sealing import AT, MSGPACK, Phone, deliver, states


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request):
    return request.param


@pytest.fixture
def ville(shared):
    return Phone(shared, shared.invite())


@pytest.fixture
def jorma(shared):
    return Phone(shared, shared.invite("supervisor"), "Jorma")


def remove(shared, phone):
    shared.ask("people.remove", RemoveForm(phone.me["person"]), type(None))


def sync(phone, *changes):
    body = msgspec.msgpack.encode(
        [1, None, 0, {}, [msgspec.Raw(msgspec.msgpack.encode(c)) for c in changes], 0]
    )
    reply = phone.client.post("/api/sync", content=body, headers=MSGPACK)
    return reply.status_code, msgspec.msgpack.decode(reply.content)


def late(phone):
    return phone.client.get("/api/quarantine").json()["items"]


def test_d44_a_removed_phone_hears_gone_and_its_words_wait_for_the_supervisor(shared, ville, jorma):
    words = [ville.idea(f"Lamppu {n}") for n in range(3)]
    remove(shared, ville)
    assert sync(ville)[1]["error"] == "gone"
    assert ville.client.get("/api/me").status_code == 410
    reply = deliver(shared.client(), [ville.seal(change, ville.key()) for change in words])
    assert (states(reply), reply["gone"]) == (["stored"] * 3, True)
    waiting = late(jorma)
    assert [one["fields"]["title"] for one in waiting] == ["Lamppu 0", "Lamppu 1", "Lamppu 2"]
    for one, do in zip(waiting, ("accept", "accept", "let_go"), strict=True):
        assert jorma.client.post(f"/api/quarantine/{one['id']}", json={"do": do}).status_code == 204
        again = jorma.client.post(f"/api/quarantine/{one['id']}", json={"do": do})
        assert (again.status_code, again.json()["error"]) == (409, "already_decided")
    frame = msgspec.msgpack.decode(jorma.client.get(f"/api/spaces/{jorma.team}/snapshot").content)
    ideas = [row for row in frame[3] if row[1] == "idea"]
    assert {(row[3], row[4], row[5]["title"]) for row in ideas} == {
        (ville.me["person"], AT, "Lamppu 0"),
        (ville.me["person"], AT, "Lamppu 1"),
    }


def test_d62_a_phone_that_lost_its_cookie_is_heard_without_one(shared, ville):
    change = ville.idea("Lamppu käytävään")
    ville.client.post("/api/logout", json={"waiting": 1})
    assert ville.client.get("/api/me").status_code == 401
    reply = deliver(shared.client(), [ville.seal(change, ville.key())])
    assert reply == {"items": [{"id": change.id, "state": "stored"}]}


def test_a_supervisor_lets_a_member_leave_the_organisation(ville, jorma):
    add_passkey(jorma.client)
    reply = jorma.client.post(f"/api/persons/{ville.me['person']}/leave", json={})
    assert (reply.status_code, reply.json()) == (202, {"quarantine_days": 90})
    assert ville.client.get("/api/me").json()["error"] == "gone"


def test_nobody_else_lets_a_member_leave(shared, ville):
    other = Phone(shared, shared.invite(), "Aino")
    add_passkey(other.client)
    reply = other.client.post(f"/api/persons/{ville.me['person']}/leave", json={})
    assert (reply.status_code, reply.json()["error"]) == (403, "not_allowed")


def test_deleting_the_account_ends_all_sessions_and_says_the_day(ville):
    add_passkey(ville.client)
    reply = ville.client.request("DELETE", "/api/me", json={"keep_names": [ville.team]})
    assert reply.status_code == 202
    assert reply.json()["on"] % 86_400_000 == 0
    assert ville.client.get("/api/me").json()["error"] == "gone"


def test_the_export_has_all_that_is_mine_and_nothing_that_is_another_s(shared, ville, jorma):
    hostile = "=cmd()|<script>alert(1)</script>"
    own = ville.idea("Vain omiin silmiin", space=ville.me["own"], card=b"o" * 16)
    own = msgspec.structs.replace(own, set={**own.set, "team": (None, ville.team)})
    sync(ville, ville.idea(hostile), own)
    sync(jorma, jorma.idea("Jorman oma"))
    add_passkey(ville.client)
    reply = ville.client.get("/api/me/export")
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/zip")
    archive = ZipFile(io.BytesIO(reply.content))
    data, page = json.loads(archive.read("virtaamo.json")), archive.read("virtaamo.html").decode()
    titles = [card["fields"]["title"] for card in data["cards"]]
    assert sorted(titles) == sorted([hostile, "Vain omiin silmiin"])
    assert [device["name"] for device in data["devices"]] == ["puhelin"]
    assert "<script>" not in page
    assert "=cmd()|&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Vain omiin silmiin" in page
    for file in (page, json.dumps(data)):
        assert "Jorman oma" not in file
        assert "Jorma" not in file


def test_d83_an_export_is_told_to_its_person(ville):
    add_passkey(ville.client)
    ville.client.get("/api/me/export")
    told = json.loads(ZipFile(io.BytesIO(ville.client.get("/api/me/export").content)).read("virtaamo.json"))[
        "notices"
    ]
    assert "exported" in {one["what"] for one in told}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/me/export"),
        ("DELETE", "/api/me"),
        ("GET", "/api/quarantine"),
        ("POST", "/api/quarantine/1"),
    ],
)
def test_nobody_who_is_signed_out_gets_anywhere(shared, method, path):
    stranger = shared.client()
    stranger.auth = Cookies("__Host-v_s=nonsense")
    reply = stranger.request(method, path, **({"json": {"do": "accept"}} if method != "GET" else {}))
    assert (reply.status_code, reply.json()["error"]) == (401, "signed_out")


@pytest.mark.parametrize(("method", "path"), [("GET", "/api/me/export"), ("DELETE", "/api/me")])
def test_d37_a_shared_device_neither_exports_nor_deletes(ville, method, path):
    cookie = ville.client.auth.cookie
    ville.client.auth = Cookies(f"{cookie}; __Host-v_d=x")
    body = {"json": {"keep_names": []}} if method == "DELETE" else {}
    assert ville.client.request(method, path, **body).json()["error"] == "shared_device"


def test_people_who_left_are_no_more_in_the_list(shared, ville):
    remove(shared, ville)
    people = shared.ask("people.list", HeldForm(), list[PersonLine])
    assert ville.me["person"] not in {one.person for one in people}


def test_d32_leaving_for_good_and_the_export_want_a_proof(ville, jorma):
    asked = [
        jorma.client.post(f"/api/persons/{ville.me['person']}/leave", json={}),
        ville.client.request("DELETE", "/api/me", json={"keep_names": []}),
        ville.client.get("/api/me/export"),
    ]
    assert [reply.json()["error"] for reply in asked] == ["reauth_required"] * 3


def test_d44_what_a_removed_phone_had_waits_for_its_person_on_another(shared, ville):
    again = Phone(shared, shared.invite(person=ville.me["person"]), "Ville")
    add_passkey(again.client)
    change = ville.idea("Kadonneelta puhelimelta")
    lost = ville.me["device"]["id"]
    assert again.client.request("DELETE", f"/api/devices/{lost}", json={}).status_code == 204
    assert ville.client.get("/api/me").json()["error"] == "gone"
    assert deliver(shared.client(), [ville.seal(change, ville.key())])["gone"] is True
    assert "held" in {one["what"] for one in again.client.get("/api/me/notices").json()}
    (one,) = late(again)
    assert (one["mine"], one["may_accept"]) == (True, True)
    assert again.client.post(f"/api/quarantine/{one['id']}", json={"do": "accept"}).status_code == 204
    frame = msgspec.msgpack.decode(again.client.get(f"/api/spaces/{again.team}/snapshot").content)
    assert [row[5]["title"] for row in frame[3] if row[1] == "idea"] == ["Kadonneelta puhelimelta"]

"""Only our own pages change anything: docs/devices.md D-73 over every method of every route."""

import sqlite3
from contextlib import closing

import httpx
import pytest

from tests.conftest import Server
from tests.routes import Call, calls, unsafe_calls

FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": None},
    {"Origin": "http://localhost"},
    {"X-Virtaamo": None},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
]
TOLD = ("audit", "notice")  # that somebody took their own words home is written down (D-83)
SIMPLE = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")


def ask(
    client: httpx.Client, call: Call, change: dict[str, str | None], body: bytes = b"{}"
) -> httpx.Response:
    """A call with headers changed, or left out where the change says None."""
    headers = {**dict(client.headers), **{k.lower(): v for k, v in call.media.items()}}
    headers |= {name.lower(): value for name, value in change.items()}
    kept = {name: value for name, value in headers.items() if value is not None}
    request = httpx.Request(
        call.method, f"{client.base_url}".rstrip("/") + call.path, headers=kept, content=body
    )
    if client.auth is not None:
        request.headers["Cookie"] = client.auth.cookie
    with httpx.Client(timeout=30) as bare:
        return bare.send(request)


@pytest.mark.parametrize("change", FOREIGN, ids=str)
def test_d73_no_other_page_reaches_any_route_that_changes_something(shared, join, change):
    for client in (join(shared), shared.client()):
        for call in unsafe_calls():
            reply = ask(client, call, change)
            assert (reply.status_code, reply.json()["error"]) == (403, "cross_site"), call


@pytest.mark.parametrize("kind", SIMPLE)
def test_d73_what_a_form_can_send_is_no_content_type_of_ours(shared, join, kind):
    client = join(shared)

    for call in unsafe_calls():
        reply = ask(client, call, {"Content-Type": kind}, b"a=1")
        assert (reply.status_code, reply.json()["error"]) == (415, "unsupported_type"), call


def test_d73_no_preflight_is_ever_granted(shared, join):
    foreign = {"Origin": "https://evil.example", "Access-Control-Request-Headers": "x-virtaamo"}

    for client in (join(shared), shared.client()):
        for call in calls():
            asked = foreign | {"Access-Control-Request-Method": call.method}
            reply = client.options(call.path, headers=asked)
            granted = [name for name in reply.headers if name.startswith("access-control-")]
            assert granted == [], call


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_d73_a_method_is_what_the_first_line_says(shared, join, header):
    client = join(shared)

    assert client.get("/api/me", headers={header: "DELETE"}).status_code == 200
    assert client.post("/api/logout?_method=GET", json={}).status_code == 204


def test_d73_reading_changes_nothing(server, join):
    client = join(server)
    client.get("/api/me")
    before = rows(server)

    for call in calls():
        if call.method in ("GET", "OPTIONS"):
            for method in (call.method, "HEAD"):
                assert client.request(method, call.path).status_code < 500, call

    assert rows(server) == before


def rows(server: Server) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but those that a server keeps for itself."""
    with closing(sqlite3.connect(server.folder / "virtaamo.db")) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(db.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
            for name in names
            if name not in ("meta", "snapshot", *TOLD)
        }

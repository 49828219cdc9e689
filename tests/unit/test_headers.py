"""What every reply carries, errors and files included: docs/devices.md D-20 and D-75 to D-77, word by word."""

import re
from pathlib import Path

import httpx
import pytest
from litestar import Litestar, get
from litestar.testing import TestClient

from server.app import _refusals
from server.routes.headers import header_hook
from server.routes.wire import Call as Request
from tests.conftest import Server
from tests.routes import calls

RULES = (Path(__file__).parent.parent.parent / "docs" / "devices.md").read_text()
ALWAYS = {
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "x-content-type-options",
    "x-frame-options",
    "permissions-policy",
}
NEVER = ("access-control-", "clear-site-data", "server", "x-powered-by", "set-cookie2", "refresh")
INERT = "sandbox; default-src 'none'"


def said(rule: str) -> str:
    """A rule of docs/devices.md, as it stands there."""
    return next(line for line in RULES.splitlines() if line.startswith(f"- **{rule}**"))


POLICY = re.search(r"`(default-src [^`]+)`", said("D-76"))[1]
PROMISED = dict(re.findall(r"`([A-Z][\w-]+): ([^`]+)`", said("D-77")))


def carries_all(reply: httpx.Response, path: str) -> None:
    """The headers of one reply, each exactly once and as the rules have them."""
    place = f"{reply.request.method} {path}: {reply.status_code}"
    for name, value in PROMISED.items():
        if name.lower() in ALWAYS:
            assert reply.headers.get_list(name) == [value], f"{place} {name}"
    policies = reply.headers.get_list("content-security-policy")
    assert policies in ([POLICY], [INERT]), place
    assert policies == [POLICY] or path.startswith("/api/files/"), place
    assert reply.headers.get_list("referrer-policy") == ["same-origin"], place
    if path.startswith("/api"):
        assert reply.headers.get_list("cache-control") == ["no-store"], place
    assert [name for name in reply.headers if name.startswith(NEVER)] == [], place


def test_the_rules_name_what_is_looked_for():
    assert {name.lower() for name in PROMISED} - {"strict-transport-security"} == ALWAYS
    assert "require-trusted-types-for 'script'" in POLICY


def test_d20_d75_d76_d77_every_route_and_every_error_carries_the_headers(shared, join):
    signed_in, nobody = join(shared), shared.client()
    odd = [("GET", "/api/nowhere"), ("GET", "/nowhere.txt"), ("DELETE", "/api/me"), ("TRACE", "/api/me")]
    seen = set()

    for method, path in [*((call.method, call.path) for call in calls()), *odd]:
        for client in (signed_in, nobody):
            for change in ({}, {"Host": "evil.example"}, {"Origin": "https://evil.example"}):
                reply = client.request(method, path, headers=change)
                carries_all(reply, path)
                seen.add(reply.status_code)
        if path == "/api/logout":
            signed_in = join(shared)

    assert {200, 400, 401, 403, 404, 405} <= seen


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/api/join", {"Content-Type": "text/plain"}, b"x", 415),
        ("/api/join", {"Content-Type": "application/json"}, b"{", 400),
        ("/api/join", {"Content-Type": "application/json"}, b"{}", 422),
        ("/api/join", {"Content-Type": "application/json"}, b" " * 70_000, 413),
    ],
)
def test_d77_refused_bodies_carry_the_headers(shared, path, headers, body, status):
    reply = shared.client().post(path, headers=headers, content=body)

    assert reply.status_code == status
    carries_all(reply, path)


def test_d77_who_comes_too_often_is_told_with_all_headers(tmp_path, initialised):
    server = Server(tmp_path / "data", {"VIRTAAMO_RATE_ADDRESS": "1"})
    assert server.cli("init").returncode == 0
    server.start()
    try:
        replies = [server.client().post("/api/join/look", json={"code": "A" * 22}) for _ in range(2)]
        assert replies[-1].status_code == 429
        carries_all(replies[-1], "/api/join/look")
    finally:
        server.close()


def test_d76_d77_the_shell_and_the_worker_carry_the_headers(tmp_path, initialised):
    web = tmp_path / "web"
    web.mkdir()
    for name in ("index.html", "sw.js", "manifest.webmanifest", "picture.svg"):
        (web / name).write_text("<svg/>")
    server = Server(tmp_path / "data", {"VIRTAAMO_WEB": str(web), "VIRTAAMO_URL": "https://ideas.example"})
    assert server.cli("init").returncode == 0
    server.start()
    try:
        for path in ("/", "/taulu", "/sw.js", "/manifest.webmanifest", "/picture.svg", "/health", "/metrics"):
            reply = server.client().get(path)
            assert reply.status_code == 200, path
            carries_all(reply, path)
            transport = reply.headers.get_list("strict-transport-security")
            assert transport == [PROMISED["Strict-Transport-Security"]]
    finally:
        server.close()


def test_d77_a_defect_of_ours_carries_the_headers_and_says_nothing_of_it():
    @get("/api/broken")
    async def fail() -> None:
        raise RuntimeError("merkkisana")

    app = Litestar(
        [fail],
        before_send=[header_hook(behind_tls=False)],
        exception_handlers=_refusals(),
        request_class=Request,
        debug=False,
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        reply = client.get("/api/broken")

    assert reply.status_code == 500
    assert "merkkisana" not in reply.text
    carries_all(reply, "/api/broken")

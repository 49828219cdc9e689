"""Who may come in, and what every reply carries (docs/devices.md D-20, D-30, D-73 to D-82)."""

import gzip

import httpx
import msgspec
import pytest
from litestar import Litestar

from server.app import make_app
from server.forms import RemoveForm
from server.refusals import STATUS
from server.settings import Settings
from tests.conftest import Server, author_key, join_with
from tests.routes import UNSAFE, calls

JSON = {"Content-Type": "application/json"}
MSGPACK = {"Content-Type": "application/x-msgpack"}


def routes() -> list[tuple[str, str]]:
    app: Litestar = make_app(Settings(openapi=True))
    found = []
    for route in app.routes:
        for method in getattr(route, "methods", []):
            path = route.path.replace("{sha:str}", "0" * 64).replace("{card:str}", "0" * 32)
            for name in ("space", "person", "number"):
                path = path.replace(f"{{{name}:int}}", "1")
            found.append((method, path.replace("{path:path}", "kortti/1").replace("{path:str}", "x")))
    return found


def test_every_reply_carries_the_headers(shared, join):
    client = join(shared)

    for method, path in [*routes(), ("GET", "/api/nowhere"), ("GET", "/nowhere.txt"), ("DELETE", "/api/me")]:
        for sender in (client, shared.client()):
            reply = sender.request(method, path)
            seen = reply.headers
            assert reply.status_code < 500, (method, path)
            assert seen["x-content-type-options"] == "nosniff", (method, path)
            assert seen["x-frame-options"] == "DENY"
            assert seen["cross-origin-opener-policy"] == seen["cross-origin-resource-policy"] == "same-origin"
            assert seen["referrer-policy"] == "same-origin"
            assert "microphone=()" in seen["permissions-policy"]
            assert "frame-ancestors 'none'" in seen["content-security-policy"]
            assert "clear-site-data" not in seen
            assert "access-control-allow-origin" not in seen
            if path.startswith("/api"):
                assert seen["cache-control"] == "no-store", (method, path)


def test_the_service_worker_is_asked_for_again_each_time(tmp_path, initialised):
    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    (web / "sw.js").write_text("// worker")
    (web / "index.html").write_text("<title>Virtaamo</title>")
    (web / "assets" / "main-ABCDEFGH.js").write_text("// code")
    server = Server(tmp_path / "data", {"VIRTAAMO_WEB": str(web)})
    assert server.cli("init").returncode == 0
    server.start()
    try:
        client = server.client()
        assert client.get("/sw.js").headers["cache-control"] == "no-cache"
        assert "max-age=31536000" in client.get("/assets/main-ABCDEFGH.js").headers["cache-control"]
        assert "Virtaamo" in client.get("/kortti/0198").text
        assert client.get("/liity").headers["content-type"].startswith("text/html")
        assert client.get("/assets/gone-ABCDEFGH.js").status_code == 404
        assert client.get("/..%2f..%2fdata%2fsecret.bin").status_code == 404
    finally:
        server.close()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": None}, 403),
        ({"X-Virtaamo": None}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": None}, 200),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content-Type": "image/jpeg"}, 415),
    ],
)
def test_only_our_own_pages_may_write(shared, join, change, status):
    client = join(shared)
    headers = {**dict(client.headers), "content-type": "application/json"}
    for name, value in change.items():
        headers.pop(name.lower(), None)
        if value is not None:
            headers[name.lower()] = value
    request = httpx.Request("PATCH", shared.url + "/api/me", headers=headers, content=b'{"colour": 2}')
    request.headers["Cookie"] = client.auth.cookie

    with httpx.Client() as bare:
        assert bare.send(request).status_code == status


def test_d14_nothing_is_taken_for_one_person_by_the_session_of_another(shared, join):
    aino, jorma = join(shared), join(shared)
    mine, anothers = ({"X-Virtaamo": f"p={client.me['person']}"} for client in (aino, jorma))
    for headers in (mine, {"X-Virtaamo": "1"}):
        assert aino.get("/api/me", headers=headers).json()["person"] == aino.me["person"]
        assert aino.patch("/api/me", json={"colour": 3}, headers=headers).status_code == 200

    calls = [("GET", "/api/me", {}), ("PATCH", "/api/me", JSON), ("POST", "/api/sync", MSGPACK)]
    for method, path, headers in calls:
        reply = aino.request(method, path, headers={**headers, **anothers, "Accept": "application/json"})
        assert (reply.status_code, reply.json()["error"]) == (401, "signed_out"), path


def test_the_public_address_may_write_too(tmp_path, initialised):
    server = Server(tmp_path / "data", {"VIRTAAMO_URL": "https://ideas.example"})
    assert server.cli("init").returncode == 0
    server.start()
    try:
        server.add_team()
        client = join_with(server, server.invite())
        reply = client.patch("/api/me", json={"colour": 3}, headers={"Origin": "https://ideas.example"})
        assert reply.status_code == 200
        assert "max-age=63072000" in reply.headers["strict-transport-security"]
    finally:
        server.close()


def test_another_host_name_is_refused_but_for_the_health_call(shared):
    elsewhere = {"Host": "evil.example"}

    assert shared.client().get("/", headers=elsewhere).status_code == 400
    assert shared.client().get("/api/me", headers=elsewhere).status_code == 400
    assert shared.client().get("/health", headers=elsewhere).status_code == 200


OPEN_TO_ALL = {
    "/api/claim",
    "/api/devices",
    "/api/drop",
    "/api/join",
    "/api/join/look",
    "/api/keys",
    "/api/live",
    "/api/oidc",
    "/api/oidc/begin",
    "/api/oidc/finish",
    "/api/passkey/login/begin",
    "/api/passkey/login/finish",
    "/api/recover",
    "/api/sealed",
}


def test_d94_only_these_routes_speak_to_nobody(shared):
    open_to_all = {call.path for call in calls() if call.is_public and call.path.startswith("/api")}

    assert open_to_all == OPEN_TO_ALL


def test_d32_these_routes_take_a_proof():
    proved = set()
    for route in make_app(Settings()).routes:
        for handler in getattr(route, "route_handlers", []):
            if handler.opt.get("proof"):
                proved |= {
                    (str(method), route.path) for method in handler.http_methods if method != "OPTIONS"
                }

    assert proved == {
        ("DELETE", "/api/devices/{uuid:str}/wall/{space:int}"),
        ("DELETE", "/api/me"),
        ("DELETE", "/api/oidc"),
        ("DELETE", "/api/passkey/{id_:str}"),
        ("GET", "/api/me/export"),
        ("POST", "/api/devices/approve"),
        ("POST", "/api/devices/codes"),
        ("POST", "/api/invitations"),
        ("POST", "/api/oidc/link"),
        ("POST", "/api/persons/{person:int}/leave"),
        ("POST", "/api/recovery-codes"),
        ("POST", "/api/rosters"),
        ("PUT", "/api/devices/{uuid:str}/wall/{space:int}"),
        ("PUT", "/api/persons/{person:int}/grants/{space:int}"),
    }, "ending a seat and the first passkey ask by their data: docs/decisions/0018"


ONLY_ON_TABLETS = {
    "/api/devices/persons",
    "/api/devices/requests",
    "/api/devices/requests/x",
    "/api/lock",
    "/api/unlock/begin",
    "/api/unlock/finish",
    "/api/unlock/share",
    "/api/wall/1",
}


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("revoked", 410), ("left", 410)])
def test_d94_without_a_good_session_nothing_of_ours_is_shown(shared, join, who, status):
    client = shared.client()
    if who != "nobody":
        client = join(shared)
        other = join_with(shared, shared.invite(person=client.me["person"]))
    if who == "revoked":
        assert other.delete(f"/api/devices/{client.me['device']['id']}").status_code == 204
    elif who == "left":
        shared.ask("people.remove", RemoveForm(client.me["person"]), type(None))

    for call in calls():
        if call.path.startswith("/api") and not call.is_public and call.method != "OPTIONS":
            headers = call.media if call.method in UNSAFE else {}
            reply = client.request(call.method, call.path, headers=headers)
            is_no_tablet = who == "nobody" and call.path in ONLY_ON_TABLETS
            assert reply.status_code == (403 if is_no_tablet else status), (call.method, call.path)


def test_d94_with_a_session_every_route_has_an_answer(shared, join):
    client = join(shared)

    for call in calls():
        if call.path.startswith("/api") and call.path not in ("/api/logout", "/api/live"):
            reply = client.request(
                call.method, call.path, headers=call.media if call.method in UNSAFE else {}
            )
            assert reply.status_code not in (401, 410) or "expired" in reply.text, (call.method, call.path)
            assert reply.status_code < 500, (call.method, call.path)


def test_the_cookie_is_closed_to_scripts_and_other_sites(shared):
    client = shared.client()
    form = {"code": shared.invite(), "name": "Maija", "lang": "fi", "sign_pub": author_key()}

    cookie = client.post("/api/join", json=form).headers["set-cookie"]

    assert cookie.startswith("__Host-v_s=")
    for part in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


def test_too_many_tries_are_told_to_wait(tmp_path, initialised):
    server = Server(tmp_path / "data", {"VIRTAAMO_RATE_ADDRESS": "3"})
    assert server.cli("init").returncode == 0
    server.start()
    try:
        client = server.client()
        replies = [client.post("/api/join/look", json={"code": "A" * 22}) for _ in range(4)]
        assert [reply.status_code for reply in replies] == [404, 404, 404, 429]
        assert replies[-1].json()["error"] == "slow_down"
        assert int(replies[-1].headers["retry-after"]) == replies[-1].json()["retry_after"] > 0
    finally:
        server.close()


def test_a_gzip_bomb_is_refused_before_it_is_unpacked(shared, join):
    bomb = gzip.compress(bytes(50_000_000))

    reply = join(shared).post("/api/sync", content=bomb, headers={**MSGPACK, "Content-Encoding": "gzip"})

    assert (reply.status_code, reply.json()["error"]) == (413, "too_large")


@pytest.mark.parametrize(("path", "size"), [("/api/me", 64_001), ("/api/sync", 1_000_001)])
def test_a_body_over_its_limit_is_refused(shared, join, path, size):
    method = "PATCH" if path == "/api/me" else "POST"

    reply = join(shared).request(method, path, content=b"x" * size, headers=MSGPACK)

    assert (reply.status_code, reply.json()["error"]) == (413, "too_large")


@pytest.mark.parametrize(
    "path", ["/api/spaces/" + "9" * 6_000 + "/snapshot", "/api/persons?space=" + "9" * 30, "/%00", "/a/%ff"]
)
def test_odd_addresses_are_refused_with_a_code(shared, join, path):
    reply = join(shared).get(path)

    assert reply.status_code < 500
    assert reply.status_code == 200 or reply.json()["error"] in STATUS


@pytest.mark.parametrize("path", ["/a.%00", "/" + "a" * 300 + ".js"], ids=["nul", "long"])
def test_a_name_that_no_file_can_have_is_not_found(shared, path):
    with shared.client() as client:
        assert client.get(path).json()["error"] == "not_found"


@pytest.mark.parametrize("kind", ["json", "x-msgpack"])
@pytest.mark.parametrize(
    "body", [b"\x81\xa4\xff\xff\xff\xff\xc0", b'{"\xff": 1}', b"[" * 60_000, b"\x91" * 60_000]
)
def test_a_body_that_cannot_be_decoded_is_a_bad_request(shared, body, kind):
    with shared.client() as client:
        reply = client.post("/api/join", content=body, headers={"Content-Type": f"application/{kind}"})

    assert reply.status_code in (400, 422)
    assert reply.json()["error"] in STATUS


def test_logs_name_nobody_and_quote_nothing(server, join):
    client = join(server, name="Merkkinimi")
    client.patch("/api/me", json={"name": "Merkkinimi" * 20})
    client.patch("/api/me", json={"name": "Merkkinimi Toinen"})
    text = {"team": [None, 2], "title": [None, "Merkkisana"]}
    change = [b"markrun0" + bytes(4), 2, bytes(15) + b"\1", "idea", 1, 0, text]
    client.post("/api/sync", content=msgspec.msgpack.encode([1, None, 0, {}, [change], 1]), headers=MSGPACK)
    server.stop()

    log = server.log_file.read_text()

    for word in ("Merkki", "127.0.0.1:", client.auth.cookie.split("=")[1]):
        assert word not in log.replace(server.url, "")

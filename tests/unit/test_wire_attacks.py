"""Bytes that no browser sends: ambiguous requests, bombs, foreign hosts (docs/devices.md D-81)."""

import gzip
import re
import socket
import zlib

import brotli
import httpx
import pytest

from tests.conftest import Server
from tests.routes import unsafe_calls

MSGPACK = {"Content-Type": "application/x-msgpack"}
LIMITS = {"/api/sync": 1_000_000}  # it counts for itself
DEFAULT_LIMIT = 64_000
SECOND = b"GET /health?smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n"
POST = b"POST /api/join HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n"
AMBIGUOUS = {
    "both lengths": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nabcde",
    "a list of lengths": POST + b"Content-Length: 0, 5\r\n\r\nabcde",
    "a signed length": POST + b"Content-Length: +5\r\n\r\nabcde",
    "a negative length": POST + b"Content-Length: -1\r\n\r\n",
    "a hexadecimal length": POST + b"Content-Length: 0x5\r\n\r\nabcde",
    "a coding that is none": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "chunked before another": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "a folded header": POST + b"X-A: b\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk of endless size": POST
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"f" * 17
    + b"\r\nabc\r\n0\r\n\r\n",
    "a chunk of no size": POST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
    "nul in a header": POST + b"X-A: a\0b\r\n\r\n",
    "a bare line feed": b"GET /health HTTP/1.1\nHost: HOST\nX-A: a\rb\n\n",
    "an old protocol": b"GET /health\r\n",
    "a protocol to come": b"GET /health HTTP/9.9\r\nHost: HOST\r\n\r\n",
    "an endless header": b"GET /health HTTP/1.1\r\nHost: HOST\r\nX-A: " + b"a" * 200_000 + b"\r\n\r\n",
}


def exchange(server: Server, sent: bytes) -> list[bytes]:
    """Send bytes and a second request behind them; the status lines that come back until the server is silent."""
    host = f"127.0.0.1:{server.port}"
    raw = (sent + SECOND).replace(b"HOST", host.encode())
    heard = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=2) as line:
        try:
            line.sendall(raw)
            while part := line.recv(65_536):
                heard += part
        except (TimeoutError, ConnectionError):
            pass
    return re.findall(rb"HTTP/1\.1 \d+", heard)


@pytest.mark.parametrize("how", AMBIGUOUS)
def test_d81_a_request_that_two_readers_read_differently_ends_the_connection(shared, how):
    statuses = exchange(shared, AMBIGUOUS[how])

    assert len(statuses) <= 1, statuses
    assert all(status.startswith(b"HTTP/1.1 4") for status in statuses), statuses
    assert shared.client().get("/health").status_code == 200


def test_d81_one_that_is_not_ambiguous_has_its_answer_and_the_next_has_its_own(shared):
    plain = b"GET /health HTTP/1.1\r\nHost: HOST\r\n\r\n"

    assert exchange(shared, plain) == [b"HTTP/1.1 200"] * 2


@pytest.mark.parametrize(
    "hosts",
    [
        (),
        ("evil.example",),
        ("", ""),
        ("HOST", "evil.example"),
        ("evil.example", "HOST"),
        ("HOST.",),
        ("a@HOST",),
    ],
    ids=str,
)
def test_d81_a_host_that_is_not_ours_alone_is_refused(shared, hosts):
    lines = b"".join(b"Host: " + host.encode() + b"\r\n" for host in hosts)

    statuses = exchange(shared, b"GET / HTTP/1.1\r\n" + lines + b"Connection: close\r\n\r\n")

    assert statuses[:1] == [b"HTTP/1.1 400"]


def test_d81_the_host_in_a_whole_address_makes_no_difference(shared):
    asked = b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"

    assert exchange(shared, asked)[:1] == [b"HTTP/1.1 400"]


def test_d81_who_is_no_proxy_of_ours_says_nothing_about_addresses(tmp_path, initialised):
    server = Server(tmp_path / "data", {"VIRTAAMO_RATE_ADDRESS": "3"})
    assert server.cli("init").returncode == 0
    server.start()
    try:
        codes = []
        for number in range(6):
            claimed = {"X-Forwarded-For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"}
            reply = server.client().post("/api/join/look", json={"code": "A" * 22}, headers=claimed)
            codes.append(reply.status_code)
        assert codes == [404, 404, 404, 429, 429, 429]
    finally:
        server.close()


@pytest.mark.parametrize("said", [True, False], ids=["with a length", "in chunks"])
def test_d81_a_body_over_the_limit_of_its_route_is_refused(shared, join, said):
    client = join(shared)

    for call in unsafe_calls():
        body = b" " * (LIMITS.get(call.path, call.limit or DEFAULT_LIMIT) + 1)
        content = body if said else iter([body[:40_000], body[40_000:]])
        reply = client.request(call.method, call.path, content=content, headers=call.media)
        if reply.status_code < 300:  # what takes no body never reads it; it may have ended the session
            client = join(shared)
        assert reply.status_code in (413, 403) if call.has_body else reply.status_code != 500, (
            call,
            reply.text,
        )


@pytest.mark.parametrize(
    ("encoding", "squeeze", "status"),
    [
        ("gzip", lambda zeros: gzip.compress(zeros), 413),
        ("gzip", lambda zeros: gzip.compress(gzip.compress(zeros)), 400),
        ("gzip", lambda zeros: gzip.compress(b"x") + gzip.compress(zeros), 400),
        ("gzip", lambda zeros: gzip.compress(zeros)[:-9], 413),
        ("deflate", lambda zeros: zlib.compress(zeros), 415),
        ("br", lambda zeros: brotli.compress(zeros), 415),
        ("gzip, gzip", lambda zeros: gzip.compress(gzip.compress(zeros)), 415),
    ],
    ids=["bomb", "bomb in a bomb", "bomb behind a word", "cut bomb", "deflate", "brotli", "twice"],
)
def test_d81_a_bomb_is_never_unpacked(shared, join, encoding, squeeze, status):
    body = squeeze(bytes(60_000_000))

    reply = join(shared).post("/api/sync", content=body, headers={**MSGPACK, "Content-Encoding": encoding})

    assert reply.status_code == status, reply.text


def test_d81_only_sync_unpacks_at_all(shared, join):
    client = join(shared)
    body = gzip.compress(b'{"colour": 2}')

    for call in unsafe_calls():
        if call.path != "/api/sync":
            reply = client.request(
                call.method, call.path, content=body, headers={**call.media, "Content-Encoding": "gzip"}
            )
            assert reply.status_code in (400, 403, 413, 415, 422) if call.has_body else True, (
                call,
                reply.text,
            )
            if reply.status_code < 300:
                client = join(shared)


def test_d81_no_page_for_defects_is_there(shared):
    for path in (
        "/debug",
        "/console",
        "/schema",
        "/schema/swagger",
        "/docs",
        "/openapi.json",
        "/.env",
        "/.git/config",
    ):
        reply: httpx.Response = shared.client().get(path)
        assert "Traceback" not in reply.text
        assert "openapi" not in reply.text.lower()

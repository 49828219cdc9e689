"""The small client that carries messages: it goes where it was sent, not far, and not for long (D-86, D-87)."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

from server import courier
from server.courier import Courier, Outcome
from server.endpoints import Allowed, Endpoint
from server.webpush import Letter
from tests.e2e.proxies import Certificate
from tests.push import PushService

NOW = 1_795_000_000_000
LETTER = Letter({"TTL": "1"}, b"sealed")
HERE = Allowed(loopback=True)


async def here(host: str, port: int) -> list[str]:
    """All names are this machine's."""
    return ["127.0.0.1"]


def send(to: Endpoint, allowed: Allowed = HERE, trust=None, resolve=here) -> Outcome:
    async def run() -> Outcome:
        carrier = Courier(allowed, trust, resolve)
        try:
            return await carrier.send(to, LETTER, NOW)
        finally:
            await carrier.close()

    return asyncio.run(run())


def at(port: int, scheme: str = "http", host: str = "push.example") -> Endpoint:
    return Endpoint(scheme, host, port, "/x?y=1")


class Line:
    """A server that says what it is told to every caller; `heard` is what the last one said."""

    def __init__(self, answer: Callable[[socket.socket], None], tls: ssl.SSLContext | None = None) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.calls, self.heard, self.name = 0, b"", ""
        self._answer, self._tls = answer, tls
        if tls is not None:
            tls.sni_callback = self._note_name
        threading.Thread(target=self._serve, daemon=True).start()

    def _note_name(self, line: object, name: str, context: object) -> None:
        self.name = name

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._socket.accept()
                self.calls += 1
                with contextlib.suppress(OSError):
                    whole = self._tls.wrap_socket(line, server_side=True) if self._tls else line
                    with whole:
                        self.heard = b""
                        while not self.heard.endswith(LETTER.body) and (part := whole.recv(65_536)):
                            self.heard += part
                        self._answer(whole)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listen() -> Iterator[Callable[..., Line]]:
    lines: list[Line] = []

    def make(answer, tls=None) -> Line:
        lines.append(Line(answer, tls))
        return lines[-1]

    yield make
    for line in lines:
        line.close()


def says(*parts: bytes) -> Callable[[socket.socket], None]:
    def answer(line: socket.socket) -> None:
        for part in parts:
            line.sendall(part)

    return answer


def reply(status: str, *headers: str, body: bytes = b"") -> Callable[[socket.socket], None]:
    head = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}"))
    return says(head.encode() + b"\r\n" + body)


@pytest.mark.parametrize(
    ("status", "headers", "outcome"),
    [
        ("201 Created", [], Outcome("sent", 201)),
        ("202 Accepted", [], Outcome("sent", 202)),
        ("404 Not Found", [], Outcome("gone", 404)),
        ("410 Gone", [], Outcome("gone", 410)),
        ("429 Slow", ["Retry-After: 120"], Outcome("later", 429, 120)),
        ("503 Busy", ["Retry-After: Wed, 18 Nov 2026 11:16:40 GMT"], Outcome("later", 503, 600)),
        ("503 Busy", ["Retry-After: 99999999"], Outcome("later", 503, 86_400)),
        ("500 Broken", ["Retry-After: soon"], Outcome("later", 500)),
        ("400 Bad", [], Outcome("refused", 400)),
        ("401 Who", [], Outcome("refused", 401)),
        ("403 No", [], Outcome("refused", 403)),
    ],
)
def test_d88_what_a_service_answers_decides_what_happens(listen, status, headers, outcome):
    assert send(at(listen(reply(status, *headers)).port)) == outcome


def test_d86_the_request_is_what_it_should_be(listen):
    line = listen(reply("201 Created"))
    send(at(line.port))
    head, _, body = line.heard.partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert first == "POST /x?y=1 HTTP/1.1"
    assert {header.partition(":")[0].lower() for header in headers} == {"host", "content-length", "ttl"}
    assert f"Host: push.example:{line.port}" in headers
    assert body == b"sealed"


def test_d86_no_redirect_is_followed(listen):
    other = listen(reply("201 Created"))
    line = listen(reply("307 There", f"Location: http://127.0.0.1:{other.port}/"))
    assert send(at(line.port)).fate == "refused"
    assert other.calls == 0


def test_d86_no_proxy_of_the_environment_is_asked(listen, monkeypatch):
    proxy, line = listen(reply("201 Created")), listen(reply("201 Created"))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    assert send(at(line.port)).fate == "sent"
    assert proxy.calls == 0


def test_d86_a_reply_is_read_to_four_kilobytes(listen):
    sent = [0]

    def endless(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            line.sendall(b"400\r\n" + bytes(1024) + b"\r\n")
            sent[0] += 1024

    assert send(at(listen(endless).port)).fate == "sent"
    assert sent[0] < 20_000_000, "the rest fills the network's own buffers at most"


def test_d86_who_does_not_answer_is_left_in_time(listen, monkeypatch):
    monkeypatch.setattr(courier, "LIMIT_S", 0.3)
    ended = threading.Event()

    def silent(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 201 Cre")
        while line.recv(1):
            pass
        ended.set()

    assert send(at(listen(silent).port)) == Outcome("later")
    assert ended.wait(10), "the connection was closed"


def test_d86_nobody_at_home_and_nonsense_are_for_later(listen):
    line = listen(says(b"nonsense\r\n\r\n"))
    assert send(at(line.port)).fate == "later"
    line.close()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    assert send(at(free)).fate == "later"


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "xn--a.example", "a..b.example", "-.invalid"])
def test_d87_a_name_that_cannot_be_is_for_later(host):
    assert send(at(443, host=host), resolve=courier.look_up).fate == "later"


def test_d87_a_name_that_leads_inside_is_not_followed(listen):
    line = listen(reply("201 Created"))
    assert send(at(line.port), Allowed()).fate == "later"
    assert line.calls == 0


def test_d87_the_address_that_was_checked_is_the_one_that_is_asked(listen):
    """A name server that says something else the second time is not asked a second time."""
    line, asked = listen(reply("201 Created")), []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    assert send(at(line.port), resolve=rebinding).fate == "sent"
    assert asked == ["push.example"]


def test_d87_of_several_addresses_the_bad_ones_are_passed_over(listen):
    line = listen(reply("201 Created"))

    async def several(host: str, port: int) -> list[str]:
        return ["10.0.0.1", "169.254.169.254", "127.0.0.1"]

    assert send(at(line.port), resolve=several).fate == "sent"


def test_d87_the_certificate_has_to_be_of_the_name_and_the_name_is_asked_for(listen, tmp_path):
    certificate = Certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    line = listen(reply("201 Created"), context)
    trust = ssl.create_default_context(cafile=str(certificate.file))

    assert send(at(line.port, "https", "localhost"), trust=trust).fate == "sent"
    assert (line.name, b"sealed" in line.heard) == ("localhost", True)
    line.heard = b""
    assert send(at(line.port, "https", "push.example"), trust=trust).fate == "later"
    assert line.name == "push.example"
    assert send(at(line.port, "https", "localhost")).fate == "later", "nobody vouches for it"
    assert line.heard == b""


def test_d86_many_messages_go_over_few_connections():
    service = PushService()

    async def run() -> list[Outcome]:
        carrier = Courier(HERE)
        port = int(service.url.rpartition(":")[2])
        try:
            return await asyncio.gather(
                *(carrier.send(Endpoint("http", "127.0.0.1", port, f"/{n}"), LETTER, NOW) for n in range(50))
            )
        finally:
            await carrier.close()

    outcomes = asyncio.run(run())
    service.close()
    assert outcomes == [Outcome("sent", 201)] * 50

"""The end of a server: what was begun is answered, nothing new is taken, everybody is told to come back."""

import shutil
import signal
import sys
import time
from collections.abc import Iterator

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from sync.protocol import Code, encode
from tests.conftest import Server
from tests.unit.test_live import MSGPACK, Phone, heard
from tests.unit.test_metrics import figures

SOON_S = 20
HOLD_BACK = """
import os, sys, time
from server import __main__, intake
real = intake.accept
def accept(*arguments):
    while not os.path.exists(os.environ["GO"]):
        time.sleep(0.01)
    return real(*arguments)
intake.accept = accept
sys.exit(__main__.main())
"""


@pytest.fixture
def phone(server, join) -> Phone:
    return Phone(server, join(server))


def until(holds) -> None:
    end = time.monotonic() + SOON_S
    while not holds():
        assert time.monotonic() < end, "it didn't come true soon"
        time.sleep(0.02)


def close_code(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            socket.recv(timeout=SOON_S)
    return closed.value.rcvd.code


@pytest.fixture
def held_back(tmp_path, initialised) -> Iterator[Server]:
    """A server whose transactions of changes wait until `go` lets them."""
    shutil.copytree(initialised, tmp_path / "data")
    server = Server(tmp_path / "data", {"GO": str(tmp_path / "go")})
    server.program = (sys.executable, "-c", HOLD_BACK)
    server.start().add_team()
    yield server
    server.close()


def go(server: Server) -> None:
    (server.folder.parent / "go").touch()


def test_an_open_connection_is_told_to_come_back(server, phone) -> None:
    with phone.live() as socket:
        socket.send(encode(phone.sync(cursors={phone.team: 0})))
        heard(socket)
        assert server.stop(signal.SIGTERM) == 0
        assert close_code(socket) == 1012


def test_a_running_transaction_ends_and_is_answered_before_the_end(held_back, join) -> None:
    server = held_back
    phone = Phone(server, join(server))
    idea, late = phone.idea("Kahvi"), phone.idea("Myöhässä")
    with phone.live() as socket:
        socket.send(encode(phone.sync([idea], sent=5)))
        end(server)
        refused = phone.client.post("/api/sync", content=encode(phone.sync([late])), headers=MSGPACK)
        go(server)
        reply = heard(socket)
        assert (reply.sent, [v.code for v in reply.verdicts]) == (5, [Code.DONE])
        assert close_code(socket) == 1012
    assert (refused.status_code, msgspec.msgpack.decode(refused.content)["error"]) == (503, "read_only")
    assert int(refused.headers["retry-after"]) > 0
    assert server.process.wait(timeout=SOON_S) == 0
    server.process.stdout.close()
    server.start(port=server.port)
    assert [v.code for v in phone.post([idea]).verdicts] == [Code.DONE]
    (frame,) = phone.post(cursors={phone.team: 0}).frames
    assert b"Kahvi" in bytes(frame)
    assert "Myöhässä".encode() not in bytes(frame)


def test_who_comes_while_it_ends_is_sent_away(held_back, join) -> None:
    server = held_back
    phone, other = Phone(server, join(server)), Phone(server, join(server, name="Ville"))
    with phone.live() as socket:
        socket.send(encode(phone.sync([phone.idea("Kahvi")])))
        end(server)
        with other.live() as late:
            late.send(encode(other.sync([other.idea("Tee")])))
            assert close_code(late) == 1012
        go(server)
        assert [v.code for v in heard(socket).verdicts] == [Code.DONE]


def end(server: Server) -> None:
    """Tell it to end while a change is being stored; returns when it takes no more."""
    until(lambda: figures(server)["virtaamo_waiting_changes"] == 1)
    server.process.send_signal(signal.SIGTERM)
    until(lambda: server.client().post("/api/join", json={}).status_code == 503)


def test_head_is_answered_as_get_is(one_server) -> None:
    client = one_server.client()
    for path in ("/", "/health", "/liity"):
        got, asked = client.get(path), client.head(path)
        assert (asked.status_code, asked.content) == (got.status_code, b"")
        assert asked.headers["content-length"] == got.headers["content-length"]
        assert asked.headers["content-security-policy"] == got.headers["content-security-policy"]
    assert client.head("/api/nothing").status_code == client.get("/api/nothing").status_code

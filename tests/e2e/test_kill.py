"""`kill -9` of the server at named points of its transaction: nothing lost, nothing doubled (promises P1 and P3)."""

import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from sync import PROTOCOL
from sync.protocol import Change, Code, Frame, Sync, Synced, encode
from tests.conftest import Server, join_with
from tests.e2e.killable import POINTS
from tests.town import Replica

MSGPACK = {"Content-Type": "application/x-msgpack", "Accept": "application/x-msgpack"}
IDEA = b"i" * 16
WAS = "Ostetaan uusi lamppu."


class Phone:
    """A device that keeps what it has sent until it hears of it."""

    def __init__(self, server: Server, name: str, run: bytes) -> None:
        self.client, self._run = join_with(server, server.invite(), name), run
        self.team = next(space for space, _, kind, _ in self.client.me["grants"] if kind == "team")
        self._counter = 0
        self.outbox: list[Change] = []

    def save(self, sets: dict[str, tuple[object, object]]) -> None:
        """Put a change into the outbox."""
        self._counter += 1
        id_, at = self._run + self._counter.to_bytes(4), time.time_ns() // 1_000_000
        self.outbox.append(Change(id_, self.team, IDEA, "idea", at, 0, sets))

    def exchange(self, server: Server) -> Synced:
        """Send the outbox; it is empty once every change has its verdict."""
        raws = [msgspec.Raw(encode(change)) for change in self.outbox]
        body = encode(Sync(PROTOCOL, None, 0, {self.team: 0}, raws, 1))
        reply = self.client.post(
            f"{server.url}/api/sync", content=body, headers=MSGPACK | {"Origin": server.url}
        )
        assert reply.status_code == 200, reply.text
        self.outbox = []
        return msgspec.msgpack.decode(reply.content, type=Synced)

    def board(self, server: Server) -> Replica:
        """What the phone shows after an exchange."""
        replica = Replica(self.team)
        for raw in self.exchange(server).frames:
            replica.apply(msgspec.msgpack.decode(raw, type=Frame))
        return replica


@pytest.fixture
def killable(tmp_path: Path, initialised: Path) -> Iterator[Server]:
    """A server that kills itself where a change says so."""
    shutil.copytree(initialised, tmp_path / "data")
    running = Server(tmp_path / "data")
    running.program = (sys.executable, "-m", "tests.e2e.killable")
    running.start()
    running.add_team()
    yield running
    running.close()


def test_nothing_is_lost_or_doubled_wherever_the_server_is_killed(killable: Server) -> None:
    aino, timo = Phone(killable, "Aino", b"aino run"), Phone(killable, "Timo", b"timo run")
    made = {"team": aino.team, "title": "Lamppu", "text": WAS, "shared_edit": True}
    aino.save({name: (None, value) for name, value in made.items()})
    aino.exchange(killable)
    for number, point in enumerate(POINTS):
        timo.save({"text": (WAS, f"{WAS} <{number}> kill: {point}"), "same_here": (None, True)})
        with pytest.raises(httpx.TransportError):
            timo.exchange(killable)
        assert killable.process.wait(timeout=30) == -signal.SIGKILL
        killable.process.stdout.close()
        killable.start(port=killable.port)
        verdicts = timo.exchange(killable).verdicts
        assert [v.code < Code.REFUSED for v in verdicts] == [True]
    board, other = aino.board(killable), timo.board(killable)
    assert board.board() == other.board()
    text = board.cards[IDEA].fields["text"]
    assert all(text.count(f"<{number}>") == 1 for number in range(len(POINTS)))
    assert board.cards[IDEA].fields["same_here"] == 1
    assert (board.cards[IDEA].fields["title"], text[: len(WAS)]) == ("Lamppu", WAS)

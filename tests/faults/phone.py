"""A device over plain HTTP that keeps what it has saved until the server has answered, and knows every word of it."""

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import count

import httpx
import msgspec

from sync import PROTOCOL
from sync.protocol import Change, Code, Frame, Sync, Synced, encode
from tests.conftest import Server, join_with
from tests.town import Replica

MSGPACK = {"Content-Type": "application/x-msgpack", "Accept": "application/x-msgpack"}


class Phone:
    """`write` saves an idea of new words, `exchange` sends what waits and hears what there is."""

    def __init__(self, server: Server, name: str, code: str = "") -> None:
        self.client, self.name = join_with(server, code or server.invite(), name), name
        self.team = next(space for space, _, kind, _ in self.client.me["grants"] if kind == "team")
        self.outbox: list[Change] = []
        self.all: list[Change] = []
        self.saved: list[str] = []
        self.acknowledged: list[str] = []
        self._numbers = count(1)

    def write(self, words: int = 8, say: str = "") -> None:
        """Put an idea into the outbox, each of whose words occurs nowhere else."""
        number = next(self._numbers)
        fresh = [f"{self.name.lower()}{number}x{n}" for n in range(words)]
        self.saved += fresh
        sets = {"team": self.team, "title": f"{self.name} {number}", "text": " ".join([*fresh, say]).strip()}
        card = self.name.encode().ljust(12, b"-") + number.to_bytes(4)
        self.put(card, {name: (None, value) for name, value in sets.items()})

    def put(self, card: bytes, sets: dict[str, tuple[object, object]]) -> None:
        """Put a change of an idea into the outbox."""
        id_ = self.name.encode().ljust(8, b"-") + next(self._numbers).to_bytes(4)
        change = Change(id_, self.team, card, "idea", time.time_ns() // 1_000_000, 0, sets)
        self.outbox.append(change)
        self.all.append(change)

    def post(self, server: Server, since: int = 0) -> httpx.Response:
        """Send the outbox as it is; whatever comes back."""
        raws = [msgspec.Raw(encode(change)) for change in self.outbox]
        body = encode(Sync(PROTOCOL, None, 0, {self.team: since}, raws, 1))
        headers = MSGPACK | {"Origin": server.url}
        return self.client.post(f"{server.url}/api/sync", content=body, headers=headers)

    def exchange(self, server: Server) -> Synced:
        """Send the outbox; it is empty once every change has its verdict."""
        reply = self.post(server)
        assert reply.status_code == 200, reply.text
        synced = msgspec.msgpack.decode(reply.content, type=Synced)
        assert [v for v in synced.verdicts if v.code >= Code.REFUSED] == []
        self.acknowledged += [w for w in self.waiting() if w not in self.acknowledged]
        self.outbox = []
        return synced

    def waiting(self) -> list[str]:
        """The words that no server has acknowledged."""
        return [word for text in texts_of(self.outbox) for word in text.split() if word in self.saved]

    def board(self, server: Server) -> Replica:
        """What the phone shows after an exchange, every frame checked as devices do."""
        return replica_of(self.team, self.exchange(server).frames)

    def texts(self, server: Server) -> list[str]:
        """The texts of the board."""
        return texts_on(self.board(server))


def replica_of(space: int, frames: Iterable[bytes]) -> Replica:
    """A replica made of these frames."""
    replica = Replica(space)
    for raw in frames:
        replica.apply(msgspec.msgpack.decode(raw, type=Frame))
    return replica


def texts_on(replica: Replica) -> list[str]:
    """The texts of a replica's cards, and what is kept beside them."""
    return [str(v) for c in replica.cards.values() for n, v in c.fields.items() if is_text(n)]


def is_text(field: str) -> bool:
    """Whether words stand in this field."""
    return field == "text" or field.startswith("fork/text/")


def texts_of(changes: Iterable[Change]) -> Iterator[str]:
    """The texts that changes write."""
    for change in changes:
        if "text" in change.set:
            yield str(change.set["text"][1])


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for what nothing tells of; so long only a slow machine needs."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it didn't come true"
        time.sleep(0.05)

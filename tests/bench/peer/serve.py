"""The server for the peer benchmark (tests/bench/peers): the ordinary one, with one more kind of card.

`serve.py PORT DIR` makes DIR when it is empty: one team, its members, and a session for each of their devices in
DIR/clients.json, which the clients read. Then it serves as `virtaamo serve` does, until it is killed.
"""

import asyncio
import ctypes
import os
import secrets
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
from litestar import Litestar
from msgspec import Meta, Struct

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from server import control, people, serve  # noqa: E402
from server.app import now_ms, open_database, world  # noqa: E402
from server.commands import perform  # noqa: E402
from server.db import Transaction  # noqa: E402
from server.forms import InitForm, TeamForm, TeamMade  # noqa: E402
from server.schema import migrate  # noqa: E402
from server.settings import Settings  # noqa: E402
from server.store import people as stored  # noqa: E402
from server.store.people import Device, NewDevice  # noqa: E402
from sync.kinds import MEMBER, Card, each, either, latest, once, prose, register  # noqa: E402

PR_SET_PDEATHSIG = 1
PERSONS = 12
DEVICES = 5
Word = Annotated[str, Meta(max_length=64)]


@register
class BoardCard(Card, tag="board_card"):
    """The harness's card. Whoever belongs to the team may write all of it."""

    title: Annotated[str, Meta(max_length=200), either(by=MEMBER)]
    body: Annotated[str, Meta(max_length=10_000), prose(by=MEMBER)] = ""
    stage: Annotated[str, Meta(max_length=64), latest(by=MEMBER)] = ""
    author: Annotated[str, Meta(max_length=80), once(by=MEMBER)] = ""
    created_at: Annotated[int, once(by=MEMBER)] = 0
    votes: Annotated[dict[Word, int], each(by=MEMBER)] = {}


class Client(Struct):
    """What a device needs to sync: its session, its person, and what the person may read."""

    cookie: str
    person: int
    grants: list[tuple[int, str, str, str]]


class Clients(Struct):
    """Every device, and the space that the board is in."""

    space: int
    clients: list[Client]


class Peer(serve.Server):
    """The server, saying what the harness waits for."""

    def __init__(self, app: Litestar, settings: Settings, say: Callable[[], object]) -> None:
        super().__init__(app, settings, say)
        self._socket = settings.data / control.SOCKET

    async def startup(self, sockets: list | None = None) -> None:
        """Open the app, then name this process."""
        await super().startup(sockets)
        self._socket.unlink()  # the harness copies the folder; a socket can't be copied
        print(f"ready {os.getpid()}", flush=True)


async def prepare(settings: Settings) -> None:
    """Make the organisation, the team, its members and their sessions."""
    migrate(settings.database_file)
    async with open_database(settings) as db:
        await db.write(perform, "init", msgspec.msgpack.encode(InitForm()), world(settings))
        team = msgspec.msgpack.encode(TeamForm("Koivu"))
        made = await db.write(perform, "team.add", team, world(settings))
        space = msgspec.msgpack.decode(made, type=TeamMade).space
        clients = await db.write(people_of, space, now_ms())
    (settings.data / "clients.json").write_bytes(msgspec.json.encode(Clients(space, clients)))


def people_of(txn: Transaction, space: int, now: int) -> list[Client]:
    """Members of the team, each signed in on several devices."""
    clients = []
    for number in range(PERSONS):
        person = stored.add_person(txn, f"Person {number}", "fi", now)
        people.grant(txn, person.id, people.Seat(space, "staff"), now)
        granted = list(stored.grants_of(txn, person.id).spaces)
        for _ in range(DEVICES):
            token = secrets.token_urlsafe(32)
            device = stored.add_device(txn, NewDevice(person.id, secrets.token_bytes(16), "bench", b""), now)
            stored.start_session(txn, Device(device, person.id, "fi", people.hash_of(token)), now)
            clients.append(Client(f"__Host-v_s={token}", person.id, granted))
    return clients


def main(port: int, folder: Path) -> None:
    """Prepare an empty folder, then serve it."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # the harness kills only what started this
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(data=folder, port=port)
    if not settings.database_file.exists():
        asyncio.run(prepare(settings))
    serve.Server = Peer
    serve.serve(settings, demo_links=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))

"""A client of up to 24 months ago: today's server answers its bytes, and today's client opens its disk."""

import json
from pathlib import Path

import httpx
import msgspec
import pytest

from sync import PROTOCOL
from sync.protocol import Code, Synced
from tests.conftest import Server, join_with
from tests.faults.devices import Device
from tests.faults.phone import MSGPACK, Phone, replica_of, texts_on
from tests.faults.record import FIXTURES
from tests.faults.test_wire import settle

DATABASES = pytest.mark.parametrize("stored_in", ["sqlite", "postgres"])
VERSIONS = sorted(FIXTURES.iterdir(), key=lambda folder: int(folder.name))
EACH = pytest.mark.parametrize("folder", VERSIONS, ids=lambda folder: f"version {folder.name}")
SENT = ["sana1", "sana2", "sana3", "sana4"]
WAITING = ["sana5"]


@pytest.fixture
def same(breakable, request) -> Server:
    """A server whose first member has the numbers that were recorded."""
    server = breakable().start()
    told = recorded(request.getfixturevalue("folder"))
    while server.add_team() < team_of(told):
        server.team += "'"
    for _ in range(told["person"] - 1):
        join_with(server, server.invite(), "Joku")
    return server


def recorded(folder: Path) -> dict:
    return json.loads((folder / "me.json").read_text())


def team_of(told: dict) -> int:
    return next(space for space, _, kind, _ in told["grants"] if kind == "team")


def test_this_version_has_been_recorded() -> None:
    assert str(PROTOCOL) in [folder.name for folder in VERSIONS], "python -m tests.faults.record"


@DATABASES
@EACH
def test_d25_todays_server_answers_what_was_sent(same, words, folder) -> None:
    client = join_with(same, same.invite(), "Aino")
    told = recorded(folder)
    assert (client.me["person"], team_of(client.me)) == (told["person"], team_of(told))
    codes = []
    for path in sorted(folder.iterdir()):
        if "-ask_api_sync" in path.name or "-live-sent" in path.name:
            codes += [verdict.code for verdict in sent(client, same, path).verdicts]
    assert [code for code in codes if code >= Code.REFUSED] == [Code.REFUSED]  # the one that was refused then
    reader = Phone(same, "Lukija")
    words(SENT, without_repeats(texts_on(replica_of(reader.team, reader.exchange(same).frames))))


def sent(client: httpx.Client, server: Server, path: Path) -> Synced:
    """Send a recorded message as it was sent then."""
    headers = MSGPACK | ({"Content-Encoding": "gzip"} if path.suffix == ".gz" else {})
    reply = client.post(f"{server.url}/api/sync", content=path.read_bytes(), headers=headers)
    assert reply.status_code == 200, f"{path.name}: {reply.text}"
    return msgspec.msgpack.decode(reply.content, type=Synced)


def without_repeats(texts: list[str]) -> list[str]:
    """The marked words alone: those around them are there many times by intention."""
    return [" ".join(word for word in text.split() if word in SENT + WAITING) for text in texts]


@DATABASES
@EACH
def test_todays_client_reads_what_was_heard(engines, folder, words, same) -> None:
    heard = [p for p in sorted(folder.iterdir()) if "-reply_" in p.name or "-live-heard" in p.name]
    counts = [engines.ask(do="read", device=0, disk=str(path)) for path in heard]
    assert sum(count.get("verdicts", 0) for count in counts) > 5
    assert sum(count["rows"] for count in counts) > 5
    text = " ".join(text for count in counts for text in count["texts"])
    words(SENT, [" ".join(word for word in SENT if word in text.split())])


@DATABASES
@EACH
def test_todays_client_opens_what_was_stored_and_offers_it_again(same, engines, words, folder) -> None:
    disk = next(folder.glob("*-disk.msgpack"))
    device = Device(engines, same, "Aino", same.url, disk)
    assert any("sana4" in text for text in device.state()["texts"])  # with no server's help
    settle([device], noted=1)
    words([*SENT, *WAITING], without_repeats(Phone(same, "Lukija").texts(same)))

"""A server that is destroyed and restored from a backup: devices give back every word that it had acknowledged (P8)."""

import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest

from server.dumps_postgres import ask
from tests.conftest import Server, join_with
from tests.faults.devices import Engines, bundle
from tests.faults.ledger import Words
from tests.faults.phone import until

PEOPLE = 20
DAYS_MS = 5 * 86_400_000
HOURS_MS = 2 * 3_600_000
SETTLED_S = 120
SET_BACK = "Devices have seen more than the database holds"
LATER = """
import sys
from server import app
from server.__main__ import main
real = app.now_ms
app.now_ms = lambda: real() + {ms}
sys.exit(main())
"""


class Device:
    """A person's device in Node; what it saves is written down."""

    def __init__(self, engines: Engines, server: Server, number: int, twin: "Device | None" = None) -> None:
        self.engines, self.name, self.saved = engines, f"laite{number}", []
        if twin is not None:
            self.space, self.client = twin.space, twin.client
            self.number = engines.ask(do="copy", device=twin.number)["device"]
            return
        self.client = join_with(server, server.invite(), f"Nimi {number}")
        me = self.client.me
        self.space = next(space for space, _, kind, _ in me["grants"] if kind == "team")
        cookie = self.client.auth.cookie
        owner = {"origin": server.url, "cookie": cookie, "person": me["person"], "grants": me["grants"]}
        self.number = engines.ask(do="add", **owner)["device"]

    def ask(self, command: str, **given: object) -> dict:
        return self.engines.ask(do=command, device=self.number, space=self.space, **given)

    def start(self, ahead: int = 0) -> None:
        self.ask("start", ahead=ahead)

    def stop(self) -> None:
        self.ask("stop")

    def state(self) -> dict:
        return self.ask("state")

    def word(self) -> str:
        self.saved.append(f"{self.name}x{len(self.saved)}")
        return self.saved[-1]

    def idea(self) -> str:
        word = self.word()
        fields = {"team": self.space, "title": f"Idea {word}", "text": word, "shared_edit": True}
        return self.ask("write", kind="idea", card=None, set=fields)["card"]

    def comment(self, on: str) -> str:
        return self.ask("write", kind="comment", card=None, set={"on": on, "text": self.word()})["card"]

    def edit(self, card: str, **fields: object) -> None:
        self.ask("write", kind="idea", card=card, set=fields)

    def append(self, card: str) -> None:
        text = self.state()["cards"][card]["text"]
        self.edit(card, text=f"{text} {self.word()}")


class Team:
    """Twenty people's devices on one server."""

    def __init__(self, server: Server, engines: Engines) -> None:
        self.server, self.engines = server, engines
        self.devices = [Device(engines, server, number) for number in range(PEOPLE)]
        for device in self.devices:
            device.start()
        self.settle()

    def settle(self, devices: Sequence[Device] | None = None, attention: bool = False) -> list[dict]:
        """Wait until everything is acknowledged, lies in the echo, and all devices show the same."""
        devices, end = devices or self.devices, time.monotonic() + SETTLED_S
        while True:
            states = [device.state() for device in devices]
            calm = all(s["waiting"] == 0 and s["net"] == "online" and s["cursor"] >= 0 for s in states)
            kept = all(set(s["echoes"]) <= {s["epoch"]} for s in states)
            asked = attention or not any(s["attention"] or s["outbox"] for s in states)
            if calm and kept and asked and len({s["cursor"] for s in states}) == 1:
                return states
            assert time.monotonic() < end, [
                (s["waiting"], s["attention"], s["outbox"], s["cursor"]) for s in states
            ]
            time.sleep(0.2)

    def saved(self) -> list[str]:
        return [word for device in self.devices for word in device.saved]


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundle(Path(__file__).parent / "restored.ts", tmp_path_factory.mktemp("restored") / "restored.mjs")


@pytest.fixture(params=["sqlite", "postgres"])
def team(request: pytest.FixtureRequest, program: Path, initialised: Path, tmp_path: Path) -> Iterator[Team]:
    """Twenty people on a server whose database is nobody else's."""
    if request.param == "sqlite":
        shutil.copytree(initialised, tmp_path / "data")
        server = Server(tmp_path / "data")
    else:
        server = Server(tmp_path / "data", {"VIRTAAMO_DATABASE": request.getfixturevalue("postgres").make()})
        assert server.cli("init").returncode == 0
    server.start()
    server.add_team()
    engines = Engines(program)
    yield Team(server, engines)
    engines.close()
    server.close()


def destroy_and_restore(server: Server, backup: Path, later_ms: int = 0) -> None:
    """The machine is gone with all that lay on it; another one takes its place and its address."""
    if server.process.poll() is None:
        server.stop(signal.SIGKILL)
        key = server.kept_key()
        shutil.rmtree(server.folder)
        if url := server.environ.get("VIRTAAMO_DATABASE"):
            wait_until_alone(url)
            ask(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        done = server.cli("restore", str(backup), *key)
        assert done.returncode == 0, done.stderr
    server.program = (sys.executable, "-c", LATER.format(ms=later_ms))
    server.start(port=server.port)


def wait_until_alone(url: str) -> None:
    """PostgreSQL takes a moment to see that a killed server is gone."""
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    while ask(url, others) != "0":
        time.sleep(0.1)


def write_before(team: Team) -> list[str]:
    """What the backup will hold: an idea of everybody's, read by all."""
    ideas = [device.idea() for device in team.devices]
    team.settle()
    return ideas


def write_after(team: Team, ideas: Sequence[str]) -> tuple[str, int]:
    """What the backup will not hold, all of it acknowledged; a common idea, and how many marks the first one has."""
    devices, common = team.devices, team.devices[0].idea()
    fresh = [device.idea() for device in devices]
    team.settle()
    for number, device in enumerate(devices):
        device.comment(ideas[number - 1])
        device.comment(fresh[number - 1])
        device.append(ideas[number])
        device.edit(ideas[0], same_here=True)
    team.settle()
    for device in devices[:6]:  # one after the other, each having read the one before
        device.append(common)
        team.settle()
    return common, len(devices)


def check(team: Team, states: Iterable[dict], words: Words, ideas: Sequence[str], marks: int) -> None:
    """Every word is on every device, once; and the server's books are in order."""
    states = list(states)
    assert all(state["cards"] == states[0]["cards"] for state in states)
    texts = states[0]["texts"]
    print("forks:", sum("fork/" in name for raw in states[0]["cards"].values() for name in raw))
    words(team.saved(), texts)
    assert states[0]["cards"][ideas[0]]["same_here"] == marks
    check_books(team.server)


def check_books(server: Server) -> None:
    """Seqs without doubles below their head, a log without gaps, and no change in it twice."""
    heads = {int(space): int(head) for space, head in rows(server, "SELECT id, head FROM space")}
    seqs = [(int(space), int(seq)) for space, seq in rows(server, "SELECT space, seq FROM card")]
    assert len(seqs) == len(set(seqs)) > 0
    assert all(seq <= heads[space] for space, seq in seqs)
    log = [(int(space), int(n)) for space, n in rows(server, "SELECT space, n FROM change ORDER BY space, n")]
    assert all(b[1] == a[1] + 1 for a, b in pairwise(log) if a[0] == b[0])
    ids = rows(server, "SELECT r.person, r.prefix, c.counter FROM change c JOIN run r ON r.id = c.run")
    assert len(ids) == len(set(ids)) > 0


def rows(server: Server, query: str) -> list[tuple[object, ...]]:
    """What the database of a server answers."""
    if url := server.environ.get("VIRTAAMO_DATABASE"):
        return [tuple(line.split("|")) for line in ask(url, query).splitlines()]
    with closing(sqlite3.connect(server.folder / "virtaamo.db")) as database:
        return database.execute(query).fetchall()


def test_every_acknowledged_word_comes_back_once(team, words, tmp_path):
    ideas = write_before(team)
    assert team.server.cli("backup", str(tmp_path / "one.backup")).returncode == 0
    _, marks = write_after(team, ideas)
    before = team.settle()
    late = [device.idea() for device in team.devices]  # on their way, acknowledged or not
    destroy_and_restore(team.server, tmp_path / "one.backup")
    after = after_attention(team, team.devices)
    assert before[0]["epoch"] != after[0]["epoch"]
    assert {*before[0]["cards"], *late} == set(after[0]["cards"])
    check(team, after, words, ideas, marks)


def after_attention(team: Team, devices: Sequence[Device], ahead: int = 0) -> list[dict]:
    """Settle; what was held for a card that came later is offered again when the app is opened some hours later."""
    states = team.settle(devices, attention=True)
    for device, state in zip(devices, states, strict=True):
        assert set(state["attention"]) <= {"no_card"}
        if state["attention"]:
            device.stop()
            device.start(ahead + HOURS_MS)
    return team.settle(devices)


def test_half_of_the_devices_come_back_days_later_and_one_was_copied(team, words, tmp_path):
    ideas = write_before(team)
    assert team.server.cli("backup", str(tmp_path / "one.backup")).returncode == 0
    _, marks = write_after(team, ideas)
    early, late = team.devices[::2], team.devices[1::2]
    twins = [Device(team.engines, team.server, 100 + n, twin=team.devices[n]) for n in (0, 1)]
    for device in late:
        device.stop()
    destroy_and_restore(team.server, tmp_path / "one.backup")
    twins[0].start()
    team.settle([*early, twins[0]], attention=True)
    team.server.stop()
    for device in [*early, twins[0]]:
        device.stop()
    destroy_and_restore(team.server, tmp_path / "one.backup", later_ms=DAYS_MS)
    for device in [*team.devices, *twins]:
        device.start(DAYS_MS)
    everybody = [*team.devices, *twins]
    check(team, after_attention(team, everybody, DAYS_MS), words, ideas, marks)


@pytest.mark.parametrize("team", ["sqlite"], indirect=True)
def test_a_database_that_was_set_back_by_other_means_is_told_of_and_begins_anew(team, words, tmp_path):
    server = team.server
    ideas = write_before(team)
    server.stop()
    snapshot = Path(shutil.copy(server.folder / "virtaamo.db", tmp_path))
    server.start(port=server.port)
    team.settle()
    _, marks = write_after(team, ideas)
    server.stop(signal.SIGKILL)
    for file in server.folder.glob("virtaamo.db*"):
        file.unlink()
    shutil.copy(snapshot, server.folder)  # as a virtual machine goes back to an earlier state
    server.start(port=server.port)
    until(lambda: SET_BACK in server.cli("doctor").stdout)
    late = [device.idea() for device in team.devices]
    until(lambda: all(device.state()["waiting"] == 0 for device in team.devices))

    server.stop()
    assert server.cli("anew").returncode == 0
    server.start(port=server.port)
    after = after_attention(team, team.devices)
    assert {*ideas, *late} <= set(after[0]["cards"])
    check(team, after, words, ideas, marks)
    assert SET_BACK not in server.cli("doctor").stdout

"""A disk that is full, closed, damaged or in somebody else's hands: said clearly, nothing lost, and then over."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from server.forms import Held, HeldForm
from tests.conftest import Server, give_away
from tests.faults.devices import Device
from tests.faults.phone import Phone, until
from tests.faults.test_wire import settle
from tests.postgres import as_ordinary_user
from tests.unit.test_photos import picture

SMALL = 2_000_000
LARGE = 40_000_000


class Room:
    """A place for a data folder that holds few bytes until it is told to hold more."""

    def __init__(
        self, folder: Path, widen: Callable[[Server], None], narrow: Callable[[Server], None]
    ) -> None:
        self.folder, self.widen, self.narrow = folder, widen, narrow


@pytest.fixture
def room(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Room]:
    """A small tmpfs; where mounting isn't allowed, a limit on how large the server's files may grow, and it says so."""
    place = tmp_path / "room"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode == 0:

        def widen(_server: Server) -> None:
            options = ["-o", f"remount,size={LARGE}"]
            subprocess.run(["mount", *options, str(place)], check=True)

        yield Room(place / "data", widen, lambda _: None)
        subprocess.run(["umount", "--lazy", str(place)], check=True)
        return
    print(
        "mounting isn't allowed here: a limit on the size of files (RLIMIT_FSIZE) stands in for the full disk"
    )

    def limit(server: Server, size: int) -> None:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    yield Room(place / "data", lambda s: limit(s, LARGE), lambda s: limit(s, SMALL))


def test_a_full_disk_is_said_and_holds_nothing_back_once_there_is_room(room, breakable, words) -> None:
    server = breakable(room.folder).start()
    room.narrow(server)
    server.add_team()
    aino, timo = Phone(server, "Aino"), Phone(server, "Timo")
    refused = fill(aino, server)
    says_why(refused)
    says_why(aino.post(server))  # and goes on saying so
    timo.write()
    waiting = len(aino.outbox)
    assert len(aino.acknowledged) > 0
    assert can_read(aino, server)

    room.widen(server)
    for phone in (aino, timo):
        until(lambda one=phone: one.post(server).status_code == 200)
        phone.exchange(server)
    assert waiting > 0
    assert server.ask("quarantine.list", HeldForm(), list[Held]) == []
    words([*aino.saved, *timo.saved], timo.texts(server))


def fill(phone: Phone, server: Server) -> httpx.Response:
    """Write until the disk is full: how the server refuses."""
    for _ in range(2_000):
        for _ in range(10):
            phone.write(12, say="täyte " * 130)
        reply = phone.post(server)
        if reply.status_code != 200:
            return reply
        phone.exchange(server)
    raise AssertionError("the disk never got full")


def says_why(reply: httpx.Response) -> None:
    """A clear 503 with words for people and a time to come back, and nothing of what people wrote."""
    assert reply.status_code == 503, reply.text
    assert b"read_only" in reply.content
    assert int(reply.headers["retry-after"]) > 0
    assert b"x0" not in reply.content


def can_read(phone: Phone, server: Server) -> bool:
    """Whether what was acknowledged can still be read while nothing can be written."""
    other = Phone.__new__(Phone)
    other.__dict__ |= {**phone.__dict__, "outbox": [], "all": [], "acknowledged": []}
    found = {word for text in other.texts(server) for word in text.split()}
    return set(phone.acknowledged) <= found


@pytest.fixture
def unprivileged(ordinary: Path, initialised: Path) -> Iterator[Server]:
    """A server that runs as an ordinary user, with a data folder of that user's."""
    server = Server(Path(shutil.copytree(initialised, ordinary / "data")))
    give_away(ordinary)
    server.program = tuple(as_ordinary_user(server.program))
    server.environ |= {"HOME": str(ordinary), "PYTHONDONTWRITEBYTECODE": "1"}
    yield server
    server.close()


@contextmanager
def closed(folder: Path) -> Iterator[None]:
    """Nobody but root may write here."""
    modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*")) if not path.is_socket()}
    for path in modes:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield
    for path, mode in modes.items():
        path.chmod(mode)


def test_a_folder_that_can_only_be_read_is_named_at_start_and_served_when_it_is_open(
    unprivileged, words
) -> None:
    server = unprivileged.start()
    server.add_team()
    aino = Phone(server, "Aino")
    aino.write()
    aino.exchange(server)
    server.stop(signal.SIGKILL)
    aino.write()
    with closed(server.folder):
        with pytest.raises(AssertionError, match="the server said ''"):
            server.start(port=server.port)
        assert server.process.wait(timeout=30) == 1
    said = server.log_file.read_text()
    assert str(server.folder) in said
    assert "Traceback" not in said
    server.start(port=server.port)
    words(aino.saved, aino.texts(server))


def test_a_database_that_can_only_be_read_is_said_at_every_write(unprivileged, words) -> None:
    """The file alone is closed, as after a copy by the wrong user: reading goes on."""
    server = unprivileged.start()
    server.add_team()
    aino = Phone(server, "Aino")
    aino.write()
    aino.exchange(server)
    server.stop()
    aino.write()
    (server.folder / "virtaamo.db").chmod(0o444)
    server.start(port=server.port)
    says_why(aino.post(server))
    assert can_read(aino, server)
    server.stop(signal.SIGKILL)
    for path in server.folder.glob("virtaamo.db*"):  # SQLite gives the log the file's own rights
        path.chmod(0o644)
    server.start(port=server.port)
    words(aino.saved, aino.texts(server))


def test_photos_that_can_not_be_stored_are_said_and_hold_up_no_words(unprivileged, words) -> None:
    server = unprivileged.start()
    server.add_team()
    aino, first, second = Phone(server, "Aino"), picture(), picture()
    assert put_photo(aino, server, first).status_code < 300
    with closed(server.folder / "files"):
        says_why(put_photo(aino, server, second))
        aino.write()
        aino.exchange(server)
    assert put_photo(aino, server, second).status_code < 300
    words(aino.saved, aino.texts(server))


def put_photo(phone: Phone, server: Server, body: bytes) -> httpx.Response:
    """Send a photo, named by what it holds."""
    url = f"{server.url}/api/files/{sha256(body).hexdigest()}"
    return phone.client.put(url, content=body, headers={"Content-Type": "image/jpeg"})


def test_another_process_that_holds_the_database_costs_time_and_no_words(breakable, words) -> None:
    server = breakable().start()
    server.add_team()
    aino, timo = Phone(server, "Aino"), Phone(server, "Timo")
    aino.write()
    aino.exchange(server)
    with closing(sqlite3.connect(server.folder / "virtaamo.db", isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        for phone in (aino, timo):
            phone.write()
            says_why(phone.post(server))
        assert can_read(aino, server)
        foreign.execute("ROLLBACK")
    for phone in (timo, aino):
        phone.exchange(server)
    words([*aino.saved, *timo.saved], aino.texts(server))


@pytest.mark.parametrize("how", ["torn", "deleted"])
def test_a_damaged_log_is_healed_by_those_who_wrote_it(breakable, engines, words, tmp_path, how) -> None:
    """No program brings back what was taken off its disk. A backup put back begins a new epoch: devices offer again."""
    server = breakable().start()
    server.add_team()
    aino, colleague = Device(engines, server, "Aino", server.url), Phone(server, "Timo")
    server.stop()  # folds the log into the file
    server.start(port=server.port)
    for _ in range(12):
        aino.write()
        settle([aino])
    server.stop(signal.SIGKILL)
    damage(server.folder / "virtaamo.db-wal", how)
    server.start(port=server.port)
    found = {word for text in colleague.texts(server) for word in text.split()}
    assert len(found & set(aino.saved)) < len(aino.saved), "the log held nothing"
    server.stop()
    for command in (["backup", "now.tar"], ["restore", "now.tar", "--replace"]):
        done = server.cli(command[0], str(tmp_path / command[1]), *command[2:])
        assert done.returncode == 0, done.stderr
    server.start(port=server.port)
    aino.write()
    settle([aino])
    with closing(sqlite3.connect(server.folder / "virtaamo.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    words(aino.saved, colleague.texts(server))


def damage(log: Path, how: str) -> None:
    """Take the end of the log away, or all of it."""
    assert log.stat().st_size > 100_000
    if how == "torn":
        os.truncate(log, log.stat().st_size - 30_000)
    else:
        log.unlink()

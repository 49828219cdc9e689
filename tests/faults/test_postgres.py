"""PostgreSQL killed, restarted and failed over, with a connection of the server's in every state."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Server
from tests.faults.devices import Device
from tests.faults.phone import Phone, until
from tests.postgres import Postgres, as_ordinary_user, name_of

HOLD = "BEGIN; SELECT id FROM space FOR UPDATE; SELECT pg_sleep(600)"
SLEEPS = "SELECT count(*) FROM pg_stat_activity"
SYNC = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"


@pytest.fixture
def own() -> Iterator[Postgres]:
    """A PostgreSQL that this test may kill."""
    running = Postgres()
    yield running
    running.close()


@pytest.fixture
def served(own: Postgres, tmp_path: Path) -> Iterator[Server]:
    """A server on it, with a team."""
    (tmp_path / "data").mkdir()
    server = Server(tmp_path / "data", {"VIRTAAMO_DATABASE": own.make()}).start()
    server.add_team()
    yield server
    server.close()


def delivered(phone: Phone, server: Server) -> None:
    """Send again until the server takes it; whatever it says meanwhile is a clear "later"."""

    def taken() -> bool:
        reply = phone.post(server)
        assert reply.status_code in (200, 503), reply.text
        return reply.status_code == 200

    until(taken, 90)
    phone.exchange(server)


def test_killed_while_its_connections_are_idle(served, own, words) -> None:
    aino = Phone(served, "Aino")
    aino.write()
    aino.exchange(served)
    own.stop("immediate")
    aino.write()
    reply = aino.post(served)
    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0
    own.start()
    delivered(aino, served)
    words(aino.saved, aino.texts(served))


def test_killed_in_the_midst_of_a_transaction(served, own, words) -> None:
    aino = Phone(served, "Aino")
    aino.write()
    aino.exchange(served)
    url = served.environ["VIRTAAMO_DATABASE"]
    holder = subprocess.Popen([own.bin / "psql", "-Xq", "-d", url, "-c", HOLD], stdout=subprocess.DEVNULL)
    until(lambda: own.sql(f"{SLEEPS} WHERE wait_event = 'PgSleep' AND datname = '{name_of(url)}'") == "1")
    aino.write()
    codes: list[int] = []
    sending = threading.Thread(target=lambda: codes.append(aino.post(served).status_code))
    sending.start()
    until(lambda: own.sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'") != "0")
    own.stop("immediate")
    sending.join(60)
    holder.wait(timeout=30)
    assert codes == [503]
    own.start()
    delivered(aino, served)
    words(aino.saved, aino.texts(served))


def test_killed_again_and_again_while_it_commits(served, own, words) -> None:
    phones = [Phone(served, name) for name in ("Aino", "Timo", "Outi")]
    over = threading.Event()
    writers = [threading.Thread(target=keep_writing, args=(phone, served, over)) for phone in phones]
    for writer in writers:
        writer.start()
    for kill in range(1, 4):
        until(lambda goal=kill * 40: sum(len(phone.acknowledged) for phone in phones) >= goal, 120)
        own.stop("immediate")
        own.start()
    over.set()
    for writer in writers:
        writer.join(120)
    for phone in phones:
        delivered(phone, served)
    words([word for phone in phones for word in phone.saved], phones[0].texts(served))


def keep_writing(phone: Phone, server: Server, over: threading.Event) -> None:
    """One idea after the other, each sent until it is taken."""
    while not over.is_set():
        phone.write(4)
        while phone.outbox and not over.is_set():
            try:
                if phone.post(server).status_code == 200:
                    phone.exchange(server)
            except (httpx.TransportError, AssertionError):
                over.wait(0.1)


def test_killed_while_another_process_listens(served, own, words, engines) -> None:
    other = Server(served.folder, served.environ).start()
    try:
        aino = Device(engines, other, "Aino", other.url)
        timo = Phone(served, "Timo")
        until(lambda: aino.state()["at"] >= 0)
        own.stop("immediate")
        own.start()
        timo.write()
        delivered(timo, served)
        aino.write()
        until(lambda: set(timo.saved) <= {w for text in aino.state()["texts"] for w in text.split()}, 120)
        until(lambda: aino.state()["waiting"] == 0)
        words([*aino.saved, *timo.saved], timo.texts(served))
    finally:
        other.close()


def test_failed_over_to_a_standby(served, own, words) -> None:
    aino = Phone(served, "Aino")
    standby = follow(own)
    for _ in range(5):
        aino.write()
        aino.exchange(served)
    own.stop("immediate")
    aino.write()
    assert aino.post(served).status_code == 503
    take_over(own, standby)
    delivered(aino, served)
    aino.write()
    delivered(aino, served)
    words(aino.saved, aino.texts(served))


def follow(own: Postgres) -> Path:
    """A standby that has every commit before it is acknowledged."""
    standby = own.folder / "standby"
    own.sql("ALTER SYSTEM SET synchronous_standby_names = '*'")
    run(own, "pg_basebackup", "-D", standby, "-R", "-X", "stream", "-c", "fast", "-d", own.url("postgres"))
    start(own, standby, 5433)
    own.sql("SELECT pg_reload_conf()")
    until(lambda: own.sql(SYNC) == "1")
    return standby


def take_over(own: Postgres, standby: Path) -> None:
    """The standby becomes the primary, at the old one's address."""
    run(own, "pg_ctl", "promote", "-w", "-D", standby)
    run(own, "pg_ctl", "stop", "-w", "-m", "fast", "-D", standby)
    shutil.move(own.folder / "data", own.folder / "dead")
    shutil.move(standby, own.folder / "data")
    start(own, own.folder / "data", 5432)


def start(own: Postgres, data: Path, port: int) -> None:
    """Start a PostgreSQL on this folder."""
    options = (
        f"-p {port} -c listen_addresses='' -c unix_socket_directories='{own.folder}' -c max_connections=150"
    )
    options += " -c synchronous_standby_names=''" if port == 5432 else ""
    run(own, "pg_ctl", "start", "-w", "-D", data, "-o", options, "-l", own.folder / f"log-{port}")


def run(own: Postgres, program: str, *options: str | Path) -> None:
    """One of PostgreSQL's programs, as an ordinary user."""
    command = as_ordinary_user([own.bin / program, *options])
    subprocess.run(command, check=True, cwd=own.folder, capture_output=True, timeout=120)

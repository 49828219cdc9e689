"""The doctor: one line each, with what to do, and an exit code by the worst."""

import asyncio
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from server import doctor
from server.app import open_database, world
from server.checkup import Finding, Seen, certificate, of_database
from server.commands import perform
from server.doctor import examine, worst
from server.forms import HeldForm, Watching
from server.settings import Settings
from tests.conftest import CLI, ROOT, Installed, Server
from tests.e2e.proxies import Certificate
from tests.postgres import as_ordinary_user
from tests.unit.test_live import Phone

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@pytest.fixture
def stopped(tmp_path: Path, initialised: Path) -> Iterator[Server]:
    """A data folder that no server holds."""
    shutil.copytree(initialised, tmp_path / "data")
    server = Server(tmp_path / "data")
    yield server
    server.close()


def lines(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """What was said → its mark."""
    assert done.stderr == ""
    return {line[6:]: line[:5].strip() for line in done.stdout.splitlines()}


def mark(said: dict[str, str], part: str) -> str:
    """The mark of the one line with this part."""
    (found,) = [mark for text, mark in said.items() if part in text]
    return found


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def found(settings: Settings, part: str) -> Finding:
    """The one finding with this part."""
    (one,) = [finding for finding in examine(settings, now_ms()) if part in finding.text]
    return one


def test_everything_is_looked_at_whether_a_server_runs_or_not(stopped: Server) -> None:
    without = lines(stopped.cli("doctor"))
    stopped.start()
    running = lines(stopped.cli("doctor"))

    for said in (without, running):
        assert mark(said, "The database has the current version") == "ok"
        assert mark(said, "VIRTAAMO_URL is not set") == "warn"
        assert mark(said, "There is no verified backup") == "warn"
        assert mark(said, "Nothing is in quarantine") == "ok"
        assert mark(said, "Secret and backups are their owner's alone") == "ok"
        assert mark(said, "Phones are not woken") == "ok"
        assert mark(said, "MB are free") in ("ok", "warn")
        assert mark(said, "A write is on disk after") in ("ok", "warn")
    assert stopped.cli("doctor").returncode == 1


def test_it_fails_where_nothing_was_made(stopped: Server, tmp_path: Path) -> None:
    stopped.environ["VIRTAAMO_DATA"] = str(tmp_path / "nothing")

    done = stopped.cli("doctor")

    assert done.returncode == 2
    assert "run `virtaamo init`" in done.stdout


def test_it_leaves_an_older_database_as_it_is(stopped: Server) -> None:
    file = stopped.folder / "virtaamo.db"
    with sqlite3.connect(file) as database:
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    database.close()

    said = lines(stopped.cli("doctor"))

    assert mark(said, "The database has version 0001") == "warn"
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
    database.close()


def test_a_database_of_a_newer_version_fails(stopped: Server) -> None:
    with sqlite3.connect(stopped.folder / "virtaamo.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    done = stopped.cli("doctor")

    assert (done.returncode, mark(lines(done), "newer than this program")) == (2, "FAIL")


def test_a_database_that_somebody_else_writes_to_fails_with_what_to_do(server: Server) -> None:
    foreign = sqlite3.connect(server.folder / "virtaamo.db", isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")

    done = server.cli("doctor")

    foreign.close()
    assert (done.returncode, mark(lines(done), "The database can't be written")) == (2, "FAIL")


def test_what_is_in_quarantine_is_counted(server: Server, join) -> None:
    phone = Phone(server, join(server))
    phone.post([phone.change({"nonsense": (None, 1)})])

    assert mark(lines(server.cli("doctor")), "In quarantine: 1.") == "warn"


@pytest.mark.parametrize("name", ["secret", "backups/virtaamo-1.backup", "virtaamo.toml"])
def test_a_private_file_that_others_may_read_fails(stopped: Server, name: str) -> None:
    path = stopped.folder / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    if name.endswith(".toml"):
        path.write_text('metrics_token = "0123456789abcdef"\n')
    path.chmod(0o600)
    well = lines(stopped.cli("doctor"))
    path.chmod(0o644)
    done = stopped.cli("doctor")

    assert mark(well, "Secret and backups are their owner's alone") == "ok"
    assert (done.returncode, mark(lines(done), f" {path}: run `chmod")) == (2, "FAIL")


def test_a_data_folder_that_is_open_to_others_warns(stopped: Server) -> None:
    stopped.folder.chmod(0o755)

    assert mark(lines(stopped.cli("doctor")), "chmod o-rwx") == "warn"


def test_a_full_disk_warns(stopped: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FREE_BYTES", shutil.disk_usage(stopped.folder).total)

    assert found(Settings(data=stopped.folder), "make room").mark == "warn"


def test_a_database_from_the_future_fails(stopped: Server) -> None:
    soon = time.time() + 3 * 86_400
    os.utime(stopped.folder / "virtaamo.db", (soon, soon))

    assert doctor._clock(Settings(data=stopped.folder), now_ms(), 0).mark == "FAIL"
    assert doctor._clock(Settings(data=stopped.folder), 0, 0).mark == "FAIL"


@pytest.mark.parametrize(
    ("ahead_ms", "expected"), [(59_000, "ok"), (61_000, "warn"), (-61_000, "warn"), (-2 * DAY_MS, "FAIL")]
)
def test_a_clock_apart_from_that_of_the_database_is_told(ahead_ms: int, expected: str) -> None:
    said = doctor._clock(Settings(database="postgresql://x/v"), now_ms(), ahead_ms)

    assert (said.mark, "61 seconds apart" in said.text) == (expected, expected == "warn")


def test_postgresql_is_asked_for_its_clock(installed: Installed, database: str, tmp_path: Path) -> None:
    shutil.copytree(installed.folder, tmp_path / "data")
    settings = Settings(data=tmp_path / "data", database=database)
    slow = structs.replace(world(settings), now=now_ms() - DAY_MS)

    async def ask() -> Watching:
        async with open_database(settings) as db:
            answer = await db.write(perform, "watch", msgspec.msgpack.encode(HeldForm()), slow)
            return msgspec.msgpack.decode(answer, type=Watching)

    assert abs(asyncio.run(ask()).ahead_ms - DAY_MS) < HOUR_MS
    assert found(settings, "clock").text == "The clock looks right."


@pytest.mark.parametrize(
    ("every_hours", "age_ms", "expected"),
    [
        (0, None, "warn"),
        (0, 6 * DAY_MS, "ok"),
        (0, 8 * DAY_MS, "warn"),
        (12, 20 * HOUR_MS, "ok"),
        (12, 26 * HOUR_MS, "warn"),
    ],
)
def test_a_backup_that_is_late_warns(every_hours: int, age_ms: int | None, expected: str) -> None:
    now = now_ms()
    told = Watching(0, None if age_ms is None else now - age_ms)

    said = of_database(Settings(backup_every_hours=every_hours), Seen(told, 1), now)

    assert [one.mark for one in said if "backup" in one.text] == [expected]


@pytest.mark.parametrize(
    ("version", "is_durable", "expected"),
    [(150_009, True, "ok"), (110_002, True, "warn"), (150_009, False, "FAIL")],
)
def test_a_postgresql_that_may_lose_words_fails(version: int, is_durable: bool, expected: str) -> None:
    settings = Settings(database="postgresql://x")

    first, *_ = of_database(settings, Seen(Watching(0, None, version, is_durable), 1), now_ms())

    assert (first.mark, f"PostgreSQL {version // 10_000}." in first.text) == (expected, True)


def test_a_slow_disk_warns() -> None:
    said = of_database(Settings(), Seen(Watching(0, None), 80), now_ms())

    assert [one.mark for one in said if "80.0 ms" in one.text] == ["warn"]


@pytest.mark.parametrize(
    ("settings", "part", "expected"),
    [
        ({"url": "http://ideas.example"}, "is not https", "FAIL"),
        ({"url": "https://localhost"}, "VIRTAAMO_PROXIES is not set", "warn"),
        ({"url": "https://localhost", "proxies": "127.0.0.1", "host": "0.0.0.0"}, "It listens on", "warn"),
        ({"url": "https://localhost", "proxies": "127.0.0.1"}, "Callers' addresses are taken", "ok"),
    ],
)
def test_addresses_that_do_not_fit_are_named(
    stopped: Server, settings: dict[str, str], part: str, expected: str
) -> None:
    assert found(Settings(data=stopped.folder, **settings), part).mark == expected


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[tuple[Certificate, str]]:
    """Somebody who speaks TLS with a certificate of their own, and the address."""
    made = Certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.file, made.key)
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        with suppress(OSError):
            while True:
                line, _ = listener.accept()
                with suppress(OSError), context.wrap_socket(line, server_side=True) as one:
                    one.recv(1)

    threading.Thread(target=greet, daemon=True).start()
    yield made, f"https://localhost:{listener.getsockname()[1]}"
    listener.close()


def test_a_certificate_is_looked_at(
    secured: tuple[Certificate, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, url = secured
    assert certificate(url, now_ms()).mark == "FAIL"
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))

    well, late = certificate(url, now_ms()), certificate(url, now_ms() + 20 * DAY_MS)

    assert (well.mark, late.mark) == ("ok", "warn")
    assert "29 days" in well.text
    assert certificate("https://localhost:1", now_ms()).mark == "warn"


def test_a_host_that_can_have_no_certificate_is_told() -> None:
    assert certificate("https://ideas..example", now_ms()).mark == "FAIL"


@pytest.mark.parametrize(("place", "expected"), [("new/backups", "ok"), ("file/backups", "FAIL")])
def test_a_folder_where_no_backup_can_be_written_fails(stopped: Server, place: str, expected: str) -> None:
    (stopped.folder.parent / "file").touch()
    settings = Settings(data=stopped.folder, backup_folder=stopped.folder.parent / place)

    said = found(structs.replace(settings, backup_every_hours=6), "written to")

    assert said.mark == expected
    assert not any("written to" in one.text for one in examine(settings, now_ms()))


def test_settings_that_stop_the_start_fail_and_don_t_only_warn(stopped: Server) -> None:
    stopped.environ["VIRTAAMO_PORT"] = "eight"

    assert [stopped.cli(command).returncode for command in ("doctor", "settings")] == [2, 1]


def test_what_may_not_be_looked_at_fails(ordinary: Path) -> None:
    (ordinary / "virtaamo.toml").touch()
    (ordinary / "closed").mkdir(mode=0)
    environ = {
        "VIRTAAMO_CONFIG": str(ordinary / "virtaamo.toml"),
        "VIRTAAMO_DATA": str(ordinary / "closed/data"),
    }

    done = subprocess.run(
        as_ordinary_user([*CLI, "doctor"]), cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )

    assert (done.returncode, "No permission for" in done.stderr) == (2, True)


def test_the_exit_code_is_that_of_the_worst() -> None:
    assert [worst([Finding("ok", ""), Finding(mark, "")]) for mark in ("ok", "warn", "FAIL")] == [0, 1, 2]

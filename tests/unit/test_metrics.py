"""What whoever watches the server is told: its health and its figures."""

import asyncio
import re
import shutil
import sqlite3
from contextlib import closing, nullcontext

import pytest

from server.app import open_database
from server.metrics import Metrics
from server.routes import health
from server.routes.health import Watch
from server.settings import Settings
from sync.protocol import Change, Code, Verdict, encode
from tests.changes import NOW
from tests.conftest import Server
from tests.unit.test_live import Phone, heard


@pytest.fixture
def phone(server, join) -> Phone:
    return Phone(server, join(server))


def figures(server: Server) -> dict[str, float]:
    """Name (with its label) → value."""
    reply = server.client().get("/metrics")
    assert reply.status_code == 200, reply.text
    pairs = [line.rsplit(" ", 1) for line in reply.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


def test_changes_are_counted_by_verdict_and_commits_by_size(server, phone) -> None:
    idea = phone.idea("Kahvi")
    phone.post([idea, phone.idea("Tee"), phone.change({"nonsense": (None, 1)}, card=idea.card)])

    seen = figures(server)

    assert seen['virtaamo_changes_total{verdict="done"}'] == 2
    assert seen['virtaamo_changes_total{verdict="held"}'] == 1
    assert seen["virtaamo_commit_changes_sum"] == 3
    assert seen["virtaamo_commit_changes_count"] == 1
    assert seen["virtaamo_held_changes"] == 1
    assert seen["virtaamo_waiting_changes"] == 0
    assert seen["virtaamo_fsync_seconds_count"] == seen["virtaamo_commit_seconds_count"] > 1
    assert 0 < seen["virtaamo_fsync_seconds_sum"] < seen["virtaamo_commit_seconds_sum"]


def test_live_connections_frames_and_pokes_are_counted(server, join, phone) -> None:
    other = Phone(server, join(server, name="Ville"))
    with phone.live() as socket:
        socket.send(encode(phone.sync(cursors={phone.team: 0})))
        heard(socket)
        other.post([other.idea("Kahvi")])
        heard(socket)
        seen = figures(server)
    assert (seen["virtaamo_connections"], seen["virtaamo_frames_total"]) == (1, 1)


def test_hints_to_those_who_have_to_pull_are_counted(server, join, phone) -> None:
    other = Phone(server, join(server, name="Ville"))
    phone.post([phone.idea("Kahvi")])
    with phone.live() as socket:
        socket.send(encode(phone.sync(cursors={phone.team: 4711})))
        assert heard(socket).behind == [phone.team]
        other.post([other.idea("Tee")])
        heard(socket)
        seen = figures(server)
    assert (seen["virtaamo_pokes_total"], seen["virtaamo_frames_total"]) == (1, 0)


def test_nobody_is_in_the_figures(server, phone) -> None:
    phone.post([phone.idea("Merkkisana")])
    text = server.client().get("/metrics").text

    assert not re.search(r"merkkisana|koivu|maija", text, flags=re.IGNORECASE)
    labels = set(re.findall(r"(\w+)=\"", text))
    assert labels <= {"verdict", "fate", "le", "work"}


def test_the_age_of_an_outbox_is_that_of_its_oldest_change() -> None:
    metrics = Metrics()
    arrivals = [_Came(1, NOW - 90_000), _Came(1, NOW - 5_000), _Came(2, NOW - 400), _Came(2, NOW - 9_000_000)]
    codes = [Code.DONE, Code.DONE, Code.MERGED, Code.HELD]

    metrics.stored(arrivals, [Verdict(b"", code, 0) for code in codes], NOW)

    text = metrics.text().decode()
    assert "virtaamo_outbox_age_seconds_sum 90.4" in text
    assert "virtaamo_outbox_age_seconds_count 2.0" in text


class _Came:
    """As much of an arrival as is counted."""

    def __init__(self, device: int, at: int) -> None:
        self.device = device
        self.change = Change(b"", 1, b"", "idea", at, 0, {})


@pytest.mark.parametrize("header", health.FORWARDED)
def test_what_came_through_a_proxy_may_not_read_the_figures(shared, header) -> None:
    assert shared.client().get("/metrics", headers={header: "127.0.0.1"}).status_code == 403


def test_with_a_token_it_alone_opens_the_figures(tmp_path, initialised) -> None:
    shutil.copytree(initialised, tmp_path / "data")
    server = Server(tmp_path / "data", {"VIRTAAMO_METRICS_TOKEN": "0123456789abcdef"}).start()
    codes = [
        server.client().get("/metrics", headers=headers).status_code
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer 0123456789abcdef"})
    ]
    server.close()
    assert codes == [403, 403, 200]


def test_health_says_what_is_in_quarantine_and_does_not_fail_for_it(server, phone) -> None:
    phone.post([phone.change({"nonsense": (None, 1)})])

    reply = server.client().get("/health")

    assert reply.status_code == 200
    assert reply.json() == {"ok": True, "database": "writable", "migrations": "current", "quarantine": 1}


def test_health_is_503_while_the_database_cannot_be_written(server) -> None:
    foreign = sqlite3.connect(server.folder / "virtaamo.db", isolation_level=None)
    foreign.execute("BEGIN IMMEDIATE")

    reply = server.client().get("/health")

    foreign.close()
    assert (reply.status_code, reply.json()["database"]) == (503, "read_only")


@pytest.fixture
def settings(tmp_path, initialised) -> Settings:
    shutil.copytree(initialised, tmp_path / "data")
    return Settings(data=tmp_path / "data")


def test_health_writes_once_however_often_it_is_asked(settings, monkeypatch) -> None:
    monkeypatch.setattr(health, "LOOK_S", 10_000)
    written: list[int] = []

    async def ask() -> list[bool]:
        async with open_database(settings) as db:
            db.time_write = lambda: nullcontext(written.append(1))
            watch = Watch(db, settings.database_file, Metrics())
            states = await asyncio.gather(*(watch.health() for _ in range(50)))
            states.append(await watch.health())
        return [state.ok for state in states]

    assert (asyncio.run(ask()), len(written)) == ([True] * 51, 1)


def test_health_is_well_again_when_the_database_is(settings, monkeypatch) -> None:
    monkeypatch.setattr(health, "LOOK_S", -1)

    async def ask() -> list[bool]:
        async with open_database(settings) as db:
            watch = Watch(db, settings.database_file, Metrics())
            states = [(await watch.health()).ok]
            with closing(sqlite3.connect(settings.database_file, isolation_level=None)) as foreign:
                foreign.execute("BEGIN IMMEDIATE")
                states.append((await watch.health()).ok)
            states.append((await watch.health()).ok)
        return states

    assert asyncio.run(ask()) == [True, False, True]

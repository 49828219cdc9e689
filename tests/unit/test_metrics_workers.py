"""The figures of several processes: each answer is the sum of all, also after one has died."""

import os
import signal
from collections.abc import Iterator

import httpx
import psutil
import pytest

from sync.protocol import encode
from tests.conftest import Server
from tests.unit.test_live import Phone, heard
from tests.unit.test_metrics import figures
from tests.unit.test_stop import until

DONE = 'virtaamo_changes_total{verdict="done"}'


@pytest.fixture
def sort() -> str:
    return "postgres"


@pytest.fixture
def two(stopped: Server) -> Iterator[Server]:
    """Two processes on one port."""
    running = stopped.start("--workers", "2")
    running.add_team()
    yield running
    running.close()


def children(server: Server) -> set[int]:
    return {child.pid for child in psutil.Process(server.process.pid).children()}


def test_each_answer_is_the_sum_of_all(two: Server, join) -> None:
    phones = [Phone(two, join(two)) for _ in range(6)]
    for phone in phones:
        phone.post([phone.idea("Kahvi")])
    sockets = [phone.live().__enter__() for phone in phones]
    for phone, socket in zip(phones, sockets, strict=True):
        socket.send(encode(phone.sync(cursors={phone.team: 0})))
        heard(socket)

    for _ in range(6):
        seen = figures(two)
        assert seen[DONE] == 6
        assert seen["virtaamo_commit_changes_sum"] == 6
        assert "process_open_fds" not in seen, "those are one process's alone"
    until(lambda: figures(two)["virtaamo_connections"] == 6)
    for socket in sockets:
        socket.close()
    until(lambda: figures(two)["virtaamo_connections"] == 0)


def test_what_a_dead_process_counted_stays_counted(two: Server, join) -> None:
    phone = Phone(two, join(two))
    phone.post([phone.idea(f"Kahvi {number}") for number in range(5)])
    before = children(two)
    for pid in sorted(before):
        os.kill(pid, signal.SIGKILL)
        until(lambda: len(children(two)) == 2 and not children(two) & {pid})  # noqa: B023
        until(lambda: _answers(two))

    assert not children(two) & before
    assert figures(two)[DONE] == 5


def _answers(server: Server) -> bool:
    try:
        return server.client().get("/health").status_code == 200
    except httpx.HTTPError:
        return False

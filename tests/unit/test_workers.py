"""Several processes on one port: they start and end as one, and a dead one is replaced."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from sync.protocol import Code, encode
from tests.conftest import Server
from tests.unit.test_live import Phone, decode_frame, heard


@pytest.fixture
def sort() -> str:
    return "postgres"


@pytest.fixture
def three(stopped):
    running = stopped.start("--workers", "3")
    running.add_team()
    return running


def children(server):
    return psutil.Process(server.process.pid).children()


def until(is_so):
    for _ in range(300):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to that")


def answers(server):
    return server.client().get("/health").status_code == 200


def test_connections_are_spread_over_all_and_all_hear_each_other(three, join):
    phones = [Phone(three, join(three)) for _ in range(12)]
    sockets = [phone.live().__enter__() for phone in phones]
    for phone, socket in zip(phones, sockets, strict=True):
        socket.send(encode(phone.sync(cursors={phone.team: 0})))
        heard(socket)
    held = {child.pid: len(child.net_connections()) for child in children(three)}
    assert phones[0].post([phones[0].idea("kaikille")]).verdicts[0].code == Code.DONE
    for socket in sockets:
        assert "kaikille" in [row.fields.get("title") for row in decode_frame(heard(socket).frames[0]).rows]
        socket.close()
    assert len([count for count in held.values() if count > 1]) > 1


def test_it_listens_once_and_ends_with_all_of_them(three):
    pids = [child.pid for child in children(three)]
    assert len(pids) == 3
    assert three.stop(signal.SIGTERM) == 0
    assert not any(map(psutil.pid_exists, pids))


def test_a_dead_process_is_replaced_and_nobody_is_turned_away(three):
    before = {child.pid for child in children(three)}
    os.kill(min(before), signal.SIGKILL)
    assert all(answers(three) for _ in range(12))
    until(lambda: len(children(three)) == 3 and min(before) not in {c.pid for c in children(three)})
    assert all(answers(three) for _ in range(12))


def test_nobody_is_left_behind_when_the_first_process_is_killed(three):
    left = children(three)
    three.stop(signal.SIGKILL)
    _, alive = psutil.wait_procs(left, timeout=20)
    assert not alive


def test_commands_reach_one_of_them(three):
    assert three.cli("team", "add", "Haapa").returncode == 0
    assert three.cli("invite", "--team", "Haapa", "--role", "staff").stdout.startswith(three.url)


def test_several_processes_on_sqlite_are_refused_in_one_line(tmp_path: Path):
    done = Server(tmp_path / "data").cli("serve", "--port", "0", "--workers", "2")
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == "Several processes need PostgreSQL: set VIRTAAMO_DATABASE, or leave out --workers.\n"
    )


def test_a_port_in_use_is_said_though_they_share_one(three):
    done = three.cli("serve", "--port", str(three.port), "--workers", "2")
    assert f"Port {three.port} on 127.0.0.1 is in use" in done.stderr

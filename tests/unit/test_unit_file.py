"""The unit of deploy/ without systemd: its own command, settings and limits, run by an ordinary user."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.conftest import ROOT, START_S, give_away
from tests.postgres import as_ordinary_user
from tests.unit.test_deploy import DEPLOY, SYSTEMD, say

UNIT = (DEPLOY / "virtaamo.service").read_text()
# What MemoryDenyWriteExecute and NoNewPrivileges ask of the kernel, inherited by the program that follows.
CONFINED = """
import ctypes, os, sys
for option in ((38, 1), (65, 1)):  # PR_SET_NO_NEW_PRIVS, PR_SET_MDWE
    assert ctypes.CDLL(None).prctl(*option, 0, 0, 0) == 0, option
os.execvp(sys.argv[1], sys.argv[1:])
"""


def lines_of(name: str) -> list[str]:
    """What stands after NAME= in the unit, line by line."""
    return re.findall(rf"^{name}=(.*)$", UNIT, flags=re.M)


class Unit:
    """What the unit starts, with every folder of it in one of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("data", "backups"):
            (folder / name).mkdir(mode=0o700)
        settings = self._here((DEPLOY / "virtaamo.toml").read_text())
        settings = settings.replace('"https://ideas.example"', '"http://localhost"')
        (folder / "virtaamo.toml").write_text(f"{settings}\nport = 0\n")
        give_away(folder)
        given = (self._here(line).split("=", 1) for line in lines_of("Environment"))
        self.environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), **dict(given)}
        self.log = folder / "calls"

    def _here(self, text: str) -> str:
        """The text with our folders in the place of an installation's."""
        for there, here in (
            ("/opt/virtaamo/.venv/bin", Path(sys.executable).parent),
            ("/etc/virtaamo", self.folder),
            ("/var/lib/virtaamo", self.folder / "data"),
            ("/var/backups/virtaamo", self.folder / "backups"),
        ):
            text = text.replace(there, str(here))
        return text

    def start(self, *arguments: str, watched: bool = False) -> subprocess.Popen[str]:
        """Start the program as the unit does; without arguments, with the unit's own."""
        program, *own = self._here(lines_of("ExecStart")[0]).split()
        command = [sys.executable, "-c", CONFINED, *as_ordinary_user([program, *(arguments or own)])]
        if watched:
            command = ["strace", "-f", "-qq", "-o", str(self.log), *command]
        umask = int(lines_of("UMask")[0], 8)
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=ROOT, env=self.environ, stdout=pipe, stderr=pipe, text=True, umask=umask
        )

    def say(self, *arguments: str) -> tuple[int, str]:
        """Run a command to its end: the exit code, and what it said."""
        with self.start(*arguments) as process:
            said = "".join(process.communicate(timeout=120))
        return process.returncode, said


@pytest.fixture
def unit(ordinary: Path) -> Unit:
    """The unit on an empty data folder."""
    return Unit(ordinary)


@contextmanager
def running(unit: Unit, *, watched: bool = False) -> Iterator[str]:
    """The service under its own line; gives its address, and stops it as systemd does."""
    with unit.start(watched=watched) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("listening on "):
            pytest.fail("".join(process.communicate(timeout=START_S)))
        try:
            yield line.split()[-1]
        finally:
            service = psutil.Process(process.pid).children()[0] if watched else process
            service.send_signal(signal.SIGTERM)
            process.communicate(timeout=START_S)
    assert process.returncode == 0


def test_it_has_started_when_it_answers(unit) -> None:
    assert lines_of("Type") == ["notify"]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(unit.folder / "manager"))
        give_away(unit.folder)
        manager.settimeout(START_S)
        unit.environ["NOTIFY_SOCKET"] = str(unit.folder / "manager")
        with running(unit) as url:
            assert manager.recv(64) == b"READY=1"
            is_served(url)


def test_the_service_serves_backs_up_and_is_looked_at_where_it_may_write_its_data_alone(unit) -> None:
    with running(unit) as url:
        is_served(url)
        backs_up(unit)
    backups = [*(unit.folder / "backups").glob("*.backup")]
    assert backups
    code, said = unit.say("doctor")
    assert code < 2, said
    assert "FAIL" not in said
    written = [*backups, *(unit.folder / "data").rglob("*")]
    assert [path for path in written if path.stat().st_mode & 0o077] == []


def backs_up(unit: "Unit") -> None:
    """A backup is made beside the one that the service makes by itself when it starts."""
    ends = time.monotonic() + 60
    code, said = unit.say("backup")
    while code and "already" in said and time.monotonic() < ends:
        time.sleep(0.2)
        code, said = unit.say("backup")
    assert code == 0, said


def is_served(url: str) -> None:
    """Somebody gets an answer there."""
    with urllib.request.urlopen(f"{url}/health") as reply:
        assert reply.status == 200


def test_every_call_of_the_service_to_the_kernel_is_one_that_the_unit_allows(unit) -> None:
    with running(unit, watched=True) as url:
        is_served(url)
        backs_up(unit)
    log = unit.log.read_text(errors="replace")
    own = log[log.index(f'execve("{Path(sys.executable).parent / "virtaamo"}"') :]
    made = set(re.findall(r"^\d+ +(\w+)\(", own, flags=re.M))
    assert "fdatasync" in made
    assert made - allowed_calls() == set()


def allowed_calls() -> set[str]:
    """What SystemCallFilter leaves, line after line as systemd reads them."""
    allowed = calls_of("@default")
    for line in lines_of("SystemCallFilter"):
        named = set().union(*(calls_of(word) for word in line.lstrip("~").split()))
        allowed = allowed - named if line.startswith("~") else allowed | named
    return allowed


def calls_of(name: str) -> set[str]:
    """The calls in one of systemd's groups, with those of the groups in it."""
    if not name.startswith("@"):
        return {name}
    lines = [line.strip() for line in say(SYSTEMD, "syscall-filter", name).splitlines()[1:]]
    return set().union(*(calls_of(line) for line in lines if line and not line.startswith("#")))

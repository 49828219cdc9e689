"""`make test`: TypeScript tests, Python tests, browser tests; all run, and one failure fails the whole."""

from __future__ import annotations

import glob
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import bootstrap

SERVERS = [
    ("CADDY", "caddy", "caddy"),
    ("NGINX", "nginx", "nginx"),
    ("SYSTEMD", "systemd-analyze", "systemd"),
]
OTHER_BROWSERS = [
    ("FIREFOX", ["firefox-esr", "firefox"], "firefox-esr"),
    ("WEBKIT", ["WebKitWebDriver"], "webkit2gtk-driver"),
    ("XVFB", ["Xvfb"], "xvfb"),
]
POSTGRES = ["/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin"]
SHELLS = ["chromium-headless-shell", "chrome-headless-shell"]
BROWSERS = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]


def test() -> int:
    """Install what the tests need, then run them; the last line is pytest's own."""
    bootstrap.make_all()
    env = {**bootstrap.node_env(), "CHROMIUM": find(BROWSERS, "chromium", "The browser tests")}
    try:
        env["CHROMIUM_SHELL"] = find(SHELLS, "chromium-headless-shell", "The browser tests")
    except bootstrap.Stop:  # slower, and as good
        env["CHROMIUM_SHELL"] = env["CHROMIUM"]
    for variable, program, package in SERVERS:
        env[variable] = find([program], package, "The tests of deploy/")
    for variable, programs, package in OTHER_BROWSERS:
        env[variable] = find(programs, package, "The tests of other browsers")
    find(["initdb"], "postgresql", "The tests of the store")  # they start one of their own
    find(["strace"], "strace", "The tests of what is on the disk")
    codes = [
        run([*bootstrap.npm(env), "test", "--silent"], env, cwd=bootstrap.ROOT / "web"),
        # They wait for disks, processes and timers as long as they compute.
        twice(["-q", "-n", str(2 * (os.cpu_count() or 1))], ["--ignore=tests/e2e"], env),
        twice(["-v", "-n", "2", "--durations=15"], ["tests/e2e"], env),
    ]
    return max(codes)


def twice(how: Sequence[str], which: Sequence[str], env: Mapping[str, str]) -> int:
    """Run these tests; those that fail run once more, alone.

    Four browsers, or as many servers and databases, on two cores can make a step late that is in time alone. Who is
    named here twice is to be mended.
    """
    pytest = [bootstrap.PYTHON, "-m", "pytest"]
    if run([*pytest, *how, *which], env) == 0:
        return 0
    print("\nOnce more, alone, what failed:", flush=True)
    alone = ["-n", "0", "-rA", "--maxfail=3", "--last-failed", "--last-failed-no-failures=none"]
    return run([*pytest, *alone, *which], env)


def run(command: Sequence[str | Path], env: Mapping[str, str], cwd: Path = bootstrap.ROOT) -> int:
    """Run one suite with its output in view, and end what it has left running; its exit code as 0 or 1."""
    suite = subprocess.Popen([str(part) for part in command], cwd=cwd, env=env, start_new_session=True)
    try:
        return int(suite.wait() != 0)
    finally:
        with suppress(ProcessLookupError):  # a worker that ran out of time leaves its browsers and servers
            os.killpg(suite.pid, signal.SIGKILL)


def find(programs: Sequence[str], package: str, what_for: str) -> str:
    """The path of the first of these programs; installed from Debian when all are missing and we may."""
    found = which(programs)
    if found is None and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        bootstrap.step("Looking for packages", ["apt-get", "update"])
        install = ["apt-get", "install", "-y", "--no-install-recommends", package]
        unstarted = {**os.environ, "RUNLEVEL": "1"}  # a package's service is not started
        bootstrap.step(f"Installing {package}", install, env=unstarted)
        found = which(programs)
    if found is None:
        raise bootstrap.Stop(f"{what_for} need {package}. On Debian: sudo apt install {package}")
    return found


def which(programs: Sequence[str]) -> str | None:
    """The path of the first of these programs; Debian keeps servers where a person's own path doesn't lead."""
    path = os.pathsep.join(
        [os.environ["PATH"], "/usr/sbin", *(f for place in POSTGRES for f in glob.glob(place))]
    )
    return next(filter(None, (shutil.which(program, path=path) for program in programs)), None)


if __name__ == "__main__":
    sys.exit(bootstrap.main(test))

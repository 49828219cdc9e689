"""`make test`: TypeScript tests, Python tests, browser tests; all run, and one failure fails the whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import bootstrap

BROWSERS = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]


def test() -> int:
    """Install what the tests need, then run them; the last line is pytest's own."""
    bootstrap.make_all()
    browser = find_browser()
    env = {**bootstrap.node_env(), "CHROMIUM": browser}
    pytest = [bootstrap.PYTHON, "-m", "pytest", "-q"]
    codes = [
        run([*bootstrap.npm(env), "test", "--silent"], env, cwd=bootstrap.ROOT / "web"),
        run([*pytest, "-n", "auto", "--ignore=tests/e2e"], env),
        run([*pytest, "-n", "2", "tests/e2e"], env),
    ]
    return max(codes)


def run(command: Sequence[str | Path], env: Mapping[str, str], cwd: Path = bootstrap.ROOT) -> int:
    """Run one suite with its output in view; its exit code as 0 or 1."""
    return int(subprocess.run([str(part) for part in command], cwd=cwd, env=env, check=False).returncode != 0)


def find_browser() -> str:
    """The path of a Chromium; installed from Debian when it is missing and we may."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        bootstrap.step("Looking for packages", ["apt-get", "update"])
        bootstrap.step(
            "Installing chromium", ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        )
        found = shutil.which("chromium")
    if found is None:
        raise bootstrap.Stop("The browser tests need Chromium. On Debian: sudo apt install chromium")
    return found


if __name__ == "__main__":
    sys.exit(bootstrap.main(test))

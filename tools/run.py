"""`make run`: from a clean clone to the printed links."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import bootstrap

HOST = os.environ.get("VIRTAAMO_HOST", "127.0.0.1")
PORT = os.environ.get("VIRTAAMO_PORT", "8000")
DATA = bootstrap.ROOT / os.environ.get("VIRTAAMO_DATA", "data")


def run() -> int:
    """Check what could be in the way, make what is missing, fill an empty data folder, serve."""
    check_data_folder()
    check_port()
    bootstrap.make_python()
    bootstrap.install_web()
    bootstrap.build_web()
    virtaamo = [str(bootstrap.PYTHON), "-m", "server"]
    environ = {**os.environ, "VIRTAAMO_DATA": str(DATA)}
    for verb in [] if any(DATA.iterdir()) else ["init", "demo"]:
        bootstrap.step(f"virtaamo {verb}", [*virtaamo, verb], env=environ)
    return serve([*virtaamo, "serve", "--host", HOST, "--port", PORT, "--demo-links"], environ)


def serve(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """The server in the foreground; Ctrl+C ends it cleanly, without a traceback here."""
    server = subprocess.Popen(command, cwd=bootstrap.ROOT, env=environ)
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:
            print("Stopping…", file=sys.stderr)


def check_data_folder() -> None:
    """The folder exists, or can be made, and takes files."""
    try:
        DATA.mkdir(parents=True, exist_ok=True)
        (DATA / ".try").touch()
        (DATA / ".try").unlink()
    except OSError:
        raise bootstrap.Stop(
            f"The data folder {shown(DATA)} can't be written: change its owner or set VIRTAAMO_DATA."
        ) from None


def check_port() -> None:
    """Nobody listens where the server is going to."""
    if not PORT.isdigit() or not 0 < int(PORT) < 65536:
        raise bootstrap.Stop(f"VIRTAAMO_PORT is '{PORT}': write a number from 1 to 65535.")
    with socket.socket(socket.AF_INET6 if ":" in HOST else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(PORT)))
        except PermissionError:
            raise bootstrap.Stop(
                f"Port {PORT} needs more rights: choose one above 1023: make run PORT=8001"
            ) from None
        except OSError:
            raise bootstrap.Stop(
                f"Port {PORT} is in use: stop what runs there or choose: make run PORT={int(PORT) + 1}"
            ) from None


def shown(path: Path) -> Path:
    """A path as people write it: from the project's folder when it is inside."""
    return path.relative_to(bootstrap.ROOT) if path.is_relative_to(bootstrap.ROOT) else path


if __name__ == "__main__":
    sys.exit(bootstrap.main(run))

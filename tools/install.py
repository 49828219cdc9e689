"""`make install`: what a server needs, in this folder alone: .venv with the locked packages, and the built app."""

from __future__ import annotations

import sys

import bootstrap


def install() -> int:
    """Make it; the program is .venv/bin/virtaamo afterwards. Run it again after an upgrade."""
    bootstrap.make_python()
    bootstrap.install_web()
    bootstrap.build_web()
    print(f"ready: {bootstrap.BIN / 'virtaamo'}")
    return 0


if __name__ == "__main__":
    sys.exit(bootstrap.main(install))

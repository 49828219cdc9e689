"""The server, which kills itself once at each named point of the transaction that stores a change naming that point.

`python -m tests.e2e.killable serve …`; a change names a point by the words "kill: <point>".
"""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from server import __main__ as program
from server import intake
from server.fanout import Fanout
from server.store import accept as accepting
from server.store.cards import Desk

POINTS = ("before lock", "after judge", "after cards", "after log", "after commit")


class Fuse:
    """Burns at one point, once in the life of the data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.point = ""

    def arm(self, said: bytes) -> None:
        """Choose the point that the changes name."""
        named = (p for p in POINTS if f"kill: {p}".encode() in said and not self._mark(p).exists())
        self.point = next(named, "")

    def pass_by(self, point: str) -> None:
        """Die here, if this is the point."""
        if point == self.point:
            self._mark(point).touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def _mark(self, point: str) -> Path:
        return self.folder / f"killed {point}"


def wire(fuse: Fuse) -> None:
    """Lay the fuse into the transaction."""
    real = intake.accept

    def accept(txn: object, arrivals: list[object], *rest: object) -> object:
        fuse.arm(b"".join(a.raw for a in arrivals))
        return real(txn, arrivals, *rest)

    intake.accept = accept
    Desk.lock = _before(Desk.lock, lambda: fuse.pass_by("before lock"))
    accepting._finish = _before(accepting._finish, lambda: fuse.pass_by("after judge"))
    Desk.save = _after(Desk.save, lambda: fuse.pass_by("after cards"))
    accepting._save = _after(accepting._save, lambda: fuse.pass_by("after log"))
    Fanout.publish = _before(Fanout.publish, lambda: fuse.pass_by("after commit"))


def _before(fn: Callable[..., object], do: Callable[[], None]) -> Callable[..., object]:
    def wrapped(*args: object) -> object:
        do()
        return fn(*args)

    return wrapped


def _after(fn: Callable[..., object], do: Callable[[], None]) -> Callable[..., object]:
    def wrapped(*args: object) -> object:
        result = fn(*args)
        do()
        return result

    return wrapped


if __name__ == "__main__":
    wire(Fuse(Path(os.environ["VIRTAAMO_DATA"])))
    with suppress(KeyboardInterrupt):
        sys.exit(program.main())

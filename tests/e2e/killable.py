"""The server, which kills itself where it is told to: `python -m tests.e2e.killable serve …`, or another command.

Two ways to tell it. A change that holds the words "kill: <point>" names a point of the transaction that stores it. And
`light` lays a fuse into the data folder: the server dies before the n-th statement of the next thing of that name.
Either burns once in the life of the data folder.
"""

import os
import signal
import sqlite3
import sys
import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from server import __main__ as program
from server import backup, intake, schema, serve
from server.fanout import Fanout
from server.store import accept as accepting
from server.store import copies, frames
from server.store.cards import Desk
from tests.faults import disk_log

POINTS = (
    "before lock",
    "after load",
    "after judge",
    "after marks",
    "after writers",
    "after cards",
    "after log",
    "after commit",
    "before reply",
)
FUSE = "fuse"
ONE_TRANSACTION = ("accept", "snapshot")  # a migration tries a copy first, and a backup reads several times


def light(folder: Path, what: str, before: int) -> None:
    """Let the server on this folder die before the n-th step of the next accept, snapshot, migrate, backup or copy."""
    (folder / FUSE).write_text(f"{what} {before}")


def is_lit(folder: Path) -> bool:
    """Whether the fuse has not been reached yet."""
    return (folder / FUSE).exists()


class Fuse:
    """Burns at one point."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.point = ""
        self._what = ""
        self._left = 0
        self._thread = 0

    def arm(self, said: bytes) -> None:
        """Choose the point that the changes name."""
        named = (p for p in POINTS if f"kill: {p}".encode() in said and not self._mark(p).exists())
        self.point = next(named, "")

    def pass_by(self, point: str) -> None:
        """Die here, if this is the point."""
        if point == self.point:
            self._mark(point).touch()
            die()

    def begin(self, what: str) -> None:
        """From here on statements of this thread count, if the folder's fuse is laid here."""
        with suppress(FileNotFoundError):
            named, _, before = (self.folder / FUSE).read_text().partition(" ")
            if named == what:
                self._what, self._left, self._thread = what, int(before), threading.get_ident()

    def end(self) -> None:
        """What began has ended."""
        self._left = 0

    def count(self, statement: str) -> None:
        """One more statement is about to run."""
        if not self._left or threading.get_ident() != self._thread:
            return
        self._left -= 1
        if not self._left:
            (self.folder / FUSE).unlink()
            die()
        if self._what in ONE_TRANSACTION and statement.upper() == "COMMIT":
            self.end()

    def step(self, what: str) -> None:
        """One more of so many steps that have no thread of their own."""
        with suppress(FileNotFoundError):
            named, _, before = (self.folder / FUSE).read_text().partition(" ")
            if named != what:
                return
            if before == "1":
                (self.folder / FUSE).unlink()
                die()
            light(self.folder, what, int(before) - 1)

    def _mark(self, point: str) -> Path:
        return self.folder / f"killed {point}"


def die() -> None:
    """As when the power of this process alone goes."""
    os.kill(os.getpid(), signal.SIGKILL)


def wire(fuse: Fuse) -> None:
    """Lay the fuse into the program."""
    real = intake.accept

    def accept(txn: object, arrivals: list[object], *rest: object) -> object:
        fuse.arm(b"".join(a.raw for a in arrivals))
        fuse.begin("accept")
        return real(txn, arrivals, *rest)

    intake.accept = accept
    Desk.lock = _before(Desk.lock, lambda: fuse.pass_by("before lock"))
    accepting._load = _after(accepting._load, lambda: fuse.pass_by("after load"))
    accepting._finish = _before(accepting._finish, lambda: fuse.pass_by("after judge"))
    accepting.show_marks = _after(accepting.show_marks, lambda: fuse.pass_by("after marks"))
    accepting.show_writers = _after(accepting.show_writers, lambda: fuse.pass_by("after writers"))
    Desk.save = _after(Desk.save, lambda: fuse.pass_by("after cards"))
    accepting._save = _after(accepting._save, lambda: fuse.pass_by("after log"))
    Fanout.publish = _before(Fanout.publish, lambda: fuse.pass_by("after commit"))
    Fanout.message = _before(Fanout.message, lambda: fuse.pass_by("before reply"))
    frames.keep_snapshot = _before(frames.keep_snapshot, lambda: fuse.begin("snapshot"))
    migrate = _after(_before(schema.migrate, lambda: fuse.begin("migrate")), fuse.end)
    serve.migrate = schema.migrate = migrate
    backup.make = _after(_before(backup.make, lambda: fuse.begin("backup")), fuse.end)
    copies.put_page = _before(copies.put_page, lambda: fuse.step("copy"))
    steps = [(os, "fsync"), (os, "link"), (os, "replace"), (os, "rename"), (tarfile.TarFile, "addfile")]
    for place, name in steps:
        setattr(place, name, _before(getattr(place, name), lambda name=name: fuse.count(name)))
    watch_statements(fuse.count)
    if "CLOCK" in os.environ:
        shift_clock(Path(os.environ["CLOCK"]))
    if "DISK_LOG" in os.environ:
        disk_log.install(Path(os.environ["DISK_LOG"]))
    if "PAUSE_S" in os.environ:
        for module in [m for name, m in sys.modules.items() if name.startswith("server.db")]:
            module.PAUSE_S = float(os.environ["PAUSE_S"])
    if "FUTURE_MIGRATIONS" in os.environ:
        schema.MIGRATIONS = Path(os.environ["FUTURE_MIGRATIONS"])


def shift_clock(by: Path) -> None:
    """The time of day is off by as many milliseconds as the file says at that moment."""
    real = time.time_ns

    def off() -> int:
        with suppress(FileNotFoundError):
            return int(by.read_text()) * 1_000_000
        return 0

    time.time_ns = lambda: real() + off()


def watch_statements(count: Callable[[str], None]) -> None:
    """Hear of every statement of every SQLite connection, right before it runs."""
    real = sqlite3.connect

    def connect(*args: object, **how: object) -> sqlite3.Connection:
        connection = real(*args, **how)
        connection.set_trace_callback(count)
        return connection

    sqlite3.connect = sqlite3.dbapi2.connect = connect


def _before(fn: Callable[..., object], do: Callable[[], None]) -> Callable[..., object]:
    def wrapped(*args: object, **how: object) -> object:
        do()
        return fn(*args, **how)

    return wrapped


def _after(fn: Callable[..., object], do: Callable[[], None]) -> Callable[..., object]:
    def wrapped(*args: object, **how: object) -> object:
        result = fn(*args, **how)
        do()
        return result

    return wrapped


if __name__ == "__main__":
    wire(Fuse(Path(os.environ["VIRTAAMO_DATA"])))
    with suppress(KeyboardInterrupt):
        sys.exit(program.main())

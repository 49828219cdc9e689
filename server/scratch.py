"""Where copies lie in the clear for a moment: folders in the data folder, swept of what a killed process has left."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

PREFIX = ".virtaamo-"


@contextmanager
def room(data: Path) -> Iterator[Path]:
    """A fresh folder for its owner alone, gone after the block; in the system's own place where `data` isn't ours."""
    if not os.access(data, os.W_OK | os.X_OK):
        with TemporaryDirectory(prefix=PREFIX) as made:
            yield Path(made)
        return
    with _handle(data) as handle:
        _sweep(data, handle)
        with suppress(OSError):  # a file system without locks: then nobody sweeps either
            fcntl.flock(handle, fcntl.LOCK_SH)
        with TemporaryDirectory(prefix=PREFIX, dir=data) as made:
            yield Path(made)


def sweep(data: Path) -> None:
    """Throw away what killed processes have left, unless somebody is at work in this data folder."""
    with _handle(data) as handle:
        _sweep(data, handle)


@contextmanager
def _handle(data: Path) -> Iterator[int]:
    handle = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield handle
    finally:
        os.close(handle)  # the lock goes with it, also when the process is killed


def _sweep(data: Path, handle: int) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return
    for left in data.glob(f"{PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    fcntl.flock(handle, fcntl.LOCK_UN)

"""Scheduled backups: a child process makes and verifies one when it is due; older ones go only after that."""

import asyncio
import fcntl
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import structlog

from server.backup import when
from server.db import UNAVAILABLE, Database
from server.refusals import Stop
from server.scratch import PREFIX
from server.settings import Settings
from server.store.backups import Backup, last_backup

PATTERN = "virtaamo-*.backup"
NUMBERED = re.compile(r"virtaamo-(\d{6})-")
LOCK = ".lock"
LOOK_S = 60
HOUR_MS = 3_600_000
RETRY_MS = HOUR_MS // 4
ROOT = Path(__file__).parent.parent

Now = Callable[[], int]


@contextmanager
def next_copy(settings: Settings, now: int) -> Iterator[Path]:
    """The path of the next scheduled backup, to be made and verified in the block; then the oldest ones go.

    Raises Stop where another process is making one. Where there is no verified backup after the block, all older ones
    stay; what else failed in it, as telling the server, lets none pile up.
    """
    folder = settings.backups
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stop(f"A backup is being made in {folder} already.") from None
        _sweep(folder)
        path = folder / f"virtaamo-{_number(folder) + 1:06}-{when(now)}.backup"
        try:
            yield path
        finally:
            if path.exists():  # it gets its name when it is verified
                _rotate(folder, settings.backup_keep)


def _rotate(folder: Path, keep: int) -> None:
    copies = sorted(folder.glob(PATTERN), key=lambda copy: (_number_of(copy), copy.name))
    for old in copies[:-keep]:
        old.unlink()


def _number(folder: Path) -> int:
    return max(map(_number_of, folder.glob(PATTERN)), default=0)


def _number_of(backup: Path) -> int:
    """They are counted, so that no clock decides which is the oldest."""
    found = NUMBERED.match(backup.name)
    return int(found[1]) if found else 0


def _sweep(folder: Path) -> None:
    """Throw away what a killed one has left; copies in the clear lay here in older versions."""
    for left in folder.glob(f"{PATTERN}.part"):
        left.unlink()
    for left in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(left)


def is_due(last: Backup | None, every_hours: int, now: int) -> bool:
    """Whether the last verified backup is too old, or from a future that a wrong clock had seen.

    >>> is_due(None, 24, 0), is_due(None, 0, 0)
    (True, False)
    """
    if every_hours == 0:
        return False
    return last is None or not -HOUR_MS < now - last.at < every_hours * HOUR_MS


class Copy(NamedTuple):
    """A verified backup that the database has not noted, and when it was made (ms)."""

    path: Path
    made_at: int


async def keep_copies(settings: Settings, db: Database, now: Now) -> None:
    """Make backups as often as the settings say, and no oftener where none is noted. Runs until it is cancelled."""
    every, tried = settings.backup_every_hours, None
    unsaid: Copy | None = None
    while every:
        try:
            last = await db.read(last_backup)
        except UNAVAILABLE:  # it may be back at the next look
            last = Backup(now(), now(), 0)
        rested = tried is None or not 0 <= now() - tried < RETRY_MS
        if rested and is_due(last, every, now()):
            tried = now()
            if unsaid is None or is_due(Backup(unsaid.made_at, tried, 0), every, tried):
                unsaid = await _make_one(settings, tried)
            else:
                unsaid = await _say_again(unsaid)
        await asyncio.sleep(LOOK_S)


async def _make_one(settings: Settings, now: int) -> Copy | None:
    """Make a backup; gives it where it is verified and could not be reported."""
    log, path = structlog.get_logger(), None
    try:
        with next_copy(settings, now) as path:
            await _in_child("backup", str(path))
            log.info("backup verified", file=str(path))
    except (Stop, OSError) as error:
        if path is not None and path.exists():
            log.error("a verified backup was not noted", file=str(path), advice=str(error))
            return Copy(path, now)
        log.error("no backup was made", advice=str(error))
    return None


async def _say_again(copy: Copy) -> Copy | None:
    """Read a backup once more and report it: what is told has to be so now."""
    log = structlog.get_logger()
    try:
        await _in_child("verify", "--report", str(copy.path))
    except (Stop, OSError) as error:
        log.error("a verified backup was not noted", file=str(copy.path), advice=str(error))
        return copy if copy.path.exists() else None
    log.info("backup verified", file=str(copy.path))
    return None


async def _in_child(*command: str) -> None:
    """Run a command on a backup at low priority; it reports to this server. Raises Stop with what it said."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", *command),
        env=environ,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await child.communicate()
    except asyncio.CancelledError:
        child.kill()
        raise
    if child.returncode:
        raise Stop(
            said.decode(errors="replace").strip().rpartition("\n")[2] or f"it ended with {child.returncode}"
        )

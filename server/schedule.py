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

    Raises Stop where another process is making one; when the block fails, all older ones stay.
    """
    folder = settings.backups
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Stop(f"A backup is being made in {folder} already.") from None
        _sweep(folder)
        yield folder / f"virtaamo-{_number(folder) + 1:06}-{when(now)}.backup"
        for old in sorted(folder.glob(PATTERN), key=lambda old: (_number_of(old), old.name))[
            : -settings.backup_keep
        ]:
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


async def keep_copies(settings: Settings, db: Database, now: Now) -> None:
    """Make backups as often as the settings say. Runs until it is cancelled."""
    tried: int | None = None
    while settings.backup_every_hours:
        try:
            last = await db.read(last_backup)
        except UNAVAILABLE:  # it may be back at the next look
            last = Backup(now(), now(), 0)
        rested = tried is None or not 0 <= now() - tried < RETRY_MS
        if rested and is_due(last, settings.backup_every_hours, now()):
            tried = now()
            await _make_one(settings, tried)
        await asyncio.sleep(LOOK_S)


async def _make_one(settings: Settings, now: int) -> None:
    log = structlog.get_logger()
    try:
        with next_copy(settings, now) as path:
            await _in_child(path)
            log.info("backup verified", file=str(path))
    except (Stop, OSError) as error:
        log.error("no backup was made", advice=str(error))


async def _in_child(path: Path) -> None:
    """Run `virtaamo backup PATH` at low priority; it reports to this server. Raises Stop with what it said."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "backup", str(path)),
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

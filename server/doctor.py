"""What `virtaamo doctor` looks at; one line each, with what to do."""

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from server.refusals import Stop
from server.schema import version_of, versions
from server.settings import Settings

WAL_RESET_FIXED = (3, 51, 3)
WAL_RESET_BACKPORTS = {3_050: 7, 3_044: 6}  # major and minor: the patch that has the fix
FREE_BYTES = 500_000_000
CLOCK_FLOOR_MS = 1_760_000_000_000
DAY_MS = 86_400_000


class Finding(Struct, frozen=True):
    """Something that was looked at: `mark` is ok, warn or FAIL."""

    mark: str
    text: str


def examine(settings: Settings, now: int) -> list[Finding]:
    """Look at everything, worst last for nobody: the order is always the same."""
    return [
        _sqlite(),
        _folder(settings.data),
        _space(settings.data),
        _schema(settings),
        _clock(settings, now),
        _url(settings),
    ]


def wal_reset_warning(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    """What to say of an SQLite with the WAL-reset bug (sqlite.org/wal.html); nothing for the others.

    >>> wal_reset_warning((3, 51, 3)), wal_reset_warning((3, 50, 7)), wal_reset_warning((3, 6, 0))
    ('', '', '')
    """
    fixed = version >= WAL_RESET_FIXED or version[2] >= WAL_RESET_BACKPORTS.get(
        version[0] * 1_000 + version[1], 1_000
    )
    if fixed or version < (3, 7, 0):
        return ""
    name = ".".join(map(str, version))
    return f"SQLite {name} has the WAL-reset bug, which may damage the file: use 3.51.3 or later."


def _sqlite() -> Finding:
    warning = wal_reset_warning()
    return Finding("warn", warning) if warning else Finding("ok", f"SQLite {sqlite3.sqlite_version}.")


def _folder(folder: Path) -> Finding:
    if not folder.is_dir():
        return Finding(
            "FAIL", f"There is no data folder {folder}: run `virtaamo init`, or set VIRTAAMO_DATA."
        )
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError:
        return Finding(
            "FAIL", f"The data folder {folder} can't be written: change its owner or set VIRTAAMO_DATA."
        )
    if os.stat(folder).st_mode & 0o007:
        return Finding(
            "warn", f"Everybody on this machine may look into {folder}: run `chmod o-rwx {folder}`."
        )
    return Finding("ok", f"The data folder {folder} can be written.")


def _space(folder: Path) -> Finding:
    place = folder if folder.is_dir() else Path.cwd()
    free = shutil.disk_usage(place).free
    text = f"{free // 1_000_000} MB are free on the disk"
    return Finding("ok", f"{text}.") if free > FREE_BYTES else Finding("warn", f"{text}: make room.")


def _schema(settings: Settings) -> Finding:
    try:
        held = version_of(settings.stored_in)
    except Stop as unreadable:
        return Finding("FAIL", str(unreadable))
    if held is None:
        return Finding("FAIL", "There is no database yet: run `virtaamo init`.")
    if held not in versions():
        return Finding(
            "FAIL", f"The database has version {held}, newer than this program: update the program."
        )
    if held != versions()[-1]:
        return Finding(
            "warn", f"The database has version {held} of {versions()[-1]}: `virtaamo migrate`, or just start."
        )
    return Finding("ok", f"The database has the current version, {held}.")


def _clock(settings: Settings, now: int) -> Finding:
    file = settings.database_file
    changed = int(file.stat().st_mtime * 1000) if file.exists() else 0
    if now < CLOCK_FLOOR_MS:
        return Finding("FAIL", "The clock is years behind: set it, and keep it set with NTP.")
    if changed > now + DAY_MS:
        return Finding(
            "FAIL", "The database was written in the future: set the clock, and keep it set with NTP."
        )
    return Finding("ok", "The clock looks right.")


def _url(settings: Settings) -> Finding:
    if not settings.url:
        return Finding("warn", "VIRTAAMO_URL is not set: links work on this machine alone.")
    parts = urlsplit(settings.url)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        return Finding("FAIL", f"{settings.url} is not https: browsers keep nothing offline without TLS.")
    return Finding("ok", f"Links carry {settings.public_url}.")

"""What `virtaamo doctor` looks at; one line each, with what to do."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from server import backup_key, keyring
from server.addresses import LOOPBACK
from server.app import SECRET_FILE
from server.archive import PUSH_KEY
from server.checkup import Finding, Seen, ask_database, certificate, of_database
from server.oidc import Asked, Provider
from server.refusals import Refused, Stop
from server.schema import version_of, versions
from server.settings import Settings
from server.store.people import DAY_MS

WAL_RESET_FIXED = (3, 51, 3)
WAL_RESET_BACKPORTS = {3_050: 7, 3_044: 6}  # major and minor: the patch that has the fix
FREE_BYTES = 500_000_000
CLOCK_FLOOR_MS = 1_760_000_000_000
APART_MS = 60_000
MARKS = ("ok", "warn", "FAIL")


def examine(settings: Settings, now: int) -> list[Finding]:
    """Look at everything; the order is always the same."""
    schema = _schema(settings)
    seen = ask_database(settings) if schema.mark == "ok" else None
    return [
        *([] if settings.database else [_sqlite()]),
        _folder(settings.data),
        _rights(settings),
        _key_of_backups(settings.data),
        *([_backups(settings.backups)] if settings.backup_every_hours else []),
        *(_space(folder) for folder in _folders(settings)),
        schema,
        *(of_database(settings, seen, now) if isinstance(seen, Seen) else []),
        *([seen] if isinstance(seen, Finding) else []),
        _clock(settings, now, seen.told.ahead_ms if isinstance(seen, Seen) else 0),
        _url(settings),
        *([certificate(settings.public_url, now)] if settings.url else []),
        _proxies(settings),
        _sign_in(settings, now),
    ]


def worst(findings: list[Finding]) -> int:
    """0 where all is well, 1 where something wants a person's eye, 2 where something fails: as Nagios counts.

    >>> worst([Finding("ok", ""), Finding("FAIL", ""), Finding("warn", "")])
    2
    """
    return max((MARKS.index(finding.mark) for finding in findings), default=0)


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
    if not _can_be_written(folder):
        return Finding(
            "FAIL", f"The data folder {folder} can't be written: change its owner or set VIRTAAMO_DATA."
        )
    if os.stat(folder).st_mode & 0o007:
        return Finding(
            "warn", f"Everybody on this machine may look into {folder}: run `chmod o-rwx {folder}`."
        )
    return Finding("ok", f"The data folder {folder} can be written.")


def _can_be_written(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError:
        return False
    return True


def _rights(settings: Settings) -> Finding:
    """Whoever reads the secret or a backup has everything; a file of another owner stops the server."""
    data = settings.data
    private = [
        (path, 0o600)
        for path in (
            data / SECRET_FILE,
            data / PUSH_KEY,
            data / backup_key.FILE,
            *keyring.files(data),
            *settings.backups.glob("*.backup"),
        )
    ]
    if settings.metrics_token or settings.database or settings.oidc_secret:
        private.append((settings.file, 0o640))
    for path, mode in private:
        if path.is_file() and path.stat().st_mode & 0o777 & ~mode:
            return Finding("FAIL", f"Others than its owner may read {path}: run `chmod {mode:o} {path}`.")
    if not data.is_dir():
        return Finding("warn", "There are no files whose rights could be looked at.")
    owner = data.stat().st_uid
    strange = [path for path in data.iterdir() if path.stat().st_uid != owner]
    if strange:
        return Finding(
            "warn", f"{strange[0]} has another owner than {data}: run `chown` to give it the same."
        )
    if owner != os.geteuid():
        return Finding("warn", f"{data} is not this user's: run commands as its owner, by `sudo -u`.")
    return Finding("ok", "Secret and backups are their owner's alone.")


def _key_of_backups(data: Path) -> Finding:
    """A backup whose key is lost is no backup (D-49)."""
    file, kept = data / backup_key.FILE, data / backup_key.KEPT
    if not file.exists():
        if kept.exists():
            return Finding("FAIL", f"{file} is gone, and no backup is made: put it back from its copy.")
        return Finding("warn", "There is no key for backups yet: run `virtaamo backup-key`, which makes one.")
    try:
        backup_key.read(file)
    except (Stop, OSError):
        return Finding("FAIL", f"{file} holds no key, and no backup is made: put it back from its copy.")
    if not backup_key.is_kept(data):
        return Finding(
            "warn",
            f"Backups open with {file} alone: keep a copy elsewhere, then run `virtaamo backup-key --kept`.",
        )
    return Finding("ok", "Somebody keeps a copy of the key that opens the backups.")


def _backups(folder: Path) -> Finding:
    """Where the server makes a backup by itself; it makes the folder too."""
    place = _nearest(folder)
    if _can_be_written(place):
        return Finding("ok", f"Backups can be written to {folder}.")
    return Finding(
        "FAIL",
        f"Backups can't be written to {folder}: change the owner of {place} or VIRTAAMO_BACKUP_FOLDER.",
    )


def _folders(settings: Settings) -> list[Path]:
    elsewhere = settings.backups if settings.backups.parent != settings.data else None
    return [settings.data, *([elsewhere] if elsewhere else [])]


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(_nearest(folder)).free
    text = f"{free // 1_000_000} MB are free on the disk of {folder}"
    return Finding("ok", f"{text}.") if free > FREE_BYTES else Finding("warn", f"{text}: make room.")


def _nearest(folder: Path) -> Path:
    """The folder, or what there is above it."""
    return next((place for place in (folder, *folder.absolute().parents) if os.path.exists(place)), Path("/"))


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


def _clock(settings: Settings, now: int, ahead_ms: int) -> Finding:
    """Whether this machine's clock may be believed; `ahead_ms` is what PostgreSQL's says more."""
    file = settings.database_file
    changed = int(file.stat().st_mtime * 1000) if file.exists() else 0
    if now < CLOCK_FLOOR_MS:
        return Finding("FAIL", "The clock is years behind: set it, and keep it set with NTP.")
    if changed > now + DAY_MS:
        return Finding(
            "FAIL", "The database was written in the future: set the clock, and keep it set with NTP."
        )
    if abs(ahead_ms) > APART_MS:
        return Finding(
            "FAIL" if abs(ahead_ms) > DAY_MS else "warn",
            f"PostgreSQL's clock and this one are {abs(ahead_ms) // 1000} seconds apart: keep both set with NTP.",
        )
    return Finding("ok", "The clock looks right.")


def _url(settings: Settings) -> Finding:
    if not settings.url:
        return Finding("warn", "VIRTAAMO_URL is not set: links work on this machine alone.")
    parts = urlsplit(settings.url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        return Finding("FAIL", f"{settings.url} is not https: browsers keep nothing offline without TLS.")
    return Finding("ok", f"Links carry {settings.public_url}, and only its pages may write.")


def _sign_in(settings: Settings, now: int) -> Finding:
    issuer = settings.oidc_issuer
    if not issuer:
        return Finding("ok", "People sign in here; organisation sign-in is off.")
    try:
        asyncio.run(Provider(settings, lambda: now).address("doctor", Asked("doctor", "doctor")))
    except Refused:
        return Finding(
            "FAIL", f"{issuer} doesn't answer as a provider: compare VIRTAAMO_OIDC_ISSUER with its page."
        )
    return Finding("ok", f"{issuer} answers as a provider of sign-ins.")


def _proxies(settings: Settings) -> Finding:
    """Who stands between the server and the browsers, and whether its word is taken."""
    is_public = settings.host not in LOOPBACK
    if not settings.url.startswith("https:"):
        return Finding("ok", "No proxy is expected without https.")
    if not settings.proxies:
        return Finding(
            "warn",
            "VIRTAAMO_PROXIES is not set: all callers count as one address. Write the proxy's, as 127.0.0.1.",
        )
    if is_public:
        return Finding(
            "warn",
            f"It listens on {settings.host}: see that only the proxy gets there, or set VIRTAAMO_HOST.",
        )
    return Finding("ok", f"Callers' addresses are taken from {settings.proxies} alone.")

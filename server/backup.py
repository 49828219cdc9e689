"""Backups: made while the server runs, verified, and put back as a new life of the installation (P8)."""

import asyncio
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy2, disk_usage
from tempfile import TemporaryDirectory

from msgspec import Struct, structs

from server import control, keyring
from server.archive import KEYS, PUSH_KEY, SECRET, Manifest, give_name, read_through, sync_folder, writing
from server.dumps import FILE, Dump, Facts, Life, PostgresDump, SqliteDump
from server.photos import Photos
from server.refusals import Stop
from server.schema import versions
from server.settings import Settings
from server.store.backups import Backup

SCRATCH = ".virtaamo-"
FILES = "files"
OURS = (FILE, f"{FILE}-wal", f"{FILE}-shm", SECRET, PUSH_KEY, KEYS, FILES)
BESIDE = (SECRET, PUSH_KEY, KEYS, FILES)  # what lies in the folder whatever the database
DUMPS: Mapping[str, Dump] = {dump.member: dump for dump in (SqliteDump(), PostgresDump())}
PHOTO = re.compile("[0-9a-f]{64}")
EPOCH_BYTES = 8
SPARE_BYTES = 50_000_000  # what a backup leaves to others


class Checked(Struct):
    """A backup that holds what it should: `bytes` is its size, `awaited` how many photos had not arrived."""

    file: str
    made_at: int
    bytes: int
    version: str
    spaces: int
    cards: int
    changes: int
    photos: int
    awaited: int
    keys: list[str] = []  # names of the server's keys whose private halves it holds


def make(settings: Settings, to: Path, now: int, replace: bool = False) -> tuple[Checked, Facts]:
    """Make a backup of all that must be kept; it is verified before it has its name. Raises Stop; no file then."""
    if not to.parent.is_dir():
        raise Stop(f"There is no folder {to.parent}: make it, or name another file.")
    if to.exists() and not replace:
        raise Stop(f"{to} exists: name another file, or say --replace.")
    _check_room(settings, to.parent)
    part = to.with_name(f"{to.name}.part")
    with _plainly("No backup was made"):
        try:
            _write(settings, part, now)
            checked, facts = verify(part)
            give_name(part, to, replace)
        finally:
            part.unlink(missing_ok=True)
    return structs.replace(checked, file=str(to)), facts


@contextmanager
def _plainly(what: str) -> Iterator[None]:
    """A full disk or a lost database becomes one sentence."""
    try:
        yield
    except PermissionError:
        raise
    except (sqlite3.Error, OSError) as error:
        raise Stop(f"{what}: {error}.") from None


def _write(settings: Settings, part: Path, now: int) -> None:
    dump = _dump_for(settings)
    with TemporaryDirectory(prefix=SCRATCH, dir=part.parent) as scratch:
        copied = Path(scratch) / dump.member
        dump.copy(settings.stored_in, copied)
        facts = dump.facts(copied)
        with writing(part, now) as archive:
            archive.add(dump.member, copied)
            for name in (SECRET, PUSH_KEY):
                if (settings.data / name).exists():
                    archive.add(name, settings.data / name)
            for file in keyring.files(settings.data):
                archive.add(f"{KEYS}/{file.name}", file)
            there = set()
            for sha, content in _photos(settings, facts):
                archive.add_bytes(f"{FILES}/{sha[:2]}/{sha}", content)
                there.add(sha)
            archive.finish(facts.version, [sha for sha in facts.photos if sha not in there])


def verify(path: Path) -> tuple[Checked, Facts]:
    """Read all of a backup and look at its database. Raises Stop with everything that is wrong."""
    folder = path.parent if os.access(path.parent, os.W_OK) else None
    with TemporaryDirectory(prefix=SCRATCH, dir=folder) as scratch:
        manifest = read_through(path, lambda name: Path(scratch) / name if name in DUMPS else None)
        return _look(path, manifest, Path(scratch))


def restore(settings: Settings, path: Path, draw: Callable[[int], bytes], replace: bool = False) -> Checked:
    """Put a backup back, as a new epoch. Raises Stop, and DataInUse while a server runs.

    What is there already is kept aside with `replace`, in a folder or schema named before; without it, it is refused.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    dump = _dump_for(settings)
    with (
        control.hold(settings.data),
        _plainly("Nothing was restored"),
        TemporaryDirectory(prefix=SCRATCH, dir=settings.data) as scratch,
    ):
        old = [settings.data / name for name in OURS if (settings.data / name).exists()]
        if (dump.is_taken(settings.stored_in) or old) and not replace:
            raise Stop(f"{settings.data} holds an installation: say --replace, which keeps it aside.")
        staged = Path(scratch)
        manifest = read_through(path, lambda name: staged / name)
        if not (staged / dump.member).exists():
            raise Stop(f"{path} is of another sort of database: set VIRTAAMO_DATABASE as it was there.")
        checked, _ = _look(path, manifest, staged)
        life = Life(draw(EPOCH_BYTES), Backup(manifest.made_at, manifest.made_at, checked.bytes))
        dump.prepare(staged / dump.member, life)
        with control.unfinished(settings.data):  # until the end there is no installation that could be served
            aside = _free_name(settings.data)
            try:
                _put_aside(aside, old)
                for name in BESIDE:
                    if (staged / name).exists():
                        (staged / name).rename(settings.data / name)
                _take_along(settings.data, aside)
                dump.put_back(staged / dump.member, settings.stored_in, life)
            except Exception:
                _take_back(settings.data, aside, staged)
                raise
            sync_folder(settings.data)
    if settings.files:
        asyncio.run(_send_photos(settings))
    return checked


def when(at: int) -> str:
    """A moment as files and people have it.

    >>> when(1_795_000_000_000)
    '2026-11-18T110640Z'
    """
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H%M%SZ")


def _dump_for(settings: Settings) -> Dump:
    return PostgresDump() if settings.database else SqliteDump()


def _look(path: Path, manifest: Manifest, folder: Path) -> tuple[Checked, Facts]:
    """Compare the database with the manifest and with itself."""
    member = next((name for name in DUMPS if name in manifest.members), None)
    if member is None:
        raise Stop(f"{path} has no database: it was made by something else.")
    dump, copied = DUMPS[member], folder / member
    facts = dump.facts(copied)
    if facts.version not in versions():
        raise Stop(f"{path} has version {facts.version}; this program knows versions up to {versions()[-1]}.")
    photos = {name.rpartition("/")[2] for name in manifest.members if name.startswith(FILES)}
    faults = dump.faults(copied)
    faults += [f"photo {sha} is missing" for sha in facts.photos if sha not in photos | {*manifest.awaited}]
    if faults:
        more = f" (and {len(faults) - 5} more faults)" if len(faults) > 5 else ""
        raise Stop(f"{path} can't be relied on: {'; '.join(faults[:5])}{more}.")
    size, made = path.stat().st_size, manifest.made_at
    counts = len(facts.heads), facts.cards, facts.changes, len(photos), len(manifest.awaited)
    keys = [name.rpartition("/")[2] for name in manifest.members if name.startswith(f"{KEYS}/")]
    return Checked(str(path), made, size, facts.version, *counts, sorted(keys)), facts


def _check_room(settings: Settings, folder: Path) -> None:
    """A backup must not fill the disk that the server writes to."""
    database = _dump_for(settings).size(settings.stored_in)
    photos = sum(file.stat().st_size for file in (settings.data / FILES).glob("??/*"))
    needed, free = 2 * database + photos + SPARE_BYTES, disk_usage(folder).free
    if free < needed:
        raise Stop(
            f"{folder} has {free >> 20} MB free and needs {needed >> 20} MB: make room, or name another."
        )


def _photos(settings: Settings, facts: Facts) -> Iterator[tuple[str, bytes]]:
    """Every photo that lies in the folder, named by a card already or not; elsewhere those that cards name."""
    if settings.files:
        photos = Photos(settings.data / FILES, settings.files)
        for sha in facts.photos:
            content = asyncio.run(photos.photo(sha))
            if content is not None:
                yield sha, content
        return
    for file in sorted((settings.data / FILES).glob("??/*")):
        if PHOTO.fullmatch(file.name):
            yield file.name, file.read_bytes()


async def _send_photos(settings: Settings) -> None:
    """Where photos lie elsewhere, those of the backup go there; they stay in the data folder too."""
    photos = Photos(settings.data / FILES, settings.files)
    for file in (settings.data / FILES).glob("??/*"):
        await photos.keep(file.name, file.read_bytes())


def _free_name(data: Path) -> Path:
    number = 1
    while (aside := data / f"before-{number}").exists():
        number += 1
    return aside


def _put_aside(aside: Path, old: list[Path]) -> None:
    if old:
        aside.mkdir(mode=0o700)
        for path in old:
            path.rename(aside / path.name)
        sync_folder(aside)


def _take_along(data: Path, aside: Path) -> None:
    """Photos and keys that came after the backup stay: the words that need them come back from the devices."""
    for old in (*(aside / FILES).glob("??/*"), *keyring.files(aside)):
        kept = data / old.relative_to(aside)
        if not kept.exists():
            kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            copy2(old, kept)


def _take_back(data: Path, aside: Path, unused: Path) -> None:
    """All is as it was."""
    for name in BESIDE:
        if (data / name).exists():
            (data / name).rename(unused / name)
    for path in aside.glob("*"):
        path.rename(data / path.name)
    if aside.exists():
        aside.rmdir()

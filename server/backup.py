"""Backups: made while the server runs, verified, and put back as a new life of the installation (P8)."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy2, disk_usage

from msgspec import Struct, structs

from server import backup_key, control, keyring, scratch
from server.archive import (
    KEYS,
    PUSH_KEY,
    SECRET,
    Manifest,
    give_name,
    is_encrypted,
    read_through,
    sync_folder,
    writing,
)
from server.dumps import FILE, Dump, Facts, Life, PostgresDump, SqliteDump
from server.photos import Photos
from server.refusals import Stop
from server.schema import versions
from server.settings import Settings
from server.store.backups import Backup

FILES = "files"
OURS = (FILE, f"{FILE}-wal", f"{FILE}-shm", SECRET, PUSH_KEY, KEYS, FILES)
BESIDE = (SECRET, PUSH_KEY, KEYS, FILES)  # what lies in the folder whatever the database
DUMPS: Mapping[str, Dump] = {dump.member: dump for dump in (SqliteDump(), PostgresDump())}
PHOTO = re.compile("[0-9a-f]{64}")
EPOCH_BYTES = 8
SPARE_BYTES = 50_000_000  # what a backup leaves to others


class Source(Struct):
    """The file of a backup, and the file of its key where that isn't the one of the data folder."""

    file: Path
    key: Path | None = None


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
    is_encrypted: bool = True  # those of older versions are not


def make(settings: Settings, to: Path, now: int, replace: bool = False) -> tuple[Checked, Facts]:
    """Make a backup of all that must be kept; it is verified before it has its name. Raises Stop; no file then."""
    if not to.parent.is_dir():
        raise Stop(f"There is no folder {to.parent}: make it, or name another file.")
    if to.exists() and not replace:
        raise Stop(f"{to} exists: name another file, or say --replace.")
    _check_room(settings, to.parent)
    public = backup_key.ready(settings.data)
    part = to.with_name(f"{to.name}.part")
    with _plainly("No backup was made"):
        try:
            _write(settings, part, now, public)
            checked, facts = verify(settings, Source(part))
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


def _write(settings: Settings, part: Path, now: int, public: str) -> None:
    dump = dump_for(settings)
    with scratch.room(settings.data) as room:
        copied = room / dump.member
        copied.touch(0o600)  # in the clear, and nobody else's meanwhile
        dump.copy(settings.stored_in, copied)
        facts = dump.facts(copied)
        with writing(part, now, public) as archive:
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


def verify(settings: Settings, source: Source) -> tuple[Checked, Facts]:
    """Read all of a backup and look at its database. Raises Stop with everything that is wrong."""
    with _plainly(f"{source.file} was not verified"), scratch.room(settings.data) as room:
        secret = _secret_for(settings, source)
        manifest = read_through(source.file, secret, lambda name: room / name if name in DUMPS else None)
        return _look(source.file, manifest, room)


def restore(
    settings: Settings, source: Source, draw: Callable[[int], bytes], replace: bool = False
) -> Checked:
    """Put a backup back, as a new epoch. Raises Stop, and DataInUse while a server runs.

    What is there already is kept aside with `replace`, in a folder or schema named before; without it, it is refused.
    The key that opened the backup is the one of this machine from then on.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    dump, path = dump_for(settings), source.file
    with control.hold(settings.data), _plainly("Nothing was restored"), scratch.room(settings.data) as staged:
        old = [settings.data / name for name in OURS if (settings.data / name).exists()]
        if (dump.is_taken(settings.stored_in) or old) and not replace:
            raise Stop(f"{settings.data} holds an installation: say --replace, which keeps it aside.")
        secret = _secret_for(settings, source)
        manifest = read_through(path, secret, lambda name: staged / name)
        if not (staged / dump.member).exists():
            raise Stop(f"{path} is of another sort of database: set VIRTAAMO_DATABASE as it was there.")
        checked, _ = _look(path, manifest, staged)
        life = Life(draw(EPOCH_BYTES), Backup(manifest.made_at, manifest.made_at, checked.bytes))
        dump.prepare(staged / dump.member, life)
        if secret:
            backup_key.write(staged / backup_key.FILE, secret)
        with control.unfinished(settings.data):  # until the end there is no installation that could be served
            _exchange(settings, staged, old, life)
    if settings.files:
        with _plainly(
            "All was restored but the photos, which lie in the data folder: send them, or restore again"
        ):
            asyncio.run(_send_photos(settings))
    return checked


def _exchange(settings: Settings, staged: Path, old: list[Path], life: Life) -> None:
    """Put aside what is there, and what is staged in its place; all is as it was where that fails."""
    data, dump = settings.data, dump_for(settings)
    aside, key = _free_name(data), staged / backup_key.FILE
    try:
        _put_aside(aside, old)
        if key.exists() and (data / key.name).exists():
            aside.mkdir(mode=0o700, exist_ok=True)
            copy2(data / key.name, aside / key.name)
        for name in BESIDE:
            if (staged / name).exists():
                (staged / name).rename(data / name)
        _take_along(data, aside)
        dump.put_back(staged / dump.member, settings.stored_in, life)
        if key.exists():  # never moved: a restore that was killed finds one of the two when it is run again
            key.replace(data / key.name)
    except Exception:
        _take_back(data, aside, staged, old)
        raise
    sync_folder(data)


def _secret_for(settings: Settings, source: Source) -> str:
    file = source.key or settings.data / backup_key.FILE
    return backup_key.read(file) if is_encrypted(source.file) else ""


def when(at: int) -> str:
    """A moment as files and people have it.

    >>> when(1_795_000_000_000)
    '2026-11-18T110640Z'
    """
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H%M%SZ")


def dump_for(settings: Settings) -> Dump:
    """How the database of this installation is dumped and put back."""
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
    return Checked(str(path), made, size, facts.version, *counts, sorted(keys), is_encrypted(path)), facts


def _check_room(settings: Settings, folder: Path) -> None:
    """A backup must not fill the disk that the server writes to, nor the one that it goes to."""
    data, database = settings.data, dump_for(settings).size(settings.stored_in)
    photos = sum(file.stat().st_size for file in (data / FILES).glob("??/*"))
    is_one_disk = data.stat().st_dev == folder.stat().st_dev
    needs = {folder: database + photos + (database if is_one_disk else 0)}
    if not is_one_disk:
        needs[data] = database
    for place, needed in needs.items():
        if (free := disk_usage(place).free) < needed + SPARE_BYTES:
            more = (needed + SPARE_BYTES) >> 20
            raise Stop(f"{place} has {free >> 20} MB free and needs {more} MB: make room, or name another.")


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


def _take_back(data: Path, aside: Path, unused: Path, old: list[Path]) -> None:
    """All is as it was; what was not moved yet stays."""
    for name in BESIDE:
        if (data / name).exists() and ((aside / name).exists() or data / name not in old):
            (data / name).rename(unused / name)
    for path in aside.glob("*"):
        path.rename(data / path.name)
    if aside.exists():
        aside.rmdir()

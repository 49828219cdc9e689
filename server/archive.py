"""The file of a backup: a tar whose last member, the manifest, says what every other one must be. Knows no database.

The tar is encrypted as it is written (age.py), and was in the clear in older versions. It is written to FILE.part and
takes its name once it is verified on the disk: there is no half file of that name, and a cut one has no manifest.
"""

import os
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import IO

import msgspec
from msgspec import Struct

from server import age
from server.refusals import Stop

FORMAT = 1
MANIFEST = "manifest.json"
SECRET = "secret"
KEYS = "keys"
PUSH_KEY = "vapid"
MEMBER = re.compile(
    r"manifest\.json|secret|vapid|keys/[0-9a-f]{16}|virtaamo\.db|virtaamo\.dump|files/[0-9a-f]{2}/[0-9a-f]{64}"
)
CHUNK = 1 << 20
MAX_MANIFEST_BYTES = 1 << 30


class Manifest(Struct):
    """What a backup holds: members by name with their SHA-256, and photos that had not arrived when it was made."""

    format: int
    made_at: int  # when the database was copied, milliseconds UTC
    version: str  # of the database
    members: dict[str, str]
    awaited: list[str]


class Sums:
    """A file that is read through, and its SHA-256 so far."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._sum = file, sha256()

    def read(self, size: int = CHUNK) -> bytes:
        """The next bytes."""
        part = self._file.read(size)
        self._sum.update(part)
        return part

    def hex(self) -> str:
        """The SHA-256 of all that was read."""
        return self._sum.hexdigest()


class Writer:
    """Adds members to a backup that is being made."""

    def __init__(self, tar: tarfile.TarFile, made_at: int) -> None:
        self._tar, self._made_at = tar, made_at
        self.members: dict[str, str] = {}

    def add(self, name: str, file: Path) -> None:
        """Add a file."""
        with file.open("rb") as source:
            self._add(name, source, os.fstat(source.fileno()).st_size)

    def add_bytes(self, name: str, content: bytes) -> None:
        """Add what is in memory."""
        self._add(name, BytesIO(content), len(content))

    def finish(self, version: str, awaited: list[str]) -> Manifest:
        """Add the manifest: nothing comes after it."""
        manifest = Manifest(FORMAT, self._made_at, version, dict(self.members), awaited)
        self.add_bytes(MANIFEST, msgspec.json.encode(manifest))
        return manifest

    def _add(self, name: str, source: IO[bytes], size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, self._made_at // 1000
        summed = Sums(source)
        self._tar.addfile(member, summed)
        self.members[name] = summed.hex()


@contextmanager
def writing(part: Path, made_at: int, public: str) -> Iterator[Writer]:
    """A new backup that the key with this public half opens, on the disk when the block ends."""
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb", CHUNK) as file:
        with (
            age.encrypting(file, public) as plain,
            tarfile.open(fileobj=plain, mode="w|", bufsize=CHUNK, format=tarfile.PAX_FORMAT) as tar,
        ):
            yield Writer(tar, made_at)
        file.flush()
        os.fsync(file.fileno())


def give_name(part: Path, path: Path, replace: bool) -> None:
    """Give a finished file its name; without `replace` never over another one. Raises Stop."""
    if replace:
        part.replace(path)
    else:
        try:
            os.link(part, path)
        except FileExistsError:
            raise Stop(f"{path} exists: name another file, or say --replace.") from None
        except OSError:  # a file system without links
            part.replace(path)
    sync_folder(path.parent)


def read_through(path: Path, secret: str, wanted: Callable[[str], Path | None]) -> Manifest:
    """Read a whole backup and check every byte; members for which `wanted` names a path are written there.

    `secret` opens it; one in the clear needs none. Raises Stop with what is wrong.
    """
    found: dict[str, str] = {}
    try:
        with _opened(path, secret) as plain:
            manifest = _read_members(path, plain, wanted, found)
            while plain.read(CHUNK):  # the last piece too has to be what was written
                pass
    except age.WrongKey:
        raise Stop(
            f"{path} doesn't open with this key, or was changed: name its own with --key FILE."
        ) from None
    except (age.Damaged, tarfile.TarError, msgspec.DecodeError, EOFError, ValueError):
        raise Stop(f"{path} is no whole backup: it was cut or changed.") from None
    if manifest is None:
        raise Stop(f"{path} is no whole backup: its end is missing.")
    _compare(path, manifest, found)
    return manifest


def is_encrypted(path: Path) -> bool:
    """Whether it needs a key, as all do but those of older versions. Raises Stop."""
    try:
        return age.is_encrypted(path)
    except FileNotFoundError:
        raise Stop(f"There is no file {path}.") from None


@contextmanager
def _opened(path: Path, secret: str) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        if not age.is_encrypted(path):
            yield file
            return
        with age.decrypting(file, secret) as plain:
            yield plain


def _read_members(
    path: Path, plain: IO[bytes], wanted: Callable[[str], Path | None], found: dict[str, str]
) -> Manifest | None:
    manifest = None
    with tarfile.open(fileobj=plain, mode="r|", bufsize=CHUNK) as tar:
        for member in tar:
            if manifest is not None or not member.isreg() or not MEMBER.fullmatch(member.name):
                raise Stop(
                    f"{path} holds {member.name!r}, which no backup does: it was made by something else."
                )
            source = tar.extractfile(member)
            if source is None:
                raise tarfile.ReadError
            if member.name == MANIFEST:
                manifest = msgspec.json.decode(source.read(MAX_MANIFEST_BYTES), type=Manifest)
            else:
                found[member.name] = _pass_on(source, wanted(member.name))
    return manifest


def _pass_on(source: IO[bytes], to: Path | None) -> str:
    summed = Sums(source)
    if to is None:
        while summed.read():
            pass
        return summed.hex()
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while part := summed.read():
            target.write(part)
        target.flush()
        os.fsync(target.fileno())
    return summed.hex()


def _compare(path: Path, manifest: Manifest, found: Mapping[str, str]) -> None:
    if manifest.format != FORMAT:
        raise Stop(f"{path} has the format {manifest.format}, which a newer version made: use that one.")
    differing = sorted(n for n in manifest.members.keys() | found if manifest.members.get(n) != found.get(n))
    wrong = [n for n, sum_ in found.items() if n.startswith("files/") and n.rpartition("/")[2] != sum_]
    if differing or wrong:
        raise Stop(f"{path} is damaged: {', '.join((differing + wrong)[:5])} is not what was copied.")


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable."""
    with suppress(OSError):  # a file system that can't
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

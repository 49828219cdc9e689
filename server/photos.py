"""Photos by content, kept as they came; the only import of obstore (docs/devices.md D-79, D-80)."""

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore

from server.refusals import Refused

MAX_PHOTO_BYTES = 1_500_000
MAX_PIXELS = 8_000_000
MAX_SCANS = 32  # a progressive picture has about ten; each is one more pass over all pixels
SOI, EOI, SOS = 0xD8, 0xD9, 0xDA
NAME = re.compile("[0-9a-f]{64}")
ALONE = frozenset({0x01, *range(0xD0, 0xD8)})


class Photos:
    """The photo store: a local folder, or what VIRTAAMO_FILES names (any address that obstore knows)."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder = None if address else folder
        if address:
            with _unavailable():
                self._store: ObjectStore = obstore.store.from_url(address)
        else:
            self._store = LocalStore(prefix=folder, mkdir=True)

    async def keep(self, name: str, photo: bytes) -> None:
        """Store a photo durably under its SHA-256 in hex; refuses what D-79 refuses. OSError where there is no room."""
        await asyncio.to_thread(check_photo, name, photo)
        with _unavailable():
            await obstore.put_async(self._store, _path(name), photo)
        if self._folder is not None:
            await asyncio.to_thread(_make_durable, self._folder / _path(name))

    async def photo(self, name: str) -> bytes | None:
        """The bytes of a photo, or nothing when it has not arrived."""
        try:
            with _unavailable():
                found = await obstore.get_async(self._store, _path(name))
                return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None

    async def names(self, prefix: str, before: int) -> list[str]:
        """The photos whose names begin with these two digits and that came before a time, in milliseconds."""
        found: list[str] = []
        async for some in obstore.list(self._store, prefix=f"{prefix}/"):
            found += [
                str(one["path"]).rpartition("/")[2]
                for one in some
                if one["last_modified"].timestamp() * 1000 < before
            ]
        return [name for name in found if NAME.fullmatch(name)]

    async def drop(self, name: str) -> None:
        """Remove a photo, if it is there."""
        with suppress(NotFoundError, FileNotFoundError):
            await obstore.delete_async(self._store, _path(name))


def check_photo(name: str, photo: bytes) -> None:
    """Refuse what is not the JPEG it claims to be: other name, metadata, trailing bytes, too many pixels."""
    if len(photo) > MAX_PHOTO_BYTES:
        raise Refused("too_large")
    if sha256(photo).hexdigest() != name or not has_plain_segments(photo) or not _decodes(photo):
        raise Refused("bad_image")


def has_plain_segments(photo: bytes) -> bool:
    """Whether a JPEG has few scans, no APPn or COM segments but JFIF and ICC, and ends with its end marker."""
    if photo[:2] != bytes((0xFF, SOI)):
        return False
    at, scans = 2, 0
    while at + 4 <= len(photo) and scans <= MAX_SCANS:
        if photo[at] != 0xFF:
            return False
        marker = photo[at + 1]
        if marker in ALONE:
            at += 2
            continue
        length = int.from_bytes(photo[at + 2 : at + 4], "big")
        if length < 2 or not _may_stand(marker, photo[at + 4 : at + 2 + length]):
            return False
        at += 2 + length
        if marker == SOS:
            scans += 1
            at = _end_of_scan(photo, at)
    return photo[at:] == bytes((0xFF, EOI))


def _may_stand(marker: int, content: bytes) -> bool:
    if marker == 0xE0:
        return content.startswith(b"JFIF\0")
    if marker == 0xE2:
        return content.startswith(b"ICC_PROFILE\0")
    return not 0xE0 <= marker <= 0xEF and marker not in (0xFE, SOI, EOI)


def _end_of_scan(photo: bytes, at: int) -> int:
    while (at := photo.find(b"\xff", at)) >= 0:
        following = photo[at + 1 : at + 2]
        if following not in (b"\0", b"\xff") and (not following or following[0] not in ALONE):
            return at
        at += 1 if following == b"\xff" else 2
    return len(photo)


def _decodes(photo: bytes) -> bool:
    from PIL import Image  # slow to import, needed by an upload alone

    try:
        with Image.open(BytesIO(photo), formats=["JPEG"]) as picture:
            if picture.width * picture.height >= MAX_PIXELS:
                return False
            picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True


@contextmanager
def _unavailable() -> Iterator[None]:
    """A full or closed disk, a store out of reach: as the database says it, so that the caller tries again."""
    try:
        yield
    except NotFoundError as error:
        raise FileNotFoundError from error
    except BaseError as error:
        raise OSError("the photo store can't be used") from error


def _make_durable(path: Path) -> None:
    for place in (path, path.parent, path.parent.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _path(name: str) -> str:
    return f"{name[:2]}/{name}"

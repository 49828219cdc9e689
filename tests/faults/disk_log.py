"""Every write and every sync that SQLite makes, in their order: what a power cut at any moment would leave on the disk.

`install` puts a shim under the default VFS of the library that this process uses. `replay` reads what it wrote down.
"""

import ctypes
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

SUFFIXES = (".db", "-wal")
HEAD = struct.Struct("<cBqI")
WRITE, TRUNCATE, SYNC = b"W", b"T", b"S"
SECTOR = 512
NUMBER, PLACE = ctypes.c_int, ctypes.c_int64
VFS_OPEN = ctypes.CFUNCTYPE(
    NUMBER, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, NUMBER, ctypes.c_void_p
)
FILE_WRITE = ctypes.CFUNCTYPE(NUMBER, ctypes.c_void_p, ctypes.c_void_p, NUMBER, PLACE)
FILE_TRUNCATE = ctypes.CFUNCTYPE(NUMBER, ctypes.c_void_p, PLACE)
FILE_SYNC = ctypes.CFUNCTYPE(NUMBER, ctypes.c_void_p, NUMBER)
kept: list[object] = []  # callbacks and tables that C points to


class Vfs(ctypes.Structure):
    """The beginning of `sqlite3_vfs`."""

    _fields_ = [
        ("version", NUMBER),
        ("file_size", NUMBER),
        ("longest_path", NUMBER),
        ("next", ctypes.c_void_p),
        ("name", ctypes.c_char_p),
        ("app", ctypes.c_void_p),
        ("open", VFS_OPEN),
    ]


class Methods(ctypes.Structure):
    """`sqlite3_io_methods`."""

    _fields_ = [
        ("version", NUMBER),
        ("close", ctypes.c_void_p),
        ("read", ctypes.c_void_p),
        ("write", FILE_WRITE),
        ("truncate", FILE_TRUNCATE),
        ("sync", FILE_SYNC),
        ("others", ctypes.c_void_p * 13),
    ]


class File(ctypes.Structure):
    """`sqlite3_file`."""

    _fields_ = [("methods", ctypes.POINTER(Methods))]


def install(log: Path) -> None:
    """From here on every database and write-ahead log that is opened writes its doings into `log` first."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    library = ctypes.CDLL("libsqlite3.so.0")
    library.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
    vfs = library.sqlite3_vfs_find(None).contents
    real = VFS_OPEN(ctypes.cast(vfs.open, ctypes.c_void_p).value)
    tables: dict[int, Methods] = {}

    def open_(this: int, name: int | None, file: int, flags: int, given: int) -> int:
        code = real(this, name, file, flags, given)  # who opens keeps the name's address
        path = ctypes.string_at(name).decode() if name else ""
        which = next((i for i, end in enumerate(SUFFIXES) if path.endswith(end)), None)
        if code == 0 and which is not None:
            opened = ctypes.cast(file, ctypes.POINTER(File)).contents
            table = tables.setdefault(which, _watching(opened.methods.contents, which, out))
            opened.methods = ctypes.pointer(table)
        return code

    vfs.open = VFS_OPEN(open_)
    kept.extend([tables, vfs.open, real, library])


def _watching(methods: Methods, which: int, out: int) -> Methods:
    """A copy of the methods that notes what goes to the disk before it goes."""
    copy = Methods.from_buffer_copy(methods)
    write, truncate, sync = (_own(getattr(methods, name)) for name in ("write", "truncate", "sync"))

    def on_write(file: int, data: int, size: int, offset: int) -> int:
        os.write(out, HEAD.pack(WRITE, which, offset, size) + ctypes.string_at(data, size))
        return write(file, data, size, offset)

    def on_truncate(file: int, size: int) -> int:
        os.write(out, HEAD.pack(TRUNCATE, which, size, 0))
        return truncate(file, size)

    def on_sync(file: int, flags: int) -> int:
        code = sync(file, flags)
        os.write(out, HEAD.pack(SYNC, which, 0, 0))  # only now it holds
        return code

    copy.write, copy.truncate, copy.sync = (
        FILE_WRITE(on_write),
        FILE_TRUNCATE(on_truncate),
        FILE_SYNC(on_sync),
    )
    kept.extend([copy, write, truncate, sync, on_write, on_truncate, on_sync])
    return copy


def _own(function):
    """A pointer of its own to the same function: that in the table is about to be replaced in a copy."""
    return type(function)(ctypes.cast(function, ctypes.c_void_p).value)


class Doing(NamedTuple):
    """One write, truncation or sync of one of the two files; `end` is where it ends in the log."""

    sort: bytes
    which: int
    at: int
    data: bytes
    end: int


def doings(log: Path) -> Iterator[Doing]:
    """What was written down, oldest first."""
    raw, place = log.read_bytes(), 0
    while place + HEAD.size <= len(raw):
        sort, which, at, size = HEAD.unpack_from(raw, place)
        place += HEAD.size + size
        yield Doing(sort, which, at, raw[place - size : place], place)


class Disk:
    """Both files as they surely are on the disk, and what was written since their last sync and may be there or not."""

    def __init__(self, files: tuple[bytes, bytes], keeps_promises: bool = True) -> None:
        self.sure = [bytearray(content) for content in files]
        self.pending: list[list[Doing]] = [[], []]
        self._keeps_promises = keeps_promises

    def do(self, doing: Doing) -> None:
        """One more doing of the program."""
        if doing.sort != SYNC:
            self.pending[doing.which].append(doing)
        elif self._keeps_promises:
            for earlier in self.pending[doing.which]:
                put(self.sure[doing.which], earlier)
            self.pending[doing.which] = []

    def after_cut(self, chance: Random) -> Iterator[tuple[bytes, bytes]]:
        """What a power cut now may leave: nothing since the sync, all of it, some of it, the last write torn."""
        yield self._with([[], []])
        if any(self.pending):
            yield self._with(self.pending)
            yield self._with([[d for d in some if chance.random() < 0.5] for some in self.pending])
            yield self._with([[*some[:-1], *(torn(d, chance) for d in some[-1:])] for some in self.pending])

    def _with(self, pending: list[list[Doing]]) -> tuple[bytes, bytes]:
        files = [bytearray(content) for content in self.sure]
        for content, some in zip(files, pending, strict=True):
            for doing in some:
                put(content, doing)
        return bytes(files[0]), bytes(files[1])


def put(content: bytearray, doing: Doing) -> None:
    """Do it to a file."""
    if doing.sort == TRUNCATE:
        del content[doing.at :]
        return
    if len(content) < doing.at:
        content.extend(bytes(doing.at - len(content)))
    content[doing.at : doing.at + len(doing.data)] = doing.data


def torn(doing: Doing, chance: Random) -> Doing:
    """Only some sectors of a write got through."""
    left = chance.randrange(max(1, len(doing.data) // SECTOR + 1)) * SECTOR
    return doing._replace(data=doing.data[:left])

"""How commands reach the running server: a Unix socket in the data folder; and the lock of who holds it.

One request per connection: 4 bytes of length, then MessagePack `[command, form]`; the answer likewise,
`[error, field, answer]` with an empty error when all went well.
"""

import asyncio
import fcntl
import os
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from server.refusals import Refused, Stop
from server.settings import Settings

SOCKET = "control.sock"
LOCK = "lock"
UNFINISHED = "restoring"
MAX_BYTES = 1_000_000
LONGEST_PATH = 100
TIMEOUT_S = 60

Perform = Callable[[str, bytes], Awaitable[bytes]]


class Request(Struct, array_like=True):
    """A command and its form."""

    command: str
    form: bytes


class Answer(Struct, array_like=True):
    """What came of it: nothing in `error` means that all went well."""

    error: str
    field: str | None
    answer: bytes


class DataInUse(Exception):
    """Another process holds the data folder."""


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Hold the data folder as its only writer; DataInUse where somebody else does."""
    with (folder / LOCK).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataInUse from None
        yield


@contextmanager
def unfinished(folder: Path) -> Iterator[None]:
    """Mark the folder while it is no installation; the mark stays only where the process is killed."""
    mark = folder / UNFINISHED
    mark.touch(mode=0o600)
    try:
        yield
    finally:
        mark.unlink()


def held_alone(settings: Settings) -> AbstractContextManager[None]:
    """Hold the data folder where the database lies in it; PostgreSQL orders its writers by itself.

    Raises Stop in a folder whose restore was killed: whoever made a new installation there would shut everybody out.
    """
    if (settings.data / UNFINISHED).exists():
        raise Stop(
            f"A restore into {settings.data} was cut short: run `virtaamo restore FILE --replace` again."
        )
    return nullcontext() if settings.database else hold(settings.data)


async def listen(folder: Path, perform: Perform) -> asyncio.Server:
    """Serve commands on the folder's socket; only the folder's owner may connect."""

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, ValueError):
            answer = await _answer(await _take(reader), perform)
            writer.write(len(answer).to_bytes(4, "big") + answer)
            await writer.drain()
        writer.close()

    new = f"{SOCKET}.{os.getpid()}"
    with _address(folder, new) as address:
        own_only = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(meet, address)
        finally:
            os.umask(own_only)
    os.replace(folder / new, folder / SOCKET)  # several processes may start at once: the last one answers
    return server


def ask(folder: Path, command: str, form: bytes) -> bytes | None:
    """Ask the running server; nothing where none runs. Raises what it refused."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line, _address(folder) as address:
        line.settimeout(TIMEOUT_S)
        try:
            line.connect(address)
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        try:
            answer = _asked(line, msgspec.msgpack.encode(Request(command, form)))
        except (OSError, msgspec.DecodeError):
            raise Stop("The server did not answer: look at its log, and try again.") from None
    if answer.error:
        raise Refused(answer.error, answer.field)
    return answer.answer


def _asked(line: socket.socket, request: bytes) -> Answer:
    line.sendall(len(request).to_bytes(4, "big") + request)
    with line.makefile("rb") as reader:
        length = int.from_bytes(reader.read(4), "big")
        return msgspec.msgpack.decode(reader.read(length), type=Answer)


async def _take(reader: asyncio.StreamReader) -> bytes:
    length = int.from_bytes(await reader.readexactly(4), "big")
    if length > MAX_BYTES:
        raise ValueError("a request over the limit")
    return await reader.readexactly(length)


async def _answer(raw: bytes, perform: Perform) -> bytes:
    try:
        request = msgspec.msgpack.decode(raw, type=Request)
        return msgspec.msgpack.encode(Answer("", None, await perform(request.command, request.form)))
    except Refused as refusal:
        return msgspec.msgpack.encode(Answer(refusal.code, refusal.field, b""))
    except msgspec.DecodeError:
        return msgspec.msgpack.encode(Answer("bad_request", None, b""))


@contextmanager
def _address(folder: Path, name: str = SOCKET) -> Iterator[str]:
    """The socket's address; a path too long for one is reached through the folder's open handle."""
    path = str(folder / name)
    if len(path.encode()) <= LONGEST_PATH:
        yield path
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{handle}/{name}"
    finally:
        os.close(handle)

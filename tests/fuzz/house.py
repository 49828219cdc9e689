"""The server of the fuzz runs: the real intake, fan-out and routes over a database that can be killed at any statement.

Nothing waits for real: a step hands something in, and `pump` runs the loop until nobody has anything left to do.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack
from typing import TypeVar
from unittest.mock import patch

import brotli
from litestar import Response

from server.fanout import Fanout
from server.intake import Intake
from server.refusals import Refused
from server.routes import sync as routes
from server.snapshots import Snapshots
from server.store import frames as store
from server.store import spaces
from server.store.people import Device
from tests.town import SECRET, Killed, Town

T = TypeVar("T")
MOST_QUEUED, MOST_BYTES = 4, 3_000
Look = Callable[[str, bytes, bool], None]  # for whom, what, and whether it is a `Synced`


class Dead(BaseException):
    """The server's process has ended: nothing that it would have done afterwards is done."""


class Doors:
    """The database's two calls, without threads; what transactions told is passed on once it is stored."""

    def __init__(self, town: Town) -> None:
        self.town, self.dead = town, False
        self.after_commit: Callable[[list[object]], None] = lambda told: None

    async def write(self, fn: Callable[..., T], *args: object) -> T:
        """Run fn(txn, …) in one transaction."""
        return self.run(fn, *args)

    read = write

    def run(self, fn: Callable[..., T], *args: object) -> T:
        """As `write`, for those who can't wait."""
        if self.dead:
            raise Dead
        try:
            done = self.town.db.write(fn, *args)
        except Killed:
            self.dead = True
            raise Dead from None
        told, self.town.db.news[:] = list(self.town.db.news), []
        self.after_commit(told)
        return done


class QuickSnapshots(Snapshots):
    """Snapshots that are compressed at once, and hardly."""

    async def _make(self, space: int) -> tuple[int, bytes]:
        upto, frame = await self.db.read(store.whole_frame, space)
        body = brotli.compress(bytes(frame), quality=0, lgwin=16)
        await self.db.write(store.keep_snapshot, space, upto, body, 0)
        return upto, body


class Socket:
    """The server's end of a device's live connection; `down` is what is on its way to the device."""

    def __init__(self, name: str, look: Look) -> None:
        self.name, self._look = name, look
        self._inbox: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        self.down: deque[bytes] = deque()
        self.closed = False
        self._flows = asyncio.Event()
        self._flows.set()

    def hand_in(self, message: bytes) -> None:
        """A message of the device arrives."""
        self._inbox.put_nowait({"type": "websocket.receive", "bytes": message})

    def hang_up(self) -> None:
        """The line is gone."""
        self.closed = True
        self._flows.set()
        self._inbox.put_nowait({"type": "websocket.disconnect"})

    def clog(self, is_clogged: bool) -> None:
        """Let the line take no more than one message, or let it flow again."""
        (self._flows.clear if is_clogged else self._flows.set)()

    async def receive(self) -> dict[str, object]:
        """The next message, as the routes want it."""
        return await self._inbox.get()

    async def send_bytes(self, message: bytes) -> None:
        """A message leaves for the device."""
        if self.closed:
            raise RuntimeError("closed")
        self._look(self.name, message, True)
        self.down.append(message)
        await self._flows.wait()

    async def close(self, code: int, reason: str) -> None:
        """The server closes the connection."""
        self.closed = True


class Request:
    """A request as the routes read it."""

    headers: dict[str, str] = {}

    def __init__(self, device: Device, body: bytes = b"") -> None:
        self.user, self._body = device, body

    async def stream(self) -> object:
        """The body in one piece."""
        yield self._body


class House:
    """A server process after another on one database. `look` sees every byte that leaves for a person.

    Its queues and messages are so small that they overflow: devices are poked, and need snapshots.
    """

    def __init__(self, town: Town, look: Look) -> None:
        self.town, self._look = town, look
        self._narrow = ExitStack()
        self._narrow.enter_context(patch("server.fanout.MAX_QUEUED", MOST_QUEUED))
        self._narrow.enter_context(patch("server.store.frames.MAX_MESSAGE_BYTES", MOST_BYTES))
        self.loop = asyncio.new_event_loop()
        self.loop.set_exception_handler(self._note)
        self.bugs: list[BaseException] = []
        self.deaths = 0
        self._start()

    def close(self) -> None:
        """End for good."""
        self._end()
        self.town.db.kill()
        self.loop.close()
        self._narrow.close()

    def _start(self) -> None:
        self.doors = Doors(self.town)
        self.epoch = self.doors.run(spaces.meta_of, "epoch")
        self.fanout = Fanout(self.epoch, lambda: self.town.now)
        self.doors.after_commit = self.fanout.publish
        intake = Intake(self.doors, SECRET, lambda: self.town.now)
        self.exchange = routes.Exchange(self.doors, intake, self.fanout)
        self.snapshots = QuickSnapshots(self.doors, self.fanout)
        self.sockets: list[Socket] = []

    def _end(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self._run_loop()
        for socket in self.sockets:
            socket.closed = True

    def kill(self) -> None:
        """The process is killed and started again; what it had not stored is gone."""
        self.deaths += 1
        self.doors.dead = True
        self._end()
        self.town.db.kill()
        self._start()

    def pump(self) -> bool:
        """Let the server do all that it has to do; false if it died of it."""
        self._run_loop()
        died = self.doors.dead
        if died:
            self.kill()
        if self.bugs:
            raise self.bugs[0]
        return not died

    def _run_loop(self) -> None:
        while True:
            self.loop.call_soon(self.loop.stop)
            self.loop.run_forever()
            if not self.loop._ready:  # nobody has anything to do until somebody hands something in
                return

    def _note(self, _: object, context: dict[str, object]) -> None:
        bug = context.get("exception")
        if isinstance(bug, BaseException) and not isinstance(bug, Dead):
            self.bugs.append(bug)

    def write(self, fn: Callable[..., T], *args: object) -> T | None:
        """A transaction of the server's own; nothing if it died of it. Raises what fn refuses."""
        try:
            return self.doors.run(fn, *args)
        except Dead:
            return None
        finally:
            self.pump()

    def live(self, name: str) -> Socket:
        """Open a live connection of a person."""
        socket = Socket(name, self._look)
        self.sockets.append(socket)
        self.loop.create_task(routes.live.fn(socket, _Gate(self.town.device(name)), self.exchange))
        self.pump()
        return socket

    def post(self, sent: list[tuple[str, bytes]]) -> list[bytes | None]:
        """Requests of several persons arrive at once; a reply each, nothing where none is given."""
        calls = []
        for name, body in sent:
            device = self.town.device(name)
            calls.append((name, routes.sync.fn(Request(device, body), device, self.exchange)))
        return self._answers(calls, is_synced=True)

    def snapshot(self, name: str, space: int) -> bytes | None:
        """A person asks for the snapshot of a space; nothing where that is refused."""
        device, doors = self.town.device(name), self.snapshots
        return self._answers([(name, routes.snapshot.fn(Request(device), space, doors))])[0]

    def history(self, name: str, space: int, card: bytes) -> bytes | None:
        """A person asks what became of a card."""
        asked = routes.history.fn(self.town.device(name), space, card.hex(), self.doors)
        return self._answers([(name, asked)])[0]

    def _answers(
        self, calls: list[tuple[str, Coroutine[object, object, Response[bytes]]]], is_synced: bool = False
    ) -> list[bytes | None]:
        tasks = [(name, self.loop.create_task(_content(call))) for name, call in calls]
        self.pump()
        bodies = [_result(task) for _, task in tasks]
        for (name, _), body in zip(tasks, bodies, strict=True):
            if body is not None:
                self._look(name, body, is_synced)
        return bodies


class _Gate:
    def __init__(self, device: Device) -> None:
        self._device = device

    async def greet(self, socket: Socket) -> Device:
        """Who is there."""
        return self._device


async def _content(call: Awaitable[Response[bytes]]) -> bytes | None:
    try:
        answer = await call
    except Refused:
        return None
    is_packed = answer.headers.get("Content-Encoding") == "br"
    return brotli.decompress(answer.content) if is_packed else answer.content


def _result(task: "asyncio.Task[bytes | None]") -> bytes | None:
    if not task.done() or task.cancelled() or isinstance(task.exception(), Dead):
        return None
    return task.result()

"""Running the app: one port, one process or several, a clean end."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TypeVar

import structlog
import uvicorn
import uvloop
from litestar import Litestar
from msgspec import msgpack, structs
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server import control, scratch
from server.app import FINISHED_S, configure_logs, finish, make_app, open_database, world
from server.commands import perform
from server.doctor import wal_reset_warning
from server.forms import DemoLink, InitForm
from server.metrics import share
from server.photos import Photos
from server.refusals import Stop
from server.routes.headers import with_head
from server.schema import migrate
from server.settings import Settings
from server.workers import READY, Ends, Workers

T = TypeVar("T")

BACKLOG = 1_024
PING_S = 25
STOP_S = 5
PATIENCE_S = FINISHED_S + STOP_S + 13  # for a process to end by itself: the rest is for closing the database
GC_THRESHOLDS = 50_000, 20, 50
MAX_HEAD_BYTES = 65_536  # first line and headers; the parser itself knows no end
MAX_FRAME_BYTES = 2_000_000  # a little more than a message may have, so that the route can say why it closes


class Server(uvicorn.Server):
    """uvicorn's server, saying when it listens and ending without an error on SIGTERM."""

    def __init__(self, app: Litestar, settings: Settings, say: Callable[[], object]) -> None:
        super().__init__(_config(app, settings))
        self._app, self._say = app, say

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the app, then say so."""
        await super().startup(sockets)
        settle_memory()
        if not self.should_exit:
            self._say()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what was begun and send the devices away, then end."""
        await finish(self._app)
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on the usual signals, once, without raising them again afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def serve(settings: Settings, demo_links: bool = False, workers: int = 1) -> None:
    """Hold the data folder, bring it up to date, serve until told to stop. Raises Stop, DataInUse."""
    configure_logs(settings)
    if workers > 1 and not settings.database:
        raise Stop("Several processes need PostgreSQL: set VIRTAAMO_DATABASE, or leave out --workers.")
    with listening(settings, workers) as (lines, bound), control.held_alone(settings):
        scratch.sweep(settings.data)
        migrate(bound.stored_in)
        if not settings.database and (warning := wal_reset_warning()):
            structlog.get_logger().warning("sqlite", advice=warning)
        links = _in_loop(_prepare(bound, demo_links))
        say = partial(_say, bound, links)
        if workers > 1:
            share(settings.data / "figures")
        if workers == 1:
            _in_loop(_run(bound, lines[0], say))
        elif not Workers(lines, partial(_work, bound), say, PATIENCE_S).run():
            raise Stop("The processes could not be started: look at the log.")


@contextmanager
def listening(settings: Settings, workers: int = 1) -> Iterator[tuple[list[socket.socket], Settings]]:
    """Bound sockets, one for each process, and the settings with the port that they got."""
    with ExitStack() as opened:
        try:
            first = opened.enter_context(_bound(settings, is_shared=False))
            settings = structs.replace(settings, port=first.getsockname()[1])
            lines = [first]
            if workers > 1:
                first.close()  # it has only seen that the port was free
                lines = [opened.enter_context(_bound(settings, is_shared=True)) for _ in range(workers)]
            for line in lines:
                line.listen(BACKLOG)
        except OSError as error:
            raise Stop(_why_not(settings, error)) from None
        yield lines, settings


def _bound(settings: Settings, is_shared: bool) -> socket.socket:
    line = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:  # the kernel spreads connections over those who listen
            line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        line.bind((settings.host, settings.port))
    except OSError:
        line.close()
        raise
    return line


def _why_not(settings: Settings, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"Port {settings.port} needs more rights: choose one above 1023 with --port."
    if isinstance(error, socket.gaierror):
        return f"There is no address {settings.host} here: choose another with --host."
    return f"Port {settings.port} on {settings.host} is in use or not ours: choose another with --port."


def settle_memory() -> None:
    """What the start has made stays: it need not be looked through again, and what requests make is freed by count."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)


def _in_loop(work: Coroutine[object, object, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


async def _prepare(settings: Settings, demo_links: bool) -> list[DemoLink]:
    try:
        Photos(settings.data / "files", settings.files)
    except OSError:
        raise Stop(
            f"The photo store VIRTAAMO_FILES={settings.files} can't be used: see that it is there."
        ) from None
    async with open_database(settings) as db:
        await db.write(perform, "init", msgpack.encode(InitForm()), world(settings))
        if not demo_links:
            return []
        links = await db.write(perform, "demo.links", msgpack.encode(InitForm()), world(settings))
        return msgpack.decode(links, type=list[DemoLink])


def _say(settings: Settings, links: Sequence[DemoLink]) -> None:
    _tell_manager()
    print(f"listening on {settings.served_url}", flush=True)
    for link in links:
        print(f"{link.name}: {link.url}", flush=True)


def _tell_manager() -> None:
    """Tell systemd, where it started this and asked, that people are served (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.sendto(b"READY=1", address.replace("@", "\0", 1) if address.startswith("@") else address)


def _work(settings: Settings, line: socket.socket, ends: Ends) -> None:
    """One process of several."""
    _in_loop(_run(settings, line, partial(os.write, ends.ready, READY), ends.parent))


async def _run(
    settings: Settings, line: socket.socket, say: Callable[[], object], parent: int | None = None
) -> None:
    server = Server(make_app(settings), settings, say)
    if parent is not None:
        asyncio.get_running_loop().add_reader(parent, _end_too, server, parent)
    await server.serve([line])
    if server.lifespan.should_exit and not server.started:
        raise Stop("The app could not be started: look at the log.")


def _end_too(server: Server, parent: int) -> None:
    """The first process has ended, however that was."""
    asyncio.get_running_loop().remove_reader(parent)
    server.handle_exit(signal.SIGTERM, None)


def _config(app: Litestar, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        with_head(app),
        loop="none",
        http=BoundedHead,
        ws="websockets-sansio",
        ws_max_size=MAX_FRAME_BYTES,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        ws_per_message_deflate=False,  # a frame is encoded once for all; deflating it for each takes far longer
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies or None,
        timeout_graceful_shutdown=STOP_S,
    )


class BoundedHead(HttpToolsProtocol):
    """One connection: a request whose head doesn't end is refused, however little of it a proxy let through."""

    head_bytes = 0  # since the last request whose head was complete
    header_bytes = 0  # of this request: its whole head may come in one piece
    in_head = True

    def data_received(self, data: bytes) -> None:
        """Parse what came; end the connection once a head is too long."""
        self.head_bytes += len(data)
        super().data_received(data)
        if self.in_head and self.head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        """A request begins."""
        self.in_head, self.head_bytes, self.header_bytes = True, 0, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """One of its headers; what the parser is told here ends the connection with 400."""
        self.header_bytes += len(name) + len(value)
        if self.header_bytes > MAX_HEAD_BYTES:
            raise ValueError("the head is too long")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Its head is whole."""
        self.in_head = False
        super().on_headers_complete()

"""Running the app: one socket, one process, a clean end."""

import asyncio
import gc
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
import uvloop
from litestar import Litestar
from msgspec import msgpack, structs

from server import control
from server.app import configure_logs, finish, make_app, open_database, world
from server.commands import perform
from server.doctor import wal_reset_warning
from server.forms import DemoLink, InitForm
from server.refusals import Stop
from server.routes.headers import with_head
from server.schema import migrate
from server.settings import Settings

BACKLOG = 1_024
PING_S = 25
STOP_S = 5
GC_THRESHOLDS = 50_000, 20, 50
MAX_FRAME_BYTES = 2_000_000  # a little more than a message may have, so that the route can say why it closes


class Server(uvicorn.Server):
    """uvicorn's server, saying when it listens and ending without an error on SIGTERM."""

    def __init__(self, app: Litestar, settings: Settings) -> None:
        super().__init__(_config(app, settings))
        self._app, self._settings = app, settings
        self.links: list[DemoLink] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the app, then say where it listens."""
        await super().startup(sockets)
        settle_memory()
        if not self.should_exit:
            print(f"listening on {self._settings.served_url}", flush=True)
            for link in self.links:
                print(f"{link.name}: {link.url}", flush=True)

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


def serve(settings: Settings, demo_links: bool) -> None:
    """Hold the data folder, bring it up to date, serve until told to stop. Raises Stop, DataInUse."""
    configure_logs(settings)
    with listening(settings) as (line, bound), control.held_alone(settings):
        migrate(bound.stored_in)
        if warning := wal_reset_warning():
            structlog.get_logger().warning("sqlite", advice=warning)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(bound, line, demo_links))


@contextmanager
def listening(settings: Settings) -> Iterator[tuple[socket.socket, Settings]]:
    """A bound socket, and the settings with the port that it got."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((settings.host, settings.port))
            line.listen(BACKLOG)
        except OSError as error:
            raise Stop(_why_not(settings, error)) from None
        yield line, structs.replace(settings, port=line.getsockname()[1])


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


async def _run(settings: Settings, line: socket.socket, demo_links: bool) -> None:
    async with open_database(settings) as db:
        await db.write(perform, "init", msgpack.encode(InitForm()), world(settings))
        links = (
            await db.write(perform, "demo.links", msgpack.encode(InitForm()), world(settings))
            if demo_links
            else b"\x90"
        )
    server = Server(make_app(settings), settings)
    server.links = msgpack.decode(links, type=list[DemoLink])
    await server.serve([line])


def _config(app: Litestar, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        with_head(app),
        loop="none",
        http="httptools",
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

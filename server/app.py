"""Settings → running app: opens things in order, closes them in reverse, names every dependency.

The only place that knows the time of day and chance.
"""

import asyncio
import logging
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from litestar import Litestar
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ExceptionHandlersMap

from server import control, directory, drops
from server.ceremonies import Ceremonies
from server.commands import perform
from server.db import UNAVAILABLE, Database
from server.endpoints import Allowed, Offered
from server.fanout import Fanout
from server.intake import Intake
from server.keys import keep_keys, look_after
from server.metrics import Metrics
from server.neighbours import Neighbours
from server.passkeys import Party
from server.photos import Photos
from server.recovery import Recovery
from server.refusals import Refused
from server.rehearsal import rehearse
from server.retention import Retention
from server.routes import (
    calendars,
    devices,
    files,
    health,
    late,
    leaving,
    oidc,
    organisation,
    own,
    pages,
    passkeys,
    persons,
    problems,
    push,
    recovery,
    reviews,
    sealed,
    tablets,
    walls,
)
from server.routes import drops as drop_routes
from server.routes import sync as sync_routes
from server.routes.guard import Gate
from server.routes.headers import header_hook
from server.routes.health import Watch
from server.routes.oidc import SignIn
from server.routes.sync import Exchange
from server.routes.wire import Call
from server.schedule import keep_copies
from server.schema import drop_old_copies
from server.settings import Settings
from server.snapshots import Snapshots
from server.store.acceptance import Arrival
from server.store.pokes import announce
from server.store.spaces import meta_of
from server.tries import Tries
from server.works import Work, working
from server.world import World
from sync.protocol import Verdict

if TYPE_CHECKING:
    from server.waking import Waking

MAX_BODY_BYTES = 64_000
SECRET_FILE = "secret"
SECRET_BYTES = 32
FINISH_S = 8  # longer than a write waits for a lock
SOON_S, SOON_LOOKS = 2, 100  # for replies to leave, and for devices to hear that it ends
FINISHED_S = FINISH_S + 2 * SOON_S  # the longest that `finish` takes
ROUTES = [
    *sync_routes.ROUTES,
    *devices.ROUTES,
    *persons.ROUTES,
    *passkeys.ROUTES,
    *recovery.ROUTES,
    *own.ROUTES,
    *tablets.ROUTES,
    *walls.ROUTES,
    *organisation.ROUTES,
    *oidc.ROUTES,
    *sealed.ROUTES,
    *late.ROUTES,
    *leaving.ROUTES,
    *reviews.ROUTES,
    *push.ROUTES,
    *drop_routes.ROUTES,
    *calendars.ROUTES,
    *files.ROUTES,
    *pages.ROUTES,
    *health.ROUTES,
]


def draw(size: int) -> bytes:
    """So many random bytes."""
    return secrets.token_bytes(size)


def now_ms() -> int:
    """The time of day, in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def world(settings: Settings) -> World:
    """The world as it is now."""
    return World(now_ms(), secrets.token_bytes, settings.public_url, secret_of(settings.data))


def secret_of(folder: Path) -> bytes:
    """The installation's secret, made once; it lies beside the database and never in it."""
    path = folder / SECRET_FILE
    with suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            os.fsync(handle)
    return path.read_bytes()


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[Database]:
    """The database: in the data folder, which this process holds, or on a PostgreSQL server."""
    db = Database(settings.stored_in, announce=announce)
    await db.open()
    try:
        yield db
    finally:
        await db.close()


def make_app(settings: Settings) -> Litestar:
    """The app for these settings; it holds the data folder while its lifespan runs."""
    return Litestar(
        route_handlers=ROUTES,
        state=State({"settings": settings}),
        lifespan=[_lifespan],
        dependencies=_dependencies(settings),
        guards=[_guard],
        before_send=[header_hook(settings.public_url.startswith("https:"))],
        exception_handlers=_refusals(),
        request_class=Call,
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=_openapi() if settings.openapi else None,
        logging_config=None,
        debug=False,
    )


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    async with open_database(settings) as db:
        epoch = await db.read(meta_of, "epoch")
        if epoch is None:
            raise RuntimeError("the data folder has not been initialised: run `virtaamo init`")
        await rehearse(db, world(settings))
        app.state.update(_furnished(settings, db, epoch))
        await app.state.sign_in.look_at_groups()
        await look_after(settings.data, db, now_ms())
        with working(_background(app.state, settings, db)):
            commands = await control.listen(settings.data, _performer(settings, db))
            log = structlog.get_logger()
            log.info("started", url=settings.public_url, data=str(settings.data))
            try:
                yield
            finally:
                log.info("stopping")
                commands.close()
                app.state.fanout.close()
                await app.state.intake.close()


def _furnished(settings: Settings, db: Database, epoch: bytes) -> dict[str, object]:
    """What handlers take as their dependencies, by name."""
    secret, metrics = secret_of(settings.data), Metrics()
    db.time_write, db.time_commit = metrics.write.time, metrics.commit.time
    fanout, intake = Fanout(epoch, now_ms), Intake(db, secret, now_ms)
    db.after_commit = fanout.publish
    waking, tries = _waking(settings, db, metrics, secret), Tries(settings, db, secret)
    intake.after_store = partial(_stored, metrics, waking)
    return {
        "db": db,
        "metrics": metrics,
        "fanout": fanout,
        "intake": intake,
        "snapshots": Snapshots(db, fanout),
        "exchange": Exchange(db, intake, fanout),
        "gate": Gate(settings, db, tries, now_ms),
        "tries": tries,
        "ceremonies": Ceremonies(db, Party(settings.relying_party, settings.origins), draw),
        "recovery": Recovery(db, tries, secret),
        "photos": Photos(settings.data / "files", settings.files),
        "sign_in": SignIn(db, settings, now_ms),
        "watch": Watch(db, settings.stored_in, metrics),
        "waking": waking,
        "offered": Offered(waking.public if waking else None, _allowed(settings)),
    }


def _background(state: State, settings: Settings, db: Database) -> Iterator[Work]:
    """What is done beside the requests, for as long as the server runs."""
    watch: Watch = state.watch
    works: dict[str, Callable[[], Coroutine[object, object, None]]] = {
        "keys": partial(keep_keys, settings.data, db, now_ms),
        "retention": _retention(settings, db, state.photos).keep,
        "drops": partial(drops.keep_releasing, db, now_ms, draw),
        "figures": partial(watch.keep_figures, state.intake, state.fanout),
        "snapshots": state.snapshots.keep_fresh,
        "backups": partial(keep_copies, settings, db, now_ms),
    }
    if db.is_shared:
        works["neighbours"] = Neighbours(db, state.fanout).run
    if state.waking is not None:
        works["waking"] = state.waking.run
    for name, run in works.items():
        yield Work(name, run, state.metrics.failures_of(name))


def _waking(settings: Settings, db: Database, metrics: Metrics, secret: bytes) -> "Waking | None":
    """What wakes phones; nothing where no push service could write to anybody about it."""
    if not settings.push_contact:
        return None
    from server.courier import Courier
    from server.waking import Post, Waking  # slow to import, and not everybody wakes phones
    from server.webpush import Keys, key_of

    keys, allowed = Keys(key_of(settings.data), settings.push_contact), _allowed(settings)
    post = Post(keys, Courier(allowed), allowed, ZoneInfo(settings.time_zone), metrics.pushed, secret)
    return Waking(db, post, now_ms)


def _allowed(settings: Settings) -> Allowed:
    return Allowed(settings.push_services, settings.push_loopback)


def _stored(
    metrics: Metrics, waking: "Waking | None", arrivals: Sequence[Arrival], verdicts: Sequence[Verdict]
) -> None:
    metrics.stored(arrivals, verdicts, now_ms())
    if waking is not None:
        waking.hear(arrivals, verdicts)


def _retention(settings: Settings, db: Database, photos: Photos) -> Retention:
    made = Retention(db, photos, secret_of(settings.data), now_ms, time.perf_counter)
    made.everywhere["spent tickets"] = drops.forget_spent
    made.everywhere["roles by groups"] = partial(directory.lapse, days=settings.oidc_days)
    if not settings.database:
        made.beside["copies from before migrations"] = partial(drop_old_copies, settings.database_file)
    return made


async def finish(app: Litestar) -> None:
    """End what was begun, answer it, and tell every device to come back; from here on nothing new is taken."""
    gate: Gate = app.state.gate
    intake: Intake = app.state.intake
    fanout: Fanout = app.state.fanout
    gate.is_closing = True
    with suppress(TimeoutError):
        async with asyncio.timeout(FINISH_S):
            await intake.close()
    await _soon(lambda: fanout.owed == 0)
    fanout.close()
    await _soon(lambda: fanout.connections == 0)


async def _soon(holds: Callable[[], bool]) -> None:
    for _ in range(SOON_LOOKS):
        if holds():
            return
        await asyncio.sleep(SOON_S / SOON_LOOKS)


def _performer(settings: Settings, db: Database) -> control.Perform:
    async def run(name: str, form: bytes) -> bytes:
        try:
            return await db.write(perform, name, form, world(settings))
        except UNAVAILABLE:
            raise Refused("read_only") from None

    return run


async def _guard(
    connection: ASGIConnection[BaseRouteHandler, object, object, State], route: BaseRouteHandler
) -> None:
    await connection.app.state.gate.check(connection, route)


def _dependencies(settings: Settings) -> dict[str, Provide]:
    held = ["db", "fanout", "intake", "snapshots", "exchange", "gate", "tries", "ceremonies", "recovery"]
    held += ["photos", "sign_in", "offered", "watch"]
    providers: dict[str, Callable[..., object]] = {name: _from_state(name) for name in held}
    providers |= {
        "device": _device,
        "now": now_ms,
        "settings": lambda: settings,
        "web": lambda: settings.web,
        "world": lambda: world(settings),
    }
    given = {name: Provide(provider, sync_to_thread=False) for name, provider in providers.items()}
    return {**given, "tablet": Provide(_tablet)}


def _refusals() -> ExceptionHandlersMap:
    handlers = {Refused: problems.refused, HTTPException: problems.unusable, Exception: problems.broken}
    handlers |= dict.fromkeys(UNAVAILABLE, problems.unavailable)
    return handlers  # type: ignore[return-value]  # every request here is a `Call`, see `request_class`


def _from_state(name: str) -> Callable[[State], object]:
    def held(state: State) -> object:
        return state[name]

    return held


def _device(request: Call) -> object:
    return request.user


async def _tablet(request: Call) -> object:
    gate: Gate = request.app.state.gate
    return await gate.tablet(request.cookies)


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig("Virtaamo", "1", path="/schema", render_plugins=[JsonRenderPlugin()])


def configure_logs(settings: Settings) -> None:
    """Structured lines on standard error: no text of a card, no name, no address of a person."""
    render = (
        structlog.processors.JSONRenderer()
        if settings.log == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)
    structlog.configure(
        processors=[structlog.processors.add_log_level, stamp, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )

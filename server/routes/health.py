"""Whether the server can do its work, and its figures, for whoever watches it."""

import asyncio
from collections.abc import Sequence
from hmac import compare_digest

from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from server.db import UNAVAILABLE, Database, Stored
from server.fanout import Fanout
from server.intake import Intake
from server.metrics import UNKNOWN, Metrics, Now
from server.refusals import Refused, Stop
from server.routes.given import GivenSettings
from server.routes.sync import Exchange
from server.routes.wire import Call, answer
from server.schema import is_current
from server.settings import Settings
from server.store.spaces import touch_meta
from server.store.watch import held_count, watched

LOOK_S = 3
HERE = ("127.0.0.1", "::1")
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")


class Health(Struct):
    """`ok` is database and migrations together; what is in quarantine waits for a person and stops nobody."""

    ok: bool
    database: str
    migrations: str
    quarantine: int | None


class Watch:
    """Looks after the database on request, at most once in a few seconds however often it is asked."""

    def __init__(self, db: Database, where: Stored, metrics: Metrics) -> None:
        self._db, self._where, self._metrics = db, where, metrics
        self._looking: asyncio.Task[Health] | None = None
        self._looked_at = 0.0
        self._late: dict[tuple[int, int], int] = {}  # snapshots that wait, since when (ms)

    async def health(self) -> Health:
        """How it is, or was a moment ago; those who ask at once get the same answer."""
        now = asyncio.get_running_loop().time()
        if self._looking is None or now - self._looked_at > LOOK_S:
            self._looked_at = now
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> Health:
        try:
            await self._db.write(touch_meta)
            current = await asyncio.to_thread(is_current, self._where)
            held = await self._db.read(held_count)
        except (Stop, *UNAVAILABLE):
            return Health(False, "read_only", "unknown", None)
        return Health(current, "writable", "current" if current else "old", held)

    async def figures(self, intake: Intake, fanout: Fanout) -> Response[bytes]:
        """Everything that is measured."""
        await self._note(intake, fanout)
        headers = {"Content-Type": self._metrics.content_type, "Cache-Control": "no-store"}
        return Response(self._metrics.text(), headers=headers)

    async def keep_figures(self, intake: Intake, fanout: Fanout) -> None:
        """Note the figures often, where another process is asked for them too. Runs until it is cancelled."""
        while self._metrics.is_shared:
            await self._note(intake, fanout)
            await asyncio.sleep(LOOK_S)

    async def _note(self, intake: Intake, fanout: Fanout) -> None:
        """Look up what is not counted as it happens; without a database what is known here alone."""
        try:
            seen = await self._db.read(watched)
        except UNAVAILABLE:
            seen = None
        now = fanout.now()
        self._metrics.note(
            Now(
                waiting=intake.waiting,
                connections=fanout.connections,
                frames=fanout.frames,
                pokes=fanout.pokes,
                held=UNKNOWN if seen is None else seen.held,
                late=UNKNOWN if seen is None else len(seen.late),
                late_s=UNKNOWN if seen is None else self._waited_s(seen.late, now),
                backup_s=UNKNOWN if seen is None or seen.backup_at is None else _age_s(seen.backup_at, now),
            )
        )

    def _waited_s(self, late: Sequence[tuple[int, int | None]], now: int) -> float:
        """How long the longest of these snapshots has waited, since a look first found it late.

        Not since it was made: one of a quiet space may be months old, and be late for a moment only.
        One that is missing has no age: it is made for who asks.
        """
        known = self._late
        self._late = {
            (space, upto): known.get((space, upto), now) for space, upto in late if upto is not None
        }
        return _age_s(min(self._late.values(), default=now), now)


def _age_s(since: int, now: int) -> float:
    return max(0, now - since) / 1000


@get("/health", opt={"public": True})
async def health(request: Call, watch: NamedDependency[Watch]) -> Response[Health]:
    """200 where the database can be written and its tables are current, 503 otherwise."""
    state = await watch.health()
    return answer(request, state, 200 if state.ok else 503)


@get("/metrics", opt={"public": True}, include_in_schema=False)
async def metrics(
    request: Call, watch: NamedDependency[Watch], exchange: NamedDependency[Exchange], settings: GivenSettings
) -> Response[bytes]:
    """The figures, for those who may read them."""
    if not may_read_figures(request, settings):
        raise Refused("not_allowed")
    return await watch.figures(exchange.intake, exchange.fanout)


def may_read_figures(request: Call, settings: Settings) -> bool:
    """With a token whoever sends it, without one this machine: never what came through a proxy."""
    if settings.metrics_token:
        given = request.headers.get("authorization", "")
        return compare_digest(given.encode(), f"Bearer {settings.metrics_token}".encode())
    came_through = any(name in request.headers for name in FORWARDED)
    return request.client is not None and request.client.host in HERE and not came_through


ROUTES = (health, metrics)

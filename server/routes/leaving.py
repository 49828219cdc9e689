"""Ways out: somebody leaves, an account goes, and all that is one's own to take along (docs/devices.md section 12)."""

import asyncio

from litestar import Response, delete, get, post
from litestar.params import JSONBody
from msgspec import Struct

from server import export, leaving
from server.leaving import Wish
from server.parting import Parting
from server.routes.given import GivenDatabase, GivenDevice, GivenNow, GivenWorld
from server.routes.guard import session_cookie
from server.routes.persons import Number, PartingForm
from server.routes.wire import Call, answer
from server.store.people import DAY_MS
from server.templates import render

OWN = {"proof": True, "own": True}
NAMED = {"Content-Disposition": 'attachment; filename="virtaamo.zip"'}


class Left(Struct):
    """For how many days what still comes of theirs waits for a decision."""

    quarantine_days: int


class WishForm(PartingForm):
    """And the spaces in which the name stays on what one has written."""

    keep_names: list[int] = []


class Ending(Struct):
    """When the account is erased, in milliseconds; signing in before that keeps it."""

    on: int


@post("/api/persons/{person:int}/leave", status_code=202, opt={"proof": True})
async def leave(
    data: JSONBody[PartingForm], person: Number, request: Call, db: GivenDatabase, world: GivenWorld
) -> Response[Left]:
    """Somebody leaves the organisation: access ends at once, late words wait."""
    days = await db.write(leaving.leave, request.user, Parting(person, data.duties_to), world)
    return answer(request, Left(days), 202)


@delete("/api/me", status_code=202, opt=OWN)
async def delete_me(
    data: JSONBody[WishForm], request: Call, db: GivenDatabase, world: GivenWorld
) -> Response[Ending]:
    """All sessions end now, the account in 30 days; until then whoever signs in keeps it."""
    wish = Wish(data.keep_names, data.duties_to)
    day = await db.write(leaving.ask_erasure, request.user, wish, world)
    reply = answer(request, Ending(day * DAY_MS), 202)
    reply.cookies = [session_cookie("")]
    return reply


@get("/api/me/export", opt=OWN, include_in_schema=False)
async def export_me(db: GivenDatabase, device: GivenDevice, now: GivenNow) -> Response[bytes]:
    """Everything of one's own that the installation holds."""
    own = await db.write(export.collect, device, now)

    def packed() -> bytes:
        return export.pack(own, render("export.html", export.words(own)))

    return Response(await asyncio.to_thread(packed), media_type="application/zip", headers=NAMED)


ROUTES = (leave, delete_me, export_me)

"""One's own calendar address, and the calendar that lies there for whoever has it."""

from typing import NamedTuple

from litestar import Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from server import calendars
from server.calendars import PATH, Address, Feed
from server.db import Database
from server.limits import address_key
from server.refusals import Refused
from server.routes.given import GivenDatabase, GivenDevice, GivenTries, GivenWorld
from server.routes.wire import Call, answer
from server.tries import Tries
from server.world import World

OWN = {"own": True}  # an address that stays when its person walks away has no place on a shared device
FILE = {"Content-Disposition": 'attachment; filename="virtaamo.ics"'}


@get("/api/me/calendar", opt=OWN)
async def show_feed(request: Call, db: GivenDatabase, device: GivenDevice) -> Response[Feed]:
    """Whether one's calendar has an address."""
    return answer(request, await db.read(calendars.show, device))


@post("/api/me/calendar", status_code=200, opt={**OWN, "limit": "device"})
async def renew_feed(
    request: Call, db: GivenDatabase, device: GivenDevice, world: GivenWorld
) -> Response[Address]:
    """Give it a new one, which is told this once; the one before ends."""
    return answer(request, await db.write(calendars.renew, device, world))


@delete("/api/me/calendar", status_code=204, opt=OWN)
async def end_feed(db: GivenDatabase, device: GivenDevice) -> None:
    """Let nobody read it any more."""
    await db.write(calendars.end, device)


class Looking(NamedTuple):
    """What it takes to look an address up."""

    db: Database
    tries: Tries
    world: World


def looking(db: GivenDatabase, tries: GivenTries, world: GivenWorld) -> Looking:
    """All of that."""
    return Looking(db, tries, world)


@get(
    f"/{PATH}/{{name:str}}",
    opt={"public": True},
    include_in_schema=False,
    dependencies={"looking": Provide(looking, sync_to_thread=False)},
)
async def show_calendar(
    request: Call, name: FromPath[str], looking: NamedDependency[Looking]
) -> Response[bytes]:
    """The calendar itself, by its address alone: no cookie is looked at. Wrong ones are counted, right ones not."""
    db, tries, world = looking
    address = address_key(request.client.host if request.client else "")
    await tries.of_feed(address, world.now)
    page = await db.read(calendars.read, name.removesuffix(".ics"), world)
    if page is None:
        raise Refused("not_found")
    await tries.feed_was_right(address)
    headers = {"ETag": page.etag, "Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
    if request.headers.get("if-none-match") == page.etag:
        return Response(b"", status_code=304, headers=headers)
    return Response(page.body, media_type="text/calendar", headers={**headers, **FILE})


ROUTES = (show_feed, renew_feed, end_feed, show_calendar)

"""View-only boards on locked tablets: hung by who leads a team, read by the tablet (docs/devices.md D-45)."""

from litestar import Response, delete, get, put

from server import walls
from server.routes.given import GivenDatabase, GivenDevice, GivenNow, GivenTablet
from server.routes.own import Id, named
from server.routes.persons import Number
from server.routes.problems import language
from server.routes.wire import Call, answer
from server.walls import Wall

BY_LEADER = {"proof": True, "own": True}
PLACE = "/api/devices/{uuid:str}/wall/{space:int}"


@put(PLACE, status_code=204, opt=BY_LEADER)
async def show_wall(uuid: Id, space: Number, db: GivenDatabase, device: GivenDevice, now: GivenNow) -> None:
    """A tablet shows the board of this team on its lock screen from now on."""
    await db.write(walls.hang, device, (named(uuid), space), True, now)


@delete(PLACE, status_code=204, opt=BY_LEADER)
async def remove_wall(uuid: Id, space: Number, db: GivenDatabase, device: GivenDevice, now: GivenNow) -> None:
    """It does so no more."""
    await db.write(walls.hang, device, (named(uuid), space), False, now)


@get("/api/wall/{space:int}", opt={"tablet": True})
async def see_wall(space: Number, request: Call, db: GivenDatabase, tablet: GivenTablet) -> Response[Wall]:
    """What whoever stands at this tablet may read of a team's board."""
    return answer(request, await db.read(walls.seen, tablet, space, language(request)))


ROUTES = (show_wall, remove_wall, see_wall)

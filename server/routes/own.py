"""One's own sessions, devices and notices; all by the day (docs/devices.md section 12, H5)."""

from typing import Annotated

from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, Parameter
from msgspec import UNSET, Meta, Struct, UnsetType

from server import sessions, tablets
from server.refusals import Refused
from server.routes.devices import Name, plain
from server.routes.given import GivenDatabase, GivenDevice, GivenNow
from server.routes.wire import Call, answer
from server.store import audit
from server.store import sessions as stored
from server.store.audit import NoticeRow
from server.store.sessions import DeviceRow, SessionRow
from server.tablets import Changes, TabletRow

MAX_NUMBER = 2**31 - 1
Id = Annotated[str, Parameter(max_length=64)]
Space = Annotated[int, Meta(ge=1, le=MAX_NUMBER)]


class DeviceForm(Struct):
    """What a device is called; of a tablet also how it locks itself, and whose it is."""

    name: Name | UnsetType = UNSET
    lock_s: Annotated[int, Meta(ge=30, le=300)] | UnsetType = UNSET
    strong_lock: bool | UnsetType = UNSET
    spaces: Annotated[list[Space], Meta(min_length=1, max_length=64)] | UnsetType = UNSET


class SeenForm(Struct):
    """The newest notice that its person has seen."""

    upto: Annotated[int, Meta(ge=1, le=MAX_NUMBER)]


@get("/api/me/sessions")
async def list_sessions(request: Call, db: GivenDatabase, device: GivenDevice) -> Response[list[SessionRow]]:
    """Where one is signed in."""
    return answer(request, await db.read(stored.sessions_of, device))


@delete("/api/me/sessions/{id_:str}", status_code=204)
async def end_session(id_: Id, db: GivenDatabase, device: GivenDevice, now: GivenNow) -> None:
    """Sign out elsewhere; the words on that device stay there."""
    await db.write(sessions.end, device, id_, now)


@get("/api/devices")
async def list_devices(
    request: Call, db: GivenDatabase, device: GivenDevice
) -> Response[list[DeviceRow | TabletRow]]:
    """One's own devices and copies on tablets, and the tablets of the teams that one leads."""
    return answer(request, await db.read(tablets.devices_for, device))


@patch("/api/devices/{uuid:str}", status_code=204)
async def change_device(
    data: JSONBody[DeviceForm], uuid: Id, request: Call, db: GivenDatabase, now: GivenNow
) -> None:
    """Give a device of one's own another name; change a tablet of a team that one leads."""
    name = plain(data.name, "name") if data.name is not UNSET else UNSET
    if name == "":
        raise Refused("invalid", "name")
    changes = Changes(name, data.lock_s, data.strong_lock, data.spaces)
    await db.write(tablets.change, request.user, named(uuid), changes, now)


@delete("/api/devices/{uuid:str}", status_code=204)
async def revoke_device(uuid: Id, db: GivenDatabase, device: GivenDevice, now: GivenNow) -> None:
    """Let go of a device or a tablet: with its next word it hears that it has to close."""
    await db.write(tablets.revoke, device, named(uuid), now)


@get("/api/me/notices")
async def list_notices(request: Call, db: GivenDatabase, device: GivenDevice) -> Response[list[NoticeRow]]:
    """What has happened to one's own account, the newest first; nobody else sees it."""
    return answer(request, await db.read(audit.notices, device.person))


@post("/api/me/notices/seen", status_code=204)
async def mark_seen(data: JSONBody[SeenForm], db: GivenDatabase, device: GivenDevice, now: GivenNow) -> None:
    """These have been seen, on all devices."""
    await db.write(audit.mark_seen, device.person, data.upto, now)


def named(uuid: str) -> bytes:
    """The id of a device as a path has it."""
    try:
        return bytes.fromhex(uuid)
    except ValueError:
        raise Refused("not_found") from None


ROUTES = (
    list_sessions,
    end_session,
    list_devices,
    change_device,
    revoke_device,
    list_notices,
    mark_seen,
)

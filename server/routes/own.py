"""One's own sessions, devices and notices; all by the day (docs/devices.md section 12, H5)."""

from typing import Annotated

from litestar import Response, delete, get, patch, post
from litestar.params import JSONBody, Parameter
from msgspec import Meta, Struct

from server import sessions
from server.refusals import Refused
from server.routes.devices import Name, plain
from server.routes.given import GivenDatabase, GivenDevice, GivenNow
from server.routes.wire import Call, answer
from server.store import audit
from server.store import sessions as stored
from server.store.audit import NoticeRow
from server.store.sessions import DeviceRow, SessionRow

MAX_NUMBER = 2**31 - 1
Id = Annotated[str, Parameter(max_length=64)]


class NameForm(Struct):
    """What a device is called."""

    name: Name


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
async def list_devices(request: Call, db: GivenDatabase, device: GivenDevice) -> Response[list[DeviceRow]]:
    """One's own devices."""
    return answer(request, await db.read(stored.devices_of, device))


@patch("/api/devices/{uuid:str}", status_code=204)
async def rename_device(data: JSONBody[NameForm], uuid: Id, db: GivenDatabase, device: GivenDevice) -> None:
    """Give a device of one's own another name."""
    name = plain(data.name, "name")
    if not name:
        raise Refused("invalid", "name")
    await db.write(sessions.rename, device, named(uuid), name)


@delete("/api/devices/{uuid:str}", status_code=204)
async def revoke_device(uuid: Id, db: GivenDatabase, device: GivenDevice, now: GivenNow) -> None:
    """Let go of a device: with its next word it hears that it has to close."""
    await db.write(sessions.revoke, device, named(uuid), now)


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
    rename_device,
    revoke_device,
    list_notices,
    mark_seen,
)

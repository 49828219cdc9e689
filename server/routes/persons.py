"""Inviting, the members of a space, and ending a grant (docs/devices.md section 12)."""

from typing import Annotated, Literal

from litestar import Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, Parameter
from msgspec import Meta, Struct

from server import people
from server.forms import LINK_DAYS
from server.people import code_of
from server.refusals import Refused
from server.routes.devices import plain
from server.routes.given import GivenDatabase, GivenDevice, GivenNow, GivenWorld
from server.routes.wire import Call, answer
from server.store.invitations import Invitation, drop_invitation
from server.store.people import DAY_MS

MAX_NUMBER = 2**31 - 1
Target = tuple[int, int]
Number = Annotated[int, Parameter(ge=1, le=MAX_NUMBER)]


class InvitationForm(Struct):
    """Whom a supervisor invites to the own team."""

    space: Annotated[int, Meta(ge=1, le=MAX_NUMBER)]
    role: Literal["staff"] = "staff"
    name: Annotated[str, Meta(max_length=80)] | None = None
    uses: Annotated[int, Meta(ge=1, le=people.MOST_USES)] = 1
    days: Annotated[int, Meta(ge=1, le=people.MOST_DAYS)] = LINK_DAYS


class Drawing(Struct):
    """A QR code as an SVG path on a square of `size` units."""

    size: int
    path: str


class Invited(Struct):
    """An invitation as its maker sees it, once."""

    id: int
    url: str
    code: str
    until: int
    svg: Drawing


class PersonRow(Struct):
    """A member of a space."""

    id: int
    name: str
    role: str


@post("/api/invitations", status_code=201, opt={"limit": "device"})
async def invite(
    data: JSONBody[InvitationForm], request: Call, db: GivenDatabase, world: GivenWorld
) -> Response[Invited]:
    """A supervisor invites staff to the own team; the link can be shown, sent or scanned."""
    code = code_of(world.draw(16))
    until = world.now + data.days * DAY_MS
    name = plain(data.name or "", "name") or None
    offer = Invitation(data.space, data.role, None, name, data.uses, until, request.user.person)
    number = await db.write(people.invite_as, request.user, (code, offer), world.now)
    url = link(world.url, code)
    return answer(request, Invited(number, url, code, until, draw_qr(url)), 201)


@delete("/api/invitations/{number:int}", status_code=204)
async def take_back(number: Number, db: GivenDatabase, device: GivenDevice) -> None:
    """Take back an invitation that one has made."""
    if not await db.write(drop_invitation, number, device.person):
        raise Refused("not_found")


@get("/api/persons")
async def list_persons(
    space: Number, request: Call, db: GivenDatabase, device: GivenDevice
) -> Response[list[PersonRow]]:
    """The members of a space that one may read."""
    rows = await db.read(people.members_for, device, space)
    return answer(request, [PersonRow(*row) for row in rows])


def target(person: Number, space: Number) -> Target:
    """The person and the space that a path names."""
    return person, space


@delete(
    "/api/persons/{person:int}/grants/{space:int}",
    status_code=204,
    dependencies={"target": Provide(target, sync_to_thread=False)},
)
async def end_grant(
    target: NamedDependency[Target], db: GivenDatabase, device: GivenDevice, now: GivenNow
) -> None:
    """Leave a team, or remove a member from the team that one supervises."""
    await db.write(people.remove_as, device, target, now)


def link(public_url: str, code: str) -> str:
    """The link of an invitation: the code is in the fragment, so no server and no log ever sees it (D-33)."""
    return f"{public_url}/liity#{code}"


def draw_qr(text: str) -> Drawing:
    """A text as a QR code: one SVG path of unit squares, with the quiet zone around it."""
    import segno  # needed by an invitation alone

    code = segno.make(text, error="m", micro=False)
    border = 4
    rows = enumerate(code.matrix_iter(border=border))
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in rows for x, dark in enumerate(row) if dark)
    return Drawing(int(code.symbol_size(border=border)[0]), path)


ROUTES = (invite, take_back, list_persons, end_grant)

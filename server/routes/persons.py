"""Inviting, the persons of a space, and their roles there (docs/devices.md section 12)."""

import re
from typing import Annotated, Literal

from litestar import Response, delete, get, patch, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, Parameter
from msgspec import Meta, Struct

from server import codes, people, seats
from server.approval import Awaited, make_code
from server.db import Database
from server.forms import LINK_DAYS
from server.parting import Behind, Parting, left_behind
from server.people import Seat, code_of
from server.refusals import Refused
from server.routes.devices import plain
from server.routes.given import GivenDatabase, GivenDevice, GivenNow, GivenWorld
from server.routes.wire import Call, answer
from server.seats import Giving
from server.sessions import need_proof
from server.store.invitations import Invitation
from server.store.people import DAY_MS, Device
from server.store.seats import Offer
from server.world import World

MAX_NUMBER = 2**31 - 1
RoleName = Literal["staff", "supervisor", "agent", "dev_lead", "management", "hr", "employee_rep", "admin"]
Target = tuple[int, int]
Known = Annotated[int, Meta(ge=1, le=MAX_NUMBER)]
Number = Annotated[int, Parameter(ge=1, le=MAX_NUMBER)]


class InvitationForm(Struct):
    """Whom a leader invites to a space that they lead; `person` is somebody of it, to be brought back.

    `device` is the tablet on which they are to have a copy, for the kind `tablet`.
    """

    space: Known
    role: RoleName = "staff"
    person: Known | None = None
    name: Annotated[str, Meta(max_length=80)] | None = None
    uses: Annotated[int, Meta(ge=1, le=people.MOST_USES)] = 1
    days: Annotated[int, Meta(ge=1, le=people.MOST_DAYS)] = LINK_DAYS
    kind: Literal["link", "typed", "tablet"] = "link"
    device: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")] | None = None


class Drawing(Struct):
    """A QR code as an SVG path on a square of `size` units."""

    size: int
    path: str


class Invited(Struct):
    """An invitation as its maker sees it, once; a code that is typed stands in no link."""

    id: int
    url: str
    code: str
    until: int
    svg: Drawing


class NameForm(Struct):
    """Somebody's right name."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]


class PartingForm(Struct):
    """Who goes on with what somebody was to do, by team."""

    duties_to: dict[Known, Known] = {}


class GrantForm(PartingForm, kw_only=True):
    """A role; `instead_of` names the space that the person leaves for it."""

    role: RoleName
    instead_of: Known | None = None


class DutyRow(Struct):
    """A card that somebody has to see to; its title only for those who read it."""

    space: int
    card: str
    kind: str
    title: str
    sort: Literal["own", "owed"]


class PersonRow(Struct):
    """A member of a space."""

    id: int
    name: str
    role: str


class BehindRow(Struct):
    """What somebody leaves behind in a space, and who could go on with it there."""

    space: int
    name: str
    sole: str | None
    duties: list[DutyRow]
    others: list[PersonRow]


@post("/api/invitations", status_code=201, opt={"limit": "device", "proof": True})
async def invite(
    data: JSONBody[InvitationForm], request: Call, db: GivenDatabase, world: GivenWorld
) -> Response[Invited]:
    """A leader invites to a space that they lead; the link can be shown, sent or scanned."""
    if data.kind == "tablet":
        return answer(request, await _code_for_tablet(data, request.user, db, world), 201)
    is_typed = data.kind == "typed"
    code = codes.typed_code(world.draw) if is_typed else code_of(world.draw(16))
    until = world.now + (1 if is_typed else data.days) * DAY_MS
    name = plain(data.name or "", "name") or None
    offer = Invitation(data.space, data.role, data.person, name, data.uses, until, request.user.person)
    key = codes.sought(world.secret, code)
    number = await db.write(seats.invite_as, request.user, (key, offer), world.now)
    url, shown = (f"{world.url}/liity", codes.shown(code)) if is_typed else (link(world.url, code), code)
    return answer(request, Invited(number, url, shown, until, draw_qr(url)), 201)


async def _code_for_tablet(data: InvitationForm, actor: Device, db: Database, world: World) -> Invited:
    if data.person is None or data.device is None:
        raise Refused("invalid", "person" if data.person is None else "device")
    code = codes.tablet_code(world.draw)
    whose = Awaited(data.person, bytes.fromhex(data.device))
    made = codes.sought_on_tablet(world.secret, code), world.now
    number, until = await db.write(make_code, actor, whose, made)
    return Invited(number, "", f"{code[:4]}-{code[4:]}", until, draw_qr(world.url))


@get("/api/invitations")
async def list_invitations(
    space: Number, request: Call, db: GivenDatabase, now: GivenNow
) -> Response[list[Offer]]:
    """The invitations to a space that one leads and that may still be taken up; never their codes."""
    return answer(request, await db.read(seats.waiting, request.user.person, space, now))


@delete("/api/invitations/{number:int}", status_code=204)
async def take_back(number: Number, db: GivenDatabase, device: GivenDevice, now: GivenNow) -> None:
    """Take back an invitation that one has made, or one to a space that one leads."""
    await db.write(seats.take_back, device.person, number, now)


@get("/api/persons")
async def list_persons(
    space: Number, request: Call, db: GivenDatabase, device: GivenDevice
) -> Response[list[PersonRow]]:
    """The members of a space that one may read, or leads."""
    rows = await db.read(seats.persons_of, device, space)
    return answer(request, [PersonRow(*row) for row in rows])


def target(person: Number, space: Number) -> Target:
    """The person and the space that a path names."""
    return person, space


TARGET = {"target": Provide(target, sync_to_thread=False)}


@patch("/api/persons/{number:int}", status_code=204)
async def rename(
    number: Number, data: JSONBody[NameForm], request: Call, db: GivenDatabase, now: GivenNow
) -> None:
    """Correct the name of somebody in a space that one leads."""
    name = plain(data.name, "name")
    if not name:
        raise Refused("invalid", "name")
    await db.write(seats.rename, request.user, (number, name), now)


@get("/api/persons/{person:int}/duties")
async def list_duties(person: Number, request: Call, db: GivenDatabase) -> Response[list[BehindRow]]:
    """What a person still has to see to, team by team, before they leave."""
    found = await db.read(left_behind, request.user, person)
    return answer(request, [_row(one) for one in found])


@put(
    "/api/persons/{person:int}/grants/{space:int}", status_code=204, opt={"proof": True}, dependencies=TARGET
)
async def give_grant(
    target: NamedDependency[Target],
    data: JSONBody[GrantForm],
    request: Call,
    db: GivenDatabase,
    world: GivenWorld,
) -> None:
    """Give somebody a role in a space that one leads, at once in place of another where one is named."""
    person, space = target
    instead = Parting(person, data.duties_to, [data.instead_of]) if data.instead_of else None
    giving = Giving(person, Seat(space, data.role), instead)
    await db.write(seats.give, request.user, giving, world)


@delete("/api/persons/{person:int}/grants/{space:int}", status_code=204, dependencies=TARGET)
async def end_grant(
    target: NamedDependency[Target],
    request: Call,
    db: GivenDatabase,
    world: GivenWorld,
    data: JSONBody[PartingForm | None] = None,
) -> None:
    """Leave a team, or remove somebody from a space that one leads; what they had to do there goes to another."""
    if target[0] != request.user.person:
        need_proof(request.user, world.now)
    person, space = target
    duties_to = data.duties_to if data else {}
    await db.write(seats.end, request.user, Parting(person, duties_to, [space]), world)


def _row(one: Behind) -> BehindRow:
    rows = [DutyRow(d.space, d.card.hex(), d.kind, d.title, d.sort) for d in one.duties]
    others = [PersonRow(other.person, other.name, other.role) for other in one.others]
    return BehindRow(one.space, one.name, one.sole, rows, others)


def link(public_url: str, code: str) -> str:
    """The link of an invitation: the code is in the fragment, so no server and no log ever sees it (D-33)."""
    return f"{public_url}/liity#{code}"


def draw_qr(text: str) -> Drawing:
    """A text as a QR code: one SVG path of bars, a unit high, with the quiet zone around it."""
    import segno  # needed by an invitation alone

    code = segno.make(text, error="m", micro=False)
    border = 4
    path = ""
    for y, row in enumerate(code.matrix_iter(border=border)):
        for run in re.finditer(rb"\x01+", bytes(row)):
            path += f"M{run.start()} {y}h{len(run[0])}v1h-{len(run[0])}z"
    return Drawing(int(code.symbol_size(border=border)[0]), path)


ROUTES = (
    invite,
    list_invitations,
    take_back,
    list_persons,
    rename,
    list_duties,
    give_grant,
    end_grant,
)

"""The tree of the organisation, lists of persons to invite, and the audit log (docs/devices.md section 12)."""

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Annotated, Literal

from litestar import Response, get, patch, post
from litestar.params import JSONBody, Parameter
from msgspec import Meta, Struct

from server import organisation, rosters
from server.organisation import Branch
from server.refusals import Refused
from server.rosters import Line, Roster, Ticket
from server.routes.given import GivenDatabase, GivenNow, GivenWorld
from server.routes.persons import MAX_NUMBER, Drawing, Number, draw_qr, link
from server.routes.wire import Call, answer
from server.store.audit import EventRow
from server.store.spaces import Space

MAX_ROSTER_BYTES = 512_000
Above = Annotated[int, Meta(ge=1, le=MAX_NUMBER)]
Names = dict[str, Annotated[str, Meta(max_length=organisation.MAX_NAME)]]


class SpaceForm(Struct):
    """An area or a team to be, and what it is below."""

    kind: Literal["team", "area"]
    names: Names
    above: Above


class SpaceChange(Struct):
    """A space's names in all its languages, or what it comes to be below."""

    names: Names | None = None
    above: Above | None = None


class SpaceMade(Struct):
    """A new space."""

    space: int


class RosterForm(Struct):
    """A list as a file's bytes, base64url; `space` is the team of lines that name none.

    `good_ones` asks for invitations though some lines are wrong.
    """

    text: Annotated[str, Meta(max_length=MAX_ROSTER_BYTES)]
    space: Above | None = None
    good_ones: bool = False


class LineRow(Struct, omit_defaults=True):
    """A line as it is understood, or what is wrong with it in words."""

    line: int
    name: str
    place: str
    role: str
    lang: str
    fault: str = ""
    field: str = ""


class TicketRow(Struct):
    """An invitation for one line, shown once."""

    name: str
    place: str
    role: str
    lang: str
    url: str
    until: int
    svg: Drawing


class RosterMade(Struct):
    """The invitations that were made, and the lines left out."""

    tickets: list[TicketRow]
    left_out: list[LineRow]


class Audit(Struct):
    """Lines of the audit log, the newest first, with the names of those and what is in them."""

    events: list[EventRow]
    persons: Mapping[int, str]
    spaces: Mapping[int, Mapping[str, str]]


@get("/api/organisation")
async def show_tree(request: Call, db: GivenDatabase) -> Response[list[Branch]]:
    """What one leads, with what lies above it."""
    return answer(request, await db.read(organisation.tree, request.user.person))


@post("/api/spaces", status_code=201, opt={"limit": "device"})
async def make_space(
    data: JSONBody[SpaceForm], request: Call, db: GivenDatabase, now: GivenNow
) -> Response[SpaceMade]:
    """Make an area or a team below what one leads."""
    wanted = Space(0, data.kind, data.names, data.above)
    made = await db.write(organisation.make, request.user.person, wanted, now)
    return answer(request, SpaceMade(made), 201)


@patch("/api/spaces/{number:int}", status_code=204)
async def change_space(
    number: Number, data: JSONBody[SpaceChange], request: Call, db: GivenDatabase, world: GivenWorld
) -> None:
    """Rename a space that one leads, or put a team under another area."""
    actor = request.user.person
    if data.names is not None:
        await db.write(organisation.rename, actor, Space(number, "", data.names, None), world.now)
    if data.above is not None:
        await db.write(organisation.move, actor, (number, data.above), world)


@post("/api/rosters/look", status_code=200, request_max_body_size=MAX_ROSTER_BYTES * 2)
async def look_at_roster(
    data: JSONBody[RosterForm], request: Call, db: GivenDatabase, now: GivenNow
) -> Response[list[LineRow]]:
    """Judge a list of persons line by line; makes nothing."""
    who = request.user
    lines = await db.read(rosters.look, (who.person, who.lang), roster_of(data), now)
    return answer(request, [_row(line, who.lang) for line in lines])


@post("/api/rosters", status_code=200, opt={"proof": True}, request_max_body_size=MAX_ROSTER_BYTES * 2)
async def take_roster(
    data: JSONBody[RosterForm], request: Call, db: GivenDatabase, world: GivenWorld
) -> Response[RosterMade]:
    """Make an invitation for every line of a list; nothing at all when one is wrong, unless asked for."""
    who, roster = request.user, roster_of(data)
    made, left = await db.write(rosters.invite_all, (who.person, who.lang), (roster, data.good_ones), world)
    rows = [_ticket(one, world.url) for one in made]
    return answer(request, RosterMade(rows, [_row(line, who.lang) for line in left]))


@get("/api/audit")
async def show_audit(
    request: Call,
    db: GivenDatabase,
    since: Annotated[int, Parameter(ge=0, le=MAX_NUMBER)] = 0,
    before: Annotated[int, Parameter(ge=0, le=MAX_NUMBER)] = 0,
) -> Response[Audit]:
    """The audit log for administrators of the organisation, from a day on, before a line (D-83)."""
    shown = await db.read(organisation.audit_log, request.user.person, since, before)
    return answer(request, Audit(*shown))


def roster_of(form: RosterForm) -> Roster:
    """A list as it was sent."""
    try:
        text = urlsafe_b64decode(form.text + "=" * (-len(form.text) % 4))
    except ValueError:
        raise Refused("invalid", "text") from None
    return Roster(text, form.space)


def _row(line: Line, lang: str) -> LineRow:
    fault = rosters.in_words(line, lang) if line.fault else ""
    return LineRow(line.line, line.name, line.place, line.role, line.lang, fault, line.field or "")


def _ticket(one: Ticket, public_url: str) -> TicketRow:
    line, url = one.line, link(public_url, one.code)
    return TicketRow(line.name, line.place, line.role, line.lang, url, one.until, draw_qr(url))


ROUTES = (show_tree, make_space, change_space, look_at_roster, take_roster, show_audit)

"""The drop box: who may drop something, what is dropped, and what became of it (docs/devices.md D-67 to D-71)."""

from typing import Annotated, Literal, TypeVar

import msgspec
from litestar import Response, post
from litestar.params import JSONBody
from msgspec import Meta, Struct

from server import drops
from server.drops import Asked, Came, Found, Proof
from server.limits import address_key
from server.refusals import Refused
from server.routes.given import GivenDatabase, GivenGate, GivenSettings, GivenTries, GivenWorld
from server.routes.wire import MSGPACK_TYPES, Call, answer
from server.store.people import Device

T = TypeVar("T")
NAMELESS = {"nameless": True, "public": True, "types": MSGPACK_TYPES}


class TicketsForm(Struct):
    """How many are wanted."""

    n: Annotated[int, Meta(ge=1, le=drops.FOR_TABLET)] = drops.FOR_PERSON


class Tickets(Struct):
    """Each is good for one drop."""

    tickets: list[bytes]


class DropForm(Struct):
    """A ticket, and words sealed for the server's key of this name."""

    ticket: Annotated[bytes, Meta(min_length=drops.TICKET_BYTES, max_length=drops.TICKET_BYTES)]
    box: Annotated[bytes, Meta(min_length=1, max_length=20_000)]
    kid: Annotated[bytes, Meta(min_length=8, max_length=8)]


class ClaimForm(Struct):
    """What a claim code gives, and what its holder wishes."""

    proof: Proof
    do: Literal["read", "reply", "withdraw"]
    text: str = ""


class NameForm(Struct):
    """What a claim code gives; in JSON as base64."""

    proof: Proof


@post("/api/tickets", status_code=200, opt={"limit": "device", "tablet": "too"})
async def hand_out(
    request: Call, data: JSONBody[TicketsForm], gate: GivenGate, tries: GivenTries, world: GivenWorld
) -> Response[Tickets]:
    """Tickets for the device of somebody who is signed in, or for a tablet that nobody has unlocked; nothing is
    noted.
    """
    device: Device | None = request.user
    if device is None:
        tablet = await gate.tablet(request.cookies)
        await tries.of_device(tablet.id, "tickets", world.now)
    elif data.n > drops.FOR_PERSON:
        raise Refused("invalid", "n")
    return answer(request, Tickets(drops.make_tickets(data.n, world)))


@post("/api/drop", status_code=204, opt=NAMELESS)
async def drop(request: Call, db: GivenDatabase, settings: GivenSettings, world: GivenWorld) -> None:
    """Take something that nobody wrote. The ticket is what limits it: no address is counted."""
    form = _read(await request.body(), DropForm)
    await drops.take(db, settings.data, Came(form.ticket, form.box, form.kid), world)


@post("/api/claim", status_code=200, opt=NAMELESS)
async def claim(request: Call, db: GivenDatabase, tries: GivenTries, world: GivenWorld) -> Response[Found]:
    """What became of it, for who holds the code. Wrong codes are counted by address, right ones are not."""
    form = _read(await request.body(), ClaimForm)
    address = address_key(request.client.host if request.client else "")
    await tries.of_claim(address, world.now)
    try:
        found = await drops.ask(db, Asked(form.proof, form.do, form.text), world)
    except Refused:  # of the wish, not of the code
        await tries.claim_was_right(address)
        raise
    if found is None:
        raise Refused("claim_unknown")
    await tries.claim_was_right(address)
    return answer(request, found)


@post("/api/claim/name", status_code=200, opt={"limit": "device"})
async def come_forward(
    data: JSONBody[NameForm], request: Call, db: GivenDatabase, tries: GivenTries, world: GivenWorld
) -> Response[Found]:
    """Who holds the code and is signed in puts their name to it. Wrong codes count as they do without a name."""
    device: Device = request.user
    address = address_key(request.client.host if request.client else "")
    await tries.of_claim(address, world.now)
    found = await drops.come_forward(db, data.proof, device.person, world)
    if found is None:
        raise Refused("claim_unknown")
    await tries.claim_was_right(address)
    return answer(request, found)


def _read(body: bytes, form: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(body, type=form)
    except msgspec.ValidationError:
        raise Refused("invalid") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Refused("bad_request") from None


ROUTES = (hand_out, drop, claim, come_forward)

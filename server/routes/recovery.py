"""Recovery codes: fresh ones, how many are left, and signing in by one (docs/devices.md D-39)."""

from typing import Annotated

from litestar import Response, get, post
from litestar.params import JSONBody
from msgspec import Meta, Struct

from server.people import Me, code_of
from server.routes.devices import plain, public_key
from server.routes.given import GivenDatabase, GivenDevice, GivenRecovery, GivenWorld
from server.routes.guard import session_cookie
from server.routes.wire import Call, answer
from server.sessions import Comer
from server.store.recovery import codes_left


class RecoverForm(Struct):
    """Whose code it is, by name, and on which device."""

    name_hint: Annotated[str, Meta(min_length=1, max_length=80)]
    code: Annotated[str, Meta(min_length=10, max_length=64)]
    sign_pub: Annotated[str, Meta(min_length=87, max_length=88)]
    device_name: Annotated[str, Meta(max_length=80)] = ""


class FreshCodes(Struct):
    """Codes that are shown once."""

    codes: list[str]


class CodesLeft(Struct):
    """How many codes have not been used."""

    left: int


@post("/api/recover", status_code=200, opt={"public": True, "limit": "address", "own": True})
async def recover(
    data: JSONBody[RecoverForm], request: Call, recovery: GivenRecovery, world: GivenWorld
) -> Response[Me]:
    """Sign in by name and recovery code; a wrong name and a wrong code look alike."""
    token, name = code_of(world.draw(32)), plain(data.device_name, "device_name")
    comer = Comer(name, public_key(data.sign_pub), world.draw(16), token, "recovery", True)
    reply = answer(request, await recovery.recover((data.name_hint, data.code), comer, world.now))
    reply.cookies = [session_cookie(token)]
    return reply


@post("/api/recovery-codes", status_code=201, opt={"proof": True, "limit": "device", "own": True})
async def make_codes(
    request: Call, recovery: GivenRecovery, device: GivenDevice, world: GivenWorld
) -> Response[FreshCodes]:
    """Eight fresh codes in the place of the old ones; shown this once."""
    return answer(request, FreshCodes(await recovery.renew(device, world.draw, world.now)), 201)


@get("/api/recovery-codes")
async def count_codes(request: Call, db: GivenDatabase, device: GivenDevice) -> Response[CodesLeft]:
    """How many codes are left."""
    return answer(request, CodesLeft(await db.read(codes_left, device.person)))


ROUTES = (recover, make_codes, count_codes)

"""Passkeys: making, showing, listing, dropping them, and signing in by one (docs/devices.md section 12)."""

from typing import Annotated, NamedTuple

from litestar import Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, Parameter
from msgspec import Meta, Struct

from server import people
from server.ceremonies import Ceremonies, drop
from server.passkeys import Options
from server.people import Me
from server.recovery import Recovery
from server.refusals import Refused
from server.routes.devices import plain, public_key
from server.routes.given import (
    GivenCeremonies,
    GivenDatabase,
    GivenDevice,
    GivenNow,
    GivenRecovery,
    GivenWorld,
)
from server.routes.guard import cookie, session_cookie
from server.routes.wire import Call, answer
from server.sessions import Comer
from server.store.passkeys import PasskeyRow, passkeys_of
from server.store.people import PROOF_MS

BROWSER_COOKIE = "__Host-v_c"
BROWSER_S = 300
Id = Annotated[str, Parameter(max_length=2_048)]  # 1,023 bytes at most, by the standard
OWN = {"limit": "device", "own": True}
NOBODY = {"public": True, "limit": "address", "own": True}


class Asked(Struct):
    """What the browser's own dialogue needs, as the JSON of WebAuthn."""

    options: Options


class MadeForm(Struct):
    """What an authenticator made, as the JSON of WebAuthn, and what its person calls it."""

    credential: dict[str, object]
    label: Annotated[str, Meta(max_length=80)] = ""


class MadePasskey(Struct):
    """A new passkey; `synced`: it lies with its person's other devices too."""

    id: str
    synced: bool


class LoginForm(Struct):
    """What an authenticator answered, on which device, with which author key."""

    credential: dict[str, object]
    sign_pub: Annotated[str, Meta(min_length=87, max_length=88)]
    device_name: Annotated[str, Meta(max_length=80)] = ""


class ProofForm(Struct):
    """What an authenticator answered, or a recovery code in its place."""

    credential: dict[str, object] | None = None
    code: Annotated[str, Meta(min_length=10, max_length=64)] | None = None


class Proofs(NamedTuple):
    """What a proof can be made with."""

    passkeys: Ceremonies
    codes: Recovery


def proofs(ceremonies: GivenCeremonies, recovery: GivenRecovery) -> Proofs:
    """Both of them."""
    return Proofs(ceremonies, recovery)


class Proved(Struct):
    """Until when the proof counts (ms)."""

    until: int


@post("/api/passkey/register/begin", status_code=200, opt=OWN)
async def begin_making(
    request: Call, ceremonies: GivenCeremonies, device: GivenDevice, now: GivenNow
) -> Response[Asked]:
    """Begin making a passkey; whoever has a way in already has to prove it first."""
    return answer(request, Asked(await ceremonies.begin_making(device, now)))


@post("/api/passkey/register/finish", status_code=201, opt=OWN)
async def finish_making(
    data: JSONBody[MadeForm], request: Call, ceremonies: GivenCeremonies, now: GivenNow
) -> Response[MadePasskey]:
    """Keep the passkey that was made."""
    made = await ceremonies.make(request.user, data.credential, plain(data.label, "label"), now)
    return answer(request, MadePasskey(made.id.hex(), made.synced), 201)


@get("/api/passkey")
async def list_passkeys(request: Call, db: GivenDatabase, device: GivenDevice) -> Response[list[PasskeyRow]]:
    """One's own passkeys."""
    return answer(request, await db.read(passkeys_of, device.person))


@delete("/api/passkey/{id_:str}", status_code=204, opt={"proof": True, **OWN})
async def drop_passkey(id_: Id, db: GivenDatabase, device: GivenDevice, now: GivenNow) -> None:
    """Drop a passkey of one's own, but not the last way in."""
    try:
        named = bytes.fromhex(id_)
    except ValueError:
        raise Refused("not_found") from None
    await db.write(drop, device, named, now)


@post("/api/passkey/login/begin", status_code=200, opt=NOBODY)
async def begin_login(request: Call, ceremonies: GivenCeremonies, world: GivenWorld) -> Response[Asked]:
    """Begin signing in; the answer has to come from the same browser."""
    browser = people.code_of(world.draw(32))
    reply = answer(request, Asked(await ceremonies.begin_showing("login", browser.encode(), world.now)))
    reply.cookies = [cookie(BROWSER_COOKIE, browser, BROWSER_S)]
    return reply


@post("/api/passkey/login/finish", status_code=200, opt=NOBODY)
async def finish_login(
    data: JSONBody[LoginForm], request: Call, ceremonies: GivenCeremonies, world: GivenWorld
) -> Response[Me]:
    """Sign in whoever's passkey it is."""
    token, browser = people.code_of(world.draw(32)), request.cookies.get(BROWSER_COOKIE, "")
    name = plain(data.device_name, "device_name")
    comer = Comer(name, public_key(data.sign_pub), world.draw(16), token, "passkey")
    signed_in = await ceremonies.log_in(data.credential, browser.encode(), comer, world.now)
    reply = answer(request, signed_in)
    reply.cookies = [session_cookie(token), cookie(BROWSER_COOKIE, "", 0)]
    return reply


@post("/api/passkey/stepup/begin", status_code=200, opt=OWN)
async def begin_step_up(
    request: Call, ceremonies: GivenCeremonies, device: GivenDevice, now: GivenNow
) -> Response[Asked]:
    """Begin proving that the person of this session is there."""
    return answer(
        request, Asked(await ceremonies.begin_showing("stepup", device.session, now, device.person))
    )


@post(
    "/api/passkey/stepup/finish",
    status_code=200,
    opt=OWN,
    dependencies={"proofs": Provide(proofs, sync_to_thread=False)},
)
async def finish_step_up(
    data: JSONBody[ProofForm], request: Call, proofs: NamedDependency[Proofs], now: GivenNow
) -> Response[Proved]:
    """Prove it, by a passkey or by a recovery code; the proof counts for five minutes."""
    if data.credential is not None:
        await proofs.passkeys.step_up(data.credential, request.user, now)
    elif data.code is not None:
        await proofs.codes.step_up(data.code, request.user, now)
    else:
        raise Refused("invalid", "credential")
    return answer(request, Proved(now + PROOF_MS))


ROUTES = (
    begin_making,
    finish_making,
    list_passkeys,
    drop_passkey,
    begin_login,
    finish_login,
    begin_step_up,
    finish_step_up,
)

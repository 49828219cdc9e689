"""Joining, and what a device may know and change about its own person (docs/devices.md section 12)."""

from base64 import urlsafe_b64decode
from typing import Annotated, Literal, NamedTuple

from litestar import Response, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody
from msgspec import UNSET, Meta, Struct, UnsetType

from server import codes, joining, people, tablets
from server.codes import Sought
from server.db import Database
from server.joining import Joining, Looked
from server.people import Me
from server.quiet import Quiet, write_quiet
from server.refusals import Refused
from server.routes.given import GivenDatabase, GivenDevice, GivenGate, GivenNow, GivenTries, GivenWorld
from server.routes.guard import SHARED_COOKIE, session_cookie, shared_cookie
from server.routes.problems import Problem, language, problem
from server.routes.wire import Call, answer
from server.sessions import Comer
from server.store.people import Device, end_session
from server.store.subscriptions import choose_push
from server.tablets import TabletMe
from server.tries import Tries
from server.world import World

PUBLIC_KEY_BYTES = 65
PUBLIC = {"public": True, "limit": "address", "own": True}

Code = Annotated[str, Meta(min_length=10, max_length=64)]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Lang = Literal["fi", "sv", "en"]


class JoinForm(Struct):
    """Taking up an invitation; `sign_pub` is the device's author key, base64url."""

    code: Code
    lang: Lang
    sign_pub: Annotated[str, Meta(min_length=87, max_length=88)]
    name: Annotated[str, Meta(max_length=80)] | None = None
    device_name: Annotated[str, Meta(max_length=80)] = ""


class LookForm(Struct):
    """Asking what an invitation is for."""

    code: Code


class MeForm(Struct):
    """What a person may change about themselves."""

    name: Name | UnsetType = UNSET
    colour: Annotated[int, Meta(ge=1, le=6)] | UnsetType = UNSET
    lang: Lang | UnsetType = UNSET
    quiet: Quiet | UnsetType = UNSET


class LogoutForm(Struct):
    """How many changes still wait on the device; they stay there."""

    waiting: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class Knocking(NamedTuple):
    """What it takes to look at a code."""

    db: Database
    world: World
    tries: Tries

    async def known(self, text: str) -> Sought:
        """The code as the database knows it; refused where it doesn't, which is noted."""
        code = codes.sought(self.world.secret, text)
        if not await self.db.write(joining.is_known, code, self.tries.most_wrong, self.world.now):
            raise Refused("code_unknown", "code")
        return code


def knocking(db: GivenDatabase, world: GivenWorld, tries: GivenTries) -> Knocking:
    """All of that."""
    return Knocking(db, world, tries)


AT_THE_DOOR = {"knocking": Provide(knocking, sync_to_thread=False)}


@post("/api/join", status_code=200, opt=PUBLIC, dependencies=AT_THE_DOOR)
async def join(data: JSONBody[JoinForm], request: Call, knocking: NamedDependency[Knocking]) -> Response[Me]:
    """Take up an invitation: make person and session, or add the grant to the person who is signed in."""
    db, world = knocking.db, knocking.world
    token, name = people.code_of(world.draw(32)), plain(data.device_name, "device_name")
    comer = Comer(name, public_key(data.sign_pub), world.draw(16), token, joining.WAY)
    code = await knocking.known(data.code)
    form = Joining(code, plain(data.name or "", "name"), data.lang, comer)
    device, is_new = await db.write(joining.join, form, request.user, world.now)
    reply = answer(request, await db.read(people.me, device))
    if is_new:
        reply.cookies = [session_cookie(token)]
    return reply


@post("/api/join/look", status_code=200, opt=PUBLIC, dependencies=AT_THE_DOOR)
async def look(
    data: JSONBody[LookForm], request: Call, knocking: NamedDependency[Knocking]
) -> Response[Looked]:
    """Say what an invitation is for; only joining uses it up."""
    code = await knocking.known(data.code)
    return answer(request, await knocking.db.read(joining.look, code, knocking.world.now))


@get("/api/me", opt={"tablet": True})
async def show_me(
    request: Call, db: GivenDatabase, gate: GivenGate
) -> Response[Me] | Response[TabletMe] | Response[Problem]:
    """What the device may know about its person; a locked tablet about itself. A cookie that belongs to no tablet is
    taken away: it would keep an own device out for as long as it lies there.
    """
    device: Device | None = request.user
    if device is not None:
        return answer(request, await db.read(people.me, device))
    if SHARED_COOKIE not in request.cookies:
        raise Refused("signed_out")
    try:
        tablet = await gate.tablet(request.cookies)
    except Refused as refusal:
        told = problem(request, refusal)
        told.cookies = [shared_cookie("")] if refusal.code == "not_enrolled" else []
        return told
    reply = answer(request, await db.read(tablets.me, tablet, language(request)))
    reply.cookies = [shared_cookie(request.cookies[SHARED_COOKIE])]
    return reply


@patch("/api/me")
async def change_me(data: JSONBody[MeForm], request: Call, db: GivenDatabase, now: GivenNow) -> Response[Me]:
    """Change the own name, colour, language or quiet hours."""
    changes: dict[str, str | int] = {}
    if data.name is not UNSET:
        changes["name"] = plain(data.name, "name") or _refuse("name")
    if data.colour is not UNSET:
        changes["colour"] = data.colour
    if data.lang is not UNSET:
        changes["lang"] = data.lang
    if data.quiet is not UNSET:
        await db.write(choose_push, request.user.person, write_quiet(data.quiet), now)
    return answer(request, await db.write(people.update_me, request.user, changes, now))


@post("/api/logout", status_code=204)
async def logout(data: JSONBody[LogoutForm], db: GivenDatabase, device: GivenDevice) -> Response[None]:
    """End the session on the server; what waits on the device stays there."""
    await db.write(end_session, device)
    return Response(None, cookies=[session_cookie("")])


def plain(text: str, field: str) -> str:
    """A name as typed but for spaces around and between; refuses control characters."""
    words = " ".join(text.split(" ")).strip()
    if any(not letter.isprintable() for letter in words):
        _refuse(field)
    return words


def public_key(text: str) -> bytes:
    """An author key: an uncompressed point on P-256, base64url."""
    from cryptography.hazmat.primitives.asymmetric import ec  # slow to import, needed when somebody joins

    try:
        point = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        _refuse("sign_pub")
    if len(point) != PUBLIC_KEY_BYTES:
        _refuse("sign_pub")
    return point


def _refuse(field: str) -> str:
    raise Refused("invalid", field)


ROUTES = (join, look, show_me, change_me, logout)

"""Organisation sign-in: leaving for the provider, coming back, linking (docs/sign-in.md)."""

from collections.abc import Callable
from typing import Annotated

import structlog
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from server import directory, people
from server.db import Database
from server.directory import UNDER_WAY_MS, Arriving, Word
from server.oidc import Asked, Provider, Returned
from server.people import Me
from server.refusals import Refused
from server.routes.devices import Lang, plain, public_key
from server.routes.given import GivenDatabase, GivenDevice, GivenSettings, GivenWorld
from server.routes.guard import cookie, session_cookie
from server.routes.wire import Call, answer
from server.sessions import Comer
from server.settings import Settings
from server.store import identities
from server.store.identities import UnderWay
from server.store.people import DAY_MS
from server.store.sessions import register_key
from server.world import World

BROWSER_COOKIE = "__Host-v_o"
NOBODY = {"public": True, "limit": "address", "own": True}
PROVED = {"proof": True, "limit": "device", "own": True}
log = structlog.get_logger()


class Ways(Struct, frozen=True):
    """Whether the organisation's sign-in is offered, what people call it, and whether it is linked to oneself."""

    on: bool
    name: str
    linked: bool


class Leaving(Struct, frozen=True):
    """Where to go to sign in."""

    url: str


class BeginForm(Struct):
    """Whether somebody has said that they are new here."""

    new: bool = False


class ReturnForm(Struct):
    """What the provider sent back with the browser, and what a device says of itself."""

    code: Annotated[str, Meta(min_length=1, max_length=8_000)]
    state: Annotated[str, Meta(min_length=1, max_length=100)]
    lang: Lang
    sign_pub: Annotated[str, Meta(min_length=87, max_length=88)]
    iss: Annotated[str, Meta(max_length=2_000)] | None = None
    device_name: Annotated[str, Meta(max_length=80)] = ""


class SignIn:
    """Takes people to the organisation's provider and back; the wait for it is outside any transaction."""

    def __init__(self, db: Database, settings: Settings, now: Callable[[], int]) -> None:
        self._db = db
        self._settings = settings
        self._provider = Provider(settings, now)

    async def look_at_groups(self) -> None:
        """Say in the log which groups open places that aren't there."""
        lost = await self._db.read(directory.lost, self._settings.oidc_groups)
        if lost:
            log.warning("oidc_groups", open_no_place=lost)

    async def leave(
        self, request: Call, world: World, person: int | None = None, is_new: bool = False
    ) -> Response[Leaving]:
        """Begin, to link or to sign in; the browser that asks gets a cookie and is the only one that can come back."""
        if not self._settings.oidc_issuer:
            raise Refused("not_found")
        new = directory.beginning(world.draw, person, is_new)
        url = await self._provider.address(new.state, new.asked)
        await self._db.write(directory.begin, new, world.now)
        reply = answer(request, Leaving(url))
        reply.cookies = [cookie(BROWSER_COOKIE, new.browser, UNDER_WAY_MS // 1000)]
        return reply

    async def come_back(self, form: ReturnForm, request: Call, world: World) -> Response[Me]:
        """Finish: signed in with a new session, or linked to the person who is signed in."""
        taken = await self._db.write(identities.take_under_way, people.hash_of(form.state))
        begun = directory.come_back(taken, request.cookies.get(BROWSER_COOKIE), world.now)
        if begun.person is not None and (request.user is None or request.user.person != begun.person):
            raise Refused("signed_out")
        asked = Asked(begun.nonce, begun.verifier)
        claimed = await self._provider.claims(Returned(form.code, form.iss), asked)
        word = Word(claimed, self._settings.oidc_groups)
        if begun.person is not None:
            await self._db.write(directory.link, word, request.user, world.now)
            await self._db.write(register_key, request.user, public_key(form.sign_pub))
            return answer(request, await self._db.read(people.me, request.user))
        arriving = self._arriving(word, form, begun, world)
        device = await self._db.write(directory.sign_in, arriving, world.now)
        reply = answer(request, await self._db.read(people.me, device))
        reply.cookies = [session_cookie(arriving.comer.token), cookie(BROWSER_COOKIE, "", 0)]
        return reply

    def _arriving(self, word: Word, form: ReturnForm, begun: UnderWay, world: World) -> Arriving:
        token, name = people.code_of(world.draw(32)), plain(form.device_name, "device_name")
        comer = Comer(name, public_key(form.sign_pub), world.draw(16), token, directory.WAY)
        until = world.now + self._settings.oidc_days * DAY_MS
        return Arriving(word, form.lang, comer, until, begun.is_new)


GivenSignIn = NamedDependency[SignIn]


@get("/api/oidc", opt={"public": True, "own": True})
async def show(request: Call, db: GivenDatabase, settings: GivenSettings) -> Response[Ways]:
    """Say whether there is an organisation sign-in here."""
    issuer, device = settings.oidc_issuer, request.user
    known = await db.read(identities.issuers_of, device.person) if issuer and device else []
    return answer(request, Ways(bool(issuer), settings.oidc_name, issuer in known))


@post("/api/oidc/begin", status_code=200, opt=NOBODY)
async def begin(
    data: JSONBody[BeginForm], request: Call, sign_in: GivenSignIn, world: GivenWorld
) -> Response[Leaving]:
    """Begin to sign in."""
    return await sign_in.leave(request, world, is_new=data.new)


@post("/api/oidc/link", status_code=200, opt=PROVED)
async def begin_link(request: Call, sign_in: GivenSignIn, world: GivenWorld) -> Response[Leaving]:
    """Begin to link an account of the directory to oneself."""
    return await sign_in.leave(request, world, request.user.person)


@post("/api/oidc/finish", status_code=200, opt=NOBODY)
async def finish(
    data: JSONBody[ReturnForm], request: Call, sign_in: GivenSignIn, db: GivenDatabase, world: GivenWorld
) -> Response[Me]:
    """Come back from the provider. A state counts once, whatever comes of it."""
    try:
        return await sign_in.come_back(data, request, world)
    except Refused as refusal:
        if refusal.code != "identity_new":
            await db.write(directory.fail, refusal.code, world.now)
        raise


@delete("/api/oidc", status_code=204, opt=PROVED)
async def unlink(db: GivenDatabase, device: GivenDevice, settings: GivenSettings, world: GivenWorld) -> None:
    """Undo a link: the account opens nothing here any more."""
    await db.write(directory.unlink, device, settings.oidc_issuer, world.now)


ROUTES = (show, begin, begin_link, finish, unlink)

"""Tablets over HTTP: enrolment, copies on them, approval (docs/devices.md section 12)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Annotated, Literal

from litestar import Response, delete, get, post
from litestar.params import JSONBody, Parameter
from msgspec import Meta, Struct, structs

from server import approval, codes, people, tablets, unlock
from server.approval import Answered
from server.people import Me, code_of
from server.refusals import Refused
from server.routes.devices import Name, plain, public_key
from server.routes.given import GivenDatabase, GivenNow, GivenTablet, GivenTries, GivenWorld
from server.routes.guard import SHARED_COOKIE, shared_cookie, unlock_cookie
from server.routes.own import Id, named
from server.routes.persons import Drawing, Known, Number, draw_qr
from server.routes.problems import language
from server.routes.wire import Call, answer
from server.store import invitations
from server.store import tablets as stored
from server.tablets import NewTablet, TabletMe

ON_TABLET = {"tablet": True}
SHORTEST, LONGEST = 87, 88
SignPub = Annotated[str, Meta(min_length=SHORTEST, max_length=LONGEST)]
LinkCode = Annotated[str, Meta(min_length=22, max_length=22)]
Check = Literal["managed", "encrypted", "no_debugging", "kiosk", "no_learning", "updates"]
RequestId = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]


class NewForm(Struct):
    """A tablet to be, and its teams."""

    spaces: Annotated[list[Known], Meta(min_length=1, max_length=64)]
    name: Name
    strong_lock: bool = False


class EnrolForm(Struct):
    """The code in the link; `name` where the tablet is to be called otherwise; what was ticked (D-52)."""

    code: LinkCode
    name: Annotated[str, Meta(max_length=80)] = ""
    checked: Annotated[list[Check], Meta(max_length=6)] = []


class AskForm(Struct):
    """The author key that somebody has made on the tablet, base64url."""

    sign_pub: SignPub


class CodeForm(Struct):
    """The code of a request."""

    code: LinkCode


class ApproveForm(CodeForm):
    """With the number that was picked."""

    number: Annotated[int, Meta(ge=10, le=99)]


class CopyForm(Struct):
    """A request that was approved, or a leader's code with the author key."""

    request: RequestId | None = None
    code: Annotated[str, Meta(min_length=8, max_length=12)] | None = None
    sign_pub: SignPub | None = None


class PersonForm(Struct):
    """Whose copy it is, and which: one person may have had others on this tablet."""

    person: Known
    device: RequestId | None = None

    def wanted(self) -> unlock.Wanted:
        """The same as the rules ask for it."""
        return unlock.Wanted(self.person, bytes.fromhex(self.device) if self.device else None)


class FinishForm(PersonForm, kw_only=True):
    """With the signature of their author key, 64 bytes, base64url."""

    signature: Annotated[str, Meta(max_length=88)]


class Enrolling(Struct):
    """The link that makes a browser the tablet, as text and as a picture."""

    url: str
    until: int
    qr: Drawing


class Asked(Struct):
    """What stands on the tablet while it waits for a phone."""

    id: str
    code: str
    number: int
    until: int
    url: str
    qr: Drawing


class SeenRow(Struct):
    """What the phone is asked."""

    device: str
    unit: list[str]
    numbers: list[int]
    sign_pub: str


class Challenged(Struct):
    """What the author key is to sign after its name and the copy's id; base64url."""

    challenge: str


class Shared(Struct):
    """What a strong lock takes besides the PIN, 32 bytes, base64url."""

    share: str


class Opened(Me, frozen=True, kw_only=True):
    """Who is there now, with the half that goes in the header of every request, and what a team's legs lie under."""

    unlock: str
    leg_keys: dict[str, str]


@post("/api/devices/codes", status_code=201, opt={"limit": "device", "proof": True, "own": True})
async def prepare(
    data: JSONBody[NewForm], request: Call, db: GivenDatabase, world: GivenWorld
) -> Response[Enrolling]:
    """A leader makes a link that turns a browser into a tablet of their teams."""
    code = code_of(world.draw(16))
    new = NewTablet(data.spaces, plain(data.name, "name") or _refuse("name"), data.strong_lock)
    until = await db.write(tablets.prepare, request.user, new, codes.of_link(code), world)
    url = f"{world.url}/laite#{code}"
    return answer(request, Enrolling(url, until, draw_qr(url)), 201)


@post("/api/devices", status_code=201, opt={"public": True, "limit": "address"})
async def enrol(
    data: JSONBody[EnrolForm], request: Call, db: GivenDatabase, world: GivenWorld
) -> Response[TabletMe]:
    """This browser is that tablet from now on. One in which somebody is signed in stays an own device: whoever
    followed a link that they were sent would be shut out of it.
    """
    if request.user is not None and SHARED_COOKIE not in request.cookies:
        raise Refused("not_allowed")
    token, said = code_of(world.draw(32)), tablets.Enrolling(plain(data.name, "name"), data.checked)
    made = await db.write(tablets.enrol, codes.of_link(data.code), said, people.hash_of(token), world.now)
    reply = answer(request, await db.read(tablets.me, made, language(request)), 201)
    reply.cookies = [shared_cookie(token)]
    return reply


@post("/api/devices/requests", status_code=201, opt=ON_TABLET)
async def ask(
    data: JSONBody[AskForm], request: Call, db: GivenDatabase, tablet: GivenTablet, world: GivenWorld
) -> Response[Asked]:
    """The tablet asks a phone to approve an author key; what it asked before is over."""
    key, code = public_key(data.sign_pub), code_of(world.draw(16))
    made = await db.write(approval.ask, tablet, key, (people.hash_of(code), world))
    print_ = urlsafe_b64encode(sha256(key).digest()).decode().rstrip("=")
    url = f"{world.url}/hyvaksy#{code}{print_}"
    return answer(request, Asked(made.id.hex(), code, made.number, made.until, url, draw_qr(url)), 201)


@get("/api/devices/requests/{id_:str}", opt=ON_TABLET)
async def see_request(
    id_: Annotated[str, Parameter(max_length=64)],
    request: Call,
    db: GivenDatabase,
    tablet: GivenTablet,
    now: GivenNow,
) -> Response[Answered]:
    """What has become of a request of this tablet's."""
    return answer(request, await db.read(approval.answered, tablet, named(id_), now))


@post("/api/devices/approve/look", status_code=200, opt={"limit": "device", "own": True})
async def look(
    data: JSONBody[CodeForm], request: Call, db: GivenDatabase, now: GivenNow
) -> Response[SeenRow]:
    """What a tablet asks."""
    seen = await db.read(approval.look, request.user, people.hash_of(data.code), now)
    key = urlsafe_b64encode(seen.sign_pub).decode().rstrip("=")
    return answer(request, SeenRow(seen.device, list(seen.unit), list(seen.numbers), key))


@post("/api/devices/approve", status_code=204, opt={"limit": "device", "proof": True, "own": True})
async def approve(data: JSONBody[ApproveForm], request: Call, db: GivenDatabase, now: GivenNow) -> None:
    """Approve what a tablet asks; a wrong number ends it."""
    picked = people.hash_of(data.code), data.number
    if not await db.write(approval.approve, request.user, picked, now):
        raise Refused("number_wrong", "number")


@post("/api/devices/persons", status_code=201, opt=ON_TABLET)
async def take_copy(
    data: JSONBody[CopyForm],
    request: Call,
    db: GivenDatabase,
    tablet: GivenTablet,
    tries: GivenTries,
    world: GivenWorld,
) -> Response[Me]:
    """A person has a copy on this tablet from now on."""
    await tries.of_device(tablet.id, "take_copy", world.now)
    if data.request is not None:
        made = await db.write(approval.by_request, tablet, bytes.fromhex(data.request), world)
        return answer(request, made, 201)
    if data.code is None or data.sign_pub is None:
        raise Refused("invalid", "code")
    key = codes.sought_on_tablet(world.secret, data.code)
    if await db.write(invitations.try_code, key, tries.most_wrong) != key.hash:
        raise Refused("code_unknown", "code")
    await db.write(invitations.forgive_try, key)
    held = key, public_key(data.sign_pub)
    return answer(request, await db.write(approval.by_code, tablet, held, world), 201)


@delete("/api/devices/{uuid:str}/persons/{person:int}", status_code=204)
async def remove_copy(uuid: Id, person: Number, request: Call, db: GivenDatabase, now: GivenNow) -> None:
    """Somebody's copies on a tablet are no more: by their person, or by a leader of its teams."""
    await db.write(tablets.remove_copy, request.user, (named(uuid), person), now)


@post("/api/unlock/begin", status_code=200, opt=ON_TABLET)
async def begin_unlock(
    data: JSONBody[PersonForm], request: Call, db: GivenDatabase, tablet: GivenTablet, world: GivenWorld
) -> Response[Challenged]:
    """What a copy has to sign."""
    value = await db.write(unlock.begin, tablet, data.wanted(), world.draw(32), world.now)
    return answer(request, Challenged(urlsafe_b64encode(value).decode().rstrip("=")))


@post("/api/unlock/finish", status_code=200, opt=ON_TABLET)
async def finish_unlock(
    data: JSONBody[FinishForm], request: Call, db: GivenDatabase, tablet: GivenTablet, world: GivenWorld
) -> Response[Opened]:
    """A copy is open: one half goes in a cookie, the other in the header of every request."""
    copy, value = await db.write(unlock.take, tablet, data.wanted(), world.now)
    if value is None or not unlock.is_signed(copy, value, _bytes(data.signature)):
        raise Refused("author_unknown")
    token, half = code_of(world.draw(32)), code_of(world.draw(16))
    device = await db.write(unlock.finish, tablet, copy, unlock.hash_of(token, half), world.now)
    me = await db.read(people.me, device)
    spaces = [grant[0] for grant in me.grants]
    keys = await db.read(unlock.leg_keys, tablet, spaces, world.secret)
    reply = answer(request, Opened(**structs.asdict(me), unlock=half, leg_keys=keys))
    reply.cookies = [unlock_cookie(token)]
    return reply


@post("/api/unlock/share", status_code=200, opt=ON_TABLET)
async def give_share(
    data: JSONBody[PersonForm],
    request: Call,
    db: GivenDatabase,
    tablet: GivenTablet,
    tries: GivenTries,
    world: GivenWorld,
) -> Response[Shared]:
    """The share of a copy under a strong lock; without it no PIN opens what the tablet holds."""
    await db.read(unlock.look, tablet, data.wanted())
    await tries.of_share(data.person, world.now)
    found = await db.write(unlock.share, tablet, data.wanted(), world.draw(32))
    return answer(request, Shared(urlsafe_b64encode(found).decode().rstrip("=")))


@post("/api/lock", status_code=204, opt=ON_TABLET)
async def lock(db: GivenDatabase, tablet: GivenTablet) -> Response[None]:
    """Nobody is at this tablet any more."""
    await db.write(stored.lock, tablet.id)
    return Response(None, cookies=[unlock_cookie("")])


def _bytes(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise Refused("author_unknown") from None


def _refuse(field: str) -> str:
    raise Refused("invalid", field)


ROUTES = (
    prepare,
    enrol,
    ask,
    see_request,
    look,
    approve,
    take_copy,
    remove_copy,
    begin_unlock,
    finish_unlock,
    give_share,
    lock,
)

"""Being woken: the installation's key, and which browser wishes it (docs/devices.md section 11)."""

from hashlib import sha256
from typing import Annotated, NamedTuple

from litestar import Response, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody
from msgspec import Meta, Struct

from server.db import Database
from server.endpoints import MAX_LENGTH, Offered
from server.refusals import Refused
from server.routes.given import GivenDatabase, GivenDevice, GivenNow
from server.routes.wire import Call, answer
from server.store import subscriptions
from server.store.subscriptions import Subscribed
from server.world import Millis

GivenOffered = NamedDependency[Offered]
OWN = {"own": True}  # a shared device is never woken (D-37)
Address = Annotated[str, Meta(min_length=1, max_length=MAX_LENGTH)]
Key = Annotated[str, Meta(max_length=100)]


class SubscribeForm(Struct):
    """What the browser's push service has given it; keys are base64url."""

    endpoint: Address
    p256dh: Key
    auth: Key


class UnsubscribeForm(Struct):
    """Which subscription ends."""

    endpoint: Address


class PushKey(Struct):
    """The installation's public key, nothing where it wakes nobody; `here`: the hash of what it knows of this session.

    The hash is SHA-256 of the endpoint, in hexadecimal.
    """

    public: str | None
    here: str | None


@get("/api/push/key", opt=OWN)
async def show_key(
    request: Call, db: GivenDatabase, device: GivenDevice, offered: GivenOffered
) -> Response[PushKey]:
    """What a browser needs to be woken, and whether the server knows it (D-89)."""
    known = await db.read(subscriptions.endpoint_of, device.session)
    here = sha256(known.encode()).hexdigest() if known else None
    return answer(request, PushKey(offered.public, here))


class Noting(NamedTuple):
    """What it takes to note a browser."""

    db: Database
    offered: Offered
    now: Millis


def noting(db: GivenDatabase, offered: GivenOffered, now: GivenNow) -> Noting:
    """All of that."""
    return Noting(db, offered, now)


@post(
    "/api/push/subscribe",
    status_code=204,
    opt=OWN,
    dependencies={"noting": Provide(noting, sync_to_thread=False)},
)
async def subscribe(
    data: JSONBody[SubscribeForm], device: GivenDevice, noting: NamedDependency[Noting]
) -> None:
    """Wake this session's browser from now on; in place of what was known of it."""
    from server.webpush import subscriber  # slow to import, needed when somebody wishes to be woken

    offered = noting.offered
    if offered.public is None or offered.allowed.endpoint(data.endpoint) is None:
        raise Refused("endpoint_refused", "endpoint")
    keys = subscriber(data.p256dh, data.auth)
    if keys is None:
        raise Refused("invalid", "p256dh")
    browser = Subscribed(data.endpoint, keys.p256dh, keys.auth)
    await noting.db.write(subscriptions.subscribe, device, browser, noting.now)


@delete("/api/push/subscribe", status_code=204)
async def unsubscribe(data: JSONBody[UnsubscribeForm], db: GivenDatabase, device: GivenDevice) -> None:
    """Wake it no more; an endpoint that nobody knows is no fault."""
    await db.write(subscriptions.unsubscribe, device, data.endpoint)


ROUTES = (show_key, subscribe, unsubscribe)

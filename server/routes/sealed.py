"""Words that come sealed, and the keys to seal with (docs/devices.md D-62, D-65)."""

from collections.abc import Sequence

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from msgspec import Raw, Struct

from server.db import Transaction
from server.envelope import Sealed
from server.intake import Intake
from server.keys import OfferedKey, offered
from server.refusals import Refused
from server.routes.given import GivenDatabase, GivenNow, GivenPhotos, GivenSettings
from server.routes.wire import MSGPACK_TYPES, Call, answer
from server.sealed import MOST_ITEMS, Delivered, Reception, take
from server.store.spaces import meta_of

MAX_SEALED_BYTES = 2_000_000
NOTHING = Sealed(0, b"", b"", b"", b"")


class SealedForm(Struct):
    """Sealed records, each read alone."""

    items: list[Raw]


class Offer(Struct):
    """The keys of the server, what time it is there, and in which life it is: after a restore it has begun another.
    With it goes where misconduct is reported (D-72), if that is anywhere: whoever asks for this is nobody.
    """

    keys: list[OfferedKey]
    now: int
    epoch: str
    report: str


@get("/api/keys", opt={"public": True, "limit": "sealed"})
async def list_keys(
    request: Call, db: GivenDatabase, settings: GivenSettings, now: GivenNow
) -> Response[Offer]:
    """The keys that devices may seal with: the active one, and the one that follows it."""
    return answer(request, await db.read(_offer, settings.report_url, now))


def _offer(txn: Transaction, report: str, now: int) -> Offer:
    return Offer(offered(txn), now, (meta_of(txn, "epoch") or b"").hex(), report)


@post(
    "/api/sealed",
    status_code=200,
    opt={"public": True, "limit": "sealed", "types": MSGPACK_TYPES},
    request_max_body_size=MAX_SEALED_BYTES,
)
async def deliver(
    request: Call,
    db: GivenDatabase,
    intake: NamedDependency[Intake],
    photos: GivenPhotos,
    settings: GivenSettings,
    now: GivenNow,
) -> Response[Delivered]:
    """Take sealed words; the answer says of each whether it is stored, never what became of it."""
    items = _items(await request.body())
    return answer(request, await take(Reception(db, intake, photos, settings.data), items, now))


def _items(body: bytes) -> Sequence[Sealed]:
    try:
        raws = msgspec.msgpack.decode(body, type=SealedForm).items
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Refused("bad_request") from None
    if len(raws) > MOST_ITEMS:
        raise Refused("too_large", "items")
    return [_item(raw) for raw in raws]


def _item(raw: Raw) -> Sealed:
    """What is no sealed record stops none of the others."""
    try:
        return msgspec.msgpack.decode(raw, type=Sealed)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return NOTHING


ROUTES = (list_keys, deliver)

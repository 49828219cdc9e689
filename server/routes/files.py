"""Photos by the hash of their content (docs/devices.md D-79, D-80)."""

from typing import Annotated

from litestar import Response, get, put
from litestar.params import Parameter

from server.photos import MAX_PHOTO_BYTES
from server.refusals import Refused
from server.routes.given import GivenDatabase, GivenPhotos
from server.routes.wire import Call
from server.store.photos import may_see

Sha256 = Annotated[str, Parameter(pattern="^[0-9a-f]{64}$")]
INERT = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Content-Disposition": 'inline; filename="kuva.jpg"',
}


@put(
    "/api/files/{sha:str}",
    status_code=204,
    opt={"types": ("image/jpeg", "application/octet-stream")},
    request_max_body_size=MAX_PHOTO_BYTES,
    include_in_schema=False,
)
async def put_photo(sha: Sha256, request: Call, photos: GivenPhotos) -> None:
    """Keep a photo; the reply is the same whether it was there already."""
    await photos.keep(sha, await request.body())


@get("/api/files/{sha:str}", include_in_schema=False)
async def get_photo(sha: Sha256, request: Call, photos: GivenPhotos, db: GivenDatabase) -> Response[bytes]:
    """A photo, for those who may read a card that names it; alike for unknown ones and those not for them."""
    photo = (
        await photos.photo(sha) if await db.read(may_see, request.user.person, bytes.fromhex(sha)) else None
    )
    if photo is None:
        raise Refused("not_found")
    return Response(photo, media_type="image/jpeg", headers=INERT)


ROUTES = (put_photo, get_photo)

"""Whether the server can do its work, for whoever watches it."""

from litestar import Response, get
from msgspec import Struct

from server.db import UNAVAILABLE
from server.routes.given import GivenDatabase, GivenSettings
from server.routes.wire import Call, answer
from server.schema import is_current
from server.store.spaces import touch_meta


class Health(Struct):
    """`ok` is all of the others together."""

    ok: bool
    database: str
    migrations: str


@get("/health", opt={"public": True})
async def health(request: Call, db: GivenDatabase, settings: GivenSettings) -> Response[Health]:
    """200 where the database can be written and its tables are current, 503 otherwise."""
    try:
        await db.write(touch_meta)
        current = is_current(settings.database_file)
        state = Health(current, "writable", "current" if current else "old")
    except UNAVAILABLE:
        state = Health(False, "read_only", "unknown")
    return answer(request, state, 200 if state.ok else 503)

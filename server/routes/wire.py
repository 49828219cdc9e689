"""Bodies in and out: MessagePack or JSON by the caller's choice, gzip with a limit (docs/devices.md D-81)."""

import zlib
from typing import TypeVar

from litestar import MediaType, Request, Response
from litestar.datastructures import State

from server.refusals import Refused
from server.store.people import Device

MSGPACK_TYPES = ("application/x-msgpack", "application/msgpack", "application/vnd.msgpack")
T = TypeVar("T")


class Call(Request[Device, str, State]):
    """A request whose body may be MessagePack wherever it may be JSON."""

    async def json(self) -> object:
        """Decode the body by its content type; refuses one that is nested too deep or is not UTF-8."""
        try:
            if self.content_type[0] in MSGPACK_TYPES:
                return await self.msgpack()
            return await super().json()
        except (RecursionError, UnicodeDecodeError):
            raise Refused("bad_request") from None


def answer(request: Call, content: T, status: int = 200) -> Response[T]:
    """A reply in MessagePack when the caller asks for that, in JSON otherwise."""
    media_type = MediaType.MESSAGEPACK if wants_msgpack(request) else MediaType.JSON
    return Response(content, status_code=status, media_type=media_type)


def wants_msgpack(request: Request[Device, str, State]) -> bool:
    """Whether the caller asked for MessagePack."""
    return "msgpack" in request.headers.get("accept", "")


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """A request body as it was before compression; stops at `limit` bytes and refuses the rest.

    >>> import gzip
    >>> unpack(gzip.compress(b"lappu"), "gzip", 10)
    b'lappu'
    """
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise Refused("unsupported_type", "content-encoding")
    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = stream.decompress(body, limit + 1)
    except zlib.error:
        raise Refused("bad_request") from None
    if len(plain) > limit:
        raise Refused("too_large")
    if not stream.eof or stream.unused_data:
        raise Refused("bad_request")
    return plain

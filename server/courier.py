"""Carries sealed messages to push services, and nowhere else (D-86, D-87).

Our own small client: no redirects, no proxy from the environment, ten seconds, replies read to 4 kB. A name is looked
up once, its address checked, and the connection goes to that very address; the certificate has to be the name's.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable
from email.utils import parsedate_to_datetime
from typing import Literal

import httpcore
from msgspec import Struct

from server.endpoints import Allowed, Endpoint
from server.webpush import Letter

LIMIT_S = 10
CONNECT_S = 3  # to one address, so that there is time for the next
MAX_REPLY_BYTES = 4_000
MOST_AT_ONCE = 10
DAY_S = 86_400
GONE = (404, 410)
REFUSED = (400, 401, 403)

Resolve = Callable[[str, int], Awaitable[list[str]]]
Fate = Literal["sent", "gone", "refused", "later"]


class Outcome(Struct, frozen=True):
    """What became of a message; `wait_s` is what the service asked for, 0 where it asked for nothing."""

    fate: Fate
    status: int = 0
    wait_s: int = 0


class Courier:
    """Holds the connections to push services; to be closed."""

    def __init__(
        self, allowed: Allowed, trust: ssl.SSLContext | None = None, resolve: Resolve | None = None
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trust or ssl.create_default_context(),
            max_connections=MOST_AT_ONCE,
            keepalive_expiry=LIMIT_S,
            network_backend=_Checked(allowed, resolve or look_up),
        )

    async def send(self, to: Endpoint, letter: Letter, now: int) -> Outcome:
        """Send one message; `now` in milliseconds is for services that name a date to wait for. Never raises."""
        try:
            async with asyncio.timeout(LIMIT_S):
                return await self._post(to, letter, now)
        except (
            TimeoutError,
            OSError,
            httpcore.NetworkError,
            httpcore.TimeoutException,
            httpcore.ProtocolError,
            UnicodeError,  # a name that no name server could know
        ):
            return Outcome("later")

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def _post(self, to: Endpoint, letter: Letter, now: int) -> Outcome:
        url = httpcore.URL(scheme=to.scheme, host=to.host, port=to.port, target=to.target)
        headers = {"Host": to.origin.partition("//")[2], "Content-Length": str(len(letter.body))}
        async with self._pool.stream(
            "POST", url, headers=list((headers | letter.headers).items()), content=letter.body
        ) as reply:
            read = 0
            async for part in reply.aiter_stream():
                read += len(part)
                if read > MAX_REPLY_BYTES:
                    break  # the connection is closed with the rest of it
            return outcome(reply.status, wait_of(reply.headers, now))


def outcome(status: int, wait_s: int) -> Outcome:
    """What a service's answer means (D-88).

    >>> [outcome(status, 0).fate for status in (201, 404, 403, 429, 301)]
    ['sent', 'gone', 'refused', 'later', 'refused']
    """
    if 200 <= status < 300:
        return Outcome("sent", status)
    if status in GONE:
        return Outcome("gone", status)
    if status == 429 or status >= 500:
        return Outcome("later", status, wait_s)
    return Outcome("refused", status)


def wait_of(headers: Iterable[tuple[bytes, bytes]], now: int) -> int:
    """For how many seconds a service wants to be left alone: a number or a date, a day at most.

    >>> wait_of([(b"Retry-After", b"120")], 0), wait_of([(b"retry-after", b"soon")], 0)
    (120, 0)
    >>> wait_of([(b"Retry-After", b"Thu, 01 Jan 1970 00:02:00 GMT")], 60_000)
    60
    """
    said = next((value for name, value in headers if name.lower() == b"retry-after"), b"").decode(
        "ascii", "replace"
    )
    if said.strip().isdecimal():
        return min(int(said), DAY_S)
    try:
        return max(0, min(round(parsedate_to_datetime(said).timestamp() - now / 1000), DAY_S))
    except (ValueError, TypeError):
        return 0


async def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=1)
    return [str(address[0]) for *_, address in found]


class _Checked(httpcore.AsyncNetworkBackend):
    """Connects to addresses that may be connected to; TLS still asks for the host's own name."""

    def __init__(self, allowed: Allowed, resolve: Resolve) -> None:
        self._allowed, self._resolve = allowed, resolve
        self._line = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as httpcore calls it
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address of the host that is good and answers."""
        failure: Exception = ConnectionRefusedError(f"{host} has no address that may be written to")
        for address in await self._resolve(host, port):
            if self._allowed.address(address):
                try:
                    return await self._line.connect_tcp(address, port, timeout or CONNECT_S)
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                    failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Between tries of the pool's own, of which there are none."""
        await asyncio.sleep(seconds)

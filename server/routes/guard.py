"""Who may come in: origin, content type, session (docs/devices.md D-30, D-31, D-73, D-74)."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256

import msgspec
from litestar import WebSocket
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.enums import ScopeType
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import BaseRouteHandler

from server import unlock
from server.db import UNAVAILABLE, Database
from server.limits import address_key
from server.people import hash_of
from server.refusals import Refused
from server.routes.wire import MSGPACK_TYPES
from server.sessions import need_proof
from server.settings import Settings
from server.store import people, tablets, unlocks
from server.store.people import DAY_MS, Device
from server.store.tablets import Tablet
from server.tries import Tries

SESSION_COOKIE = "__Host-v_s"
SHARED_COOKIE = "__Host-v_d"  # of a shared device
UNLOCK_COOKIE = "__Host-v_p"  # one half of what opens a copy on it (D-38)
SESSION_MAX_AGE_S = 400 * 24 * 3600
WATCHED = ("/health", "/metrics")  # by whatever name whoever watches knows this machine
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
MESSAGE_TYPES = (*MSGPACK_TYPES, "application/json")
CLOSE_CODES = {"cross_site": 4403, "gone": 4410}
SIGNED_OUT = 4401
RESTART_S = 5  # what a restart takes
MOST_SEALED_WAIT_S = 60
HELLO_S = 5

Connection = ASGIConnection[BaseRouteHandler, Device | None, object, State]


def session_cookie(token: str) -> Cookie:
    """The cookie of a session; an empty token ends it in the browser."""
    return cookie(SESSION_COOKIE, token, SESSION_MAX_AGE_S if token else 0)


def shared_cookie(token: str) -> Cookie:
    """The cookie that says which tablet it is; an empty token makes it none."""
    return cookie(SHARED_COOKIE, token, SESSION_MAX_AGE_S if token else 0)


def unlock_cookie(token: str) -> Cookie:
    """One half of what opens a copy; it ends with the browser, an empty one at once."""
    return cookie(UNLOCK_COOKIE, token, None if token else 0)


def cookie(key: str, value: str, max_age_s: int | None) -> Cookie:
    """The one maker of cookies."""
    return Cookie(
        key=key, value=value, path="/", max_age=max_age_s, secure=True, httponly=True, samesite="lax"
    )


class Gate:
    """Stands before every route: where a request comes from, in what form, and whose it is."""

    def __init__(self, settings: Settings, db: Database, tries: Tries, now: Callable[[], int]) -> None:
        self._settings = settings
        self._db = db
        self._tries = tries
        self._now = now
        self.is_closing = False  # nothing is changed any more: the server is about to end

    async def check(self, connection: Connection, route: BaseRouteHandler) -> None:
        """Guard of every HTTP route; a live socket is met by `greet` instead, which can say why it closes."""
        scope = connection.scope
        if scope["type"] == ScopeType.WEBSOCKET or scope["path"] in WATCHED:
            return
        self._known_host(connection)
        if not scope["path"].startswith("/api"):
            scope["user"] = None
            return
        if scope["method"] not in SAFE_METHODS and self.is_closing:
            raise Refused("read_only", retry_after_s=RESTART_S)
        if scope["method"] not in SAFE_METHODS:
            self._same_site(connection)
            self._known_type(connection, route)
        if route.opt.get("nameless"):  # whoever it is, nothing of them is looked at
            scope["user"] = None
            return
        is_public = bool(route.opt.get("public"))
        whose = connection.headers.get("x-virtaamo", "")
        if route.opt.get("own") and SHARED_COOKIE in connection.cookies:
            raise Refused("shared_device")
        look_up = self._known if is_public else self._device
        device = await look_up(connection.cookies, whose)
        scope["user"] = device
        if device is None and not is_public and not _is_for_tablet(route, connection.cookies):
            raise Refused(self._missing(connection.cookies))
        if route.opt.get("proof") and device is not None:
            need_proof(device, self._now())
        await self._not_too_often(connection, route, device)

    async def greet(self, socket: WebSocket[Device | None, object, State]) -> Device | None:
        """Accept a live connection and say whose it is; closes it where it may not come in."""
        await socket.accept()
        try:
            if socket.headers.get("origin") not in self._settings.origins:
                raise Refused("cross_site")
            whose = str(socket.url.query)
            if SHARED_COOKIE in socket.cookies:
                whose = f"{whose};u={await self._half(socket)}"
            device = await self._device(socket.cookies, whose)
            if device is None:
                raise Refused(self._missing(socket.cookies))
        except Refused as refusal:
            await socket.close(code=CLOSE_CODES.get(refusal.code, SIGNED_OUT), reason=refusal.code)
            return None
        return device

    def _known_host(self, connection: Connection) -> None:
        named = connection.headers.getall("host", [])
        if len(named) != 1 or named[0].lower() not in self._settings.hosts:  # two are read differently by two
            raise Refused("bad_request", "host")

    def _same_site(self, connection: Connection) -> None:
        headers = connection.headers
        if headers.get("origin") not in self._settings.origins or "x-virtaamo" not in headers:
            raise Refused("cross_site")
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise Refused("cross_site")

    def _known_type(self, connection: Connection, route: BaseRouteHandler) -> None:
        headers = connection.headers
        has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type not in route.opt.get("types", MESSAGE_TYPES) and (has_body or content_type):
            raise Refused("unsupported_type")

    async def _known(self, cookies: Mapping[str, str], whose: str) -> Device | None:
        """Whoever has left may still look at an invitation and join anew."""
        try:
            return await self._device(cookies, whose)
        except Refused:
            return None

    async def _device(self, cookies: Mapping[str, str], whose: str) -> Device | None:
        """Whose session a cookie is of. A browser has one cookie for all its windows: a window that says in `whose`
        for whom it asks (`p=7`) has no session where that of another has come in (D-14).
        """
        if SHARED_COOKIE in cookies:
            return await self._at_tablet(cookies, whose)
        token = cookies.get(SESSION_COOKIE)
        if not token:
            return None
        now = self._now()
        found = await self._db.read(people.device_of_session, sha256(token.encode()).digest(), now)
        if (
            found is None
            or found.stands_on is not None
            or (whose.startswith("p=") and whose != f"p={found.device.person}")
        ):
            return None
        if found.gone:
            raise Refused("gone")
        if not found.seen_today:
            with suppress(*UNAVAILABLE):  # a full disk keeps nobody from reading
                await self._db.write(people.note_seen, found.device, now)
        return found.device

    async def tablet(self, cookies: Mapping[str, str]) -> Tablet:
        """The tablet that asks; refuses whoever is none."""
        token = cookies.get(SHARED_COOKIE)
        found = await self._db.read(tablets.tablet_by_token, hash_of(token)) if token else None
        if found is None:
            raise Refused("not_enrolled")
        if found.is_revoked:
            raise Refused("gone")
        return found

    async def _at_tablet(self, cookies: Mapping[str, str], whose: str) -> Device | None:
        """Who has unlocked this tablet: both halves must match, and the person that the request names (D-38)."""
        person, _, half = whose.partition(";u=")
        now = self._now()
        hashes = hash_of(cookies[SHARED_COOKIE]), unlock.hash_of(cookies.get(UNLOCK_COOKIE, ""), half)
        found = await self._db.read(unlocks.unlocked, *hashes, now)
        if found is None:
            return None
        if found.gone:
            raise Refused("gone")
        with suppress(*UNAVAILABLE):
            if not found.seen_today:
                await self._db.write(tablets.note_seen, found.tablet, now // DAY_MS)
            if found.device is not None and found.is_due:
                await self._db.write(unlocks.move_on, found.device, now)
        is_theirs = found.device is not None and person == f"p={found.device.person}"
        return found.device if is_theirs else None

    async def _half(self, socket: WebSocket[Device | None, object, State]) -> str:
        """The first message on a tablet's connection, `Hello[half]` (D-74)."""
        try:
            async with asyncio.timeout(HELLO_S):
                (half,) = msgspec.msgpack.decode(await socket.receive_bytes(), type=tuple[str])
        except (TimeoutError, msgspec.DecodeError, UnicodeDecodeError, WebSocketDisconnect):
            raise Refused("unlock_required") from None
        return half

    @staticmethod
    def _missing(cookies: Mapping[str, str]) -> str:
        return "unlock_required" if SHARED_COOKIE in cookies else "signed_out"

    async def _not_too_often(
        self, connection: Connection, route: BaseRouteHandler, device: Device | None
    ) -> None:
        limit = route.opt.get("limit")
        if limit in ("address", "sealed"):
            host = connection.client.host if connection.client else ""
            try:
                await self._tries.of_address(address_key(host), limit, self._now())
            except Refused as refusal:
                if limit == "sealed":  # words that wait are soon to be tried again
                    refusal.retry_after_s = min(refusal.retry_after_s or 0, MOST_SEALED_WAIT_S)
                raise
        elif limit == "device" and device is not None:
            await self._tries.of_device(device.id, route.handler_name, self._now())


def _is_for_tablet(route: BaseRouteHandler, cookies: Mapping[str, str]) -> bool:
    """Whether a route hears a tablet that nobody has unlocked; "too" hears whoever is signed in as well, and nobody
    else.
    """
    return route.opt.get("tablet") is True or (route.opt.get("tablet") == "too" and SHARED_COOKIE in cookies)

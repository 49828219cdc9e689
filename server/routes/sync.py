"""The sync calls: one round trip, the live connection, snapshots, history (docs/protocol.md section 3)."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated

import msgspec
import structlog
from litestar import Request, Response, WebSocket, get, post, websocket
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketDisconnect
from litestar.params import JSONBody, Parameter

from server.db import UNAVAILABLE, Database
from server.fanout import Fanout, Subscriber, poke
from server.intake import Intake
from server.refusals import Refused
from server.routes.given import GivenDatabase, GivenDevice, GivenGate, GivenSnapshots, GivenWorld
from server.routes.wire import MSGPACK_TYPES, Call, answer, unpack
from server.store import frames as store
from server.store.backups import note_set_back
from server.store.history import history_of
from server.store.moves import Move
from server.store.moves import move as move_card
from server.store.people import Device, device_of_session, grants_of
from sync import PROTOCOL
from sync.protocol import MAX_MESSAGE_BYTES, MAX_UNPACKED_BYTES, Grants, Sync, Verdict, decode_sync
from sync.split import split_sync

BAD_MESSAGE, TOO_LARGE, RESTARTING, GONE = 4400, 4413, 1012, 4410
SIGNED_OUT = 4401
CLOSE_CODES = {"too_large": TOO_LARGE, "gone": GONE, "read_only": RESTARTING}
MSGPACK = "application/x-msgpack"
SpaceNumber = Annotated[int, Parameter(ge=1, lt=2**31)]
CardHex = Annotated[str, Parameter(pattern="^[0-9a-f]{32}$")]


log = structlog.get_logger()


class Exchange:
    """What a `Sync` needs to be answered; one for all connections."""

    def __init__(self, db: Database, intake: Intake, fanout: Fanout) -> None:
        self.db, self.intake, self.fanout = db, intake, fanout
        self._is_set_back = False

    def read(self, body: bytes) -> Sync:
        """Decode a `Sync`; refuses what is none, and a protocol newer than ours."""
        try:
            sync = _decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            raise Refused("bad_request") from None
        if sync.version > PROTOCOL:
            raise Refused("client_too_new")
        return sync

    def cursors(self, sync: Sync) -> dict[int, int]:
        """Where the device stands; a foreign epoch counts as 0."""
        known = sync.epoch == self.fanout.epoch
        return {s: c if known and 0 <= c < 2**53 else 0 for s, c in sync.cursors.items() if 0 < s < 2**31}

    async def grants(self, device: Device) -> Grants:
        """What the person may read now."""
        return await self.db.read(grants_of, device.person)

    async def end_of(self, device: Device) -> tuple[int, str] | None:
        """Why the device may not go on: close code and reason; nothing while its session lives (D-74)."""
        session = await self.db.read(device_of_session, device.session, self.fanout.now())
        if session is None:
            return SIGNED_OUT, "signed_out"
        return (GONE, "gone") if session.gone else None

    async def frames(
        self, device: Device, cursors: Mapping[int, int]
    ) -> tuple[dict[int, msgspec.Raw], list[int], dict[int, int]]:
        """Frames after these cursors of what the person may read, the spaces that need a snapshot, what is stable."""
        if not cursors:
            return {}, [], {}
        found = await self.db.read(store.frames_for, device.person, cursors)
        if not self._is_set_back and (seen := {space: c for space in found[1] if (c := cursors[space])}):
            await self._compare(seen)
        return found

    async def _compare(self, seen: Mapping[int, int]) -> None:
        """Take note, once, when devices have seen more than there is: nothing here can tell what it was.

        No new epoch begins by itself, or any device could make all others take everything anew.
        """
        if await self.db.read(store.is_beyond, seen):
            self._is_set_back = True
            log.error(
                "set back", advice="devices have seen more than the database holds: run `virtaamo doctor`"
            )
            await self.db.write(note_set_back, self.fanout.now())


def _decode(body: bytes) -> Sync:
    try:
        return decode_sync(body)
    except RecursionError:
        if len(body) > MAX_MESSAGE_BYTES:
            raise
        return split_sync(body)


@post(
    "/api/sync", status_code=200, media_type=MSGPACK, opt={"types": MSGPACK_TYPES}, request_max_body_size=None
)
async def sync(
    request: Request[Device, str, State], device: GivenDevice, exchange: NamedDependency[Exchange]
) -> Response[bytes]:
    """Take a device's changes, answer one verdict each once they are on disk; send what it has not seen."""
    body = await _body(request)
    asked = exchange.read(unpack(body, request.headers.get("content-encoding", ""), MAX_UNPACKED_BYTES))
    verdicts = await exchange.intake.offer(device, asked.changes)
    grants = await exchange.grants(device)
    frames, behind, stable = await exchange.frames(device, exchange.cursors(asked))
    changed = grants if grants.version != asked.grants else None
    reply = exchange.fanout.message(asked.sent, verdicts, list(frames.values()), behind, changed, stable)
    return Response(reply, media_type=MSGPACK)


async def _body(request: Request[Device, str, State]) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MAX_MESSAGE_BYTES:
            raise Refused("too_large")
        parts.append(part)
    return b"".join(parts)


@websocket("/api/live", opt={"public": True})
async def live(
    socket: WebSocket[Device | None, object, State], gate: GivenGate, exchange: NamedDependency[Exchange]
) -> None:
    """The same messages both ways; the server also sends new frames of its own accord."""
    device = await gate.greet(socket)
    if device is None:
        return
    subscriber = exchange.fanout.join(device.person, device.session)
    tasks = [asyncio.create_task(work(socket, subscriber, device, exchange)) for work in (_receive, _send)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    except Refused as refusal:
        await _close(socket, CLOSE_CODES.get(refusal.code, BAD_MESSAGE), refusal.code)
    except UNAVAILABLE:
        await _close(socket, RESTARTING, "restarting")
    except (WebSocketDisconnect, RuntimeError):
        pass  # the device went away; what it sent is stored or will come again
    finally:
        exchange.fanout.part(subscriber)
        for task in tasks:
            task.cancel()


async def _receive(
    socket: WebSocket[Device | None, object, State],
    subscriber: Subscriber,
    device: Device,
    exchange: Exchange,
) -> None:
    replies: set[asyncio.Task[None]] = set()
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        body = message.get("bytes")
        if not isinstance(body, bytes):
            raise Refused("bad_request")
        if len(body) > MAX_MESSAGE_BYTES:
            raise Refused("too_large")
        await subscriber.under_way.acquire()
        subscriber.owed += 1
        asked = exchange.read(body)
        verdicts = exchange.intake.offer(device, asked.changes)
        reply = asyncio.create_task(_reply(subscriber, device, exchange, asked, verdicts))
        replies.add(reply)
        reply.add_done_callback(replies.discard)


async def _reply(
    subscriber: Subscriber,
    device: Device,
    exchange: Exchange,
    asked: Sync,
    verdicts: "asyncio.Future[list[Verdict]]",
) -> None:
    fanout = exchange.fanout
    try:
        judged = await verdicts
        if not asked.cursors and asked.changes:
            subscriber.reply(fanout.message(asked.sent, judged))
            return
        grants = await exchange.grants(device)
        subscriber.version = grants.version
        wanted, readable = exchange.cursors(asked), {g[0] for g in grants.spaces}
        cursors = {s: c for s, c in wanted.items() if s in readable}
        fanout.follow(subscriber, dict.fromkeys(cursors))
        frames, behind, stable = await exchange.frames(device, wanted)
    except (Refused, *UNAVAILABLE):
        subscriber.close()
        return
    heads = {s: _upto(frame) for s, frame in frames.items()}
    for space in cursors.keys() - set(behind):
        fanout.caught_up(subscriber, space, heads.get(space, cursors[space]))
    changed = grants if grants.version != asked.grants else None
    subscriber.reply(fanout.message(asked.sent, judged, list(frames.values()), behind, changed, stable))


async def _send(
    socket: WebSocket[Device | None, object, State],
    subscriber: Subscriber,
    device: Device,
    exchange: Exchange,
) -> None:
    while True:
        message = await subscriber.next()
        if message is None and subscriber.closed:
            await _close(socket, RESTARTING, "restarting")
            return
        if message is None and subscriber.grants_changed:
            subscriber.grants_changed = False
            if end := await exchange.end_of(device):
                await _close(socket, *end)
                return
            grants = await exchange.grants(device)
            subscriber.version = grants.version
            readable = {space for space, *_ in grants.spaces}
            followed = {s: c for s, c in subscriber.cursors.items() if s in readable}
            exchange.fanout.follow(subscriber, followed)
            message = exchange.fanout.message(grants=grants)
        elif message is None:
            missed, subscriber.missed = subscriber.missed, {}
            exchange.fanout.pokes += len(missed)
            message = exchange.fanout.message(frames=[poke(s, head) for s, head in missed.items()])
        await socket.send_bytes(message)


async def _close(socket: WebSocket[Device | None, object, State], code: int, reason: str) -> None:
    with suppress(RuntimeError):  # closed already by the other side
        await socket.close(code=code, reason=reason)


def _upto(frame: msgspec.Raw) -> int:
    return msgspec.msgpack.decode(frame, type=Reach).upto


class Reach(msgspec.Struct, array_like=True):
    """The head of a frame, without its rows."""

    space: int
    since: int
    upto: int


@get("/api/spaces/{space:int}/snapshot")
async def snapshot(
    request: Request[Device, str, State], space: SpaceNumber, snapshots: GivenSnapshots
) -> Response[bytes]:
    """All cards of a space, as brotli bytes that were made before; the cursor continues from its `upto`."""
    await _may_read(snapshots.db, request.user, space)
    etag, body = await snapshots.of(space)
    if request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers={"ETag": etag})
    return Response(body, media_type=MSGPACK, headers={"ETag": etag, "Content-Encoding": "br"})


@get("/api/spaces/{space:int}/cards/{card:str}/history")
async def history(
    device: GivenDevice, space: SpaceNumber, card: CardHex, db: GivenDatabase
) -> Response[bytes]:
    """[[seq, by, at, received, set, code]], oldest first, for people who may read the card."""
    await _may_read(db, device, space)
    found = await db.read(history_of, (space, bytes.fromhex(card)), device.person)
    if found is None:
        raise Refused("not_found")
    return Response(msgspec.msgpack.encode(found), media_type=MSGPACK)


class Destination(msgspec.Struct):
    """The space that a card moves to."""

    to: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]


class Moved(msgspec.Struct):
    """Where a card is now."""

    space: int
    card: str


@post("/api/spaces/{space:int}/cards/{card:str}/move", status_code=200)
async def move(
    request: Call,
    data: JSONBody[Destination],
    space: SpaceNumber,
    card: CardHex,
    db: GivenDatabase,
    world: GivenWorld,
) -> Response[Moved]:
    """Move a card to another space, by its author or its team's supervisor."""
    asked = Move(request.user.person, (space, bytes.fromhex(card)), data.to, world.now, world.secret)
    moved = await db.write(move_card, asked, lambda: world.draw(16))
    return answer(request, Moved(data.to, moved.hex()))


async def _may_read(db: Database, device: Device, space: int) -> None:
    if space not in await db.read(store.readable_spaces, device.person):
        raise Refused("not_found")


ROUTES = (sync, live, snapshot, history, move)

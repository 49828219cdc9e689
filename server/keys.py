"""The life of the server's keys: prepared → active → retired → destroyed (docs/devices.md D-65)."""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import structlog
from msgspec import Struct

from server import keyring
from server.db import UNAVAILABLE, Database, Transaction
from server.store import server_keys
from server.store.people import DAY_MS
from server.store.server_keys import KeyRow

WAIT_MS = 7 * DAY_MS  # for a verified backup to hold it
ACTIVE_MS = 180 * DAY_MS
RETIRED_MS = (730 + 90) * DAY_MS  # 24 months of clients that are heard, and the quarantine
LOOK_S = 3_600


class OfferedKey(Struct, frozen=True):
    """A key that devices may seal with: `kid` and `public` as base64url, `until` in milliseconds."""

    kid: str
    public: str
    state: str
    until: int


def offered(txn: Transaction) -> list[OfferedKey]:
    """The keys that devices keep for the day on which they have words and no session."""
    return [
        OfferedKey(_text(key.kid), _text(key.public), key.state, key.since + ACTIVE_MS)
        for key in server_keys.keys(txn)
        if key.state in ("active", "prepared")
    ]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def note_backup(txn: Transaction, kids: list[bytes], now: int) -> None:
    """A verified backup holds these: one that waited for it becomes active."""
    server_keys.note_kept(txn, kids, now)
    move_on(txn, now)


def move_on(txn: Transaction, now: int) -> list[bytes]:
    """Bring every key into the state that it is due for; gives those whose private half has to go."""
    known = server_keys.keys(txn)
    ready = [key for key in known if key.state == "prepared" and _may_begin(key, now)]
    for new in ready:
        for old in known:
            if old.state == "active":
                server_keys.set_state(txn, old.kid, "retired", now)
        server_keys.set_state(txn, new.kid, "active", now)
    over = [key.kid for key in known if key.state == "retired" and now >= key.since + RETIRED_MS]
    for kid in over:
        server_keys.set_state(txn, kid, "destroyed", now)
    return over


def _may_begin(key: KeyRow, now: int) -> bool:
    return key.kept_at is not None or now >= key.since + WAIT_MS


def is_wanted(known: list[KeyRow], now: int) -> bool:
    """Whether it is time to make a key: there is none, or the active one is old and none waits to follow it."""
    active = [key for key in known if key.state == "active"]
    if any(key.state == "prepared" for key in known):
        return False
    return not active or all(now >= key.since + ACTIVE_MS for key in active)


async def tend(data: Path, db: Database, now: int) -> None:
    """Make the key that is wanted, move the others on, and destroy what is over."""
    if is_wanted(await db.read(server_keys.keys), now):
        kid, public = keyring.make(data)  # on the disk before anybody can seal with it
        if await db.write(server_keys.add_key, kid, public, now) is None:
            keyring.destroy(data, kid)  # another process was faster
    for kid in await db.write(move_on, now):
        keyring.destroy(data, kid)
    bare = [key for key in await db.read(server_keys.keys) if key.state == "active" and key.kept_at is None]
    if bare and now >= bare[0].since + WAIT_MS:
        structlog.get_logger().warning("no verified backup holds the server's key", kid=bare[0].kid.hex())


async def look_after(data: Path, db: Database, now: int) -> None:
    """As `tend`, where the disk may be full: then in an hour."""
    try:
        await tend(data, db, now)
    except UNAVAILABLE as error:
        structlog.get_logger().warning("the server's keys were not looked after", kind=type(error).__name__)


async def keep_keys(data: Path, db: Database, now: Callable[[], int]) -> None:
    """Look after the keys every hour. Runs until it is cancelled."""
    while True:
        await asyncio.sleep(LOOK_S)
        await look_after(data, db, now())

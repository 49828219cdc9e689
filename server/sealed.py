"""Sealed delivery: words that come without a session, proved by their author's signature (docs/devices.md D-62).

Each item has a verdict of its own and one bad item stops nothing. What became of the words is never said here: that
waits for their author.
"""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Literal, NamedTuple

from msgspec import Raw, Struct

from server import keyring
from server.db import Database, Transaction
from server.envelope import ID_BYTES, Inner, Sealed, Unreadable, is_signed, is_sound, open_sealed
from server.intake import Intake, arrival
from server.photos import Photos
from server.refusals import Refused
from server.store import late
from server.store.acceptance import HELD, REFUSED
from server.store.audit import Told, tell
from server.store.late import Author
from server.store.people import Device
from server.store.quarantine import LATE
from server.store.spaces import meta_of
from sync.protocol import Refusal

MOST_ITEMS = 100
JPEG = b"\xff\xd8"

Why = Literal["key_unknown", "author_unknown", "unreadable", "busy"]


class Answer(Struct, omit_defaults=True):
    """What a device hears of one item: `stored`, or `retry` and why."""

    id: bytes
    state: Literal["stored", "retry"]
    reason: Why | None = None


class Delivered(Struct, omit_defaults=True):
    """One answer each, in their order; `gone` where this device or its person was removed."""

    items: list[Answer]
    gone: bool = False


class Opened(NamedTuple):
    """An item that its author has signed; `place` is where it stands among those that came."""

    place: int
    author: Author
    inner: Inner


class Reception(NamedTuple):
    """Where sealed items go."""

    db: Database
    intake: Intake
    photos: Photos
    data: Path


async def take(at: Reception, items: Sequence[Sealed], now: int) -> Delivered:
    """Open, prove and store what came; an answer for each."""
    known = await at.db.read(_authors, items)
    answers = [Answer(item.id, "retry", "unreadable") for item in items]
    opened: list[Opened] = []
    for place, found in enumerate(await asyncio.to_thread(_open_all, at.data, items, known)):
        if isinstance(found, str):
            answers[place].reason = found
        else:
            opened.append(Opened(place, *found))
    for place in await _store(at, opened, now):
        answers[place] = Answer(items[place].id, "stored")
    for one in opened:
        if answers[one.place].state == "retry":
            answers[one.place].reason = "busy"
    return Delivered(answers, any(one.author.is_revoked for one in opened))


class Known(NamedTuple):
    """The organisation's name on the wire, and the authors of the devices that are named."""

    org: bytes
    authors: dict[bytes, Author]


def _authors(txn: Transaction, items: Sequence[Sealed]) -> Known:
    return Known(meta_of(txn, "org") or b"", late.authors(txn, sorted({item.device for item in items})))


def _open_all(data: Path, items: Sequence[Sealed], known: Known) -> list[tuple[Author, Inner] | Why]:
    """Takes a while, so it is done beside the event loop."""
    return [_open(data, item, known) for item in items]


def _open(data: Path, item: Sealed, known: Known) -> tuple[Author, Inner] | Why:
    """Nothing is opened for a device that nobody knows: what it holds could be proved by nobody."""
    if not is_sound(item):
        return "unreadable"
    author = known.authors.get(item.device)
    if author is None:
        return "author_unknown"
    private = keyring.private_half(data, item.kid)
    if private is None:
        return "key_unknown"
    try:
        inner = open_sealed(item, private, known.org)
    except Unreadable:
        return "unreadable"
    is_theirs = inner.person == author.person and inner.author_key == keyring.kid_of(author.public)
    if not is_theirs or not is_signed(inner, item, known.org, author.public):
        return "author_unknown"
    return (author, inner) if item.id == _id_of(inner.change) else "unreadable"


def _id_of(content: bytes) -> bytes:
    if content.startswith(JPEG):
        return sha256(content).digest()[:ID_BYTES]
    return arrival(Device(0, 0, "", b""), content).id


async def _store(at: Reception, opened: Sequence[Opened], now: int) -> list[int]:
    """Store what each author wrote, in its order; gives the places of what is on the disk."""
    stored: list[int] = []
    for author in dict.fromkeys(one.author for one in opened):
        theirs = sorted((one for one in opened if one.author == author), key=lambda one: one.inner.n)
        photos = [one for one in theirs if one.inner.change.startswith(JPEG)]
        changes = [one for one in theirs if one not in photos]
        landed = [one for one in photos if await _kept(at.photos, one.inner.change)]
        held = 0
        try:
            device = Device(author.device, author.person, author.lang, b"")
            raws = [Raw(one.inner.change) for one in changes]
            verdicts = await at.intake.offer(device, raws, True, author.is_revoked)
        except Refused:  # a full disk, a server that ends: the device keeps it
            changes, verdicts = [], []
        for one, verdict in zip(changes, verdicts, strict=True):
            reason = (verdict.detail or {}).get("reason")
            if not (verdict.code == REFUSED and reason == Refusal.NO_ROOM):
                landed.append(one)
            held += verdict.code == HELD and reason in LATE
        await at.db.write(_note, author, [one.inner.n for one in landed], held, now)
        stored += [one.place for one in landed]
    return stored


async def _kept(photos: Photos, content: bytes) -> bool:
    try:
        await photos.keep(sha256(content).hexdigest(), content)
    except Refused:
        return False
    return True


def _note(txn: Transaction, author: Author, came: Sequence[int], held: int, now: int) -> None:
    if came:
        late.note_came(txn, author.device, came)
    if held and not author.has_left:
        tell(txn, author.person, Told("held", {"count": held}), now)

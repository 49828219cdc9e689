"""The drop box: tickets that say nothing of whom they were for, words under no name, and the code that finds them.

docs/devices.md section 9, D-67 to D-71, says what must not be known, and why.
"""

import asyncio
import hmac
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import msgspec
import structlog
from msgspec import Meta, Struct

from server import keyring
from server.db import UNAVAILABLE, Database, Transaction
from server.envelope import Nameless, Unreadable, open_nameless
from server.refusals import Refused
from server.store import drops as stored
from server.store.drops import Body, Claimed, Drop, Spent
from server.store.frames import readable_spaces
from server.store.people import DAY_MS
from server.store.retention import Batch, Pace
from server.store.spaces import meta_of
from server.world import World
from sync.cards import KINDS, Lang
from sync.merge import Card

RANDOM, MONTH, MAC = 16, 2, 16
TICKET_BYTES = RANDOM + MONTH + MAC
KEPT_MONTHS = 3  # a ticket holds to the end of the third month after its own
FOR_PERSON, FOR_TABLET = 20, 50
LOOK_S, HOUR_MS = 60, 3_600_000
GROWN = ("trying", "in_use")

Now = Callable[[], int]
Draw = Callable[[int], bytes]
Proof = Annotated[bytes, Meta(min_length=32, max_length=32)]
Kind = Literal["idea", "observation"]


class Words(Struct, forbid_unknown_fields=True):
    """What a box holds: where it goes, what it is, and what the claim code gives."""

    space: Annotated[int, Meta(gt=0, lt=2**31)]
    kind: Kind
    title: str
    text: str
    claim: Proof
    lang: Lang


class Said(Struct, omit_defaults=True):
    """One thing that was said about a card: the answer, why not now, a comment; `mine` is its author's own. What grew
    of it: its stage, or the title of another card.
    """

    kind: Literal["reply", "reason", "comment", "grown", "grown_idea", "grown_task"]
    text: str
    date: str | None = None
    mine: bool = False
    waiting: bool = False


class Shown(Struct, omit_defaults=True):
    """The card as its author sees it; `stage` is also waiting, hidden or, of an observation, nothing; `named` when its
    author has come forward.
    """

    kind: str
    stage: str
    title: str
    text: str
    named: bool = False


class Found(Struct):
    """What a claim code leads to."""

    card: Shown
    thread: list[Said]


class Asked(NamedTuple):
    """What somebody who holds a code wishes, when."""

    proof: bytes
    do: Literal["read", "reply", "withdraw"]
    text: str


class Came(NamedTuple):
    """A drop as it came: its ticket, the sealed words, and the key that they are sealed for."""

    ticket: bytes
    box: bytes
    kid: bytes


def make_tickets(count: int, world: World) -> list[bytes]:
    """So many tickets; nobody notes that they were made."""
    month = (month_of(world.now) + KEPT_MONTHS).to_bytes(MONTH)
    drawn = [world.draw(RANDOM) + month for _ in range(count)]
    return [start + _ticket_mac(start, world.secret) for start in drawn]


def month_of(now: int) -> int:
    """Months since 1970.

    >>> month_of(0), month_of(1_795_000_000_000)
    (0, 682)
    """
    moment = datetime.fromtimestamp(now / 1000, UTC)
    return (moment.year - 1970) * 12 + moment.month - 1


def _ticket_mac(start: bytes, secret: bytes) -> bytes:
    return hmac.digest(secret, b"ticket\0" + start, "sha256")[:MAC]


async def take(db: Database, data: Path, came: Came, world: World) -> None:
    """Keep what was dropped until its hour. Refuses a ticket that is none, and words that can't be a card."""
    ticket = _ticket(came, world)
    private = await asyncio.to_thread(keyring.private_half, data, came.kid)
    if private is None:
        raise Refused("invalid", "kid")
    org = await db.read(meta_of, "org") or b""
    try:
        plain = await asyncio.to_thread(open_nameless, Nameless(came.box, org), private)
    except Unreadable:
        raise Refused("invalid", "box") from None
    await db.write(_keep, _words(plain), ticket, world)


def _ticket(came: Came, world: World) -> Spent:
    start, mac = came.ticket[: RANDOM + MONTH], came.ticket[RANDOM + MONTH :]
    if not hmac.compare_digest(mac, _ticket_mac(start, world.secret)):
        raise Refused("ticket_expired")  # one of before a new secret, or made up
    month = int.from_bytes(start[RANDOM:])
    if month < month_of(world.now):
        raise Refused("ticket_expired")
    return Spent(sha256(came.ticket).digest(), month, sha256(came.box).digest()[:MAC])


def _words(plain: bytes) -> Words:
    """The words, without the zeros behind them; what ends in zeros itself is given them back."""
    bare = plain.rstrip(b"\0")
    for lost in range(RANDOM * 2 + 1):
        try:
            return msgspec.msgpack.decode(bare + bytes(lost), type=Words)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    raise Refused("invalid", "box")


def _keep(txn: Transaction, words: Words, ticket: Spent, world: World) -> None:
    if not stored.is_team(txn, words.space):
        raise Refused("invalid", "space")
    drop = Drop(words.space, Body(words.kind, _fields(words)), proof_mac(words.claim, world.secret))
    good = stored.spend(txn, ticket)
    if good is False:
        raise Refused("ticket_spent")
    if good:
        stored.keep_drop(txn, drop, world.draw(stored.ID_BYTES), world.now // DAY_MS)


def _fields(words: Words) -> dict[str, object]:
    """The fields of the card that it will be; the first that is too long or lacking is refused."""
    fields: dict[str, object] = {"team": words.space, "lang": words.lang.value}
    if words.kind == "idea" or words.title:
        fields["title"] = words.title
    if words.kind == "observation" or words.text:
        fields["text"] = words.text
    _check(words.kind, fields)
    return fields


def _check(kind: str, fields: dict[str, object]) -> None:
    known = KINDS[kind].fields
    for name, value in fields.items():
        if name not in known or known[name].check(value):
            raise Refused("invalid", name)


def proof_mac(proof: bytes, secret: bytes) -> bytes:
    """As the database knows what a claim code gives."""
    return hmac.digest(secret, b"claim\0" + proof, "sha256")


async def keep_releasing(db: Database, now: Now, draw: Draw) -> None:
    """Show at every full hour what has waited for it. Runs until it is cancelled."""
    hour = now() // HOUR_MS
    while True:
        await asyncio.sleep(LOOK_S)
        moment = now()
        if moment // HOUR_MS == hour:
            continue
        try:
            await release(db, draw, moment)
            hour = moment // HOUR_MS
        except UNAVAILABLE:  # at the next look
            continue
        except Exception as error:  # words of an error may be a person's
            structlog.get_logger().error("drops wait", error=type(error).__name__)


async def release(db: Database, draw: Draw, now: int) -> int:
    """Show what may be shown, and leave nothing of how it came in the database's log; gives how many."""
    count = await db.write(stored.release, draw, now)
    if count:
        db.empty_log()
    return count


def forget_spent(txn: Transaction, now: int, pace: Pace) -> Batch:
    """Let go of spent tickets that no longer hold in any case."""
    return stored.forget_spent(txn, month_of(now), pace)


async def ask(db: Database, asked: Asked, world: World) -> Found | None:
    """What a code leads to, after what its holder wished; nothing where it leads nowhere."""
    mac = proof_mac(asked.proof, world.secret)
    if asked.do == "read":
        return await db.read(_look, mac)
    return await db.write(_do, asked, mac, world)


def _do(txn: Transaction, asked: Asked, mac: bytes, world: World) -> Found | None:
    found = stored.claimed(txn, mac)
    if found is None:
        return None
    if asked.do == "withdraw":
        before = _found(txn, found)
        stored.withdraw(txn, found, world.now)
        before.card.stage = "hidden"
        return before
    _reply(txn, found, asked.text, world)
    return _found(txn, found)


def _reply(txn: Transaction, found: Claimed, text: str, world: World) -> None:
    """Once after each answer; it waits for its hour as a drop does. Whoever has come forward writes as themselves."""
    thread = _thread(txn, found)
    others = sum(not one.mine and not one.kind.startswith("grown") for one in thread)
    if not _is_shown(found) or found.card.by is not None or sum(one.mine for one in thread) >= others:
        raise Refused("not_allowed")
    fields: dict[str, object] = {"on": found.id, "text": text}
    _check("comment", fields)
    drop = Drop(found.space, Body("comment", fields), None)
    stored.keep_drop(txn, drop, world.draw(stored.ID_BYTES), world.now // DAY_MS)


async def come_forward(db: Database, proof: bytes, who: int, world: World) -> Found | None:
    """Whoever holds the code and is signed in is the author of the card from now on (F8)."""
    return await db.write(_name, proof_mac(proof, world.secret), who, world)


def _name(txn: Transaction, mac: bytes, who: int, world: World) -> Found | None:
    found = stored.claimed(txn, mac)
    if found is None:
        return None
    if (
        not _is_shown(found)
        or found.card.by not in (None, who)
        or found.space not in readable_spaces(txn, who)
    ):
        raise Refused("not_allowed")
    if found.card.by is None:
        stored.come_forward(txn, found, who, world.draw, world.now)
    return _look(txn, mac)


def _is_shown(found: Claimed) -> bool:
    return _stage(found) not in ("waiting", "hidden")


def _look(txn: Transaction, mac: bytes) -> Found | None:
    found = stored.claimed(txn, mac)
    return None if found is None else _found(txn, found)


def _found(txn: Transaction, found: Claimed) -> Found:
    card = found.card
    title, text = (str(card.value(name) or "") for name in ("title", "text"))
    shown = Shown(card.kind, _stage(found), title, text, card.by is not None)
    return Found(shown, [] if found.is_waiting else _thread(txn, found))


def _stage(found: Claimed) -> str:
    if found.is_waiting:
        return "waiting"
    if found.card.value("gone") is not None:
        return "hidden"
    return str(found.card.value("stage") or "new") if found.card.kind == "idea" else ""


def _thread(txn: Transaction, found: Claimed) -> list[Said]:
    said = [
        Said("comment", str(one.value("text")), mine=one.by == found.card.by)
        for one in stored.said_of(txn, found)
    ]
    waiting = [Said("comment", text, mine=True, waiting=True) for text in stored.waiting_on(txn, found)]
    return [*_answers(found.card), *_grown(txn, found), *said, *waiting]


def _grown(txn: Transaction, found: Claimed) -> list[Said]:
    """The receipt: what was made of it (F8)."""
    return [
        Said("grown_task" if one.kind == "task" else "grown_idea", str(one.value("title") or ""))
        for one in stored.grown_from(txn, found)
    ]


def _answers(card: Card) -> Sequence[Said]:
    answers = []
    if isinstance(reply := card.value("reply"), list):
        answers.append(Said("reply", str(reply[0]), reply[1]))
    if reason := card.value("reason"):
        answers.append(Said("reason", str(reason)))
    if (stage := card.value("stage")) in GROWN:
        answers.append(Said("grown", str(stage)))
    return answers

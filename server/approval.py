"""How somebody gets a copy on a tablet: their own phone approves it, or a leader's code does (D-41, D-42)."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from server import people
from server.codes import Sought
from server.db import Transaction
from server.organisation import gives, joined
from server.people import Me
from server.refusals import Refused
from server.store import invitations, spaces, tablets
from server.store.audit import Event, Told, note, tell
from server.store.people import Device, person_of
from server.store.seats import role_in
from server.store.tablets import TABLET, Ask, Code, Tablet
from server.tablets import CODE_MS, good_code, led
from server.world import World

ASK_MS = 120_000
LOWEST, NUMBERS, CHOICES = 10, 90, 3  # two digits, without a nought in front

State = Literal["waiting", "approved", "refused", "expired", "used"]


class Answered(Struct, frozen=True):
    """What became of a request; whose the copy will be once it is approved."""

    state: State
    person: int | None = None
    name: str | None = None


class Seen(Struct, frozen=True):
    """What a phone sees of a request: the tablet, its teams, three numbers of which one stands on the tablet."""

    device: str
    unit: Sequence[str]
    numbers: Sequence[int]
    sign_pub: bytes


class Awaited(Struct, frozen=True):
    """For whom a leader makes a code, on which tablet."""

    person: int
    device: bytes


def ask(txn: Transaction, on: Tablet, sign_pub: bytes, made: tuple[bytes, World]) -> Ask:
    """A tablet asks for a copy with this author key; `made` is the hash of the request's code and the moment."""
    code_hash, world = made
    numbers = _numbers(world)
    number = numbers[world.draw(1)[0] % CHOICES]
    new = Ask(world.draw(16), on.id, number, numbers, sign_pub, world.now + ASK_MS, "waiting")
    tablets.add_request(txn, new, code_hash)
    return new


def _numbers(world: World) -> list[int]:
    found: dict[int, None] = {}
    step = 0
    while len(found) < CHOICES:
        found[LOWEST + (int.from_bytes(world.draw(2)) + step) % NUMBERS] = None
        step += 1  # chance that always gives the same would never end it
    return list(found)


def answered(txn: Transaction, on: Tablet, id_: bytes, now: int) -> Answered:
    """What has become of a tablet's own request."""
    asked = tablets.request_by(txn, id_=id_)
    if asked is None or asked.tablet != on.id:
        raise Refused("not_found")
    if asked.state in ("waiting", "approved") and asked.until <= now:
        return Answered("expired")
    who = person_of(txn, asked.person) if asked.person is not None else None
    state: State = next(known for known in STATES if known == asked.state)
    return Answered(state, who.id, who.name) if who is not None else Answered(state)


STATES: Sequence[State] = ("waiting", "approved", "refused", "used")


def look(txn: Transaction, actor: Device, code_hash: bytes, now: int) -> Seen:
    """What a request asks, for somebody of one of the tablet's teams."""
    asked, on = _waiting(txn, actor, code_hash, now)
    places = [spaces.space_of(txn, team) for team in tablets.teams_of(txn, on.id)]
    unit = [spaces.name_in(place.names, actor.lang) for place in places if place is not None]
    return Seen(on.name, unit, asked.numbers, asked.sign_pub)


def approve(txn: Transaction, actor: Device, picked: tuple[bytes, int], now: int) -> bool:
    """Approve a request by its code and the number on the tablet; a wrong number ends it, and gives false."""
    code_hash, number = picked
    asked, _ = _waiting(txn, actor, code_hash, now)
    is_right = number == asked.number
    becomes = ("approved", actor.person) if is_right else ("refused", None)
    if not tablets.settle(txn, asked.id, "waiting", becomes):
        raise Refused("code_used", "code")
    return is_right


def _waiting(txn: Transaction, actor: Device, code_hash: bytes, now: int) -> tuple[Ask, Tablet]:
    asked = tablets.request_by(txn, code_hash=code_hash)
    on = tablets.tablet_of(txn, asked.tablet) if asked is not None else None
    if asked is None or on is None or on.is_revoked:
        raise Refused("code_unknown", "code")
    if asked.state != "waiting":
        raise Refused("code_used", "code")
    if asked.until <= now:
        raise Refused("code_expired", "code")
    if not tablets.belongs(txn, on.id, actor.person):
        raise Refused("not_allowed")
    return asked, on


def make_code(txn: Transaction, actor: Device, whose: Awaited, made: tuple[Sought, int]) -> tuple[int, int]:
    """A leader's code for one person on one tablet; the person's own devices tell of it. Gives number and end."""
    key, now = made
    on = led(txn, actor, whose.device)
    if on.is_revoked:
        raise Refused("not_found")
    is_led = all(gives(txn, actor.person, seat) for seat in joined(txn, whose.person))
    if not tablets.belongs(txn, on.id, whose.person) or whose.person == actor.person or not is_led:
        raise Refused("not_allowed", "person")
    if invitations.is_taken(txn, key):
        raise Refused("slow_down", retry_after_s=1)  # one in a million: another code is drawn
    until = now + CODE_MS
    number = tablets.add_code(txn, TABLET, key, Code(0, on.id, whose.person, actor.person, 1, until))
    tell(txn, whose.person, Told("copy_code", {"device": on.name, "by": actor.person}), now)
    team = next(t for t in tablets.teams_of(txn, on.id) if role_in(txn, whose.person, t) or t)
    note(txn, Event("invited", actor.person, whose.person, team, {"kind": TABLET, "uses": 1}), now)
    return number, until


def by_request(txn: Transaction, on: Tablet, id_: bytes, world: World) -> Me:
    """The copy that a phone has approved, for the tablet that asked."""
    asked = tablets.request_by(txn, id_=id_)
    if asked is None or asked.tablet != on.id or asked.person is None:
        raise Refused("code_unknown", "request")
    if asked.until <= world.now:
        raise Refused("code_expired", "request")
    if not tablets.settle(txn, id_, "approved", ("used", asked.person)):
        raise Refused("code_used", "request")
    return _copy(txn, on, (asked.person, asked.sign_pub, asked.person), world)


def by_code(txn: Transaction, on: Tablet, held: tuple[Sought, bytes], world: World) -> Me:
    """The copy that a leader's code opens, on the tablet that it was made for."""
    key, sign_pub = held
    code = tablets.code_of(txn, TABLET, key.hash)
    if code is None or code.device != on.id or code.person is None:
        raise Refused("code_unknown", "code")
    good_code(code, world.now)
    if not invitations.use_invitation(txn, code.id):
        raise Refused("code_used", "code")
    return _copy(txn, on, (code.person, sign_pub, code.made_by), world)


def _copy(txn: Transaction, on: Tablet, whose: tuple[int, bytes, int | None], world: World) -> Me:
    who, sign_pub, approved_by = whose
    if not tablets.belongs(txn, on.id, who):
        raise Refused("not_allowed")
    number = tablets.add_copy(txn, on, (who, world.draw(16), sign_pub), world.now)
    note(txn, Event("copy_made", approved_by, who, None, {"device": on.name}), world.now)
    tell(txn, who, Told("copy_made", {"device": on.name}), world.now)
    return people.me(txn, Device(number, who, "", b""))

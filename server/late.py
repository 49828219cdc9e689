"""Deciding on late words: their author and the supervisor of the team are told what waits (docs/devices.md D-66)."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from server.db import Transaction
from server.intake import arrival
from server.refusals import Refused
from server.store import late as stored
from server.store.accept import accept_again, accept_late
from server.store.acceptance import REFUSED
from server.store.audit import Event, note
from server.store.cards import Desk
from server.store.frames import readable_spaces
from server.store.late import KEPT_DAYS, MOST, Late
from server.store.people import DAY_MS, Device
from server.world import World
from sync.cards import KINDS
from sync.kinds import Role
from sync.protocol import Change, decode_change

Said = str | int | bool | None
DECIDERS = {Role.SUPERVISOR, Role.DEV_LEAD}


class LateWord(Struct, frozen=True):
    """What somebody wrote before they left: when, by the day, and until when it waits, in milliseconds; the fields
    that it sets, without marks that are counted and without bytes."""

    id: int
    person: int
    name: str
    space: int
    card: str
    kind: str
    reason: str
    made: int
    until: int
    fields: Mapping[str, Said]
    mine: bool
    may_accept: bool


class Gap(Struct, frozen=True):
    """A device that has sealed more words of mine than have come: somebody may have deleted them there (D-64)."""

    device: str
    count: int


class LateWords(Struct, frozen=True):
    """All that waits for this person's decision, and what is missing of the person's own."""

    items: list[LateWord]
    missing: list[Gap]


class Decision(Struct, frozen=True):
    """What is decided about one of them."""

    id: int
    do: Literal["accept", "let_go"]


def listed(txn: Transaction, device: Device, space: int | None) -> LateWords:
    """The person's own late words and those that the person decides about; of one space where it is named."""
    roles = readable_spaces(txn, device.person)
    found = {one.id: one for one in stored.late_of(txn, device.person)}
    found |= {one.id: one for one in _to_be_decided(txn, space, device, roles)}
    items = [
        _word(one, change, device, roles)
        for one in sorted(found.values(), key=lambda one: one.id)
        if space in (None, one.space) and (change := _to_be_seen(txn, one, device, roles))
    ]
    return LateWords(items, [Gap(*gap) for gap in stored.missing_of(txn, device.person)])


def _to_be_decided(
    txn: Transaction, space: int | None, device: Device, roles: Mapping[int, Role]
) -> list[Late]:
    """The first of what this person decides about: what waits for others doesn't stand before it."""
    if not DECIDERS.intersection(roles.values()):
        return []
    places = [place for place, role in roles.items() if role is not Role.OWNER and space in (None, place)]
    found: list[Late] = []
    after = 0
    while len(found) < MOST and (some := stored.late_in(txn, places, after)):
        found += [one for one in some if _to_be_seen(txn, one, device, roles)]
        after = some[-1].id
    return found[:MOST]


def decide(txn: Transaction, device: Device, decision: Decision, world: World) -> None:
    """Let it land under its author's name and day, with what it hangs on; or let it go.

    By somebody else's decision the author's rights of then count, by the author's own only those of now.

    Refuses alike what is decided, what doesn't exist and what is somebody else's to decide; and to accept what the card
    can't take any more, which then goes on waiting.
    """
    one, roles = stored.late_one(txn, decision.id), readable_spaces(txn, device.person)
    if one is None or one.let_go_at is not None or not _to_be_seen(txn, one, device, roles):
        raise Refused("already_decided")
    if decision.do == "let_go":
        stored.let_go(txn, one.id, world.now)
        note(txn, Event("quarantine_let_go", device.person, one.person, one.space, {"count": 1}), world.now)
        return
    if not _may_accept(one, device, roles):
        raise Refused("not_allowed")
    together = stored.late_with(txn, one)
    came = [arrival(Device(each.device, each.person, "", b""), each.body) for each in together]
    let_in = accept_again if one.person == device.person else accept_late
    verdict = let_in(txn, came, world.now, world.secret)[-1]
    if verdict.code >= REFUSED:
        raise Refused("no_longer_fits", str((verdict.detail or {}).get("reason", "")))
    event = Event("quarantine_accepted", device.person, one.person, one.space, {"count": len(together)})
    note(txn, event, world.now)


def _to_be_seen(txn: Transaction, one: Late, device: Device, roles: Mapping[int, Role]) -> Change | None:
    """The change, for its author and for whoever could have read it as a card and decides in its team."""
    change = decode_change(one.body)
    if one.person == device.person:
        return change
    return change if _said(change) and _decides(txn, change, roles) else None


def _decides(txn: Transaction, change: Change, roles: Mapping[int, Role]) -> bool:
    role = roles.get(change.space)
    if role is None or role is Role.OWNER:
        return False
    desk = Desk(txn, 0)
    desk.load([(change.space, change.card)])
    card, pair = desk.cards[change.space, change.card], change.set.get("team")
    team = card.value("team") if card else pair[1] if pair else None
    on = card.value("on") if card else (change.set.get("on") or (None, None))[1]
    if team is None and isinstance(on, bytes):
        desk.load([(change.space, on)])
        about = desk.cards[change.space, on]
        team = about.value("team") if about else None
    if isinstance(team, int) and team in roles:
        return roles[team] is Role.SUPERVISOR
    return team is None and role in DECIDERS


def _may_accept(one: Late, device: Device, roles: Mapping[int, Role]) -> bool:
    """Whoever was removed from a team can't let themselves in again by their late words."""
    return one.person != device.person or one.space in roles


def _word(one: Late, change: Change, device: Device, roles: Mapping[int, Role]) -> LateWord:
    return LateWord(
        id=one.id,
        person=one.person,
        name=one.name,
        space=one.space,
        card=change.card.hex(),
        kind=change.kind,
        reason=one.reason,
        made=_day(min(change.at, one.received_at)),
        until=_day(one.received_at) + KEPT_DAYS * DAY_MS,
        fields=_said(change),
        mine=one.person == device.person,
        may_accept=_may_accept(one, device, roles),
    )


def _day(at: int) -> int:
    return at // DAY_MS * DAY_MS


def _said(change: Change) -> dict[str, Said]:
    """What the change says: never a mark of which others get only the sum (H9)."""
    kind = KINDS.get(change.kind)
    tallies = kind.tallies if kind else frozenset()
    return {
        name: now
        for name, (_, now) in change.set.items()
        if name not in tallies and isinstance(now, str | int | bool | None) and name not in ("team", "lang")
    }

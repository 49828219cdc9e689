"""Deciding on late words: their author and the supervisor of the team are told what waits (docs/devices.md D-66)."""

from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

from msgspec import Struct

from server.db import Transaction
from server.intake import arrival
from server.organisation import leading_seats, led_spaces
from server.refusals import Refused
from server.store import late as stored
from server.store.accept import accept_again, accept_late
from server.store.acceptance import REFUSED
from server.store.audit import Event, note
from server.store.cards import Desk
from server.store.frames import readable_spaces
from server.store.late import KEPT_DAYS, MOST, Late
from server.store.moves import Homing, bring_home
from server.store.people import DAY_MS, Device
from server.store.spaces import name_in, space_of
from server.store.stubs import seen_at
from server.world import World
from sync.cards import KINDS
from sync.kinds import Role, Who
from sync.protocol import Change, decode_change

Said = str | int | bool | None
DECIDERS = {Role.SUPERVISOR, Role.DEV_LEAD}


class LateWord(Struct, frozen=True):
    """What somebody wrote before they left: when, by the day, and until when it waits, in milliseconds; `place` in
    words; the fields that it sets, without marks that are counted and without bytes.

    Whoever only leads the team is told that it waits and in which team, and nothing of what it says.
    """

    id: int
    person: int
    name: str
    space: int
    place: str
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
    """The person's own late words and those that the person decides about; of one space where it is named.

    Whoever leads a team without a supervisor sees that words wait there, and none of them.
    """
    asker = _asker(txn, device)
    found = {one.id: one for one in stored.late_of(txn, device.person)}
    found |= {one.id: one for one in _to_be_decided(txn, space, asker)}
    items = [
        _word(one, share, asker, _place_in_words(txn, share, asker, device.lang))
        for one in sorted(found.values(), key=lambda one: one.id)
        if space in (None, one.space) and (share := _share(txn, one, asker))
    ]
    return LateWords(items, [Gap(*gap) for gap in stored.missing_of(txn, device.person)])


class Asker(NamedTuple):
    """Who asks: what they read now, where words lie that they may have to do with, and the teams that they lead
    which have no supervisor to decide."""

    person: int
    roles: Mapping[int, Role]
    reach: Collection[int]
    alone: Collection[int]


class Share(NamedTuple):
    """What late words are to somebody: the change, where it would land now, of which team its card is, and what they
    have to do with it."""

    change: Change
    space: int
    team: int | None
    as_what: Literal["author", "decider", "leader"]


def _asker(txn: Transaction, device: Device) -> Asker:
    """A team may have come under another area since: what its people had written for the old one is reached too."""
    person, roles = device.person, readable_spaces(txn, device.person)
    if not leading_seats(txn, person):
        return Asker(person, roles, (), ())
    led = {place.id for place, _ in led_spaces(txn, person) if place.kind == "team"}
    alone = led - stored.supervised(txn)
    own = {team for team in led if roles.get(team) is Role.SUPERVISOR}
    read = {space for space, role in roles.items() if role is not Role.OWNER}
    return Asker(person, roles, read | stored.reached_by(txn, own | alone), alone)


def _to_be_decided(txn: Transaction, space: int | None, asker: Asker) -> list[Late]:
    """The first of what this person decides about: what waits for others doesn't stand before it."""
    places = [place for place in asker.reach if space in (None, place)]
    found: list[Late] = []
    after = 0
    while places and len(found) < MOST and (some := stored.late_in(txn, places, after)):
        found += [one for one in some if _share(txn, one, asker)]
        after = some[-1].id
    return found[:MOST]


def decide(txn: Transaction, device: Device, decision: Decision, world: World) -> None:
    """Let it land under its author's name and day, with what it hangs on; or let it go.

    By somebody else's decision the author's rights of then count, by the author's own only those of now.

    Refuses alike what is decided, what doesn't exist and what is somebody else's to decide; and to accept what the card
    can't take any more, which then goes on waiting.
    """
    one, asker = stored.late_one(txn, decision.id), _asker(txn, device)
    share = _share(txn, one, asker) if one is not None and one.let_go_at is None else None
    if one is None or share is None or share.as_what == "leader":
        raise Refused("already_decided")
    if decision.do == "let_go":
        stored.let_go(txn, one.id, world.now)
        note(txn, Event("quarantine_let_go", device.person, one.person, one.space, {"count": 1}), world.now)
        return
    if not _may_accept(share, asker):
        raise Refused("not_allowed")
    together = stored.late_with(txn, one)
    came = [arrival(Device(each.device, each.person, "", b""), each.body) for each in together]
    let_in = accept_again if share.as_what == "author" else accept_late
    verdict = let_in(txn, came, world.now, world.secret)[-1]
    if verdict.code >= REFUSED:
        raise Refused("no_longer_fits", str((verdict.detail or {}).get("reason", "")))
    if share.team is not None and one.space not in asker.roles:  # an area that the team has left
        bring_home(txn, Homing(share.team, one.space, world.now, world.secret), lambda: world.draw(16))
    event = Event("quarantine_accepted", device.person, one.person, one.space, {"count": len(together)})
    note(txn, event, world.now)


def _share(txn: Transaction, one: Late, asker: Asker) -> Share | None:
    """The author sees everything; others only words that they could have read as a card."""
    change = decode_change(one.body)
    at, team = _place_of(txn, change)
    if one.person == asker.person:
        return Share(change, at, team, "author")
    if not _said(change):
        return None
    if _decides(asker, at, team):
        return Share(change, at, team, "decider")
    return Share(change, at, team, "leader") if (at if team is None else team) in asker.alone else None


def _place_of(txn: Transaction, change: Change) -> tuple[int, int | None]:
    """The space in which a change would land now, and the team of its card."""
    desk = Desk(txn, 0)
    at = seen_at(desk, change)
    card, pair = desk.cards[at.space, at.card], at.set.get("team")
    team = card.value("team") if card else pair[1] if pair else None
    on = card.value("on") if card else (at.set.get("on") or (None, None))[1]
    if team is None and isinstance(on, bytes):
        desk.load([(at.space, on)])
        about = desk.cards[at.space, on]
        team = about.value("team") if about else None
    return at.space, team if isinstance(team, int) else None


def _decides(asker: Asker, space: int, team: int | None) -> bool:
    """The supervisor of the team; where it has none, or the card no team, whoever leads the space and reads it."""
    role = asker.roles.get(space)
    if team is None:
        return role in DECIDERS
    if asker.roles.get(team) is Role.SUPERVISOR:
        return space in asker.reach
    return role is Role.DEV_LEAD and team in asker.alone


def _may_accept(share: Share, asker: Asker) -> bool:
    """Whoever was removed from a team can't let themselves in again by their late words."""
    if share.as_what != "author":
        return share.as_what == "decider"
    kind = KINDS.get(share.change.kind)
    return share.space in asker.roles or bool(kind and kind.posted and kind.may_make & Who.POSTER)


def _place_in_words(txn: Transaction, share: Share, asker: Asker, lang: str) -> str:
    """Where it would land as its author meant it; for others the team, where they read no such space."""
    is_meant = share.as_what == "author" or share.space in asker.roles
    place = space_of(txn, share.space if is_meant or share.team is None else share.team)
    return name_in(place.names, lang) if place else ""


def _word(one: Late, share: Share, asker: Asker, place: str) -> LateWord:
    return LateWord(
        id=one.id,
        person=one.person,
        name=one.name,
        space=one.space,
        place=place,
        card=share.change.card.hex(),
        kind=share.change.kind,
        reason=one.reason,
        made=_day(min(share.change.at, one.received_at)),
        until=_day(one.received_at) + KEPT_DAYS * DAY_MS,
        fields={} if share.as_what == "leader" else _said(share.change),
        mine=one.person == asker.person,
        may_accept=_may_accept(share, asker),
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

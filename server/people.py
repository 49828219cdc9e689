"""Persons, teams and grants: invite, join, leave, remove (docs/devices.md D-28 to D-33)."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import msgspec
from msgspec import Struct, structs

from server.codes import Sought, of_link
from server.db import Transaction
from server.forms import LEADING, ORG_ROLES, TEAM_ROLES
from server.keys import OfferedKey, offered
from server.quiet import Quiet, read_quiet
from server.refusals import Refused
from server.store import invitations, people, spaces
from server.store.audit import Deed, Detail, Event, Told, note, tell
from server.store.cards import ServerCard, write_server_cards
from server.store.invitations import Invitation
from server.store.leaving import end_ways_in
from server.store.people import DAY_MS, Device, Grant, Person
from server.store.spaces import Names, Space
from server.store.subscriptions import push_of

MOST_USES = 500
MOST_DAYS = 90
# Copies of what is one's own, shown to a team until they are taken back.
SHOWN = ("shared_strength", "task_share")
TYPED_MS = DAY_MS  # so long a code that is typed is good


class Seat(NamedTuple):
    """A role in a team or an area, or in the whole organisation where none is named; `source` as in a grant."""

    team: int | None
    role: str
    source: str | None = None


class OwnDevice(Struct, frozen=True):
    """The device that asks."""

    id: str
    kind: str
    name: str


class Me(Struct, frozen=True):
    """What a device knows about its person."""

    person: int
    name: str
    colour: int
    lang: str
    own: int
    device: OwnDevice
    grants: Sequence[tuple[int, str, str, str]]
    org: str
    quiet: Quiet
    leads: Sequence[tuple[int, str]] = ()  # where this person leads, and as what: an admin has no other grant
    keys: Sequence[OfferedKey] = ()


def code_of(secret: bytes) -> str:
    """The code of an invitation: 22 characters for 16 random bytes; it stands after # in the link."""
    return urlsafe_b64encode(secret).decode().rstrip("=")


def hash_of(secret_text: str) -> bytes:
    """What the database holds of a code or a session token (D-29)."""
    return sha256(secret_text.encode("utf-8", "replace")).digest()


def found(txn: Transaction, names: Names, org: bytes) -> int:
    """Make the organisation's space, once; gives its number. `org`: 8 random bytes for the installation."""
    for existing in spaces.spaces(txn, ("org",)):
        return existing.id
    spaces.set_meta(txn, "org", org)
    return spaces.add_space(txn, "org", names)


def org_space(txn: Transaction) -> Space:
    """The organisation's space; refused where the data folder was never initialised."""
    for space in spaces.spaces(txn, ("org",)):
        return space
    raise Refused("not_found")


def add_area(txn: Transaction, names: Names) -> int:
    """The area of this name, made where it is missing."""
    for area in spaces.spaces(txn, ("area",)):
        if set(area.names.values()) & set(names.values()):
            return area.id
    return spaces.add_space(txn, "area", names, org_space(txn).id)


def add_team(txn: Transaction, names: Names, area: int | None, now: int) -> int:
    """Make a team under an area or the organisation; gives its space."""
    above = area or org_space(txn).id
    team = spaces.add_space(txn, "team", names, above)
    describe_team(txn, team, {}, now)
    return team


def describe_team(txn: Transaction, team: int, settings: dict[str, bool | int], now: int) -> None:
    """Write a team's card where its readers look: in the team, its area and the organisation."""
    places = spaces.spaces_above(txn, team)
    if "standing_permission" in settings:
        spaces.set_standing(txn, team, bool(settings["standing_permission"]))
    area = next((place.id for place in places if place.kind == "area"), None)
    fields: dict[str, object] = {f"names/{lang}": name for lang, name in places[0].names.items()}
    fields |= {"space": team, "area": area, "reply_days": 7, "standing_permission": False, **settings}
    id_ = card_id("team", team)
    write_server_cards(txn, [ServerCard(place.id, id_, "team", None, now, fields) for place in places], now)


def personas(txn: Transaction) -> list[tuple[int, int, str]]:
    """The two persons of the demonstration: number, team, role; nobody where it isn't loaded."""
    marked = spaces.meta_of(txn, "personas")
    return [] if marked is None else msgspec.msgpack.decode(marked, type=list[tuple[int, int, str]])


def find_team(txn: Transaction, name: str) -> Space:
    """The team of this name, in any language, or of this number."""
    wanted = name.strip().casefold()
    for team in spaces.spaces(txn, ("team",)):
        if wanted == str(team.id) or wanted in {known.casefold() for known in team.names.values()}:
            return team
    raise Refused("not_found", "team")


def invite(txn: Transaction, code: str | Sought, offer: Invitation, now: int) -> int:
    """Store an invitation under its code; refuses a role that doesn't fit the space, and odd numbers.

    One for somebody who is here already is a re-invitation, which all devices of that person are told of (D-33).
    """
    key = code if isinstance(code, Sought) else of_link(code)
    place = spaces.space_of(txn, offer.space) if offer.space is not None else org_space(txn)
    if place is None or offer.role not in (TEAM_ROLES if place.kind == "team" else ORG_ROLES):
        raise Refused("invalid", "role")
    if not 1 <= offer.uses_left <= MOST_USES:
        raise Refused("invalid", "uses")
    if not now < offer.until <= now + MOST_DAYS * DAY_MS:
        raise Refused("invalid", "days")
    if offer.person is not None and people.person_of(txn, offer.person) is None:
        raise Refused("not_found", "person")
    if key.front is not None and (offer.uses_left > 1 or offer.until > now + TYPED_MS):
        raise Refused("invalid", "kind")
    if key.front is not None and invitations.is_taken(txn, key):
        raise Refused("slow_down", retry_after_s=1)  # one in a million: another code is drawn
    number = invitations.add_invitation(txn, key.hash, structs.replace(offer, front=key.front))
    _note_invited(txn, offer, now)
    return number


def _note_invited(txn: Transaction, offer: Invitation, now: int) -> None:
    detail: Detail = {"role": offer.role, "uses": offer.uses_left}
    what: Deed = "invited" if offer.person is None else "reinvited"
    note(txn, Event(what, offer.made_by, offer.person, offer.space, detail), now)
    if offer.person is not None:
        tell(txn, offer.person, Told("reinvited", {"by": offer.made_by}), now)


def grant(txn: Transaction, person: int, seat: Seat, now: int) -> None:
    """Give a role: in a team it opens team, area and organisation, in an area that and the organisation.

    Who leads the development of an area reads the organisation as everybody does.
    """
    joined = seat.team if seat.team is not None else org_space(txn).id
    spaces.lock_space(txn, joined)  # what stands above it must not change meanwhile
    places = spaces.spaces_above(txn, joined)
    above = "staff" if seat.role == "dev_lead" else seat.role
    held = {held for held in people.live_grants(txn, person) if held.via == joined}
    wanted = {Grant(p.id, joined, seat.role if p.id == joined else above, seat.source) for p in places}
    if held != wanted:
        people.give_grants(txn, person, wanted, now)
    show_person(txn, person, [joined], now)
    if places[0].kind == "team":
        fields = {"person": person, "role": seat.role, **_shown_again(txn, joined, person)}
        card = ServerCard(joined, card_id("member", person), "member", None, now, fields)
        write_server_cards(txn, [card], now)


def _shown_again(txn: Transaction, team: int, person: int) -> dict[str, None]:
    return {"gone": None} if team in spaces.spaces_holding(txn, card_id("member", person)) else {}


def show_person(txn: Transaction, person: int, places: Sequence[int], now: int) -> None:
    """Write a person's card to these spaces."""
    who = people.person_of(txn, person)
    if who is None:
        return
    fields = {"name": who.name, "colour": who.colour, "language": who.lang, "own": who.own}
    id_ = card_id("person", person)
    write_server_cards(txn, [ServerCard(place, id_, "person", None, now, fields) for place in places], now)


def change_me(txn: Transaction, changed: Person, now: int) -> None:
    """Store a person's new name, colour or language, and show it wherever the person's card lies."""
    people.change_person(txn, changed)
    show_person(txn, changed.id, spaces.spaces_holding(txn, card_id("person", changed.id)), now)


def remove(txn: Transaction, person: int, space: int, now: int) -> None:
    """End at once what a person holds by having joined a space; the member card goes, the person's stays.

    So do the strengths and answers that the person had shown there: who has left can't take them back any more.
    """
    spaces.lock_space(txn, space)  # what the person writes at this moment has landed, or lands no more
    if not people.end_grants(txn, person, space, now):
        raise Refused("not_found", "person")
    member = card_id("member", person)
    cards = [
        ServerCard(space, id_, kind, person, now, {"gone": ["withdrawn", ""]})
        for kind in SHOWN
        for id_ in spaces.shown_by(txn, space, kind, person)
    ]
    if space in spaces.spaces_holding(txn, member):
        cards.append(ServerCard(space, member, "member", None, now, {"gone": ["left", ""]}))
    write_server_cards(txn, cards, now)


def leave(txn: Transaction, person: int, now: int) -> None:
    """A person leaves the organisation: all grants end, and every session of theirs answers `gone`."""
    if people.person_of(txn, person) is None:
        raise Refused("not_found", "person")
    for space in sorted({grant.via for grant in people.live_grants(txn, person) if grant.role != "owner"}):
        remove(txn, person, space, now)
    people.mark_left(txn, person, now)
    end_ways_in(txn, person)


def me(txn: Transaction, device: Device) -> Me:
    """What a device may know about its person."""
    who = people.person_of(txn, device.person)
    if who is None:
        raise Refused("gone")
    uuid, kind, name = people.device_row(txn, device.id)
    org = (spaces.meta_of(txn, "org") or b"").hex()
    grants = people.grants_of(txn, who.id).spaces
    own, quiet = OwnDevice(uuid.hex(), kind, name), read_quiet(push_of(txn, who.id))
    held = people.live_grants(txn, who.id)
    leads = [(seat.space, seat.role) for seat in held if seat.space == seat.via and seat.role in LEADING]
    return Me(who.id, who.name, who.colour, who.lang, who.own, own, grants, org, quiet, leads, offered(txn))


def update_me(txn: Transaction, device: Device, changes: dict[str, str | int], now: int) -> Me:
    """Change the own name, colour or language."""
    who = people.person_of(txn, device.person)
    if who is None:
        raise Refused("gone")
    change_me(txn, structs.replace(who, **changes), now)
    return me(txn, device)


def members_for(txn: Transaction, device: Device, space: int) -> list[tuple[int, str, str]]:
    """The persons of a space, for those who may read it; alike for unknown spaces and others' spaces."""
    if space not in {readable for readable, *_ in people.grants_of(txn, device.person).spaces}:
        raise Refused("not_found")
    return people.members(txn, space)


def card_id(kind: str, number: int) -> bytes:
    """The id of a card of the server's own making: the kind, then the number.

    >>> card_id("team", 7)
    b'team\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x07'
    """
    return kind.encode().ljust(8, b"\0") + number.to_bytes(8, "big")

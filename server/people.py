"""Persons, teams and grants: invite, join, leave, remove (docs/devices.md D-28 to D-33)."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import msgspec
from msgspec import Struct, structs

from server.db import Transaction
from server.forms import ORG_ROLES, ROLES
from server.refusals import Refused
from server.store import invitations, people, spaces
from server.store.cards import ServerCard, write_server_cards
from server.store.invitations import Invitation
from server.store.people import DAY_MS, Device, Grant, NewDevice, Person
from server.store.spaces import Names, Space

MOST_USES = 500
MOST_DAYS = 90


class Joining(Struct, frozen=True):
    """What a device says when its person takes up an invitation; `token` is fresh, for the session to be."""

    code: str
    name: str
    lang: str
    device_name: str
    sign_pub: bytes
    uuid: bytes
    token: str


class Looked(Struct, frozen=True):
    """What an invitation is for; `team` is nil for a role of the whole organisation."""

    team: Names | None
    role: str
    name: str | None
    uses_left: int


class Seat(NamedTuple):
    """A role in a team, or in the whole organisation where no team is named."""

    team: int | None
    role: str


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


def invite(txn: Transaction, code: str, offer: Invitation, now: int) -> int:
    """Store an invitation under its code; refuses a role that doesn't fit the space, and odd numbers."""
    if (offer.space is None) != (offer.role in ORG_ROLES) or offer.role not in ROLES:
        raise Refused("invalid", "role")
    if not 1 <= offer.uses_left <= MOST_USES:
        raise Refused("invalid", "uses")
    if not now < offer.until <= now + MOST_DAYS * DAY_MS:
        raise Refused("invalid", "days")
    if offer.person is not None and people.person_of(txn, offer.person) is None:
        raise Refused("not_found", "person")
    return invitations.add_invitation(txn, hash_of(code), offer)


def invite_as(txn: Transaction, device: Device, made: tuple[str, Invitation], now: int) -> int:
    """As `invite`, in the app: a supervisor, staff, the own team."""
    code, offer = made
    supervises(txn, device.person, offer.space)
    if offer.role != "staff":
        raise Refused("not_allowed", "role")
    return invite(txn, code, offer, now)


def supervises(txn: Transaction, person: int, team: int | None) -> None:
    """Refuses whoever is not this team's supervisor, alike for a team that doesn't exist."""
    roles = {grant.role for grant in people.live_grants(txn, person) if grant.space == grant.via == team}
    if "supervisor" not in roles:
        raise Refused("not_allowed")


def look(txn: Transaction, code: str, now: int) -> Looked:
    """What an invitation is for; doesn't use it up."""
    _, offer = _good_invitation(txn, code, now)
    team = spaces.space_of(txn, offer.space) if offer.space is not None else None
    bound = people.person_of(txn, offer.person) if offer.person is not None else None
    return Looked(
        team.names if team else None, offer.role, bound.name if bound else offer.name, offer.uses_left
    )


def join(txn: Transaction, joining: Joining, device: Device | None, now: int) -> tuple[Device, bool]:
    """Take up an invitation: the person is made or found, granted, and given a session on this device.

    With a live session the grant goes to its person, and the session goes on, unless the invitation is for
    somebody else. Gives who is signed in now and whether that takes a new session.
    """
    number, offer = _good_invitation(txn, joining.code, now)
    goes_on = device is not None and offer.person in (None, device.person)
    if device is not None and goes_on:
        offer = structs.replace(offer, person=device.person)
    who = _who_joins(txn, joining, offer, now)
    grant(txn, who.id, Seat(offer.space, offer.role), now)
    if not invitations.use_invitation(txn, number):
        raise Refused("code_used", "code")
    if device is not None and goes_on:
        return device, False
    new = NewDevice(who.id, joining.uuid, joining.device_name, joining.sign_pub)
    signed_in = Device(people.add_device(txn, new, now), who.id, who.lang, hash_of(joining.token))
    people.start_session(txn, signed_in, now)
    return signed_in, True


def _good_invitation(txn: Transaction, code: str, now: int) -> tuple[int, Invitation]:
    known = invitations.invitation_of(txn, hash_of(code))
    if known is None:
        raise Refused("code_unknown", "code")
    if known[1].uses_left < 1:
        raise Refused("code_used", "code")
    if known[1].until <= now:
        raise Refused("code_expired", "code")
    return known


def _who_joins(txn: Transaction, joining: Joining, offer: Invitation, now: int) -> Person:
    if offer.person is not None:
        known = people.person_of(txn, offer.person)
        if known is None:
            raise Refused("code_unknown", "code")
        return known
    name = joining.name or offer.name
    if not name:
        raise Refused("invalid", "name")
    return people.add_person(txn, name, joining.lang, now)


def grant(txn: Transaction, person: int, seat: Seat, now: int) -> None:
    """Give a role: in a team it opens team, area and organisation; others open the organisation alone."""
    joined = seat.team if seat.team is not None else org_space(txn).id
    opened = [place.id for place in spaces.spaces_above(txn, joined)]
    held = {held for held in people.live_grants(txn, person) if held.via == joined}
    wanted = {Grant(space, joined, seat.role) for space in opened}
    if held != wanted:
        people.give_grants(txn, person, wanted, now)
    show_person(txn, person, [joined], now)
    if seat.team is not None:
        fields = {"person": person, "role": seat.role, **_shown_again(txn, seat.team, person)}
        card = ServerCard(seat.team, card_id("member", person), "member", None, now, fields)
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
    """End at once what a person holds by having joined a space; the member card goes, the person's stays."""
    if not people.end_grants(txn, person, space, now):
        raise Refused("not_found", "person")
    card = ServerCard(space, card_id("member", person), "member", None, now, {"gone": ["left", ""]})
    if space in spaces.spaces_holding(txn, card.id):
        write_server_cards(txn, [card], now)


def remove_as(txn: Transaction, device: Device, target: tuple[int, int], now: int) -> None:
    """As `remove`, in the app: oneself, or a member of a team one supervises; not its only supervisor.

    Nobody can leave the space of their own.
    """
    person, space = target
    spaces.lock_space(txn, space)  # two supervisors must not remove each other
    if person != device.person:
        supervises(txn, device.person, space)
    elif Grant(space, space, "owner") in people.live_grants(txn, person):
        raise Refused("not_allowed")
    others = [role for number, _, role in people.members(txn, space) if number != person]
    mine = [grant.role for grant in people.live_grants(txn, person) if grant.space == grant.via == space]
    if "supervisor" in mine and "supervisor" not in others and others:
        raise Refused("last_supervisor")
    remove(txn, person, space, now)


def leave(txn: Transaction, person: int, now: int) -> None:
    """A person leaves the organisation: all grants end, and every session of theirs answers `gone`."""
    if people.person_of(txn, person) is None:
        raise Refused("not_found", "person")
    for space in sorted({grant.via for grant in people.live_grants(txn, person) if grant.role != "owner"}):
        remove(txn, person, space, now)
    people.mark_left(txn, person, now)


def me(txn: Transaction, device: Device) -> Me:
    """What a device may know about its person."""
    who = people.person_of(txn, device.person)
    if who is None:
        raise Refused("gone")
    uuid, kind, name = people.device_row(txn, device.id)
    org = (spaces.meta_of(txn, "org") or b"").hex()
    grants = people.grants_of(txn, who.id).spaces
    return Me(who.id, who.name, who.colour, who.lang, who.own, OwnDevice(uuid.hex(), kind, name), grants, org)


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

"""Seats: who invites whom, and how persons get a role, move to another team or lose it (docs/devices.md section 12)."""

from msgspec import Struct, structs

from server import people
from server.codes import Sought
from server.db import Transaction
from server.organisation import gives, joined, leads
from server.parting import (
    Parting,
    hand_over,
    keep_a_leader,
    keep_an_admin,
    parted,
    tell_unled,
    unled,
)
from server.people import Seat
from server.refusals import Refused
from server.store import invitations, seats, spaces
from server.store import people as stored
from server.store.audit import Event, Told, note, tell
from server.store.invitations import Invitation
from server.store.people import DAY_MS, Device
from server.store.seats import Offer
from server.world import World


class Giving(Struct, frozen=True):
    """Which role a person gets where, in place of which other seat."""

    person: int
    seat: Seat
    instead: Parting | None = None


def invite_as(txn: Transaction, actor: Device, made: tuple[str | Sought, Invitation], now: int) -> int:
    """Store an invitation of somebody who leads the space; gives its number.

    One for a person brings that person back with the role they hold there. Refuses whoever may not give the role, and
    who would come by a role that they may not give by taking the place of somebody.
    """
    code, offer = made
    place = _place(txn, offer.space)
    offer = structs.replace(offer, space=_named(txn, place))
    return people.invite(txn, code, _as_made_by(txn, actor.person, offer), now)


def as_made_today(txn: Transaction, offer: Invitation) -> Invitation:
    """An invitation as its maker could make it now: who is brought back has the role that they hold now.

    Refuses what the maker may not give any more. Those of the command line stay as they are.
    """
    return offer if offer.made_by is None else _as_made_by(txn, offer.made_by, offer)


def _as_made_by(txn: Transaction, maker: int, offer: Invitation) -> Invitation:
    place = _place(txn, offer.space)
    lead = leads(txn, maker, place)
    if offer.person is not None:
        return _bring_back(txn, maker, (place, offer))
    if offer.role not in lead.gives:
        raise Refused("not_allowed", "role")
    return offer


def seat_in(txn: Transaction, person: int, space: int | None) -> str | None:
    """As what a person has joined a space, or the organisation where none is named."""
    return seats.role_in(txn, person, _place(txn, space))


def forget_invitations(txn: Transaction, person: int, space: int) -> None:
    """Forget what brings a person back to a space, and what they have invited to and may not any more."""
    invitations.drop_invitations_for(txn, person, _named(txn, space))
    for number, offer in invitations.invitations_by(txn, person):
        try:
            as_made_today(txn, offer)
        except Refused:
            invitations.drop_invitation(txn, number)


def _bring_back(txn: Transaction, actor: int, asked: tuple[int, Invitation]) -> Invitation:
    """The link opens all that its person may do, so its maker must lead every seat of theirs."""
    place, offer = asked
    person = offer.person or 0
    role = seats.role_in(txn, person, place)
    if role is None:
        raise Refused("not_found", "person")
    if not all(gives(txn, actor, seat) for seat in joined(txn, person)):
        raise Refused("not_allowed", "person")
    return structs.replace(offer, role=role, uses_left=1)


def _place(txn: Transaction, space: int | None) -> int:
    return people.org_space(txn).id if space is None else space


def _named(txn: Transaction, place: int) -> int | None:
    return None if place == people.org_space(txn).id else place


def waiting(txn: Transaction, actor: int, space: int, now: int) -> list[Offer]:
    """The invitations to a space that may still be taken up, for who leads it.

    Of their end only the day: the minute would tell when their maker was at work (H5).
    """
    leads(txn, actor, space)
    found = seats.offers(txn, [space], space == people.org_space(txn).id, now)
    return [structs.replace(one, until=one.until // DAY_MS * DAY_MS) for one in found]


def take_back(txn: Transaction, actor: int, number: int, now: int) -> None:
    """Take back an invitation that one has made, or that leads to where one may give its role."""
    offer = seats.offer_of(txn, number)
    if offer is None:
        raise Refused("not_found")
    if offer.made_by != actor:
        try:
            lead = leads(txn, actor, _place(txn, offer.space))
        except Refused:
            raise Refused("not_found") from None
        if offer.role not in lead.gives:
            raise Refused("not_found")
    invitations.drop_invitation(txn, number)
    note(txn, Event("invitation_taken_back", actor, offer.person, offer.space), now)


def persons_of(txn: Transaction, actor: Device, space: int) -> list[tuple[int, str, str]]:
    """The persons of a space for those who read it; for those who only lead it, who has joined it."""
    try:
        return people.members_for(txn, actor, space)
    except Refused:
        try:
            leads(txn, actor.person, space)
        except Refused:
            raise Refused("not_found") from None
    return [(one.person, one.name, one.role) for one in seats.sittings(txn, [space])]


def give(txn: Transaction, actor: Device, giving: Giving, world: World) -> None:
    """Give a person a role, at once in place of another seat where one is named.

    Refuses a role that the actor may not give, one for oneself, and to take away a team's last supervisor or the last
    administrator. Somebody of whom the actor leads no seat yet takes an invitation up themselves: nobody comes by
    people from elsewhere.
    """
    person, (space, role, _), instead = giving.person, giving.seat, giving.instead
    place = _place(txn, space)
    left = set((instead and instead.spaces) or ())
    for number in sorted({place, *left}):
        spaces.lock_space(txn, number)
    lead, held = leads(txn, actor.person, place), seats.role_in(txn, person, place)
    if role not in lead.gives or (held is not None and held not in lead.gives) or person == actor.person:
        raise Refused("not_allowed", "role")
    if stored.person_of(txn, person) is None:
        raise Refused("not_found", "person")
    if held is None and not any(gives(txn, actor.person, seat) for seat in joined(txn, person)):
        raise Refused("not_allowed", "person")
    if role != held:
        keep_a_leader(txn, person, place)
    people.grant(txn, person, Seat(_named(txn, place), role), world.now)
    if held is not None and stored.weight(role) < stored.weight(held):
        forget_invitations(txn, person, place)
    if instead is not None and left and place not in left:
        end(txn, actor, instead, world)
    note(txn, Event("granted", actor.person, person, place, {"role": role}), world.now)
    tell(txn, person, Told("granted", {"space": place, "role": role, "by": actor.person}), world.now)


def end(txn: Transaction, actor: Device, parting: Parting, world: World) -> int:
    """Leave spaces, or end the seats of somebody whose roles one may give there; gives how much was handed over.

    Nobody can leave the space of their own. A team's last supervisor goes by their own wish alone, and who leads above
    is told; the last administrator doesn't go.
    """
    person, held = parting.person, parted(txn, parting)
    if person != actor.person:
        for space in held:
            _check_end(txn, actor, (person, space))
    elif any(g.role == "owner" and g.space in held for g in stored.live_grants(txn, person)):
        raise Refused("not_allowed")
    keep_an_admin(txn, person, held)
    alone = unled(txn, person, held)
    count = hand_over(txn, actor, parting, world)
    for space in held:
        _end(txn, actor, (person, space), world.now)
    tell_unled(txn, alone, world.now)
    return count


def _check_end(txn: Transaction, actor: Device, target: tuple[int, int]) -> None:
    person, space = target
    lead, held = leads(txn, actor.person, space), seats.role_in(txn, person, space)
    if held is not None and held not in lead.gives:
        raise Refused("not_allowed")
    keep_a_leader(txn, person, space)


def _end(txn: Transaction, actor: Device, target: tuple[int, int], now: int) -> None:
    person, space = target
    held = seats.role_in(txn, person, space)
    people.remove(txn, person, space, now)
    forget_invitations(txn, person, space)
    note(txn, Event("grant_ended", actor.person, person, space, {"role": held}), now)
    if person != actor.person:
        tell(txn, person, Told("grant_ended", {"space": space, "by": actor.person}), now)


def rename(txn: Transaction, actor: Device, named: tuple[int, str], now: int) -> None:
    """Correct the name of somebody of whom one leads every seat; everybody sees it.

    The person is told: their recovery codes take the new name from now on.
    """
    number, name = named
    who, held = stored.person_of(txn, number), joined(txn, number)
    if who is None or not held or not all(gives(txn, actor.person, seat) for seat in held):
        raise Refused("not_found", "person")
    people.change_me(txn, structs.replace(who, name=name), now)
    note(txn, Event("person_renamed", actor.person, number), now)
    tell(txn, number, Told("renamed", {"by": actor.person}), now)

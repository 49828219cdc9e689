"""Seats: who invites whom, and how persons get a role, move to another team or lose it (docs/devices.md section 12)."""

from msgspec import Struct, structs

from server import people
from server.codes import Sought
from server.db import Transaction
from server.organisation import leads
from server.people import Seat
from server.refusals import Refused
from server.store import duties, invitations, seats, spaces
from server.store import people as stored
from server.store.acceptance import RUN_BYTES
from server.store.audit import Event, Told, note, tell
from server.store.duties import Duty, HandingOver
from server.store.invitations import Invitation
from server.store.people import DAY_MS, Device, Grant
from server.store.seats import Offer
from server.world import World


class Ending(Struct, frozen=True):
    """Whose seat ends where, and who takes over what the person was to do there (nil: nobody)."""

    person: int
    space: int
    duties_to: int | None = None


class Giving(Struct, frozen=True):
    """Which role a person gets where, in place of which other seat."""

    person: int
    seat: Seat
    instead: Ending | None = None


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
    if not all(_gives(txn, actor, seat) for seat in joined(txn, person)):
        raise Refused("not_allowed", "person")
    return structs.replace(offer, role=role, uses_left=1)


def joined(txn: Transaction, person: int) -> list[Grant]:
    """The seats of a person: where they joined, and as what."""
    held = stored.live_grants(txn, person)
    return sorted((g for g in held if g.space == g.via and g.role != "owner"), key=lambda g: g.space)


def _gives(txn: Transaction, actor: int, seat: Grant) -> bool:
    try:
        return seat.role in leads(txn, actor, seat.space).gives
    except Refused:
        return False


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

    Refuses a role that the actor may not give, one for oneself, and to take a team's last supervisor away. Somebody of
    whom the actor leads no seat yet takes an invitation up themselves: nobody comes by people from elsewhere.
    """
    person, (space, role, _), instead = giving.person, giving.seat, giving.instead
    place = _place(txn, space)
    for number in sorted({place, instead.space if instead else place}):
        spaces.lock_space(txn, number)
    lead, held = leads(txn, actor.person, place), seats.role_in(txn, person, place)
    if role not in lead.gives or (held is not None and held not in lead.gives) or person == actor.person:
        raise Refused("not_allowed", "role")
    if stored.person_of(txn, person) is None:
        raise Refused("not_found", "person")
    if held is None and not any(_gives(txn, actor.person, seat) for seat in joined(txn, person)):
        raise Refused("not_allowed", "person")
    if held == "supervisor" and role != "supervisor":
        _keep_a_supervisor(txn, person, place)
    people.grant(txn, person, Seat(_named(txn, place), role), world.now)
    if held is not None and stored.weight(role) < stored.weight(held):
        forget_invitations(txn, person, place)
    if instead is not None and instead.space != place:
        end(txn, actor, instead, world)
    note(txn, Event("granted", actor.person, person, place, {"role": role}), world.now)
    tell(txn, person, Told("granted", {"space": place, "role": role, "by": actor.person}), world.now)


def end(txn: Transaction, actor: Device, ending: Ending, world: World) -> int:
    """Leave a space, or end the seat of somebody whose role one may give there; gives how much was handed over.

    Nobody can leave the space of their own, and no team with members loses its last supervisor.
    """
    person, space, now = ending.person, ending.space, world.now
    spaces.lock_space(txn, space)  # two supervisors must not remove each other
    held = seats.role_in(txn, person, space)
    if person != actor.person:
        lead = leads(txn, actor.person, space)
        if held is not None and held not in lead.gives:
            raise Refused("not_allowed")
    elif held is None and any(
        g.space == space and g.role == "owner" for g in stored.live_grants(txn, person)
    ):
        raise Refused("not_allowed")
    _keep_a_supervisor(txn, person, space)
    count = _hand_over(txn, actor, ending, world)
    people.remove(txn, person, space, now)
    forget_invitations(txn, person, space)
    note(txn, Event("grant_ended", actor.person, person, space, {"role": held}), now)
    if person != actor.person:
        tell(txn, person, Told("grant_ended", {"space": space, "by": actor.person}), now)
    return count


def _keep_a_supervisor(txn: Transaction, person: int, space: int) -> None:
    roles = {one.person: one.role for one in seats.sittings(txn, [space])}
    others = [role for number, role in roles.items() if number != person]
    if roles.get(person) == "supervisor" and others and "supervisor" not in others:
        raise Refused("last_supervisor")


def _hand_over(txn: Transaction, actor: Device, ending: Ending, world: World) -> int:
    to, space = ending.duties_to, ending.space
    if to is None:
        return 0
    if to == ending.person or seats.role_in(txn, to, space) is None:
        raise Refused("invalid", "duties_to")
    handing = HandingOver(actor, space, (ending.person, to), world.draw(RUN_BYTES), world.now)
    count = duties.hand_over(txn, handing, world.secret)
    if count:
        told = {"count": count, "by": actor.person}
        tell(txn, to, Told("given", told), world.now)
        detail = {"to": to, "count": count}
        note(txn, Event("handed_over", actor.person, ending.person, space, detail), world.now)
    return count


def open_duties(txn: Transaction, actor: Device, target: tuple[int, int]) -> list[Duty]:
    """What a person still has to see to in a team, for themselves and for who leads it: titles only where one reads."""
    person, space = target
    if person != actor.person:
        leads(txn, actor.person, space)
    elif seats.role_in(txn, person, space) is None:
        raise Refused("not_found")
    found = duties.open_duties(txn, space, person)
    readable = {place for place, *_ in stored.grants_of(txn, actor.person).spaces}
    return [one if one.space in readable else structs.replace(one, title="") for one in found]


def rename(txn: Transaction, actor: Device, named: tuple[int, str], now: int) -> None:
    """Correct the name of somebody of whom one leads every seat; everybody sees it.

    The person is told: their recovery codes take the new name from now on.
    """
    number, name = named
    who, held = stored.person_of(txn, number), joined(txn, number)
    if who is None or not held or not all(_gives(txn, actor.person, seat) for seat in held):
        raise Refused("not_found", "person")
    people.change_me(txn, structs.replace(who, name=name), now)
    note(txn, Event("person_renamed", actor.person, number), now)
    tell(txn, number, Told("renamed", {"by": actor.person}), now)

"""Taking up an invitation: looking at it, joining by it, coming back by it (docs/devices.md D-29, D-33)."""

from hmac import compare_digest

from msgspec import Struct, structs

from server.codes import Sought
from server.db import Transaction
from server.people import Seat, change_me, grant
from server.refusals import Refused
from server.seats import as_made_today, seat_in
from server.sessions import Comer, start, tell_begun
from server.store import invitations, people, spaces
from server.store.audit import Event, Told, note, tell
from server.store.invitations import Invitation
from server.store.people import Device, Person
from server.store.sessions import register_key
from server.store.spaces import Names

WAY = "invitation"


class Joining(Struct, frozen=True):
    """What a person says when they take up an invitation, and on which device."""

    code: Sought
    name: str
    lang: str
    comer: Comer


class Looked(Struct, frozen=True):
    """What an invitation is for; `team` is nil for a role of the whole organisation, `lang` where none was named."""

    team: Names | None
    role: str
    name: str | None
    uses_left: int
    lang: str | None = None


def is_known(txn: Transaction, code: Sought, most_tries: int, now: int) -> bool:
    """Whether there is such a code; a wrong one is noted, and the fifth ends the code that its first letters find.

    To be asked, and written, before anything else is told of a code. It takes the same work for letters that find
    nothing.
    """
    held = invitations.try_code(txn, code, most_tries)
    if held is not None and compare_digest(held, code.hash):
        invitations.forgive_try(txn, code)
        return True
    note(txn, Event("sign_in_failed", detail={"way": WAY, "why": "code_unknown"}), now)
    return False


def look(txn: Transaction, code: Sought, now: int) -> Looked:
    """What an invitation is for; doesn't use it up."""
    _, offer = _good_invitation(txn, code, now)
    place = spaces.space_of(txn, offer.space) if offer.space is not None else None
    bound = people.person_of(txn, offer.person) if offer.person is not None else None
    name, lang = (bound.name, bound.lang) if bound else (offer.name, offer.lang)
    return Looked(place.names if place else None, offer.role, name, offer.uses_left, lang)


def join(txn: Transaction, joining: Joining, device: Device | None, now: int) -> tuple[Device, bool]:
    """Take up an invitation: the person is made or found, granted, and given a session on this device.

    With a live session the grant goes to its person, and the session goes on, unless the invitation is for
    somebody else. One that would add nothing there isn't used up. Gives who is signed in now and whether that takes a
    new session. Refuses one's own invitation: nobody gives a role to themselves.
    """
    number, offer = _good_invitation(txn, joining.code, now)
    if device is not None and offer.made_by == device.person:
        raise Refused("not_allowed")
    is_back = offer.person is not None
    goes_on = device is not None and offer.person in (None, device.person)
    if device is not None and goes_on:
        offer = structs.replace(offer, person=device.person)
    who = _who_joins(txn, joining, offer, now)
    if not _is_less(txn, who.id, offer):
        grant(txn, who.id, Seat(offer.space, offer.role), now)
        note(txn, Event("granted", offer.made_by, who.id, offer.space, {"role": offer.role}), now)
    elif device is not None and goes_on:
        return device, False
    if not invitations.use_invitation(txn, number):
        raise Refused("code_used", "code")
    if device is not None and goes_on:
        register_key(txn, device, joining.comer.sign_pub)
        told = {"space": offer.space, "role": offer.role, "by": offer.made_by}
        tell(txn, who.id, Told("granted", told), now)
        return device, False
    # Whoever is brought back may have lost everything that would prove who they are (docs/decisions/0018).
    comer = structs.replace(joining.comer, is_proved=is_back)
    if is_back and device is None:
        who = _speaking(txn, who, joining.lang, now)
    begun = start(txn, who, comer, now)
    if is_back:
        tell_begun(txn, who, comer, now)
    return begun, True


def _speaking(txn: Transaction, who: Person, lang: str, now: int) -> Person:
    """Whoever comes back has had their own language shown: another one is what they have chosen there."""
    speaks = structs.replace(who, lang=lang)
    if speaks != who:
        change_me(txn, speaks, now)
    return speaks


def _good_invitation(txn: Transaction, code: Sought, now: int) -> tuple[int, Invitation]:
    known = invitations.invitation_of(txn, code.hash)
    if known is None:
        raise Refused("code_unknown", "code")
    if known[1].uses_left < 1:
        raise Refused("code_used", "code")
    if known[1].until <= now:
        raise Refused("code_expired", "code")
    try:
        return known[0], as_made_today(txn, known[1])
    except Refused:
        raise Refused("code_unknown", "code") from None


def _is_less(txn: Transaction, person: int, offer: Invitation) -> bool:
    """Whether a person has a role there already that an invitation must not take away."""
    held = seat_in(txn, person, offer.space)
    return held is not None and people.weight(offer.role) <= people.weight(held)


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

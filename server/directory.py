"""What the organisation's directory opens here: accounts become persons, groups become roles that come and go.

A person is found by issuer and subject, never by name or e-mail. Roles given here stay whatever the groups say.
"""

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import NamedTuple

from msgspec import Struct

from server import people
from server.db import Transaction
from server.groups import Groups, GroupSeat
from server.oidc import Asked, Claimed
from server.parting import last_of
from server.people import Seat
from server.refusals import Refused
from server.seats import forget_invitations
from server.sessions import Comer, start, tell_begun
from server.store import identities, spaces
from server.store import people as stored
from server.store.audit import Event, Told, note, tell
from server.store.identities import Account, UnderWay
from server.store.passkeys import count_passkeys
from server.store.people import DAY_MS, Device, Person
from server.store.recovery import codes_left
from server.store.retention import Batch, Pace
from server.world import Draw

SOURCE = WAY = "oidc"
UNDER_WAY_MS = 600_000


class Word(Struct, frozen=True):
    """What the directory says of somebody, and what its groups open here by the settings."""

    claimed: Claimed
    groups: Groups


class Opened(NamedTuple):
    """What groups open, by space, and whether one of them leads to a place that isn't there (any more)."""

    seats: Mapping[int, Seat]
    leads_nowhere: bool = False


class Arriving(Struct, frozen=True):
    """Who comes back from the provider, speaking what, on which device; the session ends at `until`.

    `is_new`: they have said that they haven't been here before.
    """

    word: Word
    lang: str
    comer: Comer
    until: int
    is_new: bool


class Beginning(Struct, frozen=True):
    """A sign-in that begins: what goes along to the provider and back, and what only the browser holds."""

    state: str
    browser: str
    asked: Asked
    person: int | None
    is_new: bool


def beginning(draw: Draw, person: int | None, is_new: bool = False) -> Beginning:
    """Fresh random values for one sign-in; `person` is whom it links, `is_new` as in `Arriving`."""
    state, browser, nonce, verifier = (people.code_of(draw(32)) for _ in range(4))
    return Beginning(state, browser, Asked(nonce, verifier), person, is_new)


def begin(txn: Transaction, new: Beginning, now: int) -> None:
    """Remember a sign-in until its browser comes back."""
    browser, asked = people.hash_of(new.browser), new.asked
    kept = UnderWay(browser, asked.nonce, asked.verifier, new.person, now + UNDER_WAY_MS, new.is_new)
    identities.keep_under_way(txn, people.hash_of(new.state), kept)


def come_back(taken: UnderWay | None, browser: str | None, now: int) -> UnderWay:
    """The sign-in that a browser has come back from; refused when it is not this one's, over, or unknown.

    It was taken out of the database before: whatever is wrong, the same state never counts again.
    """
    held = sha256((browser or "").encode("utf-8", "replace")).digest()
    if taken is None or not compare_digest(taken.browser, held) or taken.until <= now:
        raise Refused("challenge_expired")
    return taken


def sign_in(txn: Transaction, arriving: Arriving, now: int) -> Device:
    """Sign somebody in by the directory's word; a new person is made where their groups open a place here.

    Refused while they haven't said that they are new: whoever is here already would become two.
    """
    opened = _seats(txn, arriving.word)
    who = _who(txn, arriving, opened is not None and bool(opened.seats), now)
    if opened is not None:
        follow_groups(txn, who.id, opened, now)
    tell_begun(txn, who, arriving.comer, now)
    signed_in = start(txn, who, arriving.comer, now)
    identities.end_session_by(txn, signed_in.session, arriving.until)
    return signed_in


def link(txn: Transaction, word: Word, device: Device, now: int) -> None:
    """An account of the directory becomes that of the person who is signed in; their groups count from now on."""
    claimed = word.claimed
    known = identities.person_known_as(txn, claimed.issuer, claimed.subject)
    if known is not None and known != device.person:
        if stored.person_of(txn, known) is not None:
            raise Refused("identity_taken")
        identities.unlink_identities(txn, known, claimed.issuer)  # somebody who has left and was invited anew
    if known != device.person:
        identities.unlink_identities(txn, device.person, claimed.issuer)
        identities.link_identity(txn, _account(claimed), device.person, now)
        tell(txn, device.person, Told("identity_linked"), now)
    identities.note_seen(txn, _account(claimed), now)
    opened = _seats(txn, word)
    if opened is not None:
        follow_groups(txn, device.person, opened, now)


def unlink(txn: Transaction, device: Device, issuer: str, now: int) -> None:
    """The person's account of the directory opens nothing here any more, nor do its groups.

    Refused where it is the last way in.
    """
    if not identities.unlink_identities(txn, device.person, issuer):
        raise Refused("not_found")
    if not count_passkeys(txn, device.person) and not codes_left(txn, device.person):
        raise Refused("last_way_in")
    follow_groups(txn, device.person, Opened({}), now)


def lapse(txn: Transaction, now: int, pace: Pace, days: int) -> Batch:
    """End the roles by groups of whom the directory hasn't spoken for so many days, however they come in."""
    ended = 0
    for person in identities.unseen(txn, now // DAY_MS - days):
        if ended and pace.is_late():
            return Batch(ended, False)
        count = follow_groups(txn, person, Opened({}), now)
        if count:
            tell(txn, person, Told("groups_lapsed"), now)
        ended += count
    return Batch(ended, True)


def follow_groups(txn: Transaction, person: int, opened: Opened, now: int) -> int:
    """Give what groups open and end what they opened before, which is counted; what was given here stays.

    Nothing ends while one of the groups leads nowhere: its team may only have got another name.
    """
    wanted = opened.seats
    held = {grant.via: grant for grant in stored.live_grants(txn, person) if grant.space == grant.via}
    for via, seat in sorted(wanted.items()):
        had = held.get(via)
        if had is None or (
            had.source == SOURCE and had.role != seat.role and _may_step_back(txn, person, via)
        ):
            people.grant(txn, person, seat, now)
            if had is not None:
                forget_invitations(txn, person, via)
            note(txn, Event("granted", None, person, via, {"role": seat.role, "by": SOURCE}), now)
    ended = 0
    for via, had in sorted(held.items()):
        is_over = had.source == SOURCE and via not in wanted and not opened.leads_nowhere
        if is_over and _may_step_back(txn, person, via):
            people.remove(txn, person, via, now)
            forget_invitations(txn, person, via)
            note(txn, Event("grant_ended", None, person, via, {"role": had.role, "by": SOURCE}), now)
            ended += 1
    return ended


def lost(txn: Transaction, groups: Groups) -> list[str]:
    """The groups that open a place which isn't there."""
    return [group for group, seat in groups.items() if _place(txn, seat) is None]


def fail(txn: Transaction, why: str, now: int) -> None:
    """Note a sign-in that failed; without any name (D-83)."""
    note(txn, Event("sign_in_failed", detail={"way": WAY, "why": why}), now)


def _who(txn: Transaction, arriving: Arriving, is_wanted: bool, now: int) -> Person:
    claimed = arriving.word.claimed
    known = identities.person_known_as(txn, claimed.issuer, claimed.subject)
    if known is not None:
        who = stored.person_of(txn, known)
        if who is None:  # has left; only whoever removed them here can bring them back
            raise Refused("not_allowed")
        identities.note_seen(txn, _account(claimed), now)
        return who
    if not is_wanted or not claimed.name:
        raise Refused("no_place")
    if not arriving.is_new:
        raise Refused("identity_new")
    who = stored.add_person(txn, claimed.name, arriving.lang, now)
    identities.link_identity(txn, _account(claimed), who.id, now)
    return who


def _account(claimed: Claimed) -> Account:
    return Account(claimed.issuer, claimed.subject)


def _seats(txn: Transaction, word: Word) -> Opened | None:
    """What a person's groups open; of several in one place the first in the settings. Nil: not told."""
    if word.claimed.groups is None:
        return None
    opened: dict[int, Seat] = {}
    leads_nowhere = False
    for group, seat in word.groups.items():
        if group in word.claimed.groups:
            place = _place(txn, seat)
            if place is None:
                leads_nowhere = True
            else:
                opened.setdefault(place, Seat(place if seat.team or seat.area else None, seat.role, SOURCE))
    return Opened(opened, leads_nowhere)


def _place(txn: Transaction, seat: GroupSeat) -> int | None:
    """The space that a group opens; nil for one that isn't there, or isn't the only one (the log tells)."""
    if not seat.team and not seat.area:
        return people.org_space(txn).id
    kind, wanted = ("team", str(seat.team)) if seat.team else ("area", seat.area)
    there = spaces.spaces(txn, (kind,))
    by_number = [place.id for place in there if wanted == str(place.id)]
    named = [p.id for p in there if wanted.casefold() in {name.casefold() for name in p.names.values()}]
    found = by_number or named
    return found[0] if len(found) == 1 else None


def _may_step_back(txn: Transaction, person: int, space: int) -> bool:
    """Who is the last to lead a place stays, also when a group says otherwise, until there is another."""
    spaces.lock_space(txn, space)
    return last_of(txn, person, space) is None

"""Leaving the organisation: by a leader's hand, or by one's own with an account that is erased after 30 days."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from server import people
from server.db import Transaction
from server.organisation import joined, leads
from server.parting import Parting, hand_over, keep_an_admin, parted, tell_unled, unled
from server.refusals import Refused
from server.seats import end
from server.store import leaving as stored
from server.store.audit import Event, note
from server.store.cards import ServerCard, write_server_cards
from server.store.frames import readable_spaces
from server.store.late import KEPT_DAYS
from server.store.people import DAY_MS, Device
from server.store.retention import Batch, Pace
from server.store.trust import counts_from
from server.world import World
from sync.kinds import Role

ERASED_AFTER_DAYS = 30


class Wish(NamedTuple):
    """How somebody wants to go: the spaces whose cards go on naming them, and who goes on with what they were to do."""

    keep_names: Collection[int]
    duties_to: Mapping[int, int] = {}


def leave(txn: Transaction, actor: Device, parting: Parting, world: World) -> int:
    """Somebody leaves the organisation by the hand of whoever leads every space that they have joined.

    Access ends at once. Gives for how many days what still comes of theirs waits for a decision.
    """
    person = parting.person
    if person == actor.person:
        raise Refused("not_allowed")
    if not joined(txn, person):
        leads(txn, actor.person, people.org_space(txn).id)
    end(txn, actor, parting, world)
    people.leave(txn, person, world.now)
    note(txn, Event("person_left", actor.person, person), world.now)
    return KEPT_DAYS


def ask_erasure(txn: Transaction, device: Device, wish: Wish, world: World) -> int:
    """The person's account goes in 30 days, and all devices hear `gone` now; whoever signs in before that has changed
    their mind. Gives the day, in days since 1970. What they were to do goes to others at once, or is nobody's.

    Refuses the last administrator, and to keep the name in spaces that the person doesn't read.
    """
    person = device.person
    roles = readable_spaces(txn, person)
    shared = {space for space, role in roles.items() if role is not Role.OWNER}
    if not shared.issuperset(wish.keep_names):
        raise Refused("invalid", "keep_names")
    parting = Parting(person, wish.duties_to)
    held = parted(txn, parting)
    keep_an_admin(txn, person, held)
    hand_over(txn, device, parting, world)
    day = counts_from(txn, world.now) // DAY_MS + ERASED_AFTER_DAYS
    stored.ask_erasure(txn, person, day, sorted(set(wish.keep_names)))
    stored.end_sessions_of(txn, person, world.now)
    tell_unled(txn, unled(txn, person, held), world.now)
    return day


def erase_due(txn: Transaction, now: int, pace: Pace) -> Batch:
    """Erase the next account whose day has come: a space of one's own bit by bit, then everything that names them.

    Cards stay with their teams, under the number that no name belongs to any more; so do marks, in their sums.
    """
    for number, own, keep_names, has_left in stored.due_erasures(txn, now // DAY_MS):
        emptied = stored.empty_own(txn, own, pace)
        if not emptied.is_done:
            return emptied
        if not has_left:
            people.leave(txn, number, now)
        _unname(txn, number, keep_names, now)
        stored.forget_person(txn, number, now)
        note(txn, Event("person_erased", person=number), now)
        return Batch(emptied.rows + 1, False)
    return Batch(0, True)


def _unname(txn: Transaction, number: int, keep_names: Collection[int], now: int) -> None:
    card = people.card_id("person", number)
    nameless = [space for space in stored.spaces_with_card(txn, card) if space not in keep_names]
    fields = {"name": ""}
    write_server_cards(txn, [ServerCard(space, card, "person", None, now, fields) for space in nameless], now)
    stored.drop_snapshots_of(txn, nameless)

"""The author of a hidden card may ask an agent to look at it again (docs/domain.md H6)."""

from server import people
from server.db import Transaction
from server.refusals import Refused
from server.store import seats
from server.store.audit import Told, tell_once
from server.store.cards import Desk, Key
from server.store.people import Device
from sync.kinds import Role
from sync.merge import Card


def ask(txn: Transaction, device: Device, key: Key, now: int) -> None:
    """Tell the agents of the card's team, or where it has none the development leads, once each.

    Refuses what is not a hidden card of one's own, alike for one that doesn't exist.
    """
    desk = Desk(txn, now)
    desk.load([key])
    card = desk.cards[key]
    if card is None or card.by != device.person or not _is_hidden(card):
        raise Refused("not_found")
    told = Told("review_asked", {"space": key[0], "card": key[1].hex(), "by": device.person})
    for person in _reviewers(txn, key[0], card) - {device.person}:
        tell_once(txn, person, told, now)


def _is_hidden(card: Card) -> bool:
    """Hidden by somebody else; what its author has withdrawn needs nobody to look."""
    gone = card.value("gone")
    return isinstance(gone, list) and bool(gone) and gone[0] != "withdrawn"


def _reviewers(txn: Transaction, space: int, card: Card) -> set[int]:
    team = card.value("team")
    here = team if isinstance(team, int) else space
    agents = seats.sittings(txn, [here], [Role.AGENT.value])
    above = [] if agents else seats.sittings(txn, [people.org_space(txn).id], [Role.DEV_LEAD.value])
    return {one.person for one in (*agents, *above)}

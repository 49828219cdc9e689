"""The tree of organisation, areas and teams: who leads which part of it, and how it is made and renamed.

A role in a space leads that space and all below it: supervisors their team, development leads and administrators their
area or the whole organisation. An administrator leads and reads nothing.
"""

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct

from server import people
from server.db import Transaction
from server.forms import ORG_ROLES, TEAM_ROLES
from server.refusals import Refused
from server.store import people as stored
from server.store import seats, spaces
from server.store.audit import Event, EventRow, events, note
from server.store.cards import Desk, ServerCard, write_server_cards
from server.store.moves import Homing, bring_home
from server.store.people import Grant
from server.store.seats import Sitting
from server.store.spaces import Names, Space
from server.world import World

MAX_NAME = 80
LED = ("team", "area", "org")
# What each leading role may give in a space of each kind: never more than it may do itself.
GIVES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "supervisor": {"team": TEAM_ROLES},
    "dev_lead": {"team": TEAM_ROLES, "area": ("dev_lead",)},
    "admin": {"team": TEAM_ROLES, "area": ORG_ROLES, "org": ORG_ROLES},
}
MAKES = ("dev_lead", "admin")  # areas and teams
NOBODY = None  # the command line: whoever runs the server may do everything


Labels = Mapping[int, str]
Places = Mapping[int, Names]


class Branch(Struct, frozen=True):
    """One space of the tree as its leaders see it; `gives` are the roles that they may give there.

    `people` counts those who have joined it, `leaders` names those with more than a member's role.
    """

    space: int
    kind: str
    names: Names
    above: int | None
    gives: Sequence[str]
    makes: bool
    people: int = 0
    leaders: Sequence[tuple[int, str, str]] = ()


class Lead(Struct, frozen=True):
    """What somebody may do with a space: give these roles there; make and rename what is below it."""

    gives: Collection[str]
    makes: bool


NOTHING = Lead((), False)


def leads(txn: Transaction, actor: int | None, space: int) -> Lead:
    """What this person may do with a space; refuses whoever doesn't lead it, alike for one that doesn't exist."""
    above = spaces.spaces_above(txn, space)
    if not above or above[0].kind not in LED:
        raise Refused("not_allowed")
    led = _lead_of(above, actor, [] if actor is NOBODY else leading_seats(txn, actor))
    if not led.gives and not led.makes:
        raise Refused("not_allowed")
    return led


def leading_seats(txn: Transaction, person: int) -> list[Grant]:
    """The seats of a person that lead: where they joined, and as what."""
    return [g for g in stored.live_grants(txn, person) if g.space == g.via and g.role in GIVES]


def joined(txn: Transaction, person: int) -> list[Grant]:
    """The seats of a person: where they joined, and as what."""
    held = stored.live_grants(txn, person)
    return sorted((g for g in held if g.space == g.via and g.role != "owner"), key=lambda g: g.space)


def gives(txn: Transaction, actor: int, seat: Grant) -> bool:
    """Whether somebody may give such a seat, and so end it."""
    try:
        return seat.role in leads(txn, actor, seat.space).gives
    except Refused:
        return False


def _lead_of(above: Sequence[Space], actor: int | None, held: Sequence[Grant]) -> Lead:
    if actor is NOBODY:
        return Lead(TEAM_ROLES if above[0].kind == "team" else ORG_ROLES, True)
    here, numbers = above[0], {place.id for place in above}
    roles = [g.role for g in held if g.space in numbers and (g.role != "supervisor" or g.space == here.id)]
    given = {role for leader in roles for role in GIVES[leader].get(here.kind, ())}
    return Lead(given, any(role in MAKES for role in roles))


def tree(txn: Transaction, actor: int) -> list[Branch]:
    """What a person leads with what lies above it, from the top down; refuses who leads nothing."""
    places = {place.id: place for place in spaces.spaces(txn, LED)}
    led = {place.id: lead for place, lead in led_spaces(txn, actor)}
    if not led:
        raise Refused("not_allowed")
    shown = {place.id for number in led for place in _above(places, number)}
    counts = seats.head_counts(txn)
    leaders: dict[int, list[Sitting]] = {}
    for one in seats.sittings(txn, list(led), [*ORG_ROLES, "supervisor"]):
        leaders.setdefault(one.space, []).append(one)
    return [
        _branch(place, led.get(place.id, NOTHING), counts.get(place.id, 0), leaders.get(place.id, []))
        for place in sorted(places.values(), key=lambda p: (LED[::-1].index(p.kind), p.id))
        if place.id in shown
    ]


def _branch(place: Space, lead: Lead, count: int, leaders: Sequence[Sitting]) -> Branch:
    gives = [role for role in (*TEAM_ROLES, *ORG_ROLES) if role in lead.gives]
    named = [(one.person, one.name, one.role) for one in leaders]
    seen = count if lead is not NOTHING else 0
    return Branch(place.id, place.kind, place.names, place.parent, gives, lead.makes, seen, named)


def led_spaces(txn: Transaction, actor: int | None) -> list[tuple[Space, Lead]]:
    """Every space that somebody leads, and what they may do there."""
    places = {place.id: place for place in spaces.spaces(txn, LED)}
    held = [] if actor is NOBODY else leading_seats(txn, actor)
    found = [(place, _lead_of(_above(places, place.id), actor, held)) for place in places.values()]
    return [(place, lead) for place, lead in found if lead.gives or lead.makes]


def _above(places: Mapping[int, Space], number: int) -> list[Space]:
    found, at = [], places.get(number)
    while at is not None:
        found.append(at)
        at = places.get(at.parent) if at.parent is not None else None
    return found


def make(txn: Transaction, actor: int | None, wanted: Space, now: int) -> int:
    """Make an area or a team below `wanted.parent`; refuses a name that one of its kind has there already."""
    above = spaces.space_of(txn, wanted.parent or 0)
    if above is None or (above.kind != "org" and (above.kind, wanted.kind) != ("area", "team")):
        raise Refused("not_allowed", "above")
    if not leads(txn, actor, above.id).makes:
        raise Refused("not_allowed")
    spaces.lock_space(txn, above.id)  # of two who make the same the second hears that it is there
    names = _fresh_names(txn, wanted)
    if wanted.kind == "team":
        made = people.add_team(txn, names, above.id, now)
    else:
        made = spaces.add_space(txn, "area", names, above.id)
    note(txn, Event("space_made", actor, space=made), now)
    return made


def rename(txn: Transaction, actor: int | None, wanted: Space, now: int) -> None:
    """Give a space its names in each language; every reader's devices show them with the next word from here."""
    lead, held = leads(txn, actor, wanted.id), spaces.space_of(txn, wanted.id)
    if held is None or (held.kind == "org" and not lead.gives):
        raise Refused("not_allowed")
    names = _fresh_names(txn, Space(held.id, held.kind, wanted.names, held.parent))
    if names == held.names:
        return
    spaces.rename_space(txn, held.id, names)
    if held.kind == "team":
        _show_team(txn, held, {f"names/{lang}": names.get(lang) for lang in spaces.LANGUAGES}, now)
    seats.tell_readers(txn, [held.id])
    note(txn, Event("space_renamed", actor, space=held.id), now)


def move(txn: Transaction, actor: int | None, target: tuple[int, int], world: World) -> None:
    """Put a team under another area or the organisation; who is in it reads the new area instead of the old one.

    What the team had shared with the old area comes home, for the team alone to see.
    """
    (number, to), now = target, world.now
    held, above = _locked(txn, number, to), spaces.space_of(txn, to)
    if held is None or above is None or held.kind != "team" or above.kind not in ("area", "org"):
        raise Refused("not_allowed", "above")
    if not leads(txn, actor, to).makes or not leads(txn, actor, held.parent or 0).makes:
        raise Refused("not_allowed")
    if held.parent == to:
        return
    left = held.parent or to
    _fresh_names(txn, Space(held.id, "team", held.names, to))
    spaces.put_under(txn, number, to)
    for one in seats.sittings(txn, [number]):
        (seat,) = [g for g in stored.live_grants(txn, one.person) if g.space == g.via == number]
        stored.end_grants(txn, one.person, number, now)
        people.grant(txn, one.person, people.Seat(number, seat.role, seat.source), now)
    _show_team_above(txn, number, above, now)
    bring_home(txn, Homing(number, left, now, world.secret), lambda: world.draw(16))
    note(txn, Event("space_moved", actor, space=number, detail={"to": to}), now)


def _locked(txn: Transaction, number: int, to: int) -> Space | None:
    """A team, locked with what is above it and what it comes under; None where somebody else moved it meanwhile."""
    before = spaces.space_of(txn, number)
    for place in sorted({number, to, (before and before.parent) or to}):
        spaces.lock_space(txn, place)
    held = spaces.space_of(txn, number)
    return held if before and held and held.parent == before.parent else None


def _show_team(txn: Transaction, team: Space, fields: Mapping[str, object], now: int) -> None:
    id_ = people.card_id("team", team.id)
    places = spaces.spaces_holding(txn, id_)
    write_server_cards(txn, [ServerCard(place, id_, "team", None, now, fields) for place in places], now)


def _show_team_above(txn: Transaction, team: int, above: Space, now: int) -> None:
    """Show a team's card in its new area too, as it is in the team."""
    id_, area = people.card_id("team", team), above.id if above.kind == "area" else None
    desk = Desk(txn, now)
    desk.load([(team, id_)])
    card = desk.cards[team, id_]
    fields = {name: cell.value for name, cell in card.cells.items()} if card else {}
    places = {*spaces.spaces_holding(txn, id_), above.id}
    shown = [ServerCard(place, id_, "team", None, now, {**fields, "area": area}) for place in sorted(places)]
    write_server_cards(txn, shown, now)


def _fresh_names(txn: Transaction, wanted: Space) -> dict[str, str]:
    """The names without spaces around them; refuses none at all, long ones, and those of a sibling."""
    names = {lang: " ".join(name.split()) for lang, name in wanted.names.items() if name.strip()}
    if not names or not set(names) <= set(spaces.LANGUAGES):
        raise Refused("invalid", "name")
    if any(len(name) > MAX_NAME or not name.isprintable() for name in names.values()):
        raise Refused("invalid", "name")
    folded = {name.casefold() for name in names.values()}
    for other in spaces.spaces(txn, (wanted.kind,)):
        is_beside = other.id != wanted.id and other.parent == wanted.parent
        if is_beside and folded & {name.casefold() for name in other.names.values()}:
            raise Refused("name_taken", "name")
    return names


def audit_log(txn: Transaction, actor: int, since: int, before: int) -> tuple[list[EventRow], Labels, Places]:
    """The audit log with the names of its persons and spaces; for administrators of the whole organisation."""
    org = people.org_space(txn).id
    if seats.role_in(txn, actor, org) != "admin":
        raise Refused("not_allowed")
    found = events(txn, since, before)
    persons = {number for row in found for number in (row.actor, row.person) if number}
    persons |= {to for row in found if isinstance(to := row.detail.get("to"), int) and row.person}
    return (
        found,
        seats.names_of(txn, sorted(persons)),
        {place.id: place.names for place in spaces.spaces(txn, LED)},
    )

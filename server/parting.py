"""What somebody leaves behind: open duties that go to others, and places that must not be left without a leader."""

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct, structs

from server import people
from server.db import Transaction
from server.organisation import MAKES, gives, joined
from server.refusals import Refused
from server.store import duties, seats, spaces
from server.store import people as stored
from server.store.acceptance import RUN_BYTES
from server.store.audit import Event, Told, note, tell
from server.store.duties import Duty, HandingOver
from server.store.people import Device, Grant
from server.store.seats import Sitting
from server.world import World


class Parting(Struct, frozen=True):
    """Whose seats end where (nil: wherever they have one), and who goes on with what the person was to do, by team.

    Where nobody is named it is nobody's from now on.
    """

    person: int
    duties_to: Mapping[int, int] = {}
    spaces: Sequence[int] | None = None


class Behind(Struct, frozen=True):
    """What somebody leaves behind in a space, and who could go on with it there.

    `sole`: the role that nobody else has there, where there has to be somebody.
    """

    space: int
    name: str
    sole: str | None
    duties: Sequence[Duty]
    others: Sequence[Sitting]


def parted(txn: Transaction, parting: Parting) -> Sequence[int]:
    """The spaces that somebody parts from, held still: two leaders must not remove each other."""
    theirs = [seat.space for seat in joined(txn, parting.person)]
    found = theirs if parting.spaces is None else sorted(parting.spaces)
    for space in found:
        spaces.lock_space(txn, space)
    return found


def last_of(txn: Transaction, person: int, space: int) -> str | None:
    """The role that a place loses with somebody: supervisor of a team with other members, administrator of all."""
    role = seats.role_in(txn, person, space)
    beside = {one.role for one in _others(txn, person, space)}
    is_all = role == "admin" and space == people.org_space(txn).id
    is_needed = is_all or (role == "supervisor" and bool(beside))
    return role if is_needed and role not in beside else None


def keep_a_leader(txn: Transaction, person: int, space: int) -> None:
    """Refuse to take a team's last supervisor away, or the last administrator."""
    role = last_of(txn, person, space)
    if role is not None:
        raise Refused(f"last_{role}")


def keep_an_admin(txn: Transaction, person: int, held: Collection[int]) -> None:
    """Refuse that the last administrator goes, by whose hand ever: nobody could give the role to another."""
    if any(last_of(txn, person, space) == "admin" for space in held):
        raise Refused("last_admin")


def unled(txn: Transaction, person: int, held: Collection[int]) -> list[int]:
    """Those of the places that have no supervisor once somebody has gone."""
    return [space for space in held if last_of(txn, person, space) == "supervisor"]


def tell_unled(txn: Transaction, teams: Sequence[int], now: int) -> None:
    """Tell those who lead the area above, or else the organisation, that teams have no supervisor now."""
    for team in teams:
        here, *above = spaces.spaces_above(txn, team)
        leading = ([one for one in seats.staying(txn, up.id) if one.role in MAKES] for up in above)
        for one in next((found for found in leading if found), []):
            who = stored.person_of(txn, one.person)
            name = spaces.name_in(here.names, who.lang if who else "")
            tell(txn, one.person, Told("unled", {"space": team, "team": name}), now)


def hand_over(txn: Transaction, actor: Device, parting: Parting, world: World) -> int:
    """What somebody sees to in the teams that they part from goes to whom the parting names, or is nobody's.

    Gives how much came to others. Refuses who isn't in the team, and teams that the person doesn't part from.
    """
    teams = [space for space in parted(txn, parting) if _is_team(txn, space)]
    if not set(parting.duties_to) <= set(teams):
        raise Refused("invalid", "duties_to")
    return sum(_hand_over(txn, actor, (parting, team), world) for team in teams)


def _hand_over(txn: Transaction, actor: Device, what: tuple[Parting, int], world: World) -> int:
    parting, team = what
    to = parting.duties_to.get(team)
    if to is not None and to not in {one.person for one in _others(txn, parting.person, team)}:
        raise Refused("invalid", "duties_to")
    handing = HandingOver(actor, team, (parting.person, to), world.draw(RUN_BYTES), world.now)
    count = duties.hand_over(txn, handing, world.secret)
    if to is None or not count:
        return 0
    tell(txn, to, Told("given", {"count": count, "by": actor.person}), world.now)
    detail = {"to": to, "count": count}
    note(txn, Event("handed_over", actor.person, parting.person, team, detail), world.now)
    return count


def left_behind(txn: Transaction, actor: Device, person: int) -> list[Behind]:
    """What a person leaves behind wherever they have a seat, for themselves and for who may end it.

    Titles only where one reads. Refuses whoever may end no seat of theirs.
    """
    held = joined(txn, person)
    if person != actor.person:
        held = [seat for seat in held if gives(txn, actor.person, seat)]
        if not held:
            raise Refused("not_allowed")
    return [_behind(txn, actor, (person, seat)) for seat in held]


def _behind(txn: Transaction, actor: Device, what: tuple[int, Grant]) -> Behind:
    person, seat = what
    readable = {place for place, *_ in stored.grants_of(txn, actor.person).spaces}
    place = spaces.space_of(txn, seat.space)
    name = spaces.name_in(place.names, actor.lang) if place else ""
    last = last_of(txn, person, seat.space)
    if not _is_team(txn, seat.space):
        return Behind(seat.space, name, last, [], [])
    found = duties.open_duties(txn, seat.space, person)
    shown = [one if one.space in readable else structs.replace(one, title="") for one in found]
    mine = [one for one in shown if one.sort == "own" or seat.role == "supervisor"]
    return Behind(seat.space, name, last, mine, _others(txn, person, seat.space))


def _is_team(txn: Transaction, space: int) -> bool:
    place = spaces.space_of(txn, space)
    return place is not None and place.kind == "team"


def _others(txn: Transaction, person: int, space: int) -> list[Sitting]:
    return [one for one in seats.staying(txn, space) if one.person != person]

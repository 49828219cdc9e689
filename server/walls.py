"""What a locked tablet shows of a team's board, if who leads the team wants that (docs/devices.md D-45).

Whoever stands at the tablet reads it, so it is no copy of the space: titles of ideas by stage, and how many relays are
on their way, without persons, texts, answers, reactions, days and card numbers.
"""

from collections.abc import Sequence

from msgspec import Struct

from server.db import Transaction
from server.organisation import leads
from server.refusals import Refused
from server.store import spaces, tablets, walls
from server.store.audit import Event, note
from server.store.people import Device
from server.store.tablets import Tablet

STAGES = ("new", "considering", "trying", "in_use")
SHOWN = 30  # titles of each stage


class Title(Struct, frozen=True):
    """An idea's title, and the language in which it was written where that is known."""

    title: str
    lang: str


class Stage(Struct, frozen=True):
    """A stage of the board: how many ideas there are, and the titles of the newest."""

    stage: str
    total: int
    ideas: Sequence[Title]


class Wall(Struct, frozen=True):
    """A team's board as anybody may read it, and how many relays are on their way or wait for whoever goes on."""

    space: int
    name: str
    stages: Sequence[Stage]
    relays: int
    waiting: int


def hang(txn: Transaction, asks: Device, which: tuple[bytes, int], hangs: bool, now: int) -> None:
    """The board of a team is shown by a tablet of that team from now on, or no more: by who leads the team."""
    uuid, space = which
    if "staff" not in leads(txn, asks.person, space).gives:
        raise Refused("not_allowed")
    place, known = spaces.space_of(txn, space), tablets.tablet_named(txn, uuid)
    if known is None or known.is_revoked or space not in tablets.teams_of(txn, known.id):
        raise Refused("not_found")
    if place is None or place.kind != "team":
        raise Refused("not_allowed")
    if (space in walls.walls_of(txn, known.id)) == hangs:
        return
    walls.set_wall(txn, known.id, space, hangs)
    detail = {"device": known.name}
    note(txn, Event("wall_shown" if hangs else "wall_removed", asks.person, None, space, detail), now)


def seen(txn: Transaction, at: Tablet, space: int, lang: str) -> Wall:
    """What a tablet shows of a team's board; refused alike for every space whose board it may not show."""
    place = spaces.space_of(txn, space) if space in walls.walls_of(txn, at.id) else None
    if place is None:
        raise Refused("not_found")
    titles: dict[str, list[Title]] = {stage: [] for stage in STAGES}
    for stage, title, written_in in walls.ideas_of(txn, space):
        if stage in titles:
            titles[stage].append(Title(title, written_in))
    stages = [Stage(stage, len(ideas), ideas[:SHOWN]) for stage, ideas in titles.items()]
    batons = list(walls.batons_of(txn, space))
    return Wall(space, spaces.name_in(place.names, lang), stages, len(batons), batons.count(walls.WAITING))

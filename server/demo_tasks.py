"""The tasks of the demo county: those of its teams, with who has done them, and a relay that waits for its next leg."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct

from server.demo_thanks import HOUR_MS, Folk

DAY_MS = 24 * HOUR_MS
HOURS = {"morning": 7, "evening": 15, "night": 2}  # when a shift writes
MINUTE_MS = 60_000

Fields = dict[str, tuple[object, object]]


class Leg(Struct):
    """What a shift added to a relay."""

    shift: str
    by: str
    day: int
    text: str


class Task(Struct):
    """A task as the file tells it. Those of a workshop's group wait for workshops."""

    group: str
    lang: str
    title: str
    prompt: str
    due_day: int
    relay: bool
    done: int = 0
    legs: list[Leg] = []


class Deed(NamedTuple):
    """A change that a person makes at a time: of which card, and its fields before and after."""

    at: int
    who: int
    kind: str
    card: bytes
    fields: Fields


def deeds(folk: Folk, one: Task, leader: str, today: tuple[int, str]) -> Iterator[Deed]:
    """All that happens to a team's task; `today` is midnight in milliseconds, and the day on which it is due."""
    midnight, due = today
    made, team = midnight - 3 * DAY_MS, folk.teams[one.group]
    task = folk.draw(made)
    fields: dict[str, object] = {"team": team, "title": one.title, "prompt": one.prompt, "lang": one.lang}
    fields |= {"due": due} | ({"relay": True} if one.relay else {})
    yield Deed(made, folk.persons[leader], "task", task, new(fields))
    members = [key for key, of in folk.team_of.items() if of == team]
    for key in members[: one.done]:
        yield Deed(midnight - DAY_MS, folk.persons[key], "task", task, {"done": (None, True)})
    yield from _carried(folk, one, task, midnight)


def _carried(folk: Folk, one: Task, task: bytes, midnight: int) -> Iterator[Deed]:
    baton: list[object] | None = None
    before: bytes | None = None
    for number, leg in enumerate(one.legs, 1):
        at, who = midnight + leg.day * DAY_MS + HOURS[leg.shift] * HOUR_MS, folk.persons[leg.by]
        card, taken = folk.draw(at + MINUTE_MS), [number, "held", str(who), before]
        yield Deed(at, who, "task", task, {"baton": (baton, taken)})
        said = {"on": task, "text": leg.text, "lang": one.lang} | ({"after": before} if before else {})
        yield Deed(at + MINUTE_MS, who, "relay_leg", card, new(said))
        baton, before = [number + 1, "waiting", None, card], card
        yield Deed(at + 2 * MINUTE_MS, who, "task", task, {"baton": (taken, baton)})


def new(fields: Mapping[str, object]) -> Fields:
    """The fields of a card where there was nothing."""
    return {name: (None, value) for name, value in fields.items()}

"""The thanks of the demo county: who gives them, where the cards lie, and which are on a wall."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct

TEAM = "team:"
HOUR_MS = 3_600_000


class Thanks(Struct, rename={"giver": "from"}):
    """A thanks as the file tells it; `to` names persons, or a team after `team:`."""

    giver: str
    to: list[str]
    lang: str
    text: str
    strengths: list[str]
    wall: bool
    relayed: bool
    day: int


class Folk(NamedTuple):
    """Numbers by the keys of the file: persons, their own spaces, the team of each, teams; and ids by their time."""

    persons: Mapping[str, int]
    own: Mapping[str, int]
    team_of: Mapping[str, int]
    teams: Mapping[str, int]
    draw: Callable[[int], bytes]


class Said(NamedTuple):
    """One card, made by a person at a time in a space."""

    at: int
    who: int
    space: int
    card: bytes
    fields: dict[str, object]


def told(folk: Folk, one: Thanks, at: int) -> Iterator[Said]:
    """A card for each receiver, the sender's copy, and one on the wall where sender and receiver agreed."""
    words: dict[str, object] = {"text": one.text, "lang": one.lang}
    words |= {f"strengths/{key}": True for key in one.strengths}
    words |= {"relayed": True} if one.relayed else {}
    wish: dict[str, object] = {"wall": True} if one.wall else {}
    giver, copy = folk.persons[one.giver], folk.draw(at)
    persons = [name for name in one.to if not name.startswith(TEAM)]
    teams = [folk.teams[name.removeprefix(TEAM)] for name in one.to if name.startswith(TEAM)]
    to: dict[str, object] = {f"to/{folk.persons[name]}": True for name in persons}
    if teams:
        to["to_team"] = teams[0]
    yield Said(at, giver, folk.own[one.giver], copy, words | wish | to)
    for team in teams:
        yield Said(at, giver, team, folk.draw(at), words | wish | {"origin": copy})
    for name in persons:
        card = folk.draw(at)
        yield Said(at, giver, folk.own[name], card, words | wish | {"origin": copy})
        if one.wall:
            later, agreed = at + HOUR_MS, {"sender": giver, "origin": card}
            yield Said(later, folk.persons[name], folk.team_of[name], folk.draw(later), words | agreed)

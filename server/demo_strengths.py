"""The strength cards of the demo county: those that persons keep for themselves, and what they show to their team."""

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from server.demo_thanks import Folk

KEPT, SHOWN = "strength_card", "shared_strength"


class Profile(Struct):
    """A person's cards in their order, and those of them that are shared."""

    person: str
    cards: list[str]
    shared: list[str]


class Chosen(NamedTuple):
    """One card, made by a person in a space."""

    kind: str
    who: int
    space: int
    card: bytes
    fields: dict[str, object]


def chosen(folk: Folk, one: Profile, at: int) -> Iterator[Chosen]:
    """The cards in the own space, each after the copy in the team that it names."""
    who, team = folk.persons[one.person], folk.team_of[one.person]
    for place, strength in enumerate(one.cards, 1):
        fields: dict[str, object] = {"strength": strength, "place": place}
        if strength in one.shared:
            copy = folk.draw(at)
            yield Chosen(SHOWN, who, team, copy, {"strength": strength})
            fields[f"shared/{team}"] = copy.hex()
        yield Chosen(KEPT, who, folk.own[one.person], folk.draw(at), fields)

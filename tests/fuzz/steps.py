"""The steps of a script, by name. A step names what it acts on; one whose device or card is missing does nothing.

So any part of a script is a script, and a failing one can be cut down. What a step's parameters are called says what is
drawn for them (tests/fuzz/plan.py).
"""

import inspect
from collections.abc import Callable, Mapping

from msgspec import Struct

from tests.fuzz.world import World

Action = Callable[..., None]


class Step(Struct, array_like=True, frozen=True):
    """One step of a script: its number, which cards and words are named after, its name, and what it acts on."""

    n: int
    name: str
    on: dict[str, object]


class Sort(Struct, frozen=True):
    """A sort of step: how often it is drawn, what its parameters are called, and what it does."""

    weight: int
    names: tuple[str, ...]
    act: Action


SORTS: dict[str, Sort] = {}


def step(weight: int) -> Callable[[Action], Action]:
    """Make a function (world, …) a sort of step."""

    def register(act: Action) -> Action:
        SORTS[act.__name__] = Sort(weight, tuple(inspect.signature(act).parameters)[1:], act)
        return act

    return register


def take(world: World, one: Step) -> None:
    """Do a step. Raises Broken when a promise is seen to be broken."""
    world.tick(one.n)
    on: Mapping[str, object] = one.on
    found: dict[str, object] = dict(on)
    for name, what in (("device", world.devices), ("other", world.devices), ("letter", world.letters)):
        if name in on:
            if on[name] not in what:
                return
            found[name] = what[on[name]]
    for name in ("idea", "comment", "hidden"):
        if name in on:
            space, card = on[name]
            found[name] = (space, bytes.fromhex(card))
            if not found["device"].shows(found[name]):
                return
    SORTS[one.name].act(world, **found)

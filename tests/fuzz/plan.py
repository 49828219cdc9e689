"""Draws the next step: of all sorts by weight, on what is there. The same seed draws the same steps."""

from collections.abc import Callable
from random import Random

from tests.fuzz import faults, writing
from tests.fuzz.device import Device
from tests.fuzz.ledger import Key
from tests.fuzz.steps import SORTS, Step
from tests.fuzz.world import SEATS, World

__all__ = ["faults", "writing"]  # where the steps are

NAMES = list(SORTS)
WEIGHTS = [sort.weight for sort in SORTS.values()]


class Draw:
    """Draws the parameters of one step, in their order; raises LookupError where there is nothing to draw."""

    def __init__(self, world: World, chance: Random) -> None:
        self.world, self.chance = world, chance
        self._device: Device | None = None
        self._key: Key | None = None

    def device(self) -> int:
        """A device; the letters' and cards' parameters that follow are this one's."""
        number = self.chance.choice(list(self.world.devices))
        self._device = self.world.devices[number]
        return number

    def other(self) -> int:
        """Another device, one that shows the card that was drawn."""
        devices, key = self.world.devices.items(), self._key
        return self.chance.choice(
            [n for n, d in devices if d is not self._device and (not key or d.shows(key))]
        )

    def letter(self) -> int:
        """A request under way."""
        return self.chance.choice(list(self.world.letters))

    def idea(self) -> tuple[int, str]:
        """An idea that the device shows as neither hidden nor moved."""
        return self._card("idea", lambda card: card.get("gone") is None and card.get("moved") is None)

    def comment(self) -> tuple[int, str]:
        """A comment, likewise."""
        return self._card("comment", lambda card: card.get("gone") is None and card.get("moved") is None)

    def hidden(self) -> tuple[int, str]:
        """A hidden idea."""
        return self._card("idea", lambda card: card.get("gone") is not None)

    def _card(self, kind: str, is_good: Callable[[dict[str, object]], bool]) -> tuple[int, str]:
        device = self._device
        cards: list[Key] = device.cards(kind) if device else []
        few = self.chance.random() < 0.7  # people meet on what is new
        for _ in range(3):
            key = self.chance.choice(cards[-4:] if few else cards)
            if is_good(device.shows(key)):
                self._key = key
                return key[0], key[1].hex()
        raise LookupError

    def space(self) -> int:
        """Any space."""
        return self.chance.choice(list(self.world.town.spaces.values()))

    def person(self) -> str:
        """One of the persons."""
        return self.chance.choice(list(SEATS))

    def team(self) -> str:
        """A team's name."""
        return self.chance.choice(["koivu", "koivu", "leppa", "pihlaja"])

    def where(self) -> str:
        """How many shall see it."""
        return self.chance.choice(["team", "team", "team", "team", "area", "org"])

    def how(self) -> str:
        """What is done to words."""
        return self.chance.choice(["insert", "insert", "rewrite", "delete"])

    def stage(self) -> str:
        """A stage."""
        return self.chance.choice(["new", "considering", "trying", "in_use"])

    def reason(self) -> str:
        """Why something is hidden."""
        return self.chance.choice(["withdrawn", "withdrawn", "client_data", "other"])

    def on(self) -> bool:
        """Yes or no."""
        return self.chance.random() < 0.7

    def count(self) -> int:
        """A few, mostly many."""
        return self.chance.choice([1, 2, 3, 5, 9, 20, 40, 100])

    def place(self) -> int:
        """A place among some."""
        return self.chance.randrange(31)


def draw(world: World, chance: Random, n: int) -> Step:
    """The n-th step."""
    while True:
        name = chance.choices(NAMES, WEIGHTS)[0]
        drawn = Draw(world, chance)
        try:
            return Step(n, name, {what: getattr(drawn, what)() for what in SORTS[name].names})
        except LookupError:
            continue

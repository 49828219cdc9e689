"""One episode from its first step until everybody has come back and everything has settled."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import msgspec
from msgspec import Struct

from tests.fuzz.checks import Kept, check, check_settled
from tests.fuzz.databases import Database
from tests.fuzz.device import HERE, LANDED, Device
from tests.fuzz.ledger import Broken
from tests.fuzz.plan import draw
from tests.fuzz.steps import Step, take
from tests.fuzz.world import SEATS, World
from tests.town import Town

LOOK_EVERY = 250
MOST_ROUNDS = 12
MOST_SENT = 400


class Figures(Struct):
    """What has been run, and what became of the words."""

    steps: int = 0
    episodes: int = 0
    saved: int = 0
    lost: int = 0
    evicted: int = 0
    purged: int = 0
    forks: int = 0
    leaks: int = 0
    deaths: int = 0
    restores: int = 0

    def add(self, other: "Figures") -> None:
        """Sum up."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


class Arena(Struct):
    """Where episodes are run; `is_strict`: a lost word ends them (not where losing them is the point)."""

    county: Town
    db: Database
    is_strict: bool = True
    look_every: int = LOOK_EVERY


def play(arena: Arena, script: "Iterable[Step] | Drawn", taken: list[Step]) -> Figures:
    """Take the steps, noting each in `taken` before it is done, and settle. Raises Broken."""
    world = World(arena.county, arena.db)
    try:
        for one in script.steps(world) if isinstance(script, Drawn) else script:
            taken.append(one)
            take(world, one)
            if len(taken) % arena.look_every == 0:
                _judge(arena, check(world))
        settle(world)
        kept = check_settled(world)
        _judge(arena, kept)
        return _figures(world, kept, len(taken))
    finally:
        world.close()


def _judge(arena: Arena, kept: Kept) -> None:
    if kept.lost and arena.is_strict:
        raise Broken("lost", sorted(kept.lost))


def _figures(world: World, kept: Kept, steps: int) -> Figures:
    ledger = world.ledger
    return Figures(
        steps,
        1,
        kept.saved,
        len(kept.lost),
        len(ledger.evicted - kept.here),
        len(ledger.purged - kept.here - ledger.evicted),
        kept.forks,
        ledger.leaks,
        world.house.deaths,
        world.restores,
    )


class Drawn(Struct):
    """So many steps, drawn one by one by a seed."""

    seed: str
    count: int

    def steps(self, world: World) -> Iterator[Step]:
        """The steps, each drawn when it is needed."""
        chance = Random(self.seed)
        for n in range(1, self.count + 1):
            yield draw(world, chance, n)


def settle(world: World) -> None:
    """Everybody comes back: members, lines, devices; they exchange until nothing waits."""
    world.tick(10_000_000)
    world.db.fuse = None
    for device in world.devices.values():
        device.hang_up()
        device.open(world.run())
    world.letters = {}
    world.house.pump()
    for name, (team, role) in SEATS.items():
        if team not in world.seats[name]:
            world.seat(name, team, role)
    for _ in range(MOST_ROUNDS):
        for device in world.devices.values():
            _come_back(world, device)
        if not any(e.status in (HERE, LANDED) for d in world.devices.values() for e in d.outbox):
            break
    for device in world.devices.values():
        _come_back(world, device)


def _come_back(world: World, device: Device) -> None:
    """Send everything, and pull until there is no more; what is too much for one message comes as a snapshot."""
    world.tick(world.n + 1)
    device.offer_held()
    for _ in range(MOST_ROUNDS):
        world.exchange([device], MOST_SENT)
        if not device.wanted:
            return
        for space in sorted(device.wanted):
            world.fetch(device, space)


def save_script(steps: Iterable[Step], file: Path) -> None:
    """Write a script, one step a line."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in steps))


def load_script(file: Path) -> list[Step]:
    """Read a script."""
    return [msgspec.json.decode(line, type=Step) for line in file.read_bytes().splitlines() if line]

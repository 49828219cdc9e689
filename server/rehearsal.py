"""What the first change after a start would wait for, done before somebody writes."""

from contextlib import suppress

from server.db import UNAVAILABLE, Database, Transaction
from server.store.accept import accept
from server.store.acceptance import arrived
from server.store.people import some_member
from server.world import World
from sync.protocol import Change, encode


class _Enough(Exception):
    """Takes back what was done to try it."""


async def rehearse(db: Database, world: World) -> None:
    """Let a member write and edit an idea, and take it back: whoever writes first doesn't wait for what a first time
    takes, a hundredth of a second of which is compiling statements. Nothing where there is no team yet.
    """
    with suppress(_Enough, *UNAVAILABLE):
        await db.write(_rehearse, world)


def _rehearse(txn: Transaction, world: World) -> None:
    for person, team in some_member(txn):
        card, run, device = world.draw(16), world.draw(8), 0
        steps: list[dict[str, tuple[object, object]]] = [
            {"team": (None, team), "title": (None, "a"), "text": (None, "a")},
            {"text": ("a", "a b")},
        ]
        for number, words in enumerate(steps):
            change = Change(run + number.to_bytes(4), team, card, "idea", world.now, 0, words)
            accept(txn, [arrived(person, device, encode(change), change, change.id)], world.now, world.secret)
    raise _Enough

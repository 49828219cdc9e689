"""Cards that have moved leave a stub; pending changes follow it (docs/protocol.md section 4)."""

from collections.abc import Sequence

from msgspec.structs import replace

from server.store.acceptance import parent_of
from server.store.cards import Desk, Key
from sync.cards import KINDS
from sync.laws import Cell
from sync.merge import Card
from sync.protocol import Change


def follow(desk: Desk, changes: Sequence[Change]) -> None:
    """Load the places that moved cards have gone to, step by step, as far as these changes have to follow."""
    while desk.has_stubs and any(_moved_to(card) for card in desk.cards.values()):
        places = [placed(desk, change) for change in changes]
        keys = [(c.space, id_) for c in places for id_ in (c.card, parent_of(c)) if id_]
        if desk.cards.keys() >= set(keys):
            return
        desk.lock(space for space, _ in keys)
        desk.load(keys)


def seen_at(desk: Desk, change: Change) -> Change:
    """As `placed`, for who only looks: loads the places on the way and locks none."""
    while True:
        at = placed(desk, change)
        keys = [(at.space, id_) for id_ in (at.card, parent_of(at)) if id_]
        if desk.cards.keys() >= set(keys):
            return at
        desk.load(keys)


def placed(desk: Desk, change: Change) -> Change:
    """The change as it is to be judged: where its card, or the card that a new one is about, is now."""
    while desk.has_stubs:
        parent = parent_of(change)
        if target := _moved_to(desk.cards.get((change.space, change.card))):
            change = replace(change, space=target[0], card=target[1], base=0)
        elif parent and (target := _moved_to(desk.cards.get((change.space, parent)))):
            on = KINDS[change.kind].hangs_on
            about = {on: (change.set[on][0], target[1])}
            change = replace(change, space=target[0], base=0, set={**change.set, **about})
        else:
            break
    return change


def leave_stub(desk: Desk, change: Change, judged: Change) -> bool:
    """A change has landed where its card is now; the stub in its own place gets a seq, which is the change's.

    So a device keeps the change until a backup holds that seq. A new comment on a card that has moved away leaves
    a stub too, which later changes to it follow: true then.
    """
    key = (change.space, change.card)
    made, there, place = desk.cards[judged.space, judged.card], desk.cards.get(key), desk.places[change.space]
    if made is None or (there is not None and _moved_to(there) is None):
        return False
    stub = there or Card(made.kind, made.by, made.made)
    stub.seq = place.head + 1
    stub.cells = {"moved": Cell([judged.space, judged.card], desk.now, stub.seq)}
    desk.put(key, stub, wrote=True)
    return there is None


def _moved_to(card: Card | None) -> Key | None:
    stub = card.value("moved") if card else None
    return (stub[0], stub[1]) if isinstance(stub, list) else None

"""Words kept under faults, in percent of all words ever saved, beside last-writer-wins. Run by `make bench`.

Devices write into one text. Every save adds one word that occurs nowhere else, and nobody takes any out: so all
of them have to be somewhere at the end, in the text or in a version kept beside it. The merge is the server's own.
The state machine of tests/property proves the same of the whole server; this prints how much is at stake.
"""

import random
from collections.abc import Mapping
from contextlib import contextmanager
from typing import NamedTuple

from sync import laws
from sync.kinds import LawName
from sync.protocol import Change
from tests.changes import AINO, HOUR, IDEA, JORMA, TEAM, TIMO, Flat, Someone

ROUNDS = 40
PEOPLE = (AINO, TIMO, JORMA)


class Faults(NamedTuple):
    """What goes wrong: saves before a device is online again, the chance of a repeat, clocks off, arrival shuffled."""

    saves: int = 1
    repeats: float = 0
    clock: int = 0
    shuffled: bool = False


CASES: Mapping[str, Faults] = {
    "three at the same moment": Faults(),
    "offline for ten saves": Faults(saves=10),
    "replies lost": Faults(saves=3, repeats=0.5),
    "clocks off by hours": Faults(saves=3, clock=5 * HOUR),
    "late and out of order": Faults(saves=3, shuffled=True),
    "all at once": Faults(saves=10, repeats=0.5, clock=5 * HOUR, shuffled=True),
}


def kept(faults: Faults) -> float:
    """The percentage of words that are still there."""
    chance = random.Random(7)
    saved, there = 0, 0
    for _ in range(ROUNDS):
        board = Flat()
        board.idea(AINO, text="alku", shared_edit=True)
        sent = [one for at in range(len(PEOPLE)) for one in writes(board, at, faults, chance)]
        deliver(board, sent, faults, chance)
        texts = [board.value("text"), *(fork[0] for fork in board.forks().values())]
        left = {word for text in texts for word in str(text).split()}
        saved += len(sent)
        there += sum(word_of(change) in left for _, change in sent)
    return 100 * there / saved


def writes(board: Flat, at: int, faults: Faults, chance: random.Random) -> list[tuple[Someone, Change]]:
    """What one person saves while offline: each time the text with one more word somewhere."""
    text, made = str(board.value("text")), []
    for n in range(chance.randint(1, faults.saves)):
        id_ = bytes([at, n]).rjust(12, b"\0")
        words = text.split()
        words.insert(chance.randint(0, len(words)), f"sana{at}x{n}")
        now = " ".join(words)
        when = board.now + faults.clock * (at - 1) + n
        made.append((PEOPLE[at], Change(id_, TEAM, IDEA, "idea", when, board.seq, {"text": (text, now)})))
        text = now
    return made


def word_of(change: Change) -> str:
    """The word that a change adds."""
    was, now = change.set["text"]
    return (set(str(now).split()) - set(str(was).split())).pop()


def deliver(board: Flat, sent: list, faults: Faults, chance: random.Random) -> None:
    """Bring changes to the server: each device's in their order, some twice; the second time counts for nothing."""
    if faults.shuffled:  # between devices; a device's own stay in order
        queues = {person: [c for p, c in sent if p is person] for person in PEOPLE}
        order = [person for person, _ in sent]
        chance.shuffle(order)
        sent = [(person, queues[person].pop(0)) for person in order]
    known: set[bytes] = set()
    for person, change in [pair for pair in sent for _ in range(1 + (chance.random() < faults.repeats))]:
        if change.id not in known:
            known.add(change.id)
            board.take(person, change)


@contextmanager
def last_writer_wins():
    """For comparison: every law is "the later one counts"."""
    before = dict(laws.LAWS)
    laws.LAWS.update(dict.fromkeys((LawName.PROSE, LawName.EITHER), laws.latest))
    try:
        yield
    finally:
        laws.LAWS.update(before)


def lines() -> list[tuple[str, float, float]]:
    """Each fault with the percentages: ours, and last-writer-wins."""
    found = []
    for name, faults in CASES.items():
        ours = kept(faults)
        with last_writer_wins():
            found.append((name, ours, kept(faults)))
    return found


def main() -> None:
    """Print them."""
    for name, ours, theirs in lines():
        print(f"words kept, {name}: {ours:.1f} % (last-writer-wins {theirs:.1f} %)")


if __name__ == "__main__":
    main()

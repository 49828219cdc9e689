"""Small builders for the tests of the merge: people, changes, a space that the pure merge judges."""

from collections.abc import Mapping
from typing import NamedTuple

from sync.kinds import Who
from sync.merge import Card, Cell, Judging, Ruling, Writer, judge
from sync.protocol import Change

NOW = 1_767_225_600_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
IDEA, COMMENT = b"i" * 16, b"c" * 16
TEAM = 3

Sets = Mapping[str, tuple[object, object]]


class Someone(NamedTuple):
    """A person's number, and what this person is to a card of somebody else's."""

    number: int
    who: Who


READER = Who.COMMENTER
MEMBER = Who.MEMBER | READER
AINO = Someone(1, MEMBER)
TIMO = Someone(2, MEMBER)
JORMA = Someone(3, MEMBER | Who.SUPERVISOR)
AGNES = Someone(4, MEMBER | Who.AGENT)
OUTI = Someone(5, READER)
DORA = Someone(6, READER | Who.DEV_LEAD)
PAULI = Someone(7, Who.SERVER)  # may read, and nothing else


class Flat:
    """One team's space in memory: `write` does what the server's transaction does, with the merge alone."""

    def __init__(self) -> None:
        self.cards: dict[bytes, Card] = {}
        self.marks: dict[tuple[int, bytes], dict[str, Cell]] = {}
        self.seq = 0
        self.now = NOW
        self.standing = False

    def write(self, by: Someone, sets: Sets, **how: object) -> Ruling:
        """Judge one change. `how`: card, kind, at, base; by default the idea, now, having seen all."""
        self.now += 1_000
        key = how.get("card", IDEA)
        change = Change(
            b"12345678" + self.now.to_bytes(8)[-4:],
            TEAM,
            key,
            how.get("kind", "idea"),
            how.get("at", self.now),
            how.get("base", self.seq),
            dict(sets),
        )
        return self.take(by, change)

    def take(self, by: Someone, change: Change) -> Ruling:
        """Judge this change as the server would, and keep what it did."""
        card = self.cards.get(change.card)
        about = change.set.get("on", (None, None))[1]
        parent = self.cards.get(about) if isinstance(about, bytes) else None
        marks = self.marks.setdefault((by.number, change.card), {})
        case = Judging(card, parent, change, self.writer(by, card), marks, self.now, self.seq + 1)
        after, ruling = judge(case)
        if ruling.wrote and after is not None:
            self.cards[change.card] = after
            self.seq += 1
        marks.update(ruling.marks)
        return ruling

    def writer(self, by: Someone, card: Card | None) -> Writer:
        """What a person is to a card: the flags that the server finds out from roles and the card."""
        who = by.who
        if card is None or card.by == by.number:
            who |= Who.AUTHOR
        if who & Who.MEMBER and card is not None and card.value("shared_edit") is True:
            who |= Who.SHARED
        if who & Who.MEMBER and self.standing:
            who |= Who.STANDING
        return Writer(by.number, int(who))

    def idea(self, by: Someone = AINO, **fields: object) -> Ruling:
        """Make the idea."""
        values = {"team": TEAM, "title": "Lamppu käytävään", **fields}
        return self.write(by, {name: (None, value) for name, value in values.items()})

    def comment(self, by: Someone, text: str = "Hyvä!", **how: object) -> Ruling:
        """Make a comment on the idea."""
        sets = {"on": (None, IDEA), "text": (None, text)}
        return self.write(by, sets, **{"card": COMMENT, "kind": "comment", **how})

    def value(self, field: str, card: bytes = IDEA) -> object:
        """What a field holds now."""
        return self.cards[card].value(field)

    def forks(self, card: bytes = IDEA) -> dict[str, object]:
        """The forks that nobody has settled."""
        cells = self.cards[card].cells
        return {n: c.value for n, c in cells.items() if n.startswith("fork/") and c.value is not None}

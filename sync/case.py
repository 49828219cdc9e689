"""What the merge looks at and what it answers: a card, a change by somebody, a ruling."""

from collections.abc import Mapping

from msgspec import Struct

from sync.laws import Cell
from sync.protocol import HELD, MAX_CLOCK_AHEAD_MS, Change, Code, Refusal


class Talk(Struct, array_like=True, gc=False, frozen=True):
    """The last change of words on a card (comments included), and the last by anybody other than its writer."""

    seq: int = 0
    by: int = 0
    other_seq: int = 0

    def seen_from(self, person: int) -> int:
        """The seq of the last words by somebody else than this person."""
        return self.other_seq if self.by == person else self.seq

    def then(self, seq: int, person: int) -> "Talk":
        """After this person wrote words at this seq."""
        return Talk(seq, person, self.other_seq if self.by == person else self.seq)


NOBODY = Talk()


class Card:
    """A card as the server holds it. `seq` is that of its newest cell; an empty kind is a purged card."""

    __slots__ = ("by", "cells", "kind", "made", "seq", "talk")

    def __init__(self, kind: str, by: int | None, made: int) -> None:
        self.kind, self.by, self.made = kind, by, made
        self.seq = 0
        self.cells: dict[str, Cell] = {}
        self.talk = NOBODY

    def value(self, field: str) -> object:
        """The field's value, nil where there is none."""
        cell = self.cells.get(field)
        return None if cell is None else cell.value


class Writer(Struct, frozen=True, gc=False):
    """Who writes, and what this person is to the card (see `server.store.accept`)."""

    person: int
    who: int  # flags of `Who`


class Ruling(Struct, frozen=True):
    """What became of a change: the code, why it was refused, which fields it concerns, and the marks to store."""

    code: Code
    reason: Refusal | None = None
    field: str = ""
    fields: tuple[str, ...] = ()
    wrote: bool = False
    marks: Mapping[str, Cell] = {}


LANDED, UNCHANGED = Ruling(Code.DONE, wrote=True), Ruling(Code.DONE)


class Judging(Struct, frozen=True):
    """All that one judgement needs: the card (nil if it is to be made), its parent, the change, who writes, and when.

    `marks` holds the writer's own tally marks on this card by field. `seq` is what the change gets if it writes.
    `beside` is how many other cards the writer has seen in the space, for a kind that has a `most`.
    """

    card: Card | None
    parent: Card | None
    change: Change
    writer: Writer
    marks: Mapping[str, Cell]
    now: int
    seq: int
    beside: int = 0


def no(reason: Refusal, field: str = "") -> Ruling:
    """A refusal, or the quarantine where the reason is one that may pass."""
    return Ruling(Code.HELD if reason in HELD else Code.REFUSED, reason, field)


def clamped(change: Change, now: int) -> int:
    """The writer's time, never more than a minute ahead of the server's."""
    at = change.at
    return at if 0 <= at <= now else max(0, min(at, now + MAX_CLOCK_AHEAD_MS))

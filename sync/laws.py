"""What concurrent writes of one field become: one function per merge law (docs/protocol.md section 4)."""

from collections.abc import Callable

from msgspec import Struct

from sync.kinds import Field, LawName
from sync.protocol import MAX_INT, Code, Refusal, encode
from sync.words import merge_words

PLAIN = frozenset({type(None), bool, str, bytes})

DONE, ONCE = Code.DONE, LawName.ONCE  # members are slow to look up


class Cell(Struct, array_like=True, gc=False, frozen=True):
    """One field's value on the server: when it was written by the writer's clock, the seq that wrote it, by whom."""

    value: object
    at: int
    seq: int
    by: int | None = None


class Write(Struct, frozen=True):
    """One field's part of a change, with all that a law looks at."""

    field: Field
    name: str
    was: object
    now: object
    at: int
    person: int
    cell: Cell | None


class Outcome(Struct, frozen=True):
    """A law's answer: the value that stays, whether it is new, and the value that lost."""

    value: object
    code: Code
    wrote: bool
    lost: tuple[object, int | None, int] | None = None


def same(a: object, b: object) -> bool:
    """Equal means equal MessagePack bytes: 1 is not true, and a list is compared by what is in it.

    >>> same(1, True), same(None, None), same(["a", None], ["a", None])
    (False, True, True)
    """
    if type(a) is not type(b):
        return False
    return a == b and (not isinstance(a, list) or encode(a) == encode(b))


def is_value(value: object) -> bool:
    """What a field may hold: nil, bool, int, str, bytes or arrays of these; no maps, no floats.

    >>> is_value(["a", None, 2**53 - 1]), is_value(1.5), is_value([{}]), is_value(2**53)
    (True, False, False, False)
    """
    if type(value) is int:
        return -MAX_INT <= value <= MAX_INT
    return type(value) in PLAIN or (isinstance(value, list) and all(map(is_value, value)))


def latest(write: Write, cell: Cell) -> Outcome:
    """Keep the value written later; on equal times the one that came first. Only concurrent writes get here."""
    if write.at > cell.at:
        return Outcome(write.now, Code.DONE, True)
    return Outcome(cell.value, Code.STALE, False)


def either(write: Write, cell: Cell) -> Outcome:
    """As `latest`, and the losing words are kept beside the others until a person chooses."""
    if write.at > cell.at:
        lost = None if cell.value is None else (cell.value, cell.by, cell.at)
        return Outcome(write.now, Code.FORKED if lost else Code.DONE, True, lost)
    if write.now is None:
        return Outcome(cell.value, Code.STALE, False)
    return Outcome(cell.value, Code.FORKED, False, (write.now, write.person, write.at))


def prose(write: Write, cell: Cell) -> Outcome:
    """Merge by words; where the same words were rewritten the cell's stay and the writer's whole text is kept."""
    merged = merge_words(text_of(write.was), text_of(cell.value), text_of(write.now))
    wrote = not same(merged.text, cell.value)
    if merged.clean:
        code = Code.DONE if same(merged.text, write.now) else Code.MERGED
        return Outcome(merged.text, code, wrote)
    return Outcome(merged.text, Code.FORKED, wrote, (write.now, write.person, write.at))


def first(write: Write, cell: Cell) -> Outcome:
    """What reached the server first stands; the other is kept and its writer asked."""
    return Outcome(cell.value, Code.FORKED, False, (write.now, write.person, write.at))


LAWS: dict[LawName, Callable[[Write, Cell], Outcome]] = {
    LawName.LATEST: latest,
    LawName.EACH: latest,
    LawName.TALLY: latest,
    LawName.EITHER: either,
    LawName.PROSE: prose,
    LawName.FIRST: first,
}


def meet(write: Write) -> Outcome | Refusal:
    """Rules 0 and 1, then the field's law (section 4)."""
    cell, law = write.cell, write.field.law.name
    if cell is None:
        return Outcome(write.now, DONE, write.now is not None)
    if same(write.now, cell.value):
        return Outcome(cell.value, DONE, False)
    if law is ONCE:
        return Outcome(write.now, DONE, True) if cell.value is None else Refusal.ONCE
    if same(cell.value, write.was):
        return Outcome(write.now, DONE, True)
    return LAWS[law](write, cell)


def seen(was: object, now: object, held: object) -> bool:
    """Whether the writer had the held value before the eyes and wrote another (rule 1): the commonest case.

    >>> seen("a", "b", "a"), seen("a", "b", "c"), seen("a", "a", "a"), seen(1, 2, True)
    (True, False, False, False)
    """
    return same(held, was) and not same(now, held)


def text_of(value: object) -> str:
    """A text, empty where there is none."""
    return value if isinstance(value, str) else ""


def after(at: int, cell: Cell | None) -> int:
    """A write that lands comes after what it replaces, whatever the clocks say (P4)."""
    return at if cell is None else max(at, cell.at + 1)

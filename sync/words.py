"""Three-way merge of prose by words: the law `prose` of docs/protocol.md, section 4.

A text is a row of words with white space around them. Only the words are compared; between two words of
the merged text stands what their writers had there. So white space alone is never a conflict, an unchanged
stretch keeps its every character, and the words of two writers never run together.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sync.diff import common_words

NOWHERE = -2  # so that no word stands beside it: -1 is only ever the row before the first word


class Merge(NamedTuple):
    """The merged text, and whether it has what both sides wrote."""

    text: str
    clean: bool


class Prose(NamedTuple):
    """A text taken apart: gaps[k] is the white space before words[k], and the last gap ends the text."""

    words: list[str]
    gaps: list[str]


class Row(NamedTuple):
    """Where a word of the merged text stands in each text, NOWHERE in a text that it is not taken from.

    The row before the first word is all -1, and the row after the last word has each text's number of words.
    """

    was: int
    cell: int
    now: int


Texts = tuple[Prose, Prose, Prose]  # was, cell, now
Edit = tuple[int, int, int]  # words of `was` from start to end, and how many new ones stand in their place


@dataclass(slots=True)
class Place:
    """Words of `was`, from `start` to `end`, that overlapping edits touch.

    `added` counts the new words of both sides, `longer` how many more words the cell and the writer have.
    """

    start: int
    end: int
    added: int
    longer: list[int]


def merge_words(was: str, cell: str, now: str) -> Merge:
    """Merge `now`, which a writer made of `was`, with `cell`, which the server holds.

    Edits in different places both land. Of two insertions at one place the cell's comes first; what both
    wrote alike is taken once. Where both rewrote the same words, the cell's stay and the merge is not clean:
    the caller then keeps the writer's whole text. The work is bounded for any input (sync/diff.py).

    >>> merge_words("Ostetaan lamppu.", "Ostetaan uusi lamppu.", "Ostetaan lamppu. Heti.")
    Merge(text='Ostetaan uusi lamppu. Heti.', clean=True)
    >>> merge_words("Kiitos", "Kiitos Aino", "Kiitos Jorma")
    Merge(text='Kiitos Aino Jorma', clean=True)
    >>> merge_words("Leena tuo kahvia", "Leena tuo teetä", "Huomenna Leena tuo mehua")
    Merge(text='Huomenna Leena tuo teetä', clean=False)
    """
    texts = take_apart(was), take_apart(cell), take_apart(now)
    rows, clean = weave(*(text.words for text in texts))
    pieces = [gap_between(texts, rows[0], rows[1])]
    for row, following in pairwise(rows[1:]):
        word = texts[2].words[row.now] if row.cell == NOWHERE else texts[1].words[row.cell]
        pieces += word, gap_between(texts, row, following)
    return Merge("".join(pieces), clean)


def take_apart(text: str) -> Prose:
    r"""Split a text into its words and the white space around them.

    >>> take_apart("Hei,  Aino!\n")
    Prose(words=['Hei,', 'Aino!'], gaps=['', '  ', '\n'])
    """
    return Prose(re.findall(r"\S+", text), re.split(r"\S+", text))


def stands_in(text: str, merged: str) -> bool:
    """Whether all words of a text stand in another one, in their order; others may stand between them.

    >>> stands_in("Leena tuo teetä", "Huomenna Leena tuo meille teetä"), stands_in("Leena tuo teetä", "Leena tuo")
    (True, False)
    """
    following = iter(take_apart(merged).words)
    return all(word in following for word in take_apart(text).words)


def weave(was: list[str], cell: list[str], now: list[str]) -> tuple[list[Row], bool]:
    """Choose the words of the merged text, and say whether nobody's had to be left out."""
    rows: list[Row] = []
    clean = True
    w = c = n = -1
    after_all = Place(len(was) + 1, len(was) + 1, 0, [0, 0])
    for place in [*places(edits(was, cell), edits(was, now)), after_all]:
        kept, size = place.start - w, place.end - place.start
        rows += map(Row, range(w, place.start), range(c, c + kept), range(n, n + kept))
        in_cell = range(c + kept, c + kept + size + place.longer[0])
        in_now = range(n + kept, n + kept + size + place.longer[1])
        w, c, n = place.end, in_cell.stop, in_now.stop
        here = was[place.start : w], cell[in_cell.start : c], now[in_now.start : n]
        takes_cell, takes_now, is_clean = choose(*here, place.added)
        rows += [Row(NOWHERE, k, NOWHERE) for k in in_cell if takes_cell]
        rows += [Row(NOWHERE, NOWHERE, k) for k in in_now if takes_now]
        clean = clean and is_clean
    return rows, clean


def choose(was: list[str], cell: list[str], now: list[str], added: int) -> tuple[bool, bool, bool]:
    """Judge one place by its words: are the cell's taken, are the writer's, and is nobody's missing then?"""
    if now in (was, cell):
        return True, False, True
    if cell == was:
        return False, True, True
    if not was:
        return True, True, True
    return (True, False, False) if added else (False, False, True)


def places(by_cell: Iterator[Edit], by_now: Iterator[Edit]) -> list[Place]:
    """Gather the edits of both sides in order; those that overlap, or insert at one point, share a place."""
    found: list[Place] = []
    for (start, end, added), side in sorted([*((e, 0) for e in by_cell), *((e, 1) for e in by_now)]):
        if not found or (start >= found[-1].end and (start, end) != (found[-1].start, found[-1].end)):
            found.append(Place(start, end, 0, [0, 0]))
        found[-1].end = max(found[-1].end, end)
        found[-1].added += added
        found[-1].longer[side] += added - (end - start)
    return found


def edits(was: list[str], new: list[str]) -> Iterator[Edit]:
    """List what turns `was` into `new`, in order; between two edits at least one word stays.

    >>> list(edits("a b c d".split(), "a x c d e".split()))
    [(1, 2, 1), (4, 4, 1)]
    """
    w = n = 0
    for in_was, in_new in [*common_words(was, new), (len(was), len(new))]:
        if in_was > w or in_new > n:
            yield w, in_was, in_new - n
        w, n = in_was + 1, in_new + 1


def gap_between(texts: Texts, left: Row, right: Row) -> str:
    """Choose the white space between two neighbours of the merged text.

    It is what stands between them in the cell or in `now`; if in both, the writer's where only the writer
    changed it. Where words meet that never were neighbours, it is the widest that they had on that side, and
    at least a space; at the ends of the text, what stood there.
    """
    was, cell, now = (t.gaps[b] if b == a + 1 else None for t, a, b in zip(texts, left, right, strict=True))
    if now is not None and cell in (None, was):
        return now
    if cell is not None:
        return cell
    is_first, is_last = left.was == -1, right.was == len(texts[0].words)
    wide = [t.gaps[a + 1] for t, a in zip(texts[1:], left[1:], strict=True) if a != NOWHERE and not is_last]
    wide += [t.gaps[b] for t, b in zip(texts[1:], right[1:], strict=True) if b != NOWHERE and not is_first]
    widest = max(wide, key=lambda gap: (gap.count("\n"), len(gap)), default="")
    return widest if is_first or is_last else widest or " "

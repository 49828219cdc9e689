"""Three-way merge of prose: what holds for any text (docs/protocol.md, section 7, point 3)."""

import subprocess
from collections import Counter
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sync.diff import common_words
from sync.words import merge_words, take_apart

any_text = st.text(max_size=40) | st.lists(
    st.sampled_from(["a", "b", "c", "ä", "👍🏽", " ", " ", "\n", "\n\n"]), max_size=24
).map("".join)


@st.composite
def edited(draw, words, sign):
    """Delete, rewrite and insert at random; new words carry `sign`, so that they tell who wrote them."""
    written = []
    for k, word in enumerate([*words, None]):
        step = draw(st.sampled_from(["keep"] * 6 + ["insert", "rewrite", "delete"]))
        if step in ("insert", "rewrite"):
            written += [f"{sign}{k}.{n}" for n in range(draw(st.integers(1, 3)))]
        if word is not None and step in ("keep", "insert"):
            written.append(word)
    return written


@st.composite
def concurrent(draw):
    """Words that were, and what two writers made of them at once."""
    was = [f"w{k}" for k in range(draw(st.integers(0, 12)))]
    return was, draw(edited(was, "c")), draw(edited(was, "n"))


def merged(was, cell, now):
    return merge_words(" ".join(was), " ".join(cell), " ".join(now))


@given(concurrent())
def test_no_word_that_only_one_side_wrote_is_lost(texts):
    was, cell, now = texts
    text, clean = merged(*texts)
    assert set(cell) - set(was) <= set(text.split())
    assert not clean or set(now) - set(was) <= set(text.split())


@given(concurrent())
def test_no_word_is_there_that_nobody_kept(texts):
    was, cell, now = texts
    text, clean = merged(*texts)
    assume(clean)
    assert set(text.split()) == (set(cell) - set(was)) | (set(now) - set(was)) | {*cell} & {*now}


@given(concurrent())
def test_the_order_of_each_side_is_kept(texts):
    text, clean = merged(*texts)
    assume(clean)
    for side in texts[1:]:
        mine = [word for word in text.split() if word in side]
        assert mine == [word for word in side if word in mine]


@given(concurrent())
def test_merging_a_merged_text_with_itself_changes_nothing(texts):
    once = merged(*texts).text.split()
    for seen in texts:
        assert merged(seen, once, once) == (" ".join(once), True)


@given(any_text, any_text)
def test_merging_with_an_unchanged_side_is_the_other_side(was, changed):
    assert merge_words(was, was, changed) == (changed, True)
    assert merge_words(was, changed, was) == (changed, True)


@given(any_text, any_text)
def test_what_both_wrote_alike_is_what_both_wrote(was, changed):
    assert merge_words(was, changed, changed) == (changed, True)


@given(any_text, any_text, any_text)
def test_either_order_of_arrival_is_as_clean(was, one, other):
    assert merge_words(was, one, other).clean == merge_words(was, other, one).clean


@given(any_text, any_text, any_text)
def test_a_merge_has_whole_words_of_its_writers_only(was, cell, now):
    assert set(merge_words(was, cell, now).text.split()) <= {*cell.split(), *now.split()}


@given(any_text, any_text, any_text)
def test_of_a_word_repeated_more_often_at_least_one_more_stays(was, cell, now):
    merge = merge_words(was, cell, now)
    assume(merge.clean)
    there, before = Counter(merge.text.split()), Counter(was.split())
    assert all(there[word] for side in (cell, now) for word in Counter(side.split()) - before)


@given(any_text)
def test_a_text_taken_apart_joins_to_itself(text):
    words, gaps = take_apart(text)
    assert gaps[0] + "".join(word + gap for word, gap in zip(words, gaps[1:], strict=True)) == text


few_words = st.lists(st.sampled_from("abcd"), max_size=12)


@given(few_words, few_words)
def test_as_many_words_are_paired_as_the_textbook_finds(old, new):
    pairs = common_words(old, new)
    assert all(old[i] == new[j] for i, j in pairs)
    assert all(i < k and j < m for (i, j), (k, m) in pairwise(pairs))
    assert len(pairs) == most_in_common(old, new)


def most_in_common(old, new):
    """Fill the table of the longest common subsequence, row by row."""
    row = [0] * (len(new) + 1)
    for word in old:
        above, row = row, [0]
        for j, other in enumerate(new):
            row.append(above[j] + 1 if word == other else max(above[j + 1], row[j]))
    return row[-1]


@settings(deadline=None)
@given(concurrent())
def test_what_git_merges_cleanly_is_merged_alike(texts):
    """Git is the well-known implementation: with a word on each line, it merges lines as we merge words.

    It calls neighbouring edits, and an insertion beside a rewrite, a conflict; there we go further. Words
    occur once in a text, since with repeated ones several ways to read an edit are right.
    """
    was, cell, now = ("".join(f"{word}\n" for word in text) for text in texts)
    by_git = merge_by_git(was, cell, now)
    assume(by_git is not None)
    assert merge_words(was, cell, now) == (by_git, True)


def merge_by_git(was: str, cell: str, now: str) -> str | None:
    """Merge lines with `git merge-file`; None where git sees a conflict, which it counts in its exit code."""
    with TemporaryDirectory() as folder:
        for name, text in (("was", was), ("cell", cell), ("now", now)):
            Path(folder, name).write_text(text, encoding="utf-8")
        git = ["git", "merge-file", "-p", "cell", "was", "now"]
        ended = subprocess.run(git, cwd=folder, capture_output=True, encoding="utf-8", check=False)
    assert ended.returncode < 128, ended.stderr
    return ended.stdout if ended.returncode == 0 else None

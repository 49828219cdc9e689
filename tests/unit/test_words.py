"""What a merge of prose promises, one promise at a time."""

import random

import pytest

from sync.diff import MOST_COMPARED, common_words
from sync.words import merge_words, weave


def test_edits_in_different_places_both_land():
    was = "Aamulla jaetaan lääkkeet ja illalla siivotaan."
    cell = "Aamulla jaetaan kaikki lääkkeet ja illalla siivotaan."
    now = "Aamulla jaetaan lääkkeet ja illalla siivotaan keittiö."
    assert merge_words(was, cell, now) == (
        "Aamulla jaetaan kaikki lääkkeet ja illalla siivotaan keittiö.",
        True,
    )


def test_rewrites_of_neighbouring_words_both_land():
    assert merge_words("yksi kaksi", "ett kaksi", "yksi två") == ("ett två", True)


def test_where_the_same_word_was_rewritten_the_cell_stays():
    assert merge_words("Leena tuo kahvia", "Leena tuo teetä", "Leena tuo mehua") == ("Leena tuo teetä", False)


def test_beside_a_conflict_the_writers_other_edits_land():
    was = "Leena tuo kahvia aamulla"
    merged = merge_words(was, "Leena tuo teetä aamulla", "Huomenna Leena tuo mehua aamulla")
    assert merged == ("Huomenna Leena tuo teetä aamulla", False)


def test_deleting_what_the_other_rewrote_is_a_conflict():
    assert merge_words("a b c", "a B c", "a c") == ("a B c", False)
    assert merge_words("a b c", "a c", "a B c") == ("a c", False)


def test_writing_inside_what_the_other_rewrote_is_a_conflict():
    assert merge_words("a b c d", "a X d", "a b nyt c d") == ("a X d", False)


def test_two_insertions_at_one_place_land_in_order_of_arrival():
    assert merge_words("alku loppu", "alku eka loppu", "alku toka loppu") == ("alku eka toka loppu", True)
    assert merge_words("alku", "alku eka", "alku toka") == ("alku eka toka", True)
    assert merge_words("loppu", "eka loppu", "toka loppu") == ("eka toka loppu", True)


def test_two_first_texts_both_land():
    assert merge_words("", "Aino oli täällä", "Jorma kävi") == ("Aino oli täällä Jorma kävi", True)


def test_an_insertion_at_the_edge_of_a_rewrite_is_no_conflict():
    assert merge_words("a b c", "a B c", "a uusi b c") == ("a uusi B c", True)
    assert merge_words("a b c", "a b uusi c", "a B c") == ("a B uusi c", True)


def test_the_same_insertion_is_taken_once():
    assert merge_words("a c", "a b c", "a b c") == ("a b c", True)


def test_the_same_rewrite_is_taken_once():
    assert merge_words("a b c", "a B c", "a B c d") == ("a B c d", True)


def test_deletions_that_overlap_are_both_carried_out():
    assert merge_words("a b c d e", "a d e", "a b e") == ("a e", True)
    assert merge_words("a b c", "a c", "a b") == ("a", True)


def test_white_space_alone_is_never_a_conflict():
    assert merge_words("a b", "a\nb", "a  b") == ("a\nb", True)
    assert merge_words("a b c", "a\nb c", "a b\n\nc") == ("a\nb\n\nc", True)


def test_changed_white_space_lands_beside_new_words():
    assert merge_words("eka toka\n", "eka\n\ntoka\n", "eka toka kolmas\n") == ("eka\n\ntoka kolmas\n", True)


def test_words_of_two_writers_never_run_together():
    assert merge_words("a ", "x", "a b") == ("x b", True)
    assert merge_words("", "x", "y") == ("x y", True)


def test_lines_added_by_two_writers_stay_lines():
    assert merge_words("a b", "a\nx\nb", "a\ny\nb") == ("a\nx\ny\nb", True)
    assert merge_words("", "- x\n", "- y\n") == ("- x\n- y\n", True)
    assert merge_words("a", "a\n\nx", "a\n\ny") == ("a\n\nx\n\ny", True)


def test_a_deleted_end_leaves_no_white_space_behind():
    assert merge_words("a b", "", "a b c") == ("c", True)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "a", " a ", "a\t\u00a0b\r\n", "äö Åbo", "👍🏽 👩‍⚕️ ok", "a\u0308 e\u0301"]
)
def test_every_character_of_an_unchanged_text_stays(text):
    assert merge_words(text, text, text) == (text, True)
    assert merge_words("", text, "") == (text, True)
    assert merge_words(text, text, "uusi") == ("uusi", True)


def test_emoji_and_finnish_letters_merge_as_words():
    assert merge_words("hyvä työ", "hyvä työ 👍🏽", "tosi hyvä työ") == ("tosi hyvä työ 👍🏽", True)


def test_a_number_is_one_word():
    assert merge_words("klo 10.30", "klo 11.30", "klo 10.45") == ("klo 11.30", False)


class Counted(str):
    """A word that counts how often words were compared or hashed."""

    steps = 0

    def __eq__(self, other):
        Counted.steps += 1
        return str.__eq__(self, other)

    def __hash__(self):
        Counted.steps += 1
        return str.__hash__(self)


def counted(words):
    return [Counted(word) for word in words]


def steps_of(work, *texts):
    texts = [counted(text) for text in texts]
    Counted.steps = 0
    work(*texts)
    return Counted.steps


NUMBERS = [str(n) for n in range(3 * MOST_COMPARED)]
VOCABULARY = random.Random(3).choices("abcde", k=3 * MOST_COMPARED)
TIRING = {
    "nothing in common": NUMBERS,
    "five words at random": VOCABULARY,
    "one word only": ["a"] * (3 * MOST_COMPARED),
    "two words by turns": ["a", "b", "b"] * MOST_COMPARED,
}


@pytest.mark.parametrize("words", TIRING.values(), ids=TIRING)
def test_a_merge_looks_at_each_word_a_few_times_at_most(words):
    texts = [words[k * MOST_COMPARED : (k + 1) * MOST_COMPARED - k] for k in range(3)]
    assert steps_of(weave, *texts) <= 12 * 3 * MOST_COMPARED


def test_words_in_reverse_are_looked_at_a_few_times_at_most():
    forward = NUMBERS[:MOST_COMPARED]
    assert steps_of(weave, forward, forward[::-1], [*forward[1:], forward[0]]) <= 12 * 3 * MOST_COMPARED


def test_what_outgrew_the_bound_is_compared_at_its_ends_only():
    old, new = VOCABULARY, VOCABULARY[::-1]
    ends = common_words(old, new)
    assert steps_of(common_words, old, new) <= len(ends) + 2


def test_what_outgrew_the_bound_counts_as_rewritten():
    was = ["alku", *NUMBERS, "loppu"]
    cell = ["alku", *NUMBERS[::-1], "loppu"]
    now = ["alku", *NUMBERS, "loppu", "uusi"]
    assert merge_words(*map(" ".join, (was, cell, now))) == (" ".join([*cell, "uusi"]), True)

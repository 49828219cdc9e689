"""Forks: two versions of somebody's words stay until a person chooses (docs/protocol.md section 4)."""

import pytest

from sync.protocol import Code, Refusal
from tests.changes import AINO, JORMA, NOW, OUTI, TIMO, Flat


@pytest.fixture
def flat():
    """Aino's title stands, Timo's lost."""
    flat = Flat()
    flat.idea(shared_edit=True)
    flat.write(TIMO, {"title": ("Vanha", "Timon lamppu")}, at=NOW - 1)
    return flat


def key(flat):
    return next(iter(flat.forks()))


def test_a_fork_names_the_field_and_the_seq_at_which_it_lost(flat):
    assert key(flat) == f"fork/title/{flat.seq:x}"


def test_several_forks_of_one_field_stand_beside_each_other(flat):
    flat.write(TIMO, {"title": ("Vanha", "Kolmas lamppu")}, at=NOW - 1)
    assert [fork[0] for fork in flat.forks().values()] == ["Timon lamppu", "Kolmas lamppu"]


def test_who_may_write_the_field_settles_its_fork(flat):
    fork = key(flat)
    assert flat.write(AINO, {fork: (flat.value(fork), None)}).code is Code.DONE
    assert flat.forks() == {}


def test_the_author_of_the_losing_words_settles_the_fork(flat):
    flat.write(AINO, {"shared_edit": (True, False)})
    assert flat.write(TIMO, {key(flat): (None, None)}).code is Code.DONE
    assert flat.forks() == {}


def test_nobody_else_settles_a_fork(flat):
    for other in (JORMA, OUTI):
        flat.write(AINO, {"shared_edit": (True, False)})
        assert flat.write(other, {key(flat): (None, None)}).reason is Refusal.NOT_YOURS
    assert len(flat.forks()) == 1


def test_a_client_makes_no_fork(flat):
    for name in (key(flat), "fork/title/99"):
        ruling = flat.write(AINO, {name: (None, ["Väärä", 2, 3])})
        assert (ruling.code, ruling.reason) == (Code.REFUSED, Refusal.SYSTEM_FIELD)


def test_settling_twice_is_done_both_times(flat):
    fork = key(flat)
    flat.write(AINO, {fork: (None, None)})
    flat.write(AINO, {"shared_edit": (True, False)})
    assert flat.write(TIMO, {fork: (None, None)}).code is Code.DONE


def test_choosing_the_other_version_writes_it_and_clears_the_fork(flat):
    flat.write(AINO, {"title": (flat.value("title"), "Timon lamppu"), key(flat): (None, None)})
    assert (flat.value("title"), flat.forks()) == ("Timon lamppu", {})


def test_a_fork_that_bears_the_name_of_the_one_that_was_seen_stays(flat):
    """A restored server names forks by the same seqs again."""
    fork = key(flat)
    seen = ["Kolmas lamppu", TIMO.number, NOW]
    assert flat.write(AINO, {fork: (seen, None)}).code is Code.DONE
    assert flat.value(fork)[0] == "Timon lamppu"


def test_the_fork_that_was_seen_is_settled_under_the_name_that_it_bears_now(flat):
    fork = key(flat)
    flat.write(TIMO, {"title": ("Vanha", "Kolmas lamppu")}, at=NOW - 1)
    (third,) = flat.forks().keys() - {fork}
    flat.write(AINO, {fork: (flat.value(third), None)})
    assert list(flat.forks()) == [fork]


def test_a_fork_is_settled_also_when_its_author_is_named_no_more(flat):
    fork = key(flat)
    value, _, at = flat.value(fork)
    flat.write(AINO, {fork: ([value, None, at], None)})
    assert flat.forks() == {}


def test_nobody_settles_a_fork_of_others_under_another_name(flat):
    flat.write(AINO, {"shared_edit": (True, False)})
    fork = key(flat)
    for name in ("fork/title/99", "fork/title"):
        assert flat.write(OUTI, {name: (flat.value(fork), None)}).reason is Refusal.NOT_YOURS
    assert flat.write(OUTI, {"fork/text/1": (flat.value(fork), None)}).reason is None
    assert list(flat.forks()) == [fork]


@pytest.fixture
def quarrelled(flat):
    """Aino's "uusi" stands, Timo's "vanha" is kept; he had added a word on top of it, which lands now."""
    flat.write(AINO, {"text": (None, "Ostetaan lamppu heti")})
    flat.write(AINO, {"text": ("Ostetaan lamppu heti", "Ostetaan uusi heti")})
    ruling = flat.write(TIMO, {"text": ("Ostetaan lamppu heti", "Ostetaan vanha heti")})
    assert ruling.code is Code.FORKED
    flat.write(TIMO, {"text": ("Ostetaan vanha heti", "Ostetaan vanha heti kai")})
    assert flat.value("text") == "Ostetaan uusi heti kai"
    return flat


def settle_text(flat, was, now):
    fork = next(name for name in flat.forks() if name.startswith("fork/text/"))
    ruling = flat.write(TIMO, {fork: (flat.value(fork), None), "text": (was, now)})
    return ruling.code, flat.value("text"), fork in flat.forks()


def test_a_fork_stays_when_the_text_taken_from_it_meets_one_that_its_settler_had_not_seen(quarrelled):
    chosen = "Ostetaan vanha heti kai", "Ostetaan vanha heti"
    assert settle_text(quarrelled, *chosen) == (Code.MERGED, "Ostetaan uusi heti", True)


def test_a_fork_stays_when_the_text_kept_beside_it_is_not_the_one_that_stands_there(quarrelled):
    kept = "Ostetaan vanha heti kai", "Ostetaan vanha heti kai"
    assert settle_text(quarrelled, *kept) == (Code.MERGED, "Ostetaan uusi heti kai", True)


def test_a_fork_is_settled_when_the_text_kept_beside_it_has_only_grown(quarrelled):
    kept = "Ostetaan uusi heti", "Ostetaan uusi heti"
    assert settle_text(quarrelled, *kept) == (Code.MERGED, "Ostetaan uusi heti kai", False)


def test_a_fork_is_settled_when_what_its_settler_chose_stands_between_others_words(quarrelled):
    quarrelled.write(AINO, {"text": ("Ostetaan uusi heti kai", "Siis ostetaan uusi heti kai")})
    quarrelled.write(AINO, {"text": ("Siis ostetaan uusi heti kai", "Siis Ostetaan uusi heti kai")})
    chosen = "Ostetaan uusi heti kai", "Ostetaan vanha heti kai"
    assert settle_text(quarrelled, *chosen) == (Code.MERGED, "Siis Ostetaan vanha heti kai", False)


def test_keeping_both_doubles_the_limit(flat):
    both = "a" * 80 + "\n\n" + "b" * 80
    assert flat.write(AINO, {"title": (flat.value("title"), both), key(flat): (None, None)}).code is Code.DONE
    assert flat.value("title") == both


def test_keeping_both_allows_no_more_than_double(flat):
    both = "a" * 163
    ruling = flat.write(AINO, {"title": (flat.value("title"), both), key(flat): (None, None)})
    assert ruling.reason is Refusal.OVER_LIMIT


def test_a_fork_that_never_was_doubles_no_limit(flat):
    ruling = flat.write(AINO, {"title": (flat.value("title"), "a" * 160), "fork/title/99": (None, None)})
    assert ruling.reason is Refusal.OVER_LIMIT


def test_a_fork_of_another_field_doubles_no_limit(flat):
    flat.write(AINO, {"text": (None, "Sanoja.")})
    ruling = flat.write(AINO, {"text": ("Sanoja.", "a" * 1500), key(flat): (None, None)})
    assert ruling.reason is Refusal.OVER_LIMIT


def test_an_over_long_text_may_be_edited_if_it_grows_no_longer(flat):
    flat.write(AINO, {"title": (flat.value("title"), "a" * 150), key(flat): (None, None)})
    assert flat.write(AINO, {"title": ("a" * 150, "b" * 150)}).code is Code.DONE
    assert flat.write(AINO, {"title": ("b" * 150, "c" * 151)}).reason is Refusal.OVER_LIMIT


def test_a_fork_may_be_settled_on_a_hidden_card(flat):
    flat.write(AINO, {"gone": (None, ["withdrawn", ""])})
    assert flat.write(AINO, {key(flat): (None, None)}).code is Code.DONE
    assert flat.value("gone") == ["withdrawn", ""]


def test_a_fork_never_takes_the_name_of_one_that_the_card_brought_from_another_space(flat):
    brought = key(flat)
    flat.seq = int(brought.rpartition("/")[2], 16) - 1
    was = flat.value("title")
    flat.write(AINO, {"title": (was, "Uusi nimi")})
    flat.seq -= 1
    ruling = flat.write(TIMO, {"title": (was, "Toinen nimi")})
    assert ruling.code is Code.FORKED
    assert list(flat.forks()) == [brought, f"{brought}-2"]
    assert [fork[0] for fork in flat.forks().values()] == ["Timon lamppu", "Uusi nimi"]

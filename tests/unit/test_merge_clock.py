"""A wrong clock harms nobody: promise P4 (docs/protocol.md section 1)."""

import pytest

from sync.merge import clamped
from sync.protocol import MAX_CLOCK_AHEAD_MS, Change, Code
from tests.changes import AINO, DAY, IDEA, JORMA, TEAM, TIMO, Flat


@pytest.fixture
def flat():
    flat = Flat()
    flat.idea(shared_edit=True)
    return flat


def test_a_clock_in_the_future_is_clamped_to_a_minute(flat):
    flat.write(JORMA, {"stage": (None, "trying")}, at=flat.now + 2 * DAY)
    assert flat.cards[IDEA].cells["stage"].at == flat.now + MAX_CLOCK_AHEAD_MS


def test_a_clock_before_1970_counts_as_1970():
    assert clamped(Change(b"", TEAM, IDEA, "idea", -5, 0, {}), 100) == 0


def test_a_card_made_in_the_future_was_made_a_minute_ahead_at_most():
    flat = Flat()
    sets = {"team": (None, TEAM), "title": (None, "Lamppu")}
    flat.write(AINO, sets, at=flat.now + 2 * DAY)
    assert flat.cards[IDEA].made == flat.now + MAX_CLOCK_AHEAD_MS


def test_a_slow_clock_wins_over_what_its_person_had_seen(flat):
    flat.write(JORMA, {"stage": (None, "considering")})
    assert flat.write(JORMA, {"stage": ("considering", "trying")}, at=flat.now - 2 * DAY).code is Code.DONE
    assert flat.value("stage") == "trying"


def test_what_replaces_a_value_comes_after_it(flat):
    flat.write(JORMA, {"stage": (None, "considering")})
    before = flat.cards[IDEA].cells["stage"].at
    flat.write(JORMA, {"stage": ("considering", "trying")}, at=0)
    assert flat.cards[IDEA].cells["stage"].at == before + 1


def test_a_write_that_was_replaced_does_not_win_over_its_replacement(flat):
    flat.write(TIMO, {"title": (flat.value("title"), "Yksi")})
    at = flat.cards[IDEA].cells["title"].at
    flat.write(AINO, {"title": ("Yksi", "Kaksi")}, at=0)
    assert flat.write(TIMO, {"title": ("Vanha", "Kolme")}, at=at).code is Code.FORKED
    assert flat.value("title") == "Kaksi"


def test_the_clock_of_a_mark_counts_like_that_of_a_field(flat):
    flat.write(TIMO, {"same_here": (None, True)}, at=flat.now + 2 * DAY)
    flat.write(TIMO, {"same_here": (True, None)}, at=0)
    assert flat.value("same_here") == 0

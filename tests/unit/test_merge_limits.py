"""Limits and forms: each has its reason, and what is unknown is held, not lost (docs/protocol.md)."""

import pytest

from sync.protocol import MAX_FIELDS, Code, Refusal
from tests.changes import AINO, COMMENT, IDEA, JORMA, TIMO, Flat

REPLY = ["Kokeillaan heti maanantaina.", None]
QUICK = {"size": (None, "quick"), "stage": (None, "trying")}


@pytest.fixture
def flat():
    flat = Flat()
    flat.idea(text="Ostetaan uusi lamppu.")
    return flat


def reason(flat, field, value, by=AINO):
    return flat.write(by, {field: (flat.value(field), value)}).reason


@pytest.mark.parametrize("field, most", [("title", 80), ("text", 1000)])
def test_a_text_ends_at_its_limit(flat, field, most):
    assert reason(flat, field, "ä" * (most + 1)) is Refusal.OVER_LIMIT
    assert reason(flat, field, "ä" * most) is None


def test_a_text_is_counted_in_code_points(flat):
    assert reason(flat, "title", "👍" * 80) is None


def test_a_title_is_never_empty(flat):
    assert reason(flat, "title", "") is Refusal.OVER_LIMIT
    assert reason(flat, "title", None) is Refusal.WRONG_TYPE


def test_a_reason_and_a_reply_say_something(flat):
    assert reason(flat, "reason", "Ei.", JORMA) is Refusal.OVER_LIMIT
    short = {"reply": (None, ["Kiitos.", None]), **QUICK}
    assert flat.write(JORMA, short).reason is Refusal.OVER_LIMIT


@pytest.mark.parametrize("value", [1, True, b"x", ["x"], 1.5, {"a": 1}])
def test_a_text_is_a_text(flat, value):
    assert reason(flat, "title", value) is Refusal.WRONG_TYPE


@pytest.mark.parametrize("value", ["x", 1, b"short", b"x" * 17, True, []])
def test_an_id_has_sixteen_bytes(flat, value):
    assert reason(flat, "origin", value) is Refusal.WRONG_TYPE


@pytest.mark.parametrize("value", [1, 0, "true", [True]])
def test_a_switch_is_true_or_false(flat, value):
    assert reason(flat, "shared_edit", value) is Refusal.WRONG_TYPE


@pytest.mark.parametrize("value", [-1, 2**53, 2**64 - 1, True, "3", 3.0])
def test_a_number_is_one_that_every_device_can_hold(value):
    ruling = Flat().idea(AINO, team=value)
    assert (ruling.code, ruling.reason) == (Code.REFUSED, Refusal.WRONG_TYPE)


@pytest.mark.parametrize("value", ["2026-13-01", "2026-1-1", "1.1.2026", "2026-01-32", "2026-01-01x"])
def test_a_date_has_its_form(flat, value):
    assert reason(flat, "revisit", value, JORMA) in (Refusal.WRONG_TYPE, Refusal.OVER_LIMIT)


@pytest.mark.parametrize("value", ["soon", "", "NEW"])
def test_a_choice_is_one_of_its_options(flat, value):
    assert reason(flat, "stage", value, JORMA) is Refusal.UNKNOWN_OPTION


@pytest.mark.parametrize("value", [REPLY[:1], [*REPLY, 1], ["x" * 20, "soon"], "text", [REPLY, None]])
def test_a_reply_has_its_form(flat, value):
    assert flat.write(JORMA, {"reply": (None, value), **QUICK}).reason is Refusal.WRONG_TYPE


@pytest.mark.parametrize("field", ["goals/xyz", "goals/", "i_help/0", "i_help/01", "photos/" + "a" * 63])
def test_a_member_has_its_form(flat, field):
    assert flat.write(AINO, {field: (None, True)}).code is Code.REFUSED


@pytest.mark.parametrize("value", [False, 1, "yes"])
def test_a_member_is_there_or_not(flat, value):
    assert reason(flat, "need/client", value) is Refusal.WRONG_TYPE


def test_a_mark_is_given_or_not(flat):
    for value in (False, 1, 5):
        assert reason(flat, "same_here", value) is Refusal.WRONG_TYPE


def test_a_set_takes_as_many_members_at_once_as_its_kind_says(flat):
    goals = [f"goals/{k:032x}" for k in range(4)]
    assert flat.write(AINO, dict.fromkeys(goals, (None, True))).reason is Refusal.OVER_LIMIT
    assert flat.write(AINO, dict.fromkeys(goals[:3], (None, True))).code is Code.DONE
    assert flat.write(AINO, dict.fromkeys(goals, (True, None))).code is Code.DONE


def test_a_set_takes_no_more_members_one_by_one(flat):
    goals = [f"goals/{k:032x}" for k in range(4)]
    assert all(flat.write(AINO, {goal: (None, True)}).code is Code.DONE for goal in goals[:3])
    assert flat.write(AINO, {goals[3]: (None, True)}).reason is Refusal.OVER_LIMIT
    assert flat.write(AINO, {goals[3]: (None, True)}, base=0).reason is Refusal.OVER_LIMIT
    assert flat.write(AINO, {goals[3]: (None, True), goals[0]: (True, None)}).code is Code.DONE
    assert flat.write(AINO, {goals[3]: (True, True)}).code is Code.DONE


def test_two_who_fill_a_set_at_once_may_exceed_its_limit_together(flat):
    goals = [f"goals/{k:032x}" for k in range(4)]
    flat.write(AINO, dict.fromkeys(goals[:2], (None, True)))
    seen = flat.seq
    assert flat.write(AINO, {goals[2]: (None, True)}).code is Code.DONE
    assert flat.write(JORMA, {goals[3]: (None, True)}, base=seen).code is Code.DONE


def test_a_change_has_a_field_at_least_and_64_at_most(flat):
    assert flat.write(AINO, {}).reason is Refusal.OVER_LIMIT
    many = {f"i_help/{k}": (None, True) for k in range(1, MAX_FIELDS + 2)}
    assert flat.write(AINO, many).reason is Refusal.OVER_LIMIT


@pytest.mark.parametrize("was", [1.5, {"a": 1}, [[2.5]], [{"a": 1}]])
def test_what_was_is_a_value_too(flat, was):
    assert flat.write(AINO, {"title": (was, "Uusi")}).reason is Refusal.WRONG_TYPE


def test_a_merge_may_exceed_the_limit(flat):
    was = "a " * 300
    flat.write(AINO, {"text": (flat.value("text"), was)})
    flat.write(AINO, {"text": (was, "b " * 190 + was)})
    assert flat.write(AINO, {"text": (was, was + "c " * 190)}).code is Code.MERGED
    assert len(flat.value("text")) > 1000


def test_an_unknown_kind_is_held(flat):
    ruling = flat.write(AINO, {"title": (None, "X")}, kind="pilot", card=b"p" * 16)
    assert (ruling.code, ruling.reason) == (Code.HELD, Refusal.UNKNOWN_KIND)


@pytest.mark.parametrize("field", ["dots", "", "title/x", "need", "/", "photos"])
def test_an_unknown_field_is_held(flat, field):
    ruling = flat.write(AINO, {"title": ("Lamppu käytävään", "Uusi"), field: (None, "x")})
    assert (ruling.code, flat.value("title")) == (Code.HELD, "Lamppu käytävään")


def test_a_change_to_a_card_that_is_not_there_is_held(flat):
    for sets in ({"title": (None, "X")}, {"gone": (None, ["withdrawn", ""])}, {"stage": (None, "trying")}):
        for person in (AINO, TIMO, JORMA):
            ruling = flat.write(person, sets, card=b"n" * 16)
            assert (ruling.code, ruling.reason) == (Code.HELD, Refusal.NO_CARD)


def test_a_card_is_made_by_all_required_fields_that_were_nil(flat):
    for sets in ({"team": (None, 3)}, {"team": (None, 3), "title": ("X", "Y")}):
        assert flat.write(AINO, sets, card=b"n" * 16).reason is Refusal.NO_CARD
    assert b"n" * 16 not in flat.cards


def test_a_comment_waits_for_what_it_is_about():
    assert Flat().comment(TIMO).reason is Refusal.NO_CARD


def test_a_change_of_another_kind_than_the_card_s_is_refused(flat):
    assert flat.write(AINO, {"text": (None, "X")}, kind="observation").reason is Refusal.WRONG_TYPE


def test_making_a_card_that_is_there_merges_with_it(flat):
    ruling = flat.idea(AINO, title="Lamppu käytävään", text="Ostetaan uusi lamppu.")
    assert (ruling.code, ruling.wrote) == (Code.DONE, False)


def test_not_now_needs_a_reason(flat):
    assert flat.write(JORMA, {"stage": (None, "not_now")}).reason is Refusal.REASON_REQUIRED
    with_reason = {"stage": (None, "not_now"), "reason": (None, "Ei ole rahaa nyt.")}
    assert flat.write(JORMA, with_reason).code is Code.DONE
    assert flat.write(JORMA, {"reason": ("Ei ole rahaa nyt.", None)}).reason is Refusal.REASON_REQUIRED
    assert (
        flat.write(JORMA, {"stage": ("not_now", "new"), "reason": ("Ei ole rahaa nyt.", None)}).code
        is Code.DONE
    )


@pytest.mark.parametrize("field", ["size", "stage"])
def test_an_answer_says_size_and_stage(flat, field):
    sets = {"reply": (None, REPLY), **QUICK}
    del sets[field]
    ruling = flat.write(JORMA, sets)
    assert (ruling.reason, ruling.field) == (Refusal.REPLY_INCOMPLETE, field)


def test_an_answer_to_a_large_idea_has_a_date(flat):
    sets = {"reply": (None, REPLY), "size": (None, "complex"), "stage": (None, "considering")}
    assert flat.write(JORMA, sets).reason is Refusal.REPLY_INCOMPLETE
    dated = {**sets, "reply": (None, [REPLY[0], "2026-05-01"])}
    assert flat.write(JORMA, dated).code is Code.DONE


def test_a_refusal_changes_nothing(flat):
    before = dict(flat.cards[IDEA].cells)
    flat.write(AINO, {"lang": (None, "fi"), "title": (None, "x" * 81)})
    assert (flat.cards[IDEA].cells, COMMENT in flat.cards) == (before, False)

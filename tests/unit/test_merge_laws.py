"""The merge laws: what becomes of two writes to one field (docs/protocol.md section 4)."""

import pytest

from sync.protocol import Code, Refusal
from tests.changes import AINO, IDEA, JORMA, NOW, TIMO, Flat

LONG_AGO, LATER, MUCH_LATER = NOW - 5_000, NOW + 30_000, NOW + 50_000
REPLY = ["Kokeillaan heti maanantaina.", None]
OTHER_REPLY = ["Palataan tähän syksyllä kyllä.", "2026-09-01"]
ANSWER = {"size": (None, "quick"), "stage": (None, "trying")}


@pytest.fixture
def flat():
    flat = Flat()
    flat.idea(text="Ostetaan uusi lamppu käytävään.", shared_edit=True)
    return flat


def test_a_value_that_is_there_already_changes_nothing(flat):
    seq = flat.seq
    ruling = flat.write(TIMO, {"title": ("Jotain muuta", "Lamppu käytävään")})
    assert (ruling.code, ruling.wrote, flat.seq) == (Code.DONE, False, seq)


def test_a_value_is_equal_only_if_its_bytes_are(flat):
    flat.write(AINO, {"shared_edit": (True, False)})
    assert flat.write(AINO, {"shared_edit": (0, True)}, at=0).code is Code.STALE


@pytest.mark.parametrize("field, value", [("lang", "fi"), ("title", "Uusi lamppu"), ("text", "Aivan muuta.")])
def test_who_had_seen_the_value_writes_whatever_the_clocks_say(flat, field, value):
    ruling = flat.write(AINO, {field: (flat.value(field), value)}, at=0)
    assert (ruling.code, flat.value(field)) == (Code.DONE, value)


def test_a_field_without_a_cell_takes_any_value(flat):
    assert flat.write(AINO, {"source": ("campaign", "workshop")}, at=0).code is Code.DONE
    assert flat.value("source") == "workshop"


def test_nil_leaves_a_cell_that_holds_nil(flat):
    flat.write(AINO, {"lang": (None, "fi")})
    flat.write(AINO, {"lang": ("fi", None)})
    assert flat.cards[IDEA].cells["lang"].value is None


def test_latest_keeps_the_later_write(flat):
    flat.write(JORMA, {"stage": (None, "considering")}, at=NOW)
    ruling = flat.write(JORMA, {"stage": (None, "trying")}, at=LATER)
    assert (ruling.code, flat.value("stage")) == (Code.DONE, "trying")


def test_latest_calls_the_earlier_write_stale(flat):
    flat.write(JORMA, {"stage": (None, "considering")}, at=LATER)
    ruling = flat.write(JORMA, {"stage": (None, "trying")}, at=NOW)
    assert (ruling.code, ruling.fields, flat.value("stage")) == (Code.STALE, ("stage",), "considering")


def test_latest_keeps_what_came_first_on_equal_times(flat):
    flat.write(JORMA, {"stage": (None, "considering")}, at=NOW)
    assert flat.write(JORMA, {"stage": (None, "trying")}, at=NOW).code is Code.STALE
    assert flat.value("stage") == "considering"


def test_once_keeps_the_first_value(flat):
    flat.write(AINO, {"origin": (None, b"a" * 16)})
    ruling = flat.write(AINO, {"origin": (b"a" * 16, b"b" * 16)})
    assert (ruling.code, ruling.reason, flat.value("origin")) == (Code.REFUSED, Refusal.ONCE, b"a" * 16)


def test_once_takes_the_same_value_again(flat):
    flat.write(AINO, {"origin": (None, b"a" * 16)})
    assert flat.write(AINO, {"origin": (None, b"a" * 16)}).code is Code.DONE


def test_once_may_not_be_taken_away(flat):
    flat.write(AINO, {"origin": (None, b"a" * 16)})
    assert flat.write(AINO, {"origin": (b"a" * 16, None)}).reason is Refusal.ONCE


def test_either_shows_the_later_words_and_keeps_the_earlier_ones(flat):
    ruling = flat.write(TIMO, {"title": ("Vanha", "Timon lamppu")}, at=LATER)
    assert (ruling.code, flat.value("title")) == (Code.FORKED, "Timon lamppu")
    assert list(flat.forks().values()) == [["Lamppu käytävään", AINO.number, NOW + 1_000]]


def test_either_keeps_earlier_words_that_come_late(flat):
    ruling = flat.write(TIMO, {"title": ("Vanha", "Timon lamppu")}, at=LONG_AGO)
    assert (ruling.code, flat.value("title")) == (Code.FORKED, "Lamppu käytävään")
    assert list(flat.forks().values()) == [["Timon lamppu", TIMO.number, LONG_AGO]]


def test_either_makes_no_fork_of_nothing(flat):
    flat.write(JORMA, {"reason": (None, "Ei ole rahaa nyt.")}, at=LATER)
    assert flat.write(JORMA, {"reason": ("Muu syy oli tämä", None)}, at=NOW).code is Code.STALE
    assert flat.write(JORMA, {"reason": ("Muu syy oli tämä", None)}, at=MUCH_LATER).code is Code.FORKED
    assert [fork[0] for fork in flat.forks().values()] == ["Ei ole rahaa nyt."]


def test_prose_lands_both_edits_in_different_places(flat):
    was = "Ostetaan uusi lamppu käytävään."
    flat.write(AINO, {"text": (was, "Ostetaan kaksi uutta lamppua käytävään.")})
    ruling = flat.write(TIMO, {"text": (was, was + " Heti.")}, at=LONG_AGO)
    assert (ruling.code, ruling.fields) == (Code.MERGED, ("text",))
    assert flat.value("text") == "Ostetaan kaksi uutta lamppua käytävään. Heti."
    assert flat.forks() == {}


def test_prose_keeps_the_whole_text_of_who_rewrote_the_same_words(flat):
    was = "Ostetaan uusi lamppu käytävään."
    flat.write(AINO, {"text": (was, "Ostetaan uusi matto käytävään.")})
    ruling = flat.write(TIMO, {"text": (was, "Ostetaan uusi peili käytävään.")}, at=LATER)
    assert (ruling.code, flat.value("text")) == (Code.FORKED, "Ostetaan uusi matto käytävään.")
    assert list(flat.forks().values()) == [["Ostetaan uusi peili käytävään.", TIMO.number, LATER]]


def test_prose_lands_clean_edits_beside_the_fork(flat):
    was = "Ostetaan uusi lamppu käytävään."
    flat.write(AINO, {"text": (was, "Ostetaan uusi matto käytävään.")})
    flat.write(TIMO, {"text": (was, "Huomenna ostetaan uusi peili käytävään. Sovittu.")})
    assert flat.value("text").endswith("käytävään. Sovittu.")
    assert len(flat.forks()) == 1


def test_each_member_is_a_cell_of_its_own(flat):
    flat.write(AINO, {"need/client": (None, True)}, at=LATER)
    ruling = flat.write(AINO, {"need/staff": (None, True)}, at=NOW)
    assert ruling.code is Code.DONE
    assert (flat.value("need/client"), flat.value("need/staff")) == (True, True)


def test_each_member_keeps_the_later_write(flat):
    flat.write(AINO, {"need/client": (None, True)}, at=NOW)
    flat.write(AINO, {"need/client": (True, None)}, at=NOW)
    assert flat.write(AINO, {"need/client": ("?", True)}, at=LONG_AGO).code is Code.STALE
    assert flat.value("need/client") is None


def test_first_keeps_the_first_decision(flat):
    flat.write(JORMA, {"reply": (None, REPLY), **ANSWER})
    ruling = flat.write(JORMA, {"reply": (None, OTHER_REPLY), **ANSWER}, at=LATER)
    assert (ruling.code, ruling.fields, flat.value("reply")) == (Code.FORKED, ("reply",), REPLY)


def test_first_keeps_the_rest_of_the_change_in_its_fork(flat):
    flat.write(JORMA, {"reply": (None, REPLY), **ANSWER})
    other = {"reply": (None, OTHER_REPLY), "size": (None, "project"), "stage": (None, "considering")}
    flat.write(JORMA, other, at=LATER)
    (value, by, at, rest) = next(iter(flat.forks().values()))
    assert (value, by, at) == (OTHER_REPLY, JORMA.number, LATER)
    assert sorted(rest) == [["size", "project"], ["stage", "considering"]]
    assert (flat.value("size"), flat.value("stage")) == ("quick", "trying")


def test_first_may_be_changed_by_who_has_seen_it(flat):
    flat.write(JORMA, {"reply": (None, REPLY), **ANSWER})
    again = {"reply": (REPLY, OTHER_REPLY), "stage": ("trying", "considering")}
    assert flat.write(JORMA, again).code is Code.DONE
    assert flat.value("reply") == OTHER_REPLY


def test_tally_counts_each_person_once(flat):
    for _ in range(2):
        flat.write(AINO, {"same_here": (None, True)})
        flat.write(TIMO, {"same_here": (None, True)})
    assert flat.value("same_here") == 2


def test_tally_takes_a_mark_back(flat):
    flat.write(AINO, {"same_here": (None, True)})
    flat.write(TIMO, {"same_here": (None, True)})
    flat.write(AINO, {"same_here": (True, None)})
    assert flat.value("same_here") == 1


def test_tally_looks_at_the_own_mark_never_at_the_sum(flat):
    flat.write(TIMO, {"same_here": (None, True)})
    assert flat.write(AINO, {"same_here": (None, True)}, at=0).code is Code.DONE
    assert flat.value("same_here") == 2


def test_tally_of_two_own_devices_keeps_the_latest_wish(flat):
    flat.write(AINO, {"same_here": (None, True)}, at=NOW)
    flat.write(AINO, {"same_here": (True, None)}, at=LATER)
    assert flat.write(AINO, {"same_here": ("?", True)}, at=NOW + 1).code is Code.STALE
    assert flat.value("same_here") == 0


def test_tally_writes_no_name_into_the_cell(flat):
    flat.write(TIMO, {"same_here": (None, True)})
    assert flat.cards[IDEA].cells["same_here"].by is None


def test_a_card_may_be_made_with_a_mark(flat):
    flat.write(AINO, {"team": (None, 3), "title": (None, "X"), "same_here": (None, True)}, card=b"n" * 16)
    assert flat.value("same_here", b"n" * 16) == 1


def test_the_heaviest_code_of_its_fields_is_the_change_s(flat):
    sets = {"title": ("Vanha", "Timon"), "text": (flat.value("text"), "Kaikki uusiksi.")}
    assert flat.write(TIMO, sets, at=LONG_AGO).code is Code.FORKED
    assert flat.value("text") == "Kaikki uusiksi."


def test_a_refused_field_rejects_the_whole_change(flat):
    flat.write(AINO, {"origin": (None, b"a" * 16)})
    before = dict(flat.cards[IDEA].cells)
    assert flat.write(AINO, {"lang": (None, "sv"), "origin": (None, b"b" * 16)}).code is Code.REFUSED
    assert flat.cards[IDEA].cells == before

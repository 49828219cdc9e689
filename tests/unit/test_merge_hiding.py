"""Deleting hides; late words bring a card back; nobody deletes what was not seen (docs/protocol.md)."""

import re
from pathlib import Path

import pytest

from sync.merge import HIDE_REASONS, Card
from sync.protocol import Code, Refusal
from tests.changes import AGNES, AINO, COMMENT, DORA, IDEA, JORMA, OUTI, TIMO, Flat

WITHDRAWN = ["withdrawn", ""]
CLIENT_DATA = ["client_data", "Nimi mainittu"]
OTHER = ["other", "Sovittiin niin"]


@pytest.fixture
def flat():
    flat = Flat()
    flat.idea(text="Ostetaan uusi lamppu.", shared_edit=True)
    return flat


def hide(flat, by, reason, **how):
    return flat.write(by, {"gone": (flat.value("gone"), reason)}, **how)


def test_the_author_withdraws(flat):
    assert hide(flat, AINO, WITHDRAWN).code is Code.DONE
    assert flat.value("gone") == WITHDRAWN


@pytest.mark.parametrize("reviewer", [JORMA, AGNES, DORA])
def test_a_reviewer_hides_with_a_reason(flat, reviewer):
    assert hide(flat, reviewer, OTHER).code is Code.DONE


@pytest.mark.parametrize("words", ["", "  "])
def test_h6_another_reason_needs_words(flat, words):
    assert hide(flat, JORMA, ["other", words]).reason is Refusal.REASON_REQUIRED
    assert hide(flat, JORMA, ["duplicate", words]).code is Code.DONE


@pytest.mark.parametrize("reviewer", [JORMA, AGNES, DORA])
def test_a_reviewer_withdraws_nothing_of_others(flat, reviewer):
    assert hide(flat, reviewer, WITHDRAWN).reason is Refusal.NOT_YOURS


@pytest.mark.parametrize("other", [TIMO, OUTI])
def test_nobody_else_hides_a_card(flat, other):
    for reason in (WITHDRAWN, OTHER, CLIENT_DATA):
        assert hide(flat, other, reason).reason is Refusal.NOT_YOURS


def test_the_author_gives_no_reviewer_s_reason(flat):
    assert hide(flat, AINO, CLIENT_DATA).reason is Refusal.NOT_YOURS


def test_the_author_does_not_undo_a_reviewer_s_hiding(flat):
    hide(flat, JORMA, CLIENT_DATA)
    assert hide(flat, AINO, None).reason is Refusal.NOT_YOURS
    assert hide(flat, AINO, WITHDRAWN).reason is Refusal.NOT_YOURS


def test_a_reviewer_does_not_restore_what_the_author_withdrew(flat):
    hide(flat, AINO, WITHDRAWN)
    assert hide(flat, JORMA, None).reason is Refusal.NOT_YOURS


@pytest.mark.parametrize(
    "reason", [True, "other", ["other"], ["nonsense", ""], ["other", 5], ["other", "x" * 501]]
)
def test_a_reason_has_its_form(flat, reason):
    assert hide(flat, JORMA, reason).reason is Refusal.WRONG_TYPE


def test_hiding_stands_alone_in_its_change(flat):
    ruling = flat.write(AINO, {"gone": (None, WITHDRAWN), "title": (None, "Uusi")})
    assert (ruling.code, flat.value("gone")) == (Code.REFUSED, None)


def test_hiding_twice_is_done_once(flat):
    hide(flat, JORMA, OTHER)
    seq = flat.seq
    assert hide(flat, JORMA, OTHER).code is Code.DONE
    assert flat.seq == seq


def test_restoring_shows_all_cells_again(flat):
    hide(flat, AINO, WITHDRAWN)
    assert hide(flat, AINO, None).code is Code.DONE
    assert {cell.seq for cell in flat.cards[IDEA].cells.values()} == {flat.seq}
    assert flat.value("text") == "Ostetaan uusi lamppu."


def test_restoring_what_is_not_hidden_is_done(flat):
    for person in (AINO, JORMA):
        assert hide(flat, person, None).code is Code.DONE


def test_words_of_somebody_who_had_not_seen_the_hiding_bring_the_card_back(flat):
    seen = flat.seq
    hide(flat, AINO, WITHDRAWN)
    ruling = flat.write(TIMO, {"text": (flat.value("text"), "Ostetaan uusi lamppu. Pian.")}, base=seen)
    assert ruling.code is Code.DONE
    assert (flat.value("gone"), flat.value("revived")) == (None, True)
    assert flat.value("text") == "Ostetaan uusi lamppu. Pian."
    assert {cell.seq for cell in flat.cards[IDEA].cells.values()} == {flat.seq}


def test_words_of_who_had_seen_the_hiding_are_refused(flat):
    hide(flat, AINO, WITHDRAWN)
    assert flat.write(TIMO, {"title": (None, "Uusi")}).reason is Refusal.GONE
    assert flat.value("gone") == WITHDRAWN


def test_other_fields_do_not_bring_a_card_back(flat):
    seen = flat.seq
    hide(flat, AINO, WITHDRAWN)
    assert flat.write(JORMA, {"stage": (None, "trying")}, base=seen).code is Code.DONE
    assert (flat.value("gone"), flat.value("stage")) == (WITHDRAWN, "trying")


def test_a_refused_change_does_not_bring_a_card_back(flat):
    flat.write(AINO, {"origin": (None, b"a" * 16)})
    seen = flat.seq
    hide(flat, AINO, WITHDRAWN)
    ruling = flat.write(AINO, {"title": (None, "Uusi"), "origin": (None, b"b" * 16)}, base=seen)
    assert ruling.reason is Refusal.ONCE
    assert (flat.value("gone"), flat.cards[IDEA].seq) == (WITHDRAWN, flat.seq)


def test_a_new_comment_of_somebody_who_had_not_seen_the_hiding_brings_the_card_back(flat):
    seen = flat.seq
    hide(flat, AINO, WITHDRAWN)
    assert flat.comment(OUTI, base=seen).code is Code.DONE
    assert (flat.value("gone"), flat.value("revived"), flat.value("text", COMMENT)) == (None, True, "Hyvä!")


def test_a_comment_on_a_card_that_is_known_to_be_hidden_is_refused(flat):
    hide(flat, AINO, WITHDRAWN)
    assert flat.comment(OUTI).reason is Refusal.GONE


def test_a_refused_comment_does_not_bring_its_card_back(flat):
    seen = flat.seq
    hide(flat, AINO, WITHDRAWN)
    assert flat.comment(OUTI, text="x" * 501, base=seen).reason is Refusal.OVER_LIMIT
    assert flat.value("gone") == WITHDRAWN


def test_client_data_is_hidden_whatever_was_not_seen(flat):
    seen = flat.seq
    flat.write(TIMO, {"title": (flat.value("title"), "Uusi")})
    assert hide(flat, JORMA, CLIENT_DATA, base=seen).code is Code.DONE


def test_late_words_to_client_data_are_refused(flat):
    seen = flat.seq
    hide(flat, JORMA, CLIENT_DATA)
    late = flat.write(TIMO, {"title": (None, "Uusi")}, base=seen)
    assert (late.code, late.reason) == (Code.REFUSED, Refusal.CLIENT_DATA)
    assert flat.comment(OUTI, base=seen).reason is Refusal.CLIENT_DATA
    assert flat.value("gone") == CLIENT_DATA


def test_who_had_not_seen_the_last_words_does_not_delete_them(flat):
    seen = flat.seq
    flat.write(TIMO, {"title": (flat.value("title"), "Uusi")})
    ruling = hide(flat, AINO, WITHDRAWN, base=seen)
    assert (ruling.code, ruling.wrote, flat.value("gone")) == (Code.KEPT, False, None)


def test_who_had_not_seen_the_last_comment_does_not_delete_the_card(flat):
    seen = flat.seq
    flat.comment(TIMO)
    assert hide(flat, AINO, WITHDRAWN, base=seen).code is Code.KEPT


def test_own_late_words_do_not_keep_a_card(flat):
    seen = flat.seq
    flat.write(AINO, {"title": (flat.value("title"), "Uusi")})
    assert hide(flat, AINO, WITHDRAWN, base=seen).code is Code.DONE


def test_own_words_do_not_cover_the_words_of_somebody_else(flat):
    seen = flat.seq
    flat.write(TIMO, {"title": (flat.value("title"), "Uusi")})
    flat.write(AINO, {"title": ("Uusi", "Uusin")})
    assert hide(flat, AINO, WITHDRAWN, base=seen).code is Code.KEPT


def test_changes_that_are_no_words_do_not_keep_a_card(flat):
    seen = flat.seq
    flat.write(TIMO, {"same_here": (None, True)})
    flat.write(JORMA, {"stage": (None, "trying")})
    assert hide(flat, AINO, WITHDRAWN, base=seen).code is Code.DONE


def test_words_kept_in_a_fork_count_as_words(flat):
    seen = flat.seq
    flat.write(TIMO, {"title": ("Vanha", "Timon")}, at=0)
    assert hide(flat, AINO, WITHDRAWN, base=seen).code is Code.KEPT


def test_a_comment_is_withdrawn_by_its_author_and_hidden_by_a_reviewer(flat):
    flat.comment(OUTI)
    gone = {"card": COMMENT, "kind": "comment"}
    assert flat.write(TIMO, {"gone": (None, OTHER)}, **gone).reason is Refusal.NOT_YOURS
    assert flat.write(JORMA, {"gone": (None, OTHER)}, **gone).code is Code.DONE
    assert flat.write(JORMA, {"gone": (OTHER, None)}, **gone).code is Code.DONE
    assert flat.write(OUTI, {"gone": (None, WITHDRAWN)}, **gone).code is Code.DONE


def test_words_to_a_card_that_is_gone_for_good_stay_with_their_author(flat):
    flat.cards[IDEA] = Card("", None, 0)
    assert flat.write(AINO, {"title": ("Lamppu käytävään", "Uusi otsikko")}, base=1).reason is Refusal.GONE
    assert flat.comment(TIMO, base=1).reason is Refusal.GONE


def test_an_observation_is_not_hidden_by_the_development_lead(flat):
    sets = {"team": (None, 3), "text": (None, "Hyvä vuoro.")}
    flat.write(AINO, sets, card=b"o" * 16, kind="observation")
    ruling = flat.write(DORA, {"gone": (None, OTHER)}, card=b"o" * 16, kind="observation")
    assert ruling.reason is Refusal.NOT_YOURS


def test_late_words_that_stand_there_already_bring_the_card_back_with_a_seq_of_its_own(flat):
    """What isn't written has no seq: the devices would never hear that the card is back."""
    seen = flat.seq
    flat.write(AINO, {"title": ("Lamppu käytävään", "Uusi lamppu")})
    hide(flat, AINO, WITHDRAWN)
    late = flat.write(TIMO, {"title": ("Lamppu käytävään", "Uusi lamppu")}, base=seen)
    assert (late.code, late.wrote) == (Code.DONE, True)
    assert flat.value("gone") is None
    assert flat.cards[IDEA].seq == flat.seq


def test_h6_the_browser_offers_the_reasons_that_the_server_takes():
    source = (Path(__file__).parents[2] / "web/src/ui/words.ts").read_text(encoding="utf-8")
    offered = re.search(r"HIDE_REASONS = \[(.*)\]", source)
    assert offered and set(re.findall(r"'(\w+)'", offered[1])) == HIDE_REASONS

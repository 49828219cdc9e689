"""Who may write what (docs/domain.md section 3), as the merge sees it: by flags, not by roles."""

import pytest

from sync.protocol import Code, Refusal
from tests.changes import AGNES, AINO, COMMENT, DORA, JORMA, OUTI, PAULI, TIMO, Flat

REPLY = ["Kokeillaan heti maanantaina.", None]
QUICK = {"size": (None, "quick"), "stage": (None, "trying")}
EVERYBODY = (AINO, TIMO, JORMA, AGNES, OUTI, DORA, PAULI)


@pytest.fixture
def flat():
    flat = Flat()
    flat.idea(text="Ostetaan uusi lamppu.")
    return flat


def allowed(flat, sets):
    """Who of all may write this."""
    return [p for p in EVERYBODY if flat.write(p, sets).reason is not Refusal.NOT_YOURS]


@pytest.mark.parametrize(
    "field, value", [("title", "Uusi"), ("text", "Uusi."), ("lang", "sv"), ("shared_edit", True)]
)
def test_the_author_alone_writes_title_text_language_and_sharing(flat, field, value):
    assert allowed(flat, {field: (None, value)}) == [AINO]


def test_the_team_writes_title_and_text_while_the_author_shares(flat):
    flat.write(AINO, {"shared_edit": (None, True)})
    assert allowed(flat, {"title": (flat.value("title"), "Uusi")}) == [AINO, TIMO, JORMA, AGNES]
    flat.write(AINO, {"shared_edit": (True, False)})
    assert allowed(flat, {"title": (flat.value("title"), "Uusin")}) == [AINO]


def test_a_supervisor_does_not_change_a_member_s_text(flat):
    ruling = flat.write(JORMA, {"text": ("Ostetaan uusi lamppu.", "Ei osteta.")})
    assert (ruling.code, ruling.reason, ruling.field) == (Code.REFUSED, Refusal.NOT_YOURS, "text")


@pytest.mark.parametrize(
    "field, value", [("owner", "Jorma"), ("revisit", "2026-12-01"), ("reason", "Ei ole rahaa.")]
)
def test_the_supervisor_alone_decides(flat, field, value):
    assert allowed(flat, {field: (None, value)}) == [JORMA]


def test_the_supervisor_alone_moves_an_idea(flat):
    assert allowed(flat, {"stage": (None, "considering")}) == [JORMA]


def test_the_supervisor_alone_answers(flat):
    assert allowed(flat, {"reply": (None, REPLY), **QUICK}) == [JORMA]


def test_the_team_starts_a_quick_deed_where_the_permission_stands(flat):
    flat.standing = True
    assert flat.write(TIMO, QUICK).code is Code.DONE
    assert flat.value("stage") == "trying"


def test_nobody_starts_a_quick_deed_without_the_permission(flat):
    assert flat.write(TIMO, QUICK).reason is Refusal.NOT_YOURS


@pytest.mark.parametrize("size, stage", [("complex", "trying"), ("quick", "in_use"), ("quick", "not_now")])
def test_the_permission_is_for_quick_deeds_from_new_to_trying_alone(flat, size, stage):
    flat.standing = True
    sets = {"size": (None, size), "stage": (None, stage)}
    assert flat.write(TIMO, sets).code is Code.REFUSED


def test_the_permission_starts_nothing_that_the_supervisor_has_moved(flat):
    flat.standing = True
    flat.write(JORMA, {"stage": (None, "considering")})
    assert (
        flat.write(TIMO, {"size": (None, "quick"), "stage": ("considering", "trying")}).reason
        is Refusal.NOT_YOURS
    )


def test_everybody_who_reads_gives_an_own_mark(flat):
    assert allowed(flat, {"same_here": (None, True)}) == [AINO, TIMO, JORMA, AGNES, OUTI, DORA]


def test_everybody_who_reads_offers_help_in_the_own_name(flat):
    for person in (AINO, TIMO, JORMA, OUTI, DORA):
        assert flat.write(person, {f"i_help/{person.number}": (None, True)}).code is Code.DONE


def test_nobody_offers_the_help_of_somebody_else(flat):
    for person in (AINO, JORMA, AGNES, DORA):
        assert flat.write(person, {f"i_help/{TIMO.number}": (None, True)}).reason is Refusal.NOT_YOURS


def test_nobody_takes_back_the_help_of_somebody_else(flat):
    flat.write(TIMO, {f"i_help/{TIMO.number}": (None, True)})
    assert flat.write(JORMA, {f"i_help/{TIMO.number}": (True, None)}).reason is Refusal.NOT_YOURS


def test_who_only_reads_offers_no_help(flat):
    assert flat.write(PAULI, {f"i_help/{PAULI.number}": (None, True)}).reason is Refusal.NOT_YOURS


def test_goals_are_set_by_author_and_supervisor(flat):
    assert allowed(flat, {"goals/" + "ab" * 16: (None, True)}) == [AINO, JORMA]


def test_members_make_ideas():
    for person in EVERYBODY:
        flat = Flat()
        made = flat.idea(person)
        assert (made.code is Code.DONE) == (person in (AINO, TIMO, JORMA, AGNES))


def test_the_maker_sends_no_decision_along():
    assert Flat().idea(AINO, stage="in_use").reason is Refusal.NOT_YOURS


def test_a_supervisor_may_decide_while_making():
    assert Flat().idea(JORMA, stage="trying").code is Code.DONE


def test_everybody_who_reads_comments(flat):
    for k, person in enumerate(EVERYBODY):
        ruling = flat.comment(person, card=bytes([k]) * 16)
        assert (ruling.code is Code.DONE) == (person is not PAULI)


def test_a_comment_is_edited_by_its_author_alone(flat):
    flat.comment(TIMO)
    edit = {"text": ("Hyvä!", "Erinomainen!")}
    for person in (AINO, JORMA, DORA):
        assert flat.write(person, edit, card=COMMENT, kind="comment").reason is Refusal.NOT_YOURS
    assert flat.write(TIMO, edit, card=COMMENT, kind="comment").code is Code.DONE


@pytest.mark.parametrize("kind", ["person", "member", "team", "goal", "mark"])
def test_kinds_of_the_server_are_made_by_nobody(flat, kind):
    sets = {"person": (None, 1), "name": (None, "Aino"), "role": (None, "supervisor")}
    for person in EVERYBODY:
        ruling = flat.write(person, sets, kind=kind, card=b"s" * 16)
        assert (ruling.code, ruling.reason) == (Code.REFUSED, Refusal.SYSTEM_FIELD)


@pytest.mark.parametrize("field", ["by", "made", "moved", "revived", "anonymous"])
def test_system_fields_are_written_by_nobody(flat, field):
    for person in (AINO, JORMA):
        ruling = flat.write(person, {field: (None, 5)})
        assert (ruling.code, ruling.reason, ruling.field) == (Code.REFUSED, Refusal.SYSTEM_FIELD, field)

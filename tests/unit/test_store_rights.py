"""Rights as roles give them: what a person is to a card follows from the team that the card names."""

import pytest

from server.people import Seat, describe_team, grant, remove
from server.store.frames import frames_for
from sync.protocol import Code, Refusal
from tests.changes import COMMENT, DAY, IDEA

QUICK = {"size": (None, "quick"), "stage": (None, "trying")}
OTHER = ["other", "Sovittiin niin"]
STAGE = {"stage": (None, "considering")}


def reason(verdict):
    return (verdict.detail or {}).get("reason")


def test_who_never_had_a_grant_is_refused(town):
    town.idea()
    for name in ("sari", "outi", "dora"):
        verdict = town.send(name, {"same_here": (None, True)})
        assert (verdict.code, reason(verdict)) == (Code.REFUSED, Refusal.NO_GRANT)


def test_a_space_that_does_not_exist_is_refused_alike(town):
    town.spaces["nowhere"] = 9999
    assert reason(town.idea(space="nowhere")) == Refusal.NO_GRANT


def test_the_own_space_of_somebody_else_is_refused(town):
    assert reason(town.idea("timo", space="own of aino")) == Refusal.NO_GRANT


def test_who_lost_the_grant_is_held_for_ninety_days(town):
    town.idea("jorma")
    town.db.write(remove, town.people["timo"].number, town.spaces["koivu"], town.now)
    town.now += 89 * DAY
    verdict = town.send("timo", {"same_here": (None, True)})
    assert (verdict.code, reason(verdict)) == (Code.HELD, Refusal.GRANT_REVOKED)
    town.now += 2 * DAY
    assert reason(town.send("timo", {"same_here": (None, True)})) == Refusal.NO_GRANT


def test_frames_are_only_of_what_a_person_may_read_in_this_moment(town):
    town.idea()
    timo, koivu, leppa = town.people["timo"].number, town.spaces["koivu"], town.spaces["leppa"]
    before, *_ = town.db.write(frames_for, timo, {koivu: 0, leppa: 0})
    town.db.write(remove, timo, koivu, town.now)
    after, behind, _ = town.db.write(frames_for, timo, {koivu: 0, leppa: 0})
    assert (set(before), after, behind) == ({koivu}, {}, [])


def test_a_role_counts_in_the_team_that_the_card_names(town):
    town.idea("aino", space="north")
    assert reason(town.send("outi", STAGE, space="north")) == Refusal.NOT_YOURS
    assert town.send("jorma", STAGE, space="north").code == Code.DONE


def test_a_card_for_a_team_is_made_by_its_members(town):
    team = town.spaces["koivu"]
    assert reason(town.idea("outi", space="north", team=team)) == Refusal.NOT_YOURS
    assert reason(town.idea("dora", space="org", team=team)) == Refusal.NOT_YOURS
    assert town.idea("timo", space="org", team=team).code == Code.DONE


@pytest.mark.parametrize("place", ["north", "org", "leppa", "own of aino"])
def test_a_card_names_a_team_and_nothing_else(town, place):
    assert reason(town.idea("aino", space="north", team=town.spaces[place])) == Refusal.NOT_YOURS


def test_a_card_in_a_team_s_space_names_that_team(town):
    assert reason(town.idea("aino", team=town.spaces["leppa"])) == Refusal.NOT_YOURS


def test_a_permission_stands_when_the_team_has_it(town):
    town.idea("jorma")
    assert reason(town.send("timo", QUICK)) == Refusal.NOT_YOURS
    town.db.write(describe_team, town.spaces["koivu"], {"standing_permission": True}, town.now)
    assert town.send("timo", QUICK).code == Code.DONE


def test_a_permission_stands_for_the_team_s_cards_in_wider_spaces(town):
    town.db.write(describe_team, town.spaces["koivu"], {"standing_permission": True}, town.now)
    town.idea("jorma", space="org")
    assert town.send("timo", QUICK, space="org").code == Code.DONE
    assert reason(town.send("outi", QUICK, space="org")) == Refusal.NOT_YOURS


def test_an_author_lets_the_team_edit_and_nobody_else(town):
    town.idea("jorma", space="north", shared_edit=True)
    title = {"title": ("Lamppu käytävään", "Uusi")}
    assert reason(town.send("outi", title, space="north")) == Refusal.NOT_YOURS
    assert town.send("timo", title, space="north").code == Code.DONE


@pytest.mark.parametrize("name", ["outi", "dora", "manu", "sari"])
def test_every_reader_of_the_organisation_comments(town, name):
    town.idea("jorma", space="org")
    comment = {"on": (None, IDEA), "text": (None, "Hyvä!")}
    assert town.send(name, comment, card=COMMENT, kind="comment", space="org").code == Code.DONE


def test_employee_representatives_read_only(town):
    town.idea("jorma", space="org")
    comment = {"on": (None, IDEA), "text": (None, "Hyvä!")}
    for sets, how in (({"same_here": (None, True)}, {}), (comment, {"card": COMMENT, "kind": "comment"})):
        assert reason(town.send("rauni", sets, space="org", **how)) == Refusal.NOT_YOURS


def test_administrators_write_nothing(town):
    town.idea("jorma", space="org")
    assert town.send("adele", {"same_here": (None, True)}, space="org").code == Code.REFUSED


@pytest.mark.parametrize("name, code", [("jorma", 0), ("agnes", 0), ("dora", 0), ("outi", 5), ("timo", 5)])
def test_a_comment_in_a_wider_space_is_hidden_by_reviewers_of_what_it_is_about(town, name, code):
    town.idea("aino", space="org")
    how = {"card": COMMENT, "kind": "comment", "space": "org"}
    town.send("sari", {"on": (None, IDEA), "text": (None, "Hyvä!")}, **how)
    assert town.send(name, {"gone": (None, OTHER)}, base=10_000, **how).code == code


def test_two_ways_into_a_space_give_the_stronger_role(town):
    town.db.write(grant, town.people["jorma"].number, Seat(town.spaces["leppa"], "staff"), town.now)
    town.idea("aino", space="north")
    assert town.send("jorma", STAGE, space="north").code == Code.DONE

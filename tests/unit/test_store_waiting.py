"""What could not be judged is kept, and judged again: cards that come late, quarantine, new rights."""

import pytest
from msgspec.structs import replace

from server.commands import HeldForm, list_held, replay
from server.intake import arrival
from server.people import Seat, grant, remove
from server.store.accept import hold_all
from server.world import World
from sync.cards import KINDS
from sync.protocol import Code, Refusal, encode
from tests.changes import COMMENT, IDEA
from tests.town import SECRET

TITLE = {"title": ("Lamppu käytävään", "Uusi otsikko")}
SAID = {"text": ("Hyvä!", "Hyvä ja halpa!")}


def make(town):
    team = town.spaces["koivu"]
    return town.change("aino", {"team": (None, team), "title": (None, "Lamppu käytävään")})


def comment(town):
    sets = {"on": (None, IDEA), "text": (None, "Hyvä!")}
    return town.change("timo", sets, card=COMMENT, kind="comment")


def edit(town):
    return town.change("timo", SAID, card=COMMENT, kind="comment")


def deliver(town, *changes):
    by = {b"aino    ": "aino", b"timo    ": "timo", b"jorma   ": "jorma"}
    return town.deliver([(by[c.id[:8]], encode(c)) for c in changes])


def held(town):
    return town.db.write(list_held, HeldForm(), world(town))


def world(town):
    return World(town.now, lambda n: b"x" * n, "", SECRET)


def test_a_change_waits_for_its_card(town):
    change = town.change("aino", TITLE)
    assert deliver(town, change)[0].detail["reason"] == Refusal.NO_CARD
    deliver(town, make(town))
    assert town.value("title") == "Uusi otsikko"
    assert held(town) == []


def test_a_change_that_waited_answers_with_its_new_verdict(town):
    change = town.change("aino", TITLE)
    deliver(town, change)
    deliver(town, make(town))
    (verdict,) = deliver(town, change)
    assert (verdict.code, verdict.seq) == (Code.DONE, town.replica().cursor)


def test_a_change_waits_in_the_same_transaction(town):
    verdicts = deliver(town, town.change("aino", TITLE), make(town))
    assert [v.code for v in verdicts] == [Code.DONE, Code.DONE]
    assert (town.value("title"), held(town)) == ("Uusi otsikko", [])


def test_changes_that_wait_for_each_other_land_one_by_one(town):
    for change in (edit(town), comment(town)):
        assert deliver(town, change)[0].code == Code.HELD
    deliver(town, make(town))
    assert town.value("text", COMMENT) == "Hyvä ja halpa!"
    assert held(town) == []


def test_changes_that_wait_for_each_other_land_in_one_transaction(town):
    verdicts = deliver(town, edit(town), comment(town), make(town))
    assert [v.code for v in verdicts] == [Code.DONE] * 3
    assert town.value("text", COMMENT) == "Hyvä ja halpa!"


@pytest.mark.parametrize("at_once", [1, 2, 3])
@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (1, 2, 0), (2, 1, 0)])
def test_what_an_author_wrote_lands_in_the_order_of_writing(town, order, at_once):
    in_order_of_writing(town, order, at_once)


def test_what_waits_and_was_written_later_lets_an_earlier_change_go_first(town):
    in_order_of_writing(town, (2, 0, 1), 3)


def test_what_waited_and_is_offered_again_before_its_card_goes_before_what_was_written_later(town):
    in_order_of_writing(town, (1, 1, 0, 2), 4)


def in_order_of_writing(town, order, at_once):
    """A card and two edits of one text come in this order, so many at once."""
    edits = ((None, "Nyt on pimeää."), ("Nyt on pimeää.", "Aulassa on nyt pimeää."))
    written = [make(town), *(town.change("aino", {"text": pair}) for pair in edits)]
    written = [replace(change, at=town.now - 9 + place) for place, change in enumerate(written)]
    for start in range(0, len(order), at_once):
        deliver(town, *(written[place] for place in order[start : start + at_once]))
    assert town.value("text") == "Aulassa on nyt pimeää."


def test_a_decision_in_a_wider_space_waits_for_its_card(town):
    stage = town.change("jorma", {"stage": (None, "trying")}, space="org")
    assert deliver(town, stage)[0].detail["reason"] == Refusal.NO_CARD
    town.idea("aino", space="org")
    assert town.value("stage", space="org") == "trying"


def test_a_mark_waits_and_counts_once(town):
    mark = town.change("timo", {"same_here": (None, True)})
    deliver(town, mark)
    deliver(town, make(town))
    deliver(town, mark)
    assert town.value("same_here") == 1


def test_a_held_change_is_judged_again_when_it_is_offered_again(town):
    deliver(town, make(town))
    team, timo = town.spaces["koivu"], town.people["timo"].number
    town.db.write(remove, timo, team, town.now)
    mark = town.change("timo", {"same_here": (None, True)})
    assert deliver(town, mark)[0].detail["reason"] == Refusal.GRANT_REVOKED
    assert deliver(town, mark)[0].code == Code.HELD
    town.db.write(grant, timo, Seat(team, "staff"), town.now)
    assert deliver(town, mark)[0].code == Code.DONE
    assert (town.value("same_here"), held(town)) == (1, [])


def outside_and_back(town):
    """Timo writes twice outside the team, the second time on top of the first; he is back, and goes on writing."""
    deliver(town, replace(make(town), id=b"timo    idea"))
    team, timo = town.spaces["koivu"], town.people["timo"].number
    town.db.write(remove, timo, team, town.now)
    texts = (None, "Hyvä."), ("Hyvä.", "Hyvä. Halpa."), ("Hyvä. Halpa.", "Hyvä. Halpa. Valmis.")
    changes = [town.change("timo", {"text": pair}, at=town.now + n) for n, pair in enumerate(texts)]
    for change in changes[:2]:
        assert deliver(town, change)[0].detail["reason"] == Refusal.GRANT_REVOKED
    town.db.write(grant, timo, Seat(team, "staff"), town.now)
    return changes


def test_what_was_held_outside_the_team_goes_before_what_its_author_writes_there_later(town):
    *outside, last = outside_and_back(town)
    assert deliver(town, last)[0].code == Code.DONE
    assert (town.value("text"), held(town)) == ("Hyvä. Halpa. Valmis.", [])
    assert [v.code for v in deliver(town, *outside)] == [Code.DONE] * 2
    assert town.value("text") == "Hyvä. Halpa. Valmis."


def test_what_was_held_outside_the_team_goes_before_nothing_that_is_older(town):
    *outside, _ = outside_and_back(town)
    older = town.change("timo", {"title": ("Lamppu käytävään", "Lamppu")}, at=outside[0].at - 1)
    assert deliver(town, older)[0].code == Code.DONE
    assert (town.value("text"), len(held(town))) == (None, 2)


def test_a_card_that_was_held_outside_the_team_is_made_before_it_is_changed(town):
    team, aino = town.spaces["koivu"], town.people["aino"].number
    town.db.write(remove, aino, team, town.now)
    card, early, late = make(town), town.change("aino", TITLE), town.change("aino", {"text": (None, "Nyt.")})
    for change in (card, early):
        assert deliver(town, change)[0].detail["reason"] == Refusal.GRANT_REVOKED
    town.db.write(grant, aino, Seat(team, "staff"), town.now)
    assert deliver(town, late)[0].code == Code.DONE
    assert (town.value("title"), town.value("text"), held(town)) == ("Uusi otsikko", "Nyt.", [])


def test_a_replayed_change_lands_and_leaves_the_quarantine(town):
    deliver(town, make(town))
    kind = KINDS.pop("comment")
    change = comment(town)
    assert deliver(town, change)[0].detail["reason"] == Refusal.UNKNOWN_KIND
    KINDS["comment"] = kind
    (row,) = held(town)
    assert town.db.write(replay, HeldForm(row.id), world(town)).verdict == "done"
    assert (town.value("text", COMMENT), held(town)) == ("Hyvä!", [])
    assert deliver(town, change)[0].code == Code.DONE


def test_replaying_a_maker_lands_what_waited_for_it(town):
    kind = KINDS.pop("idea")
    assert deliver(town, make(town))[0].code == Code.HELD
    KINDS["idea"] = kind
    deliver(town, comment(town))
    maker = next(row for row in held(town) if row.kind == "idea")
    town.db.write(replay, HeldForm(maker.id), world(town))
    assert town.value("text", COMMENT) == "Hyvä!"


def test_replaying_what_has_landed_meanwhile_changes_nothing(town):
    deliver(town, make(town))
    raw = encode(town.change("timo", {"same_here": (None, True)}))
    town.db.write(hold_all, [arrival(town.device("timo"), raw)], town.now)
    town.deliver([("timo", raw)])
    (row,) = held(town)
    assert town.db.write(replay, HeldForm(row.id), world(town)).verdict == "done"
    assert (town.value("same_here"), held(town)) == (1, [])


def test_what_cannot_be_judged_yet_stays_and_says_why_now(town):
    kind = KINDS.pop("comment")
    deliver(town, comment(town))
    KINDS["comment"] = kind
    (row,) = held(town)
    assert town.db.write(replay, HeldForm(row.id), world(town)).reason == Refusal.NO_CARD
    deliver(town, make(town))
    assert (town.value("text", COMMENT), held(town)) == ("Hyvä!", [])


def test_the_quarantine_shows_no_words(town):
    deliver(town, town.change("aino", {"title": (None, "Salainen otsikko")}))
    (row,) = held(town)
    assert (row.person, row.reason, row.kind) == (town.people["aino"].number, Refusal.NO_CARD, "idea")
    assert "Salainen" not in repr(row)

"""Moving a card: one transaction over both spaces, a stub stays, pending changes follow (docs/protocol.md)."""

import itertools

import msgspec
import pytest

from server.refusals import Refused
from server.store.frames import frames_after
from server.store.history import history_of
from server.store.moves import Move, move
from sync.protocol import Code, Frame, Refusal
from tests.changes import COMMENT, IDEA
from tests.town import SECRET

IDS = itertools.count(1)
TITLE = {"title": ("Lamppu käytävään", "Uusi otsikko")}


@pytest.fixture
def idea(town):
    town.idea(text="Ostetaan uusi lamppu.")
    town.send("timo", {"on": (None, IDEA), "text": (None, "Hyvä!")}, card=COMMENT, kind="comment")
    return town


def moved(town, name="aino", to="org", **how):
    card = (town.spaces[how.get("space", "koivu")], how.get("card", IDEA))
    asked = Move(town.people[name].number, card, town.spaces[to], town.now, SECRET)
    return town.db.write(move, asked, lambda: b"m" * 8 + next(IDS).to_bytes(8))


def test_a_moved_card_leaves_a_stub_and_nothing_else(idea):
    new = moved(idea)
    stub = idea.replica().cards[IDEA].fields
    assert stub == {"moved": [idea.spaces["org"], new]}
    assert idea.value("text", new, "org") == "Ostetaan uusi lamppu."


def test_comments_go_along(idea):
    new = moved(idea)
    comments = [c.fields for c in idea.replica("org").cards.values() if c.kind == "comment"]
    assert [(c["on"], c["text"]) for c in comments] == [(new, "Hyvä!")]
    assert set(idea.replica().cards[COMMENT].fields) == {"moved"}


def test_replicas_stay_equal_over_a_move(idea):
    old, wide = idea.replica(), idea.replica("org")
    moved(idea)
    idea.pull(old)
    idea.pull(wide)
    assert (old.board(), wide.board()) == (idea.replica().board(), idea.replica("org").board())


def test_marks_go_along_and_still_count_once(idea):
    idea.send("timo", {"same_here": (None, True)})
    new = moved(idea)
    idea.send("timo", {"same_here": (None, True)}, card=new, space="org")
    idea.send("timo", {"same_here": (None, True)})
    assert idea.value("same_here", new, "org") == 1


def test_a_pending_change_follows_the_stub(idea):
    new = moved(idea)
    assert idea.send("aino", TITLE).code == Code.DONE
    assert idea.value("title", new, "org") == "Uusi otsikko"


def test_a_pending_change_follows_however_often_the_card_moved(idea):
    once = moved(idea, to="north")
    twice = moved(idea, to="org", space="north", card=once)
    assert idea.send("aino", TITLE).code == Code.DONE
    assert idea.value("title", twice, "org") == "Uusi otsikko"
    assert set(idea.replica("north").cards[once].fields) == {"moved"}


def test_a_pending_comment_follows_the_card_that_it_is_about(idea):
    new = moved(idea)
    late = {"on": (None, IDEA), "text": (None, "Myöhässä!")}
    assert idea.send("jorma", late, card=b"l" * 16, kind="comment").code == Code.DONE
    comment = idea.replica("org").cards[b"l" * 16].fields
    assert (comment["on"], comment["text"]) == (new, "Myöhässä!")
    assert set(idea.replica().cards[b"l" * 16].fields) == {"moved"}


def test_a_pending_edit_of_a_comment_follows_it(idea):
    moved(idea)
    idea.send("timo", {"text": ("Hyvä!", "Erinomainen!")}, card=COMMENT, kind="comment")
    texts = [c.fields["text"] for c in idea.replica("org").cards.values() if c.kind == "comment"]
    assert texts == ["Erinomainen!"]


def test_a_pending_change_is_refused_when_its_author_may_not_write_there(idea):
    new = moved(idea, to="north")
    narrow = moved(idea, to="koivu", space="north", card=new)
    verdict = idea.send("outi", {"same_here": (None, True)}, card=new, space="north")
    assert (verdict.code, verdict.detail["reason"]) == (Code.REFUSED, Refusal.NO_GRANT)
    assert idea.value("same_here", narrow) is None


def test_a_change_that_followed_is_in_the_new_place_s_history(idea):
    new = moved(idea)
    idea.send("aino", TITLE)
    rows = idea.db.write(history_of, (idea.spaces["org"], new), idea.people["aino"].number)
    assert [sorted(row[4]) for row in rows] == [["title"]]


def test_the_name_of_the_author_is_known_in_the_new_place(idea):
    moved(idea)
    shown = [c.fields["name"] for c in idea.replica("org").cards.values() if c.kind == "person"]
    assert {"Aino", "Timo"} <= set(shown)


@pytest.mark.parametrize("name", ["timo", "agnes", "outi", "dora", "adele"])
def test_nobody_else_moves_a_card(idea, name):
    with pytest.raises(Refused):
        moved(idea, name)


def test_the_supervisor_moves_a_card_of_the_team(idea):
    assert idea.value("title", moved(idea, "jorma"), "org") == "Lamppu käytävään"


@pytest.mark.parametrize("to", ["koivu", "leppa", "south", "pihlaja", "own of aino", "own of timo"])
def test_a_card_moves_to_wider_spaces_and_back_to_its_team(idea, to):
    with pytest.raises(Refused):
        moved(idea, to=to)


def test_a_hidden_or_moved_card_does_not_move(idea):
    moved(idea)
    with pytest.raises(Refused):
        moved(idea)


def test_an_edit_of_a_new_comment_follows_it_to_where_its_card_has_moved(idea):
    new = moved(idea)
    own, said = b"n" * 16, {"on": (None, IDEA), "text": (None, "Entä jos")}
    edit = {"text": ("Entä jos", "Entä jos kaksi?")}
    early = idea.send("timo", edit, card=own, kind="comment")
    codes = [idea.send("timo", sets, card=own, kind="comment").code for sets in (said, edit)]
    (shown,) = [c.fields for i, c in idea.replica("org").cards.items() if i == own]
    assert (early.code, codes) == (Code.HELD, [Code.DONE, Code.DONE])
    assert (shown["on"], shown["text"]) == (new, "Entä jos kaksi?")
    assert idea.replica().cards[own].fields == {"moved": [idea.spaces["org"], own]}


def test_a_change_that_follows_a_card_gets_a_seq_that_no_earlier_backup_holds(idea):
    """A device lets a change go once a backup holds its seq in the space that it was written for."""
    moved(idea)
    heads = idea.db.write(frames_after, {idea.spaces["koivu"]: 0})
    head = msgspec.msgpack.decode(heads[0][idea.spaces["koivu"]], type=Frame).upto
    assert idea.send("aino", TITLE).seq > head
    assert (
        idea.send("timo", {"on": (None, IDEA), "text": (None, "Hei")}, card=b"n" * 16, kind="comment").seq
        > head + 1
    )


@pytest.mark.parametrize("by", ["jorma", "aino"])
def test_a_task_stays_where_people_have_shown_their_answers(town, by):
    values = {"team": town.spaces["koivu"], "title": "Raportti", "prompt": "Kokeile.", "relay": True}
    task, shown = b"T" * 16, b"s" * 16
    town.send("jorma", {n: (None, v) for n, v in values.items()}, kind="task", card=task)
    answer = {"on": (None, task), "text": (None, "Vain meille")}
    assert town.send("aino", answer, kind="task_share", card=shown).code == Code.DONE
    with pytest.raises(Refused, match="not_allowed"):
        moved(town, by, card=task)
    assert town.value("text", shown) == "Vain meille"


def test_observations_move_as_ideas_do(town):
    sets = {"team": (None, town.spaces["koivu"]), "text": (None, "Asukas nauroi")}
    town.send("aino", sets, kind="observation", card=b"o" * 16)
    assert town.value("text", moved(town, card=b"o" * 16), "org") == "Asukas nauroi"

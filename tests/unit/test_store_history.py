"""A card's history: what landed, merged, forked or came too late, for those who may read the card."""

from server.commands import HeldForm, list_held, replay
from server.store.history import history_of
from server.store.moves import Move, move
from server.world import World
from sync.cards import KINDS
from sync.protocol import Code
from tests.changes import IDEA
from tests.town import SECRET

TITLE = "Lamppu käytävään"


def history(town, name="aino", space="koivu"):
    return town.db.write(history_of, (town.spaces[space], IDEA), town.people[name].number)


def sets(rows):
    return [sorted(row[4]) for row in rows]


def test_history_tells_who_wrote_what_and_when(town):
    town.idea()
    town.now += 5
    town.send("aino", {"title": (TITLE, "Uusi")}, at=town.now - 2)
    last = history(town, "timo")[-1]
    aino, seq = town.people["aino"].number, town.replica().cursor
    assert last == [seq, aino, town.now - 2, town.now, {"title": [TITLE, "Uusi"]}, Code.DONE]


def test_history_is_oldest_first_and_of_one_card(town):
    town.idea()
    for k in range(4):
        town.send("aino", {"title": (None, f"Otsikko {k}")}, at=town.now + k + 1)
    assert sets(history(town)) == [["team", "title"], *[["title"]] * 4]
    seqs = [row[0] for row in history(town)]
    assert seqs == sorted(seqs)


def test_history_keeps_what_came_too_late(town):
    town.idea()
    town.send("jorma", {"stage": (None, "trying")})
    town.send("jorma", {"stage": (None, "in_use")}, at=0)
    assert [(row[4]["stage"][1], row[5]) for row in history(town)[1:]] == [
        ("trying", 0),
        ("in_use", Code.STALE),
    ]


def test_history_has_no_marks_and_nothing_refused_or_held(town):
    town.idea()
    town.send("timo", {"same_here": (None, True)})
    town.send("timo", {"title": (None, "Ei saa")})
    town.send("aino", {"dots": (None, 3)})
    town.send("aino", {"same_here": (None, True), "lang": (None, "fi")})
    assert sets(history(town)) == [["team", "title"], ["lang"]]


def test_what_was_held_joins_history_where_it_landed(town):
    town.idea()
    kind = KINDS.pop("idea")
    town.send("aino", {"lang": (None, "sv")})
    KINDS["idea"] = kind
    town.send("aino", {"title": (TITLE, "Uusi")})
    world = World(town.now, lambda n: b"x" * n, "", SECRET)
    (row,) = town.db.write(list_held, HeldForm(), world)
    town.db.write(replay, HeldForm(row.id), world)
    assert sets(history(town)) == [["team", "title"], ["title"], ["lang"]]


def test_nobody_reads_the_history_of_a_space_without_a_grant(town):
    town.idea()
    assert history(town, "sari") is None
    assert history(town, "adele") is None


def test_the_history_of_a_hidden_card_is_for_its_author_and_reviewers(town):
    town.idea()
    town.send("jorma", {"gone": (None, ["client_data", "Nimi"])})
    for name in ("aino", "jorma", "agnes"):
        assert sets(history(town, name)) == [["team", "title"], ["gone"]]
    assert history(town, "timo") is None


def test_the_history_of_a_card_that_has_moved_is_for_nobody(town):
    town.idea()
    asked = Move(
        town.people["aino"].number, (town.spaces["koivu"], IDEA), town.spaces["org"], town.now, SECRET
    )
    town.db.write(move, asked, lambda: b"m" * 16)
    for name in ("aino", "timo", "jorma"):
        assert history(town, name) is None


def test_a_card_that_does_not_exist_has_no_history(town):
    assert history(town) is None

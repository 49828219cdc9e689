"""The author of a hidden card sees why, and may ask an agent to look (H6)."""

import pytest

from server import people, reviews
from server.refusals import Refused
from server.store import audit
from tests.changes import IDEA


@pytest.fixture
def hidden(town):
    town.idea("aino")
    town.send("jorma", {"gone": (None, ["other", "Kysytään ensin"])}, base=town.replica().cursor)
    assert town.value("gone") == ["other", "Kysytään ensin"]
    return town


def ask(town, name, card=IDEA):
    key = (town.spaces["koivu"], card)
    town.db.write(reviews.ask, town.device(name), key, town.now)


def told(town, name):
    rows = town.db.write(audit.notices, town.people[name].number)
    return [row.detail for row in rows if row.what == "review_asked"]


def test_h6_the_agents_of_the_team_are_asked_once(hidden):
    for _ in range(2):
        ask(hidden, "aino")
    wanted = {"space": hidden.spaces["koivu"], "card": IDEA.hex(), "by": hidden.people["aino"].number}
    assert told(hidden, "agnes") == [wanted]
    for name in hidden.people:
        if name != "agnes":
            assert told(hidden, name) == []


def test_h6_where_a_team_has_no_agent_the_development_leads_are_asked(town):
    town.idea("outi", space="leppa", team=town.spaces["leppa"])
    lead = {"gone": (None, ["other", "Kysytään ensin"])}
    seat = people.Seat(town.spaces["leppa"], "supervisor")
    town.db.write(people.grant, town.people["jorma"].number, seat, town.now)
    town.send("jorma", lead, space="leppa", base=town.replica("leppa").cursor)
    key = (town.spaces["leppa"], IDEA)
    town.db.write(reviews.ask, town.device("outi"), key, town.now)
    assert len(told(town, "dora")) == 1
    assert told(town, "agnes") == []


@pytest.mark.parametrize("name", ["timo", "jorma", "outi"])
def test_h6_nobody_but_the_author_asks(hidden, name):
    with pytest.raises(Refused) as refusal:
        ask(hidden, name)
    assert refusal.value.code == "not_found"


def test_h6_there_is_nothing_to_ask_about_a_card_that_is_there_or_was_withdrawn(town):
    town.idea("aino")
    with pytest.raises(Refused):
        ask(town, "aino")
    town.send("aino", {"gone": (None, ["withdrawn", ""])}, base=town.replica().cursor)
    with pytest.raises(Refused):
        ask(town, "aino")
    with pytest.raises(Refused):
        ask(town, "aino", b"x" * 16)

"""Tasks that are due are told of in the morning, once a day, to those whose mark isn't there."""

from zoneinfo import ZoneInfo

import pytest

from server import people
from server.courier import Outcome
from server.quiet import Quiet, write_quiet
from server.reminders import remind
from server.store import subscriptions
from server.tables import subscription
from server.waking import choose, settle
from sync.protocol import Code
from tests.changes import DAY, HOUR, NOW
from tests.town import SECRET
from tests.unit.test_waking import subscribe

HELSINKI = ZoneInfo("Europe/Helsinki")  # NOW is midnight of 1.1.2026 in UTC
TASK, OTHER = b"t" * 16, b"u" * 16
MORNING = NOW + 6 * HOUR


@pytest.fixture
def team(town):
    """Three of a team who wish to be woken, in the morning."""
    for name in ("aino", "timo", "jorma", "outi"):
        subscribe(town, name)
    town.now = MORNING
    return town


def task(town, due, card=TASK, **fields):
    values = {"team": town.spaces["koivu"], "title": "Raportti", "prompt": "Kokeile", "due": due, **fields}
    return town.send("jorma", {n: (None, v) for n, v in values.items()}, kind="task", card=card)


def baton(town, by, was, now):
    assert town.send(by, {"baton": (was, now)}, kind="task", card=TASK).code == Code.DONE


def wishes(town, name, quiet):
    town.db.write(subscriptions.choose_push, town.people[name].number, write_quiet(quiet), town.now)


def reminded(town):
    """Who is woken now, and with which card."""
    town.db.write(remind, town.now, HELSINKI, SECRET)
    errands = town.db.write(choose, town.now, HELSINKI)
    town.db.write(settle, [(one, Outcome("sent", 201)) for one in errands], town.now)
    return {one.to.endpoint.split("/")[3]: one.place for one in errands}


@pytest.mark.parametrize(
    ("due", "is_told"), [("2026-01-01", True), ("2026-01-02", True), ("2026-01-03", False)]
)
def test_a13_on_the_day_and_the_day_before_the_team_is_reminded(team, due, is_told):
    task(team, due)
    place = team.spaces["koivu"], TASK
    expected = dict.fromkeys(("aino", "timo", "jorma"), place) if is_told else {}
    assert reminded(team) == expected
    team.now += HOUR
    assert reminded(team) == {}


def test_a13_h9_whose_mark_says_done_is_left_in_peace(team):
    task(team, "2026-01-02")
    team.send("aino", {"done": (None, True)}, kind="task", card=TASK)
    team.send("timo", {"done": (None, True)}, kind="task", card=TASK)
    team.send("timo", {"done": (True, None)}, kind="task", card=TASK)
    assert set(reminded(team)) == {"timo", "jorma"}


def test_a13_f5_of_a_relay_only_who_has_the_baton_or_for_whom_it_waits_is_reminded(team):
    aino, timo = (str(team.people[name].number) for name in ("aino", "timo"))
    task(team, "2026-01-02", relay=True)
    held, passed = [1, "held", aino, None], [2, "waiting", timo, b"l" * 16]
    baton(team, "aino", None, held)
    assert set(reminded(team)) == {"aino"}
    baton(team, "aino", held, passed)
    team.now += DAY
    assert set(reminded(team)) == {"timo"}


def test_a13_of_a_relay_that_waits_for_anybody_the_team_is_reminded(team):
    held = [1, "held", str(team.people["aino"].number), None]
    task(team, "2026-01-02", relay=True)
    baton(team, "aino", None, held)
    baton(team, "aino", held, [2, "waiting", None, b"l" * 16])
    assert set(reminded(team)) == {"aino", "timo", "jorma"}


def test_a13_f5_after_who_has_the_baton_has_left_the_rest_of_the_team_is_reminded(team):
    task(team, "2026-01-02", relay=True)
    baton(team, "aino", None, [1, "held", str(team.people["aino"].number), None])
    team.db.write(people.remove, team.people["aino"].number, team.spaces["koivu"], team.now)
    assert set(reminded(team)) == {"timo", "jorma"}


def test_a13_of_two_tasks_none_is_named_and_the_next_morning_comes_the_next(team):
    task(team, "2026-01-02")
    task(team, "2026-01-02", OTHER)
    assert set(reminded(team).values()) == {(subscriptions.SEVERAL, None)}
    team.now += DAY
    assert set(reminded(team)) == {"aino", "timo", "jorma"}
    team.now += DAY
    assert reminded(team) == {}


@pytest.mark.parametrize("is_relay", [False, True])
def test_a13_what_is_over_is_told_of_to_nobody(team, is_relay):
    task(team, "2026-01-01", **({"relay": True} if is_relay else {"stage": "closed"}))
    if is_relay:
        held = [1, "held", str(team.people["aino"].number), None]
        baton(team, "aino", None, held)
        baton(team, "aino", held, [1, "finished", None, None])
    assert reminded(team) == {}


def test_a13_nobody_is_reminded_before_seven_nor_in_quiet_hours_nor_who_wishes_not_to_be(team):
    task(team, "2026-01-01")
    wishes(team, "aino", Quiet(start=0, end=0, silent=["task"]))
    wishes(team, "timo", Quiet(start=18 * 60, end=9 * 60))
    team.now = NOW + 4 * HOUR  # six o'clock in Helsinki
    assert reminded(team) == {}
    team.now += HOUR
    assert set(reminded(team)) == {"jorma"}
    team.now += 2 * HOUR
    assert set(reminded(team)) == {"timo"}


def test_a13_a_reminder_has_no_words(team):
    task(team, "2026-01-01", title="Salainen otsikko")
    team.db.write(remind, team.now, HELSINKI, SECRET)
    rows = team.db.write(lambda txn: txn.connection.execute(subscription.select()).all())
    assert rows
    assert "Salainen" not in str(rows)

"""A task for one person: who may give it, who ever learns of it, and the wake-up of a morning."""

from zoneinfo import ZoneInfo

import pytest

from server import people
from server.export import collect
from server.reminders import remind
from server.store.frames import frames_for
from server.store.history import history_of
from sync.protocol import Code, Refusal
from tests.changes import HOUR
from tests.town import SECRET, Town
from tests.unit.test_posting import OTHERS, all_that_reaches
from tests.unit.test_waking import subscribe

TASK, COPY, ANSWER = b"t" * 16, b"c" * 16, b"a" * 16
TITLE = "Kirjoita kolme kohtaamista"
PLACE = "own of aino"


def give(town: Town, by: str = "jorma", space: str = PLACE, card: bytes = TASK, **fields: object):
    """A task, for Aino alone where no other place is named."""
    values = {"team": town.spaces[space], "title": TITLE, "prompt": "Yksi vuorossa.", **fields}
    return town.send(by, {n: (None, v) for n, v in values.items()}, kind="task", card=card, space=space)


def tick(town: Town) -> None:
    """Aino ticks the first step and marks the task done."""
    sets = {"on": TASK, "of": town.spaces[PLACE], "done": True, "ticks/25": True}
    made = {n: (None, v) for n, v in sets.items()}
    assert town.send("aino", made, kind="task_answer", card=ANSWER, space=PLACE).code == Code.DONE
    assert town.send("aino", {"done": (None, True)}, kind="task", card=TASK, space=PLACE).code == Code.DONE


def reason(verdict) -> object:
    return (verdict.detail or {}).get("reason")


@pytest.mark.parametrize("giver", ["jorma", "agnes", "dora"])
def test_c6_who_may_give_the_team_a_task_gives_one_to_a_member(town, giver):
    assert give(town, giver).code == Code.DONE
    assert town.value("title", TASK, PLACE) == TITLE


@pytest.mark.parametrize("other", ["timo", "sari", "outi", "manu", "rauni", "adele"])
def test_c6_nobody_else_gives_one_whatever_team_they_name(town, other):
    for team in ("koivu", "pihlaja", PLACE):
        assert reason(give(town, other, team=town.spaces[team])) == Refusal.NOT_YOURS


def test_c6_who_leads_another_team_gives_none_by_naming_it(town):
    seat = people.Seat(town.spaces["pihlaja"], "supervisor")
    town.db.write(people.grant, town.people["sari"].number, seat, town.now)
    assert reason(give(town, "sari", team=town.spaces["pihlaja"])) == Refusal.NOT_YOURS


def test_h9_nobody_but_the_receiver_reads_a_task_for_one_or_how_far_it_is(town):
    give(town, **{"steps/25": "Ensimmäinen"})
    tick(town)
    assert town.value("done", TASK, PLACE) == 1
    assert TITLE.encode() in all_that_reaches(town, "aino")
    for name in ("timo", *OTHERS):
        number = town.people[name].number
        assert TITLE.encode() not in all_that_reaches(town, name), name
        for card in (TASK, ANSWER):
            assert town.db.write(history_of, (town.spaces[PLACE], card), number) is None
        assert TITLE not in str(town.db.write(collect, town.device(name), town.now))
        assert town.db.write(frames_for, number, {town.spaces[PLACE]: 0})[:2] == ({}, [])


def test_h9_the_giver_keeps_a_copy_that_says_nothing_of_progress(town):
    give(town)
    to = str(town.people["aino"].number)
    assert give(town, space="own of jorma", card=COPY, to=to).code == Code.DONE
    before = all_that_reaches(town, "jorma")

    tick(town)

    assert all_that_reaches(town, "jorma") == before
    assert all_that_reaches(town, "timo").count(TITLE.encode()) == 0


@pytest.mark.parametrize("who", ["jorma", "agnes", "timo"])
@pytest.mark.parametrize(
    "sets", [{"title": (TITLE, "Muu")}, {"done": (None, True)}, {"gone": (None, ["withdrawn", ""])}]
)
def test_h1_nobody_writes_to_it_afterwards_but_the_receiver(town, who, sets):
    give(town)
    verdict = town.send(who, sets, kind="task", card=TASK, space=PLACE)
    assert (verdict.code, reason(verdict)) == (Code.REFUSED, Refusal.NO_GRANT)


def test_the_receiver_puts_it_away_and_does_not_reword_it(town):
    give(town)
    how = {"kind": "task", "card": TASK, "space": PLACE, "base": 99}
    assert reason(town.send("aino", {"title": (TITLE, "Ei mitään")}, **how)) == Refusal.NOT_YOURS
    assert town.send("aino", {"gone": (None, ["withdrawn", ""])}, **how).code == Code.DONE


def test_a13_nobody_gives_a_task_that_looks_like_a_givers_copy(town):
    verdict = give(town, due="2026-01-02", to=str(town.people["aino"].number))
    assert (verdict.detail or {})["field"] == "to"
    assert reason(verdict) == Refusal.NOT_YOURS


def test_f5_a_task_for_one_is_no_relay(town):
    assert reason(give(town, relay=True)) == Refusal.NOT_YOURS


def test_what_a_team_s_former_agent_writes_to_its_task_waits_as_before(town):
    give(town, space="koivu")
    town.db.write(people.remove, town.people["agnes"].number, town.spaces["koivu"], town.now)
    verdict = town.send("agnes", {"title": (TITLE, "Muu")}, kind="task", card=TASK)
    assert (verdict.code, reason(verdict)) == (Code.HELD, Refusal.GRANT_REVOKED)


def test_a13_the_receiver_alone_is_woken_until_it_is_done(town):
    for name in ("aino", "timo", "jorma"):
        subscribe(town, name)
    give(town, due="2026-01-02", team=town.spaces["koivu"])
    give(town, space="own of jorma", card=COPY, due="2026-01-02", to="1")
    zone, morning = ZoneInfo("Europe/Helsinki"), town.now + 6 * HOUR
    assert town.db.write(remind, morning, zone, SECRET) == 1
    tick(town)
    assert town.db.write(remind, morning + 24 * HOUR, zone, SECRET) == 0


@pytest.mark.parametrize("who", ["jorma", "agnes"])
def test_c6_who_may_give_may_change_a_team_s_task_and_take_it_away(town, who):
    give(town, space="koivu", **{"steps/25": "Sovi", "steps/50": "Kysy"})
    how = {"kind": "task", "card": TASK, "base": 99}
    now = {"title": (TITLE, "Kaksi kohtaamista"), "why": (None, "Opitaan"), "due": (None, "2026-02-01")}
    steps = {"steps/25": ("Sovi", None), "steps/75": (None, "Kerro")}
    assert town.send(who, now | steps, **how).code == Code.DONE
    assert town.value("steps/50", TASK) == "Kysy"
    gone = ["withdrawn", ""] if who == "jorma" else ["duplicate", ""]
    assert town.send(who, {"gone": (None, gone)}, **how).code == Code.DONE
    assert town.send("timo", {"title": ("Kaksi kohtaamista", "Ei")}, **how).code == Code.REFUSED

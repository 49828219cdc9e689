"""A server clock that was behind when grace times began takes none of them away once it is right again."""

import pytest
from msgspec import msgpack
from sqlalchemy import select

from server import leaving
from server.leaving import Wish
from server.store import late, trust
from server.store.purge import purge
from server.store.retention import Batch
from server.store.spaces import set_meta
from server.tables import card, change, person, quarantine
from server.world import World
from sync.protocol import Code
from tests.changes import COMMENT, DAY, HOUR, IDEA
from tests.town import SECRET, Town
from tests.unit.test_late import come_sealed, idea, leave
from tests.unit.test_retention import drain, hide, rows

YEAR = 365 * DAY


@pytest.fixture
def trusting(town: Town) -> Town:
    """A town with an idea and a comment, whose retention had a round today."""
    town.idea(text="Salainen sana")
    town.send("timo", {"on": (None, IDEA), "text": (None, "Hyvä!")}, card=COMMENT, kind="comment")
    tidy(town)
    return town


def tidy(town: Town) -> None:
    """A round if one is due, by the time that retention trusts."""
    trusted = town.db.write(trust.claim, town.now)
    if trusted is not None:
        drain(town, _purge, town.spaces["koivu"], trusted)
        drain(town, late.drop_late, trusted)
        drain(town, leaving.erase_due, trusted)


def _purge(txn: object, where: int, now: int, pace: object) -> Batch:
    return purge(txn, where, now, pace, SECRET)


def days(town: Town, count: int) -> None:
    for _ in range(count):
        town.now += DAY
        tidy(town)


def words(town: Town) -> int:
    """How many changes have their words in the log."""
    return rows(town, change, change.c.body.is_not(None))


@pytest.mark.parametrize("has_round", [False, True], ids=["without a round", "with a round"])
def test_a_card_hidden_while_the_clock_was_a_year_back_stays_its_thirty_days(trusting, has_round) -> None:
    trusting.now -= YEAR
    if has_round:
        tidy(trusting)
    assert hide(trusting) == Code.DONE
    trusting.now += YEAR
    days(trusting, 1)
    before = words(trusting)
    assert before == 3
    days(trusting, 25)
    assert words(trusting) == before
    days(trusting, 6)
    assert words(trusting) == 0
    assert rows(trusting, card, card.c.id == IDEA, card.c.kind == "") == 1


def test_late_words_that_came_while_the_clock_was_a_year_back_wait_their_ninety_days(trusting) -> None:
    trusting.now -= YEAR
    leave(trusting, "aino")
    come_sealed(trusting, "aino", idea(trusting, card=b"o" * 16))
    trusting.now += YEAR
    days(trusting, 89)
    assert rows(trusting, quarantine) == 1
    days(trusting, 3)
    assert rows(trusting, quarantine) == 0


def test_an_account_that_was_to_go_while_the_clock_was_a_year_back_has_its_thirty_days(trusting) -> None:
    trusting.now -= YEAR
    world = World(trusting.now, bytes, "", SECRET)
    trusting.db.write(leaving.ask_erasure, trusting.device("aino"), Wish([]), world)
    trusting.now += YEAR
    days(trusting, 29)
    query = select(person.c.name).where(person.c.id == trusting.people["aino"].number)
    assert trusting.db.write(lambda txn: txn.connection.execute(query).scalar_one()) == "Aino"
    days(trusting, 2)
    assert trusting.db.write(lambda txn: txn.connection.execute(query).scalar_one()) == ""


def test_a_clock_that_is_right_again_is_believed_again(trusting) -> None:
    today = trusting.now
    assert trusting.db.write(trust.claim, today - YEAR) == today - YEAR
    assert trusting.db.write(trust.claim, today + DAY) == today - 2 * DAY
    assert trusting.db.write(trust.claim, today + 2 * DAY) == today
    assert trusting.db.write(trust.claim, today + 3 * DAY) == today + 2 * DAY
    assert trusting.db.write(trust.claim, today + 4 * DAY) == today + 4 * DAY


def test_two_clocks_a_year_apart_move_trust_by_two_days_however_often_they_take_turns(trusting) -> None:
    for _ in range(50):
        assert trusting.db.write(trust.claim, trusting.now + YEAR) == trusting.now + 2 * DAY
        assert trusting.db.write(trust.claim, trusting.now) == trusting.now


def test_a_leap_ahead_that_lasted_is_forgotten_by_two_days_a_round(trusting) -> None:
    for day in range(1, 20):
        trusting.db.write(trust.claim, trusting.now + YEAR + day * DAY)
    trusting.now += 20 * DAY
    days(trusting, 20)
    assert trusting.db.write(trust.counts_from, trusting.now) == trusting.now


def test_the_time_from_which_days_count_tells_no_moment_of_a_round(town) -> None:
    midnight = town.now // DAY * DAY
    town.db.write(trust.claim, midnight + 8 * HOUR)
    assert town.db.write(trust.counts_from, midnight) == midnight
    assert town.db.write(trust.counts_from, midnight + 9 * HOUR) == midnight + 9 * HOUR
    assert town.db.write(trust.counts_from, midnight - YEAR) == midnight


def test_what_older_versions_noted_of_rounds_is_understood(town) -> None:
    town.db.write(set_meta, trust.KEY, msgpack.encode((town.now, town.now - DAY)))
    assert town.db.write(trust.counts_from, town.now - YEAR) == (town.now - DAY) // DAY * DAY
    assert town.db.write(trust.claim, town.now + DAY) == town.now + DAY

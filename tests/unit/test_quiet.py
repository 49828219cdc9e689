"""When somebody may be told: by the clock on the wall, also in the nights when it is changed (D-85)."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.quiet import DAY_MINUTES, Quiet, earliest, is_quiet, read_quiet, write_quiet

HELSINKI = ZoneInfo("Europe/Helsinki")
WEEKEND = [5, 6]
WEEK_MS = 7 * 86_400_000
QUIETS = st.builds(
    Quiet,
    st.integers(0, DAY_MINUTES - 1),
    st.integers(0, DAY_MINUTES - 1),
    st.lists(st.integers(0, 6), max_size=6, unique=True),
)
AROUND_2026 = st.integers(ms := 1_767_225_600_000, ms + 366 * 86_400_000)


def at(text: str, fold: int = 0) -> int:
    """A moment by the clock in Helsinki, in milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=HELSINKI, fold=fold).timestamp() * 1000)


def told(quiet: Quiet, moment: int) -> str | None:
    """What the clock shows when the person may be told."""
    found = earliest(quiet, moment, HELSINKI)
    return None if found is None else datetime.fromtimestamp(found / 1000, HELSINKI).isoformat()


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-18T12:00", "2026-11-18T12:00:00+02:00"),
        ("2026-11-18T17:59", "2026-11-18T17:59:00+02:00"),
        ("2026-11-18T18:00", "2026-11-19T07:00:00+02:00"),
        ("2026-11-19T03:30", "2026-11-19T07:00:00+02:00"),
        ("2026-11-19T06:59", "2026-11-19T07:00:00+02:00"),
        ("2026-03-28T20:00", "2026-03-29T07:00:00+03:00"),  # 10 hours: the clocks go forward
        ("2026-10-24T20:00", "2026-10-25T07:00:00+02:00"),  # 12 hours: they go back
    ],
)
def test_d85_quiet_hours_end_at_seven_whatever_the_clocks_do(now, then):
    assert told(Quiet(), at(now)) == then


@pytest.mark.parametrize(
    ("now", "fold", "then"),
    [
        ("2026-10-25T03:10", 0, "2026-10-25T03:30:00+03:00"),
        ("2026-10-25T03:40", 0, "2026-10-25T03:40:00+03:00"),
        ("2026-10-25T03:10", 1, "2026-10-25T03:30:00+02:00"),  # the hour comes a second time
        ("2026-03-29T02:50", 0, "2026-03-29T04:30:00+03:00"),  # and here it doesn't come at all
    ],
)
def test_d85_an_end_in_the_hour_that_comes_twice_or_never(now, fold, then):
    assert told(Quiet(start=18 * 60, end=3 * 60 + 30), at(now, fold)) == then


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-03-27T12:00", "2026-03-27T12:00:00+02:00"),
        ("2026-03-27T19:00", "2026-03-30T07:00:00+03:00"),
        ("2026-03-28T12:00", "2026-03-30T07:00:00+03:00"),
        ("2026-10-24T12:00", "2026-10-26T07:00:00+02:00"),
        ("2026-10-25T23:59", "2026-10-26T07:00:00+02:00"),
    ],
)
def test_d85_days_off_are_whole_days_across_the_changes_of_clocks(now, then):
    assert told(Quiet(days=WEEKEND), at(now)) == then


def test_d85_who_is_away_or_off_all_week_is_not_told_at_all():
    assert told(Quiet(away=True), at("2026-11-18T12:00")) is None
    assert told(Quiet(days=[0, 1, 2, 3, 4, 5, 6]), at("2026-11-18T12:00")) is None


def test_d85_hours_that_begin_as_they_end_are_none():
    assert told(Quiet(start=0, end=0), at("2026-11-18T03:00")) == "2026-11-18T03:00:00+02:00"


@given(QUIETS, AROUND_2026)
def test_d85_nobody_is_ever_told_in_their_quiet_time_nor_long_after_it(quiet, now):
    found = earliest(quiet, now, HELSINKI)
    assert found is not None
    assert now <= found <= now + WEEK_MS + 86_400_000
    local = datetime.fromtimestamp(found / 1000, HELSINKI)
    assert local.weekday() not in quiet.days
    assert not is_quiet(quiet, local.hour * 60 + local.minute)
    if found > now:  # and a minute earlier it was quiet still
        before = datetime.fromtimestamp(found / 1000 - 60, HELSINKI)
        assert before.weekday() in quiet.days or is_quiet(quiet, before.hour * 60 + before.minute)


def test_d85_the_usual_hours_are_those_of_somebody_who_has_chosen_none():
    assert read_quiet(None) == Quiet(start=18 * 60, end=7 * 60, days=[], away=False, silent=[])
    chosen = Quiet(start=60, days=[2], silent=["grows"])
    assert read_quiet(write_quiet(chosen)) == chosen

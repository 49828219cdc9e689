"""When a person may be told that there is something new: quiet hours and days off, by the clock on the wall."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

DAY_MINUTES = 24 * 60
MOST_STEPS = 20  # more than a week of days off and quiet hours in turn

Minute = Annotated[int, Meta(ge=0, lt=DAY_MINUTES)]  # since midnight
Weekday = Annotated[int, Meta(ge=0, le=6)]  # Monday is 0
News = Literal["answer", "comment", "waiting", "grows", "task"]


class Quiet(Struct, frozen=True):
    """What a person has chosen; `silent` names the news that they are not told of."""

    start: Minute = 18 * 60
    end: Minute = 7 * 60
    days: Annotated[list[Weekday], Meta(max_length=7)] = []
    away: bool = False
    silent: Annotated[list[News], Meta(max_length=5)] = []


def read_quiet(stored: bytes | None) -> Quiet:
    """What is stored of a person; the usual hours where that is nothing."""
    return Quiet() if stored is None else msgspec.msgpack.decode(stored, type=Quiet)


def write_quiet(chosen: Quiet) -> bytes:
    """As it is stored."""
    return msgspec.msgpack.encode(chosen)


def earliest(quiet: Quiet, now: int, zone: ZoneInfo) -> int | None:
    """The first moment from `now` on at which the person may be told; nothing while they are away for good.

    >>> quiet, helsinki = Quiet(), ZoneInfo("Europe/Helsinki")
    >>> at = datetime(2026, 3, 28, 20, 15, tzinfo=helsinki)  # the clocks go forward in this night
    >>> (earliest(quiet, _ms(at), helsinki) - _ms(at)) / 3_600_000
    9.75
    """
    for _ in range(MOST_STEPS):
        if quiet.away:
            return None
        local = datetime.fromtimestamp(now / 1000, zone)
        if local.weekday() in quiet.days:
            now = _ms(_at(local.date() + timedelta(days=1), 0, zone))
        elif is_quiet(quiet, local.hour * 60 + local.minute):
            now = _next(now, quiet.end, zone)
        else:
            return now
    return None


def is_quiet(quiet: Quiet, minute: int) -> bool:
    """Whether a minute of the day is in the quiet hours, which may go on over midnight.

    >>> is_quiet(Quiet(), 18 * 60), is_quiet(Quiet(), 7 * 60), is_quiet(Quiet(start=60, end=60), 60)
    (True, False, False)
    """
    if quiet.start <= quiet.end:
        return quiet.start <= minute < quiet.end
    return minute >= quiet.start or minute < quiet.end


def _next(now: int, minute: int, zone: ZoneInfo) -> int:
    """When a clock on the wall shows this minute next; a minute that comes twice counts twice."""
    today = datetime.fromtimestamp(now / 1000, zone).date()
    moments = [
        _ms(_at(today + timedelta(days=days), minute, zone).replace(fold=fold))
        for days in (0, 1)
        for fold in (0, 1)
    ]
    return next(moment for moment in moments if moment > now)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), tzinfo=zone)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

"""Reminds of tasks once a morning: the day before they are due, and on the day.

Who has done one is known by the keyed mark alone, which says so for the sum of the team. The message has no words.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.db import Transaction
from server.quiet import read_quiet
from server.store import reminders, subscriptions
from server.store.spaces import meta_of, set_meta
from server.store.subscriptions import SEVERAL, Place
from server.store.turns import take_pushes
from server.store.writers import mark_key

MORNING = 7  # o'clock; whose quiet hours last longer is told when they end
KEY = "reminded"  # the last day on which it was done


def remind(txn: Transaction, now: int, zone: ZoneInfo, secret: bytes) -> int:
    """Let today's and tomorrow's tasks wait for those who haven't done them; gives for how many persons."""
    today = morning(now, zone)
    if today is None or not take_pushes(txn) or (meta_of(txn, KEY) or b"") >= today.isoformat().encode():
        return 0
    set_meta(txn, KEY, today.isoformat().encode())
    days = {(today + timedelta(days=ahead)).isoformat() for ahead in (0, 1)}
    told = _told(txn, days, secret)
    if told:
        subscriptions.note_news(txn, told, now)
    return len(told)


def morning(now: int, zone: ZoneInfo) -> date | None:
    """The day whose morning has come; nothing before seven o'clock.

    >>> morning(1_767_225_600_000, ZoneInfo("UTC")), morning(1_767_250_800_000, ZoneInfo("UTC"))
    (None, datetime.date(2026, 1, 1))
    """
    local = datetime.fromtimestamp(now / 1000, zone)
    return None if local.hour < MORNING else local.date()


def _told(txn: Transaction, days: set[str], secret: bytes) -> dict[int, Place]:
    told: dict[int, Place] = {}
    for task in list(reminders.due_tasks(txn, days)):
        done, turn = reminders.marks_of(txn, task), reminders.turn_of(txn, task)
        for doer in reminders.doers(txn, task.space):
            if turn not in (None, doer.person) or "task" in read_quiet(doer.push).silent:
                continue
            if mark_key(secret, doer.person) in done:
                continue
            place = task.space, task.card
            told[doer.person] = (SEVERAL, None) if told.get(doer.person, place) != place else place
    return told

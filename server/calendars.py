"""A person's own tasks as a calendar (iCalendar, RFC 5545) at a secret address that is theirs to renew and to end.

Whoever has the address reads it without signing in, so that it shows titles and days and nothing else: no text, no
answer, nobody's name, no place. The installation keeps the hash of the address alone.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from urllib.parse import urlsplit

from msgspec import Struct

from server.db import Transaction
from server.people import code_of, hash_of
from server.store import feeds
from server.store.feeds import DueTask
from server.store.people import DAY_MS, Device
from server.store.writers import mark_key
from server.t import t
from server.world import World

TOKEN_BYTES = 32
PATH = "kalenteri"
AGAIN = "PT6H"


class Address(Struct, frozen=True):
    """Where the calendar is from now on; told once."""

    url: str


class Feed(Struct, frozen=True):
    """Since which day there is an address (days since 1970); nothing where there is none."""

    made_on: int | None


class Page(Struct, frozen=True):
    """The calendar as it is sent, and what tells it from another."""

    body: bytes
    etag: str


def renew(txn: Transaction, device: Device, world: World) -> Address:
    """Give a person's calendar a new address; the one before ends."""
    token = code_of(world.draw(TOKEN_BYTES))
    feeds.keep_feed(txn, device.person, hash_of(token), world.now // DAY_MS)
    return Address(f"{world.url}/{PATH}/{token}.ics")


def end(txn: Transaction, device: Device) -> None:
    """Let nobody read it any more."""
    feeds.end_feed(txn, device.person)


def show(txn: Transaction, device: Device) -> Feed:
    """Whether there is an address."""
    return Feed(feeds.feed_made_on(txn, device.person))


def read(txn: Transaction, token: str, world: World) -> Page | None:
    """The calendar at an address; nothing where it is nobody's."""
    reader = feeds.reader_of(txn, hash_of(token))
    if reader is None:
        return None
    tasks = feeds.due_tasks(txn, reader.person, mark_key(world.secret, reader.person))
    body = written(tasks, reader.lang, world.url)
    return Page(body, f'"{sha256(body).hexdigest()[:32]}"')


def written(tasks: Iterable[DueTask], lang: str, url: str) -> bytes:
    """The calendar's bytes: the same tasks give the same ones."""
    from icalendar import Calendar, Event  # slow to import, and not everybody has a calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Virtaamo//Virtaamo//FI")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", t(lang, "calendar.name"))
    calendar.add("x-published-ttl", AGAIN)
    for task in tasks:
        event, said = Event(), _said(task, url)
        for name, value in said.items():
            event.add(name, value)
        if said:
            calendar.add_component(event)
    body: bytes = calendar.to_ical()
    return body


def _said(task: DueTask, url: str) -> Mapping[str, object]:
    """A whole day: `SEQUENCE` grows when title or day change, `UID` never does. Nothing for a day that isn't."""
    try:
        day = date.fromisoformat(task.due)
        after = day + timedelta(days=1)
    except (ValueError, OverflowError):  # the field knows months of 31 days only
        return {}
    return {
        "uid": f"{task.card.hex()}@{urlsplit(url).hostname or 'virtaamo'}",
        "dtstamp": datetime.fromtimestamp(task.made // DAY_MS * DAY_MS / 1000, UTC),
        "dtstart": day,
        "dtend": after,
        "summary": task.title,
        "sequence": task.seq,
        "transp": "TRANSPARENT",
        "class": "PRIVATE",
        "url": f"{url}/kortti/{task.card.hex()}",
    }

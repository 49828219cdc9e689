"""Tells people whose phones sleep that there is something new (docs/devices.md section 11).

The intake only hands over what was stored. All else happens later and beside it: who is told, when they wish to be
told, and the messages themselves. Of several processes one chooses at a time; what it has chosen is its own to send.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from itertools import groupby
from typing import NamedTuple
from zoneinfo import ZoneInfo

import structlog
from msgspec import Struct

from server.courier import Courier, Outcome
from server.db import UNAVAILABLE, Database, StatementFailed, Transaction
from server.endpoints import Allowed
from server.quiet import News, earliest, read_quiet
from server.reminders import morning, remind
from server.store import subscriptions
from server.store.acceptance import Arrival
from server.store.people import DAY_MS
from server.store.reminders import Doer, awaited
from server.store.subscriptions import SEVERAL, Due, Place, Reader
from server.store.turns import take_pushes
from server.webpush import Keys, Subscriber, hint
from sync.protocol import Change, Code, Verdict

GATHER_S = 1  # what is stored within a second makes one look at who is told
LOOK_S = 10
GAP_MS = 30 * 60_000
LEASE_MS = 5 * 60_000  # until a process that was about to send has to be done, or is taken for dead
FIRST_WAIT_S, LONGEST_WAIT_S = 60, 6 * 3_600
MOST_GROUPS, MOST_NEWS, MOST_PERSONS = 500, 500, 100
LANDED = (Code.DONE, Code.MERGED, Code.FORKED)

log = structlog.get_logger()


class Item(NamedTuple):
    """Something that may be news to somebody: to the author of `about`, or to who supervises `team`.

    A task that waits is news to the person `to`, or where nobody is named to whose own space it lies in.
    """

    what: News
    space: int
    card: bytes  # the one to open
    about: bytes | None
    team: int | None
    actor: int
    to: int | None = None


class Errand(NamedTuple):
    """A message to be sent: to which browser, and of which card; `lease` tells whose it is."""

    to: Due
    place: Place
    lease: int


class Post(Struct, frozen=True):
    """What messages are made and sent with; `count` hears what became of each."""

    keys: Keys
    courier: Courier
    allowed: Allowed
    zone: ZoneInfo
    count: Callable[[str], None] = lambda fate: None
    secret: bytes = b""  # keys the marks that say who has done a task


class Waking:
    """Hears what was stored and wakes whom it concerns. `run` goes on until it is cancelled."""

    def __init__(self, db: Database, post: Post, now: Callable[[], int]) -> None:
        self._db, self._post, self._now = db, post, now
        self._heard: deque[tuple[Sequence[Arrival], Sequence[Verdict]]] = deque(maxlen=MOST_GROUPS)
        self._news: list[Item] = []
        self._seen: dict[int, int] = {}  # by space the last seq that was heard of
        self._given: deque[tuple[int, bytes]] = deque(maxlen=MOST_NEWS)  # tasks for one: of whom, change id
        self._stored = asyncio.Event()
        self._reminded: date | None = None

    @property
    def public(self) -> str:
        """The installation's public key, as browsers want it."""
        return self._post.keys.public

    def hear(self, arrivals: Sequence[Arrival], verdicts: Sequence[Verdict]) -> None:
        """A group of changes was stored; they are looked at when nobody waits for it."""
        self._heard.append((arrivals, verdicts))
        self._stored.set()

    async def run(self) -> None:
        """Tell what is stored from now on, and what waited for its time."""
        try:
            while True:
                await self._look()
        finally:
            await self._post.courier.close()

    async def _look(self) -> None:
        try:
            await self.note()
            await self._remind()
            await self.send_due()
            await self._rest()
        except (*UNAVAILABLE, StatementFailed) as error:  # it may be back at the next look
            log.warning("nobody is woken", why=type(error).__name__)
            await asyncio.sleep(LOOK_S)
        except Exception as error:  # words of an error may be a person's
            log.error("waking failed", error=type(error).__name__)
            await asyncio.sleep(LOOK_S)

    async def _rest(self) -> None:
        due = await self._db.read(subscriptions.next_due)
        wait_s = LOOK_S if due is None else min(max((due - self._now()) / 1000, GATHER_S), LOOK_S)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stored.wait(), wait_s)
            await asyncio.sleep(GATHER_S)

    async def _remind(self) -> None:
        """Once a morning; which one was the last is kept in the database too, for other processes."""
        today = morning(self._now(), self._post.zone)
        if today is None or today == self._reminded:
            return
        await self._db.write(remind, self._now(), self._post.zone, self._post.secret)
        self._reminded = today

    async def note(self) -> None:
        """Find whom the news concern that have been heard, and let them wait for these persons."""
        self._stored.clear()
        while self._heard:
            self._news += self._sift(*self._heard.popleft())
        self._news = self._news[-MOST_NEWS:]
        if self._news and (told := await self._db.read(audience, self._news)):
            await self._db.write(subscriptions.note_news, told, self._now())
        self._news = []

    def _sift(self, arrivals: Sequence[Arrival], verdicts: Sequence[Verdict]) -> Iterator[Item]:
        """What of a group may be news; a change that comes a second time was news at the first."""
        seen = dict(self._seen)
        for arrival, verdict in zip(arrivals, verdicts, strict=True):
            change = arrival.change
            if change is None or verdict.code not in LANDED or _is_lost_turn(verdict):
                continue
            if verdict.seq > seen.get(change.space, 0):
                self._seen[change.space] = max(verdict.seq, self._seen.get(change.space, 0))
                yield from news_of(change, arrival.person)
            elif verdict.seq == 0 and self._is_just_given(arrival.person, change):
                yield from news_of(change, arrival.person)

    def _is_just_given(self, giver: int, change: Change) -> bool:
        """Whether a task for one person comes for the first time: of what is posted no seq tells."""
        if change.kind != "task" or "baton" in change.set or (giver, change.id) in self._given:
            return False
        self._given.append((giver, change.id))
        return True

    async def send_due(self) -> None:
        """Send all that is due now."""
        while await self._is_due() and (
            errands := await self._db.write(choose, self._now(), self._post.zone)
        ):
            outcomes = await asyncio.gather(*map(self._send, errands))
            await self._db.write(settle, list(zip(errands, outcomes, strict=True)), self._now())
            for outcome in outcomes:
                self._post.count(outcome.fate)

    async def _is_due(self) -> bool:
        due = await self._db.read(subscriptions.next_due)
        return due is not None and due <= self._now()

    async def _send(self, errand: Errand) -> Outcome:
        to, now = errand.to, self._now()
        endpoint = self._post.allowed.endpoint(to.endpoint)
        if endpoint is None:  # the settings allow it no more
            return Outcome("gone")
        keys = Subscriber(to.p256dh, to.auth)
        letter = await asyncio.to_thread(self._post.keys.seal, hint(*errand.place), keys, endpoint, now)
        outcome = await self._post.courier.send(endpoint, letter, now)
        if outcome.fate == "refused":
            log.error("a push service refuses us", host=endpoint.host, status=outcome.status)
        return outcome


def _is_lost_turn(verdict: Verdict) -> bool:
    """Whether a baton was passed on that somebody else had taken: then it waits for nobody."""
    return verdict.code == Code.FORKED and (verdict.detail or {}).get("fields") == ["baton"]


def news_of(change: Change, actor: int) -> Iterator[Item]:
    """What a change that landed may tell somebody."""
    sets, place = {name: now for name, (_, now) in change.set.items()}, (change.space, change.card)
    if change.kind == "comment" and isinstance(on := sets.get("on"), bytes):
        yield Item("comment", change.space, on, on, None, actor)
    if change.kind == "task":
        yield from _turn_in(change, actor)
    if change.kind != "idea":
        return
    if sets.get("reply") is not None or sets.get("reason") is not None:
        yield Item("answer", *place, change.card, None, actor)
    if isinstance(team := sets.get("team"), int):
        yield Item("waiting", *place, None, team, actor)
    if isinstance(origin := sets.get("origin"), bytes):
        yield Item("grows", *place, origin, None, actor)


def _turn_in(change: Change, actor: int) -> Iterator[Item]:
    """Whose turn it is to do a task: that of who is waited for with the baton, or of who was given a new one."""
    place = (change.space, change.card)
    match change.set.get("baton"):
        case (_, [_, "waiting", str() as number, _]) if int(number) < 2**31:
            yield Item("task", *place, None, None, actor, int(number))
    if "prompt" in change.set and change.set["prompt"][0] is None:
        yield Item("task", *place, None, None, actor)


def audience(txn: Transaction, news: Sequence[Item]) -> dict[int, Place]:
    """Who is told of something, and which card they are to open; their own doings are news to nobody."""
    told: dict[int, Place] = {}
    for item, readers in _concerned(txn, news):
        for reader in readers:
            if reader.person != item.actor and item.what not in read_quiet(reader.push).silent:
                place = item.space, item.card
                is_other = told.get(reader.person, place) != place
                told[reader.person] = (SEVERAL, None) if is_other else place
    return told


def _concerned(txn: Transaction, news: Sequence[Item]) -> Iterator[tuple[Item, Sequence[Reader | Doer]]]:
    about = {(item.space, item.about) for item in news if item.about is not None}
    teams = {item.team for item in news if item.team is not None}
    tasks = {(item.space, item.to) for item in news if item.what == "task"}
    authors = _by_place(subscriptions.authors(txn, about) if about else ())
    supervisors = _by_place(subscriptions.supervisors(txn, teams) if teams else ())
    doers = awaited(txn, tasks) if tasks else {}
    for item in news:
        if item.what == "task":
            doer = doers.get((item.space, item.to))
            yield item, [doer] if doer else []
        elif item.about is not None:
            yield item, authors.get((item.space, item.about), ())
        else:
            yield item, supervisors.get((item.team, None), ())


def _by_place(readers: Iterable[Reader]) -> Mapping[tuple[int | None, bytes | None], Sequence[Reader]]:
    found: dict[tuple[int | None, bytes | None], list[Reader]] = {}
    for reader in readers:
        found.setdefault((reader.space, reader.card), []).append(reader)
    return found


def choose(txn: Transaction, now: int, zone: ZoneInfo) -> list[Errand]:
    """Take what is due to be sent, and put off what falls into somebody's quiet hours or comes too soon."""
    if not take_pushes(txn):
        return []
    rows = sorted(subscriptions.due(txn, now, MOST_PERSONS), key=lambda row: row.person)
    errands: list[Errand] = []
    for _, of_person in groupby(rows, key=lambda row: row.person):
        errands += _choose_of(txn, list(of_person), now, zone)
    return errands


def _choose_of(txn: Transaction, rows: Sequence[Due], now: int, zone: ZoneInfo) -> list[Errand]:
    """Of one person: all their browsers are told at once, and then none for a while."""
    subscriptions.drop(txn, [row.id for row in rows if not row.is_live])
    ready = [row for row in rows if row.is_live and row.due_at is not None and row.due_at <= now]
    if not ready:
        return []
    ids, last = [row.id for row in ready], max(row.pushed_at for row in rows)
    at = earliest(read_quiet(ready[0].push), max(now, last + GAP_MS), zone)
    if at is None or at > now:
        subscriptions.change(txn, ids, {"due_at": at or now + DAY_MS})
        return []
    lease = now + LEASE_MS
    taken = {"due_at": lease, "due_space": None, "due_card": None, "pushed_at": now}
    subscriptions.change(txn, ids, taken)
    errands = [Errand(row, row.place or (SEVERAL, None), lease) for row in ready]
    barred = [
        one
        for one in errands
        if one.place[0] and not subscriptions.may_read(txn, one.to.person, one.place[0])
    ]
    subscriptions.change(txn, [one.to.id for one in barred], {"due_at": None})
    return [one for one in errands if one not in barred]


def settle(txn: Transaction, results: Sequence[tuple[Errand, Outcome]], now: int) -> None:
    """Note what became of messages: told, tried again later, or nobody there any more (D-88)."""
    for errand, outcome in results:
        to = errand.to
        if outcome.fate == "gone":
            subscriptions.drop(txn, [to.id])
        elif outcome.fate == "later":
            again = now + wait_ms(to.failures, outcome.wait_s)
            tried = {
                "failures": to.failures + 1,
                "not_before": again,
                "due_at": again,
                "pushed_at": to.pushed_at,
            }
            subscriptions.change(txn, [to.id], tried)
            subscriptions.let_wait(txn, to.id, errand.place)
        else:
            refused = outcome.status if outcome.fate == "refused" else None
            subscriptions.change(txn, [to.id], {"failures": 0, "not_before": 0, "refused": refused})
            subscriptions.end_lease(txn, to.id, errand.lease)


def wait_ms(failures: int, asked_s: int) -> int:
    """How long to leave a push service alone: twice as long each time, and never less than it asks for.

    >>> wait_ms(0, 0), wait_ms(3, 0), wait_ms(60, 0), wait_ms(0, 3_600)
    (60000, 480000, 21600000, 3600000)
    """
    return 1000 * max(asked_s, min(FIRST_WAIT_S << min(failures, 20), LONGEST_WAIT_S))

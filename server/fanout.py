"""Open sockets by space: frames out as bytes encoded once, pokes to the slow; bounded queues."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence, Set
from types import MappingProxyType

from msgspec import Raw

from server.store.cards import News
from server.store.people import Regranted
from sync.protocol import Frame, Grants, Synced, Verdict, encode

MAX_QUEUED = 64
MAX_QUEUED_BYTES = 1_000_000
UNDER_WAY = 2  # messages of one connection whose replies haven't left


class Subscriber:
    """One live connection: which spaces it follows up to which seq, and what waits to be sent to it."""

    def __init__(self, person: int, session: bytes = b"") -> None:
        self.person, self.session = person, session
        self.version: int | None = None  # of the grants that it was last told, or is being told
        self.cursors: dict[int, int | None] = {}  # nil: it was poked, or is being caught up
        self.missed: dict[int, int] = {}  # spaces to poke, with their head
        self.grants_changed = False
        self.closed = False
        self._queue: deque[tuple[int, bytes]] = deque()  # space 0: a reply, which is never dropped
        self._bytes = 0
        self._ready = asyncio.Event()
        self.under_way = asyncio.Semaphore(UNDER_WAY)
        self.owed = 0  # replies to what it sent that haven't left

    def reply(self, message: bytes) -> None:
        """Queue a reply to what this connection sent."""
        self._queue.append((0, message))
        self._ready.set()

    def send(self, news: News, message: bytes) -> None:
        """Queue a frame; where too much waits, frames are dropped and their spaces poked instead."""
        if self.closed:
            return
        if len(self._queue) >= MAX_QUEUED or self._bytes + len(message) > MAX_QUEUED_BYTES:
            self.miss(news)
            for space, _ in self._queue:
                if space and space not in self.missed:
                    self.missed[space] = self.cursors.get(space) or 0
                    self.cursors[space] = None
            self.drop_frames()
        else:
            self._queue.append((news.space, message))
            self._bytes += len(message)
        self._ready.set()

    def miss(self, news: News) -> None:
        """Note that this connection has to pull a space."""
        self.missed[news.space] = news.upto
        self.cursors[news.space] = None
        self._ready.set()

    def regrant(self) -> None:
        """The person's grants have changed: until the sender has seen how, no frame is queued or kept (P6)."""
        self.missed |= {space: upto for space, upto in self.cursors.items() if upto is not None}
        self.cursors = dict.fromkeys(self.cursors)
        self.drop_frames()
        self.grants_changed = True
        self._ready.set()

    def close(self) -> None:
        """Make the sender end the connection, after the replies that wait."""
        self.drop_frames()
        self.closed, self.owed = True, 0
        self._ready.set()

    async def next(self) -> bytes | None:
        """The next message, or nothing when the sender should look at the rest of this subscriber."""
        while not (self._queue or self.grants_changed or self.missed or self.closed):
            self._ready.clear()
            await self._ready.wait()
        if self.grants_changed or not self._queue:
            return None
        space, message = self._queue.popleft()
        if space:
            self._bytes -= len(message)
        else:
            self.owed -= 1
            self.under_way.release()
        return message

    def drop_frames(self) -> None:
        """Forget the frames that wait."""
        self._queue = deque(item for item in self._queue if item[0] == 0)
        self._bytes = 0


class Fanout:
    """Hears what transactions told, and passes it on. `epoch` and `now` go into every message."""

    def __init__(self, epoch: bytes, now: Callable[[], int]) -> None:
        self.epoch, self.now = epoch, now
        self._by_space: dict[int, set[Subscriber]] = {}
        self._by_person: dict[int, set[Subscriber]] = {}
        self._is_closing = False
        self.frames = self.pokes = 0  # handed to connections since the start
        self.touched: dict[int, tuple[int, int]] = {}  # whose snapshot may have aged: since when, until when
        self.late: Callable[[int, int], None] | None = None  # told of a space and a head that some are behind

    def join(self, person: int, session: bytes = b"") -> Subscriber:
        """A new connection of a person, in the session of this hash."""
        subscriber = Subscriber(person, session)
        subscriber.closed = self._is_closing
        self._by_person.setdefault(person, set()).add(subscriber)
        return subscriber

    def part(self, subscriber: Subscriber) -> None:
        """A connection has ended."""
        self.follow(subscriber, {})
        self._by_person.get(subscriber.person, set()).discard(subscriber)

    def follow(self, subscriber: Subscriber, spaces: Mapping[int, int | None]) -> None:
        """Replace what a connection follows."""
        for space in subscriber.cursors.keys() - spaces.keys():
            self._by_space.get(space, set()).discard(subscriber)
        for space in spaces:
            self._by_space.setdefault(space, set()).add(subscriber)
        subscriber.cursors = dict(spaces)
        subscriber.missed = {s: head for s, head in subscriber.missed.items() if s in spaces}

    def caught_up(self, subscriber: Subscriber, space: int, upto: int) -> None:
        """A connection has been sent everything of a space up to a seq."""
        if space in subscriber.cursors:
            subscriber.cursors[space] = upto

    def publish(self, news: Sequence[object]) -> None:
        """What a commit told: frames go to those who follow, changed grants to their person."""
        for item in news:
            if isinstance(item, News):
                self._pass_on(item)
            elif isinstance(item, Regranted):
                for subscriber in self._by_person.get(item.person, ()):
                    subscriber.regrant()

    def _pass_on(self, news: News) -> None:
        self.touch(news.space)
        subscribers = self._by_space.get(news.space)
        if not subscribers:
            return
        message = self.message(frames=[news.frame()])
        is_late = False
        for subscriber in subscribers:
            at = subscriber.cursors.get(news.space)
            if at == news.since:
                self._send(subscriber, news, message)
            elif at is None or (at < news.upto and self.late is None):
                subscriber.miss(news)
            elif at < news.upto:
                is_late = True
        if is_late and self.late is not None:
            self.late(news.space, news.upto)

    def _send(self, subscriber: Subscriber, news: News, message: bytes) -> None:
        subscriber.cursors[news.space] = news.upto
        subscriber.send(news, message)
        self.frames += 1

    def behind(self, space: int, head: int) -> int | None:
        """The cursor at which most of those stand who are behind a space's head; nothing if nobody is."""
        standing = (one.cursors.get(space) for one in self._by_space.get(space, ()))
        counted = Counter(at for at in standing if at is not None and at < head)
        return counted.most_common(1)[0][0] if counted else None

    def hint(self, space: int, head: int) -> None:
        """Poke those of whom it isn't known where they stand: they may be catching up from an older state."""
        for subscriber in self._by_space.get(space, ()):
            if subscriber.cursors.get(space) is None:
                subscriber.miss(News(space, 0, head, _nothing))

    def deliver(self, news: News, is_whole: bool) -> None:
        """A frame that was read, to those at its cursor. Who stands elsewhere pulls, as all do if it is not whole."""
        subscribers = list(self._by_space.get(news.space, ()))
        message = self.message(frames=[news.frame()]) if is_whole and subscribers else b""
        for subscriber in subscribers:
            at = subscriber.cursors.get(news.space)
            if at == news.since and is_whole:
                self._send(subscriber, news, message)
            elif at is not None and at < news.upto:
                subscriber.miss(news)

    @property
    def followed(self) -> set[int]:
        """The spaces that some connection follows."""
        return {space for space, subscribers in self._by_space.items() if subscribers}

    @property
    def sessions(self) -> dict[bytes, set[Subscriber]]:
        """The connections by the hash of their session."""
        found: dict[bytes, set[Subscriber]] = {}
        for subscribers in self._by_person.values():
            for subscriber in subscribers:
                found.setdefault(subscriber.session, set()).add(subscriber)
        return found

    def recheck(self, watched: Mapping[bytes, Set[Subscriber]], live: Mapping[bytes, int]) -> None:
        """After a look at the sessions `watched`: whose grants aren't those of a `live` one looks for themselves."""
        for session, subscribers in self.sessions.items():
            for subscriber in subscribers:
                was_there = subscriber in watched.get(session, ())
                if not was_there or subscriber.version is None or live.get(session) != subscriber.version:
                    subscriber.regrant()

    def touch(self, space: int, later_ms: int = 0) -> None:
        """Note that a space's snapshot may have aged; `later_ms` lets another process make it first."""
        now = self.now() + later_ms
        first, last = self.touched.get(space, (now, now))
        self.touched[space] = (min(first, now), max(last, now))

    @property
    def connections(self) -> int:
        """How many live connections are open."""
        return sum(map(len, self._by_person.values()))

    @property
    def owed(self) -> int:
        """How many replies the live connections still wait for."""
        return sum(one.owed for subscribers in self._by_person.values() for one in subscribers)

    def close(self) -> None:
        """Ask every connection, and whoever still comes, to come back later."""
        self._is_closing = True
        for subscribers in self._by_person.values():
            for subscriber in subscribers:
                subscriber.close()

    def message(
        self,
        sent: int = 0,
        verdicts: Sequence[Verdict] = (),
        frames: Sequence[Raw] = (),
        behind: Sequence[int] = (),
        grants: Grants | None = None,
        stable: Mapping[int, int] = MappingProxyType({}),
    ) -> bytes:
        """A `Synced` as bytes."""
        moment = self.epoch, self.now(), sent, grants
        return encode(Synced(*moment, list(verdicts), list(frames), list(behind), dict(stable)))


def _nothing() -> Raw:
    return Raw(b"")


def poke(space: int, head: int) -> Raw:
    """A frame that says "there is more, pull"."""
    return Raw(encode(Frame(space, head, head, [], 0, 0)))

"""A device as a plain model: its disk, its memory, and the rules of docs/protocol.md section 6.

It does what the client does and nothing cleverer, so that whatever goes wrong is the protocol's fault or the server's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, takewhile
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from sync import PROTOCOL
from sync.protocol import Change, Code, Frame, Sync, Synced, Verdict, encode
from tests.fuzz.house import Socket
from tests.fuzz.ledger import Key, Ledger
from tests.property.phones import WORD, Saved, words
from tests.town import Replica

KEPT_MS = 7 * 86_400_000
HERE, SENDING, LANDED, HELD, REFUSED = "here", "sending", "landed", "held", "refused"
decode_synced = msgspec.msgpack.Decoder(Synced).decode
decode_frame = msgspec.msgpack.Decoder(Frame).decode


def once_less(pairs: Iterable[tuple[object, object]]) -> frozenset[bytes]:
    """Words that a value said twice and says less often now: when two people have each taken one away, it is gone.

    >>> sorted(once_less([("<1> <2> <1> <3>", "<1> <2>"), ("<4> <4>", "<4> <4> <4>")]))
    [b'<1>']
    """
    spoken = [[Counter(WORD.findall(encode(value))) for value in pair] for pair in pairs]
    return frozenset(word for was, now in spoken for word in was - now if was[word] > 1)


class Way(NamedTuple):
    """How a message goes, and whether it asks for frames."""

    by_line: bool = False
    is_pull: bool = True


REQUEST, LINE = Way(), Way(by_line=True)


class Entry:
    """A change in the outbox. `again`: it had landed before the server was restored."""

    __slots__ = ("again", "epoch", "saved", "seq", "status")

    def __init__(self, saved: Saved, epoch: bytes, again: bool = False) -> None:
        self.saved, self.epoch, self.again = saved, epoch, again
        self.status, self.seq = HERE, 0


class Echoed(NamedTuple):
    """A change that has landed and left the outbox: kept until a backup has it."""

    saved: Saved
    epoch: bytes
    seq: int
    at: int
    has_left: bool = False  # its author reads the space no more: `at` is when the device heard of that


class Copy(Replica):
    """What the device holds of one space, and in which epoch."""

    def __init__(self, space: int) -> None:
        super().__init__(space)
        self.epoch: bytes | None = None

    def take(self, frame: Frame, epoch: bytes) -> bool:
        """Take in a frame; false where there is a gap, so that the device has to pull."""
        same = epoch == self.epoch
        if frame.since == frame.upto and not frame.rows and (same or frame.upto > 0):
            return False
        if frame.since == 0:
            if same and frame.upto <= self.cursor:
                return True
        elif not same or frame.since != self.cursor:
            return same and frame.upto <= self.cursor
        self.apply(frame)
        self.epoch = epoch
        return True

    def head(self, epoch: bytes | None) -> int:
        """The cursor in this epoch."""
        return self.cursor if self.epoch == epoch else 0


class Device:
    """A person's device. Its clock is off by `clock_off` ms, and nobody corrects it."""

    def __init__(self, ledger: Ledger, name: str, number: int, run: int) -> None:
        self.ledger, self.name, self.number = ledger, name, number
        self.clock_off = self.last_at = 0
        self.outbox: list[Entry] = []
        self.echo: list[Echoed] = []
        self.copies: dict[int, Copy] = {}
        self.epoch: bytes | None = None
        self.grants, self.spaces = 0, ()
        self.open(run)

    def open(self, run: int) -> None:
        """Open what lies on the disk, after a kill or as a copy: a new run of change ids, nothing under way."""
        self._run, self._counter = b"run%05d" % run, 0
        self.flights: dict[int, list[Entry]] = {}
        self.lined: set[int] = set()  # the flights that go down the line
        self.asked: dict[int, tuple[int, ...]] = {}  # the spaces
        self.asked_at: dict[int, int] = {}
        self.wanted: set[int] = set()
        self.socket: Socket | None = None
        self.up: list[bytes] = []
        for entry in self.outbox:
            if entry.status in (SENDING, LANDED):
                entry.status = HERE

    def copy(self, number: int, run: int) -> "Device":
        """A copied profile: the same disk, from now on apart."""
        other = Device(self.ledger, self.name, number, run)
        other.clock_off, other.last_at = self.clock_off, self.last_at
        other.epoch, other.grants, other.spaces = self.epoch, self.grants, self.spaces
        other.echo = list(self.echo)
        for entry in self.outbox:
            twin = Entry(entry.saved, entry.epoch, entry.again)
            twin.status = entry.status if entry.status in (HELD, REFUSED) else HERE
            other.outbox.append(twin)
        for space, copy in self.copies.items():
            held = other.copies[space] = Copy(space)
            held.cursor, held.epoch, held.cards = copy.cursor, copy.epoch, dict(copy.cards)
        return other

    # ---- what its person sees and does

    def shows(self, key: Key) -> dict[str, object]:
        """A card's fields: the confirmed ones with the own pending changes over them."""
        seen = self.copies[key[0]].cards.get(key[1]) if key[0] in self.copies else None
        fields = dict(seen.fields) if seen else {}
        for entry in self.outbox:
            change = entry.saved.change
            if change.card == key[1] and change.space == key[0] and (seen is None or self._counts(entry)):
                fields |= {name: now for name, (_, now) in change.set.items()}
        return fields

    @staticmethod
    def _counts(entry: Entry) -> bool:
        return entry.status != REFUSED and not entry.again

    def cards(self, kind: str) -> list[Key]:
        """Cards of a kind that it shows, also those that only wait in its outbox; hidden and moved ones too."""
        shown = [
            (space, id_)
            for space, copy in self.copies.items()
            for id_, card in copy.cards.items()
            if card.kind == kind
        ]
        for entry in self.outbox:
            change = entry.saved.change
            held = self.copies.get(change.space)
            if change.kind == kind and (held is None or change.card not in held.cards):
                shown.append((change.space, change.card))
        return shown

    def save(self, key: Key, kind: str, sets: Mapping[str, object], now: int) -> Saved:
        """A person changes fields, having seen what the device shows; it is on the disk when this returns."""
        shown = self.shows(key)
        self._counter += 1
        self.last_at = max(self.last_at + 1, now + self.clock_off)
        pairs = {name: (shown.get(name), value) for name, value in sets.items()}
        base = self.copies[key[0]].head(self.epoch) if key[0] in self.copies else 0
        id_ = self._run + self._counter.to_bytes(4)
        change = Change(id_, *key, kind, self.last_at, base, pairs)
        was, new = words([was for was, _ in pairs.values()]), words(list(sets.values()))
        removed = frozenset(was - new) | once_less(pairs.values())
        saved = Saved(self.name, change, encode(change), frozenset(new - was), removed)
        self.outbox.append(Entry(saved, self.epoch or b""))
        self.ledger.keep(saved)
        return saved

    # ---- what it sends

    def message(self, sent: int, now: int, most: int = 0, way: Way = REQUEST) -> bytes:
        """A Sync with the oldest changes that wait, and with the cursors if it is to pull.

        Two changes of one card must arrive in their order: only what goes down the same line keeps it. What a
        restore has lost goes before what was built on it: no change goes to a server whose epoch isn't known yet.
        """
        if self.epoch not in (None, self.ledger.epoch):
            most = 0
        waiting = (e for e in self.outbox if e.status == HERE)
        busy = {
            entry.saved.change.card
            for flight, entries in self.flights.items()
            if not (way.by_line and flight in self.lined)
            for entry in entries
        }
        entries = list(islice(takewhile(lambda e: e.saved.change.card not in busy, waiting), most))
        for entry in entries:
            entry.status = SENDING
        cursors = {s: self._cursor(s) for s in self.spaces} if way.is_pull else {}
        self.flights[sent], self.asked[sent], self.asked_at[sent] = entries, tuple(cursors), now
        if way.by_line:
            self.lined.add(sent)
        changes = [msgspec.Raw(self._wire(entry)) for entry in entries]
        return encode(Sync(PROTOCOL, self.epoch, self.grants, cursors, changes, sent))

    def hang_up(self) -> None:
        """The line is gone, with what went down it."""
        if self.socket:
            self.socket.hang_up()
        self.socket, self.up = None, []
        for sent in self.lined:
            self.give_up(sent)
        self.lined = set()

    def _wire(self, entry: Entry) -> bytes:
        """As stored, but with base 0 where the server has started a new epoch since."""
        if not entry.again and entry.epoch in (b"", self.epoch or b""):
            return entry.saved.raw
        return encode(replace(entry.saved.change, base=0))

    def _cursor(self, space: int) -> int:
        return self.copies[space].head(self.epoch) if space in self.copies else 0

    def give_up(self, sent: int) -> None:
        """No reply will come: what got no verdict waits again."""
        for entry in self.flights.pop(sent, ()):
            if entry.status == SENDING:
                entry.status = HERE
        self.asked.pop(sent, None)

    def offer_held(self) -> None:
        """What is held is offered again, as once a day."""
        for entry in self.outbox:
            if entry.status == HELD:
                entry.status = HERE

    # ---- what it hears

    def hear(self, body: bytes, now: int) -> bool:
        """Take in a message; false when it can't be read, which counts as not received."""
        try:
            synced = decode_synced(body)
            frames = [decode_frame(raw) for raw in synced.frames]
        except msgspec.DecodeError:
            return False
        self._meet(synced.epoch)
        if synced.grants is not None:
            self.grants, self.spaces = synced.grants.version, tuple(s for s, *_ in synced.grants.spaces)
            self.copies = {s: c for s, c in self.copies.items() if s in self.spaces}
        for frame in frames:
            self._take(frame)
        self._settle(synced.verdicts)
        self._conclude(synced, frames, now)
        return True

    def take_snapshot(self, body: bytes, now: int) -> None:
        """Take in a snapshot, unless it is older than what is here."""
        frame = decode_frame(body)
        self.wanted.discard(frame.space)
        if self.epoch is not None and frame.upto >= self._cursor(frame.space):
            self._take(frame)
            self._leave(now)

    def _meet(self, epoch: bytes) -> None:
        """The first word of an epoch: what had landed in another one is offered again."""
        is_other = self.epoch is not None and self.epoch != epoch
        self.epoch = epoch
        if is_other:
            for entry in self.outbox:
                if entry.status == LANDED:
                    entry.status = HERE
        back = [echoed for echoed in self.echo if echoed.epoch != epoch]
        if back:
            self.echo = [echoed for echoed in self.echo if echoed.epoch == epoch]
            waiting = {entry.saved.change.id for entry in self.outbox}
            again = [Entry(e.saved, b"", True) for e in back if e.saved.change.id not in waiting]
            self.outbox = again + self.outbox  # what landed once goes before what was built on it

    def _take(self, frame: Frame) -> None:
        if frame.space in self.spaces:
            held = self.copies.setdefault(frame.space, Copy(frame.space))
            held.take(frame, self.epoch or b"")

    def _settle(self, verdicts: Sequence[Verdict]) -> None:
        by_id = {entry.saved.change.id: entry for entry in self.outbox}
        for verdict in verdicts:
            entry = by_id.get(verdict.id)
            if entry is None or entry.status == LANDED:
                continue
            if verdict.code < Code.REFUSED:
                entry.status, entry.seq = LANDED, verdict.seq
            else:
                entry.status = HELD if verdict.code == Code.HELD else REFUSED

    def _conclude(self, synced: Synced, frames: Sequence[Frame], now: int) -> None:
        self.wanted |= set(synced.behind) & set(self.spaces)
        told = {*synced.behind, *(frame.space for frame in frames)}
        for space in self.asked.get(synced.sent, ()):
            held = self.copies.get(space)
            if space not in told and space in self.spaces and (held is None or held.epoch != synced.epoch):
                self.copies[space] = Copy(space)  # the server has nothing here
                self.copies[space].epoch = synced.epoch
        self._leave(now)
        if synced.sent in self.flights:
            if self.asked[synced.sent]:
                self._part(synced.epoch, now)
                self._prune(synced.stable, synced.epoch, self.asked_at[synced.sent])
            self.give_up(synced.sent)

    def _leave(self, now: int) -> None:
        """What has landed goes to the echo when its frame is stored, or at once where its author doesn't read."""
        gone = [e for e in self.outbox if e.status == LANDED and self._is_stored(e)]
        if gone:
            self.outbox = [e for e in self.outbox if e not in gone]
            at, epoch = now + self.clock_off, self.epoch or b""
            self.echo += [Echoed(e.saved, epoch, e.seq, at) for e in gone]

    def _is_stored(self, entry: Entry) -> bool:
        space = entry.saved.change.space
        if space not in self.spaces:
            return True
        held = self.copies.get(space)
        return held is not None and held.epoch == self.epoch and held.cursor >= entry.seq

    def _part(self, epoch: bytes, now: int) -> None:
        """For what landed in a space that its author reads no more a new week begins."""
        for place, e in enumerate(self.echo):
            if e.epoch == epoch and not e.has_left and e.saved.change.space not in self.spaces:
                self.echo[place] = e._replace(at=now + self.clock_off, has_left=True)

    def _prune(self, stable: Mapping[int, int], epoch: bytes, now: int) -> None:
        """Let go what was a week old when the device asked, and held by a backup, where the server makes any."""
        oldest = now + self.clock_off - KEPT_MS

        def stays(e: Echoed) -> bool:
            is_held = not stable or e.has_left or stable.get(e.saved.change.space, -1) >= e.seq
            return e.epoch != epoch or e.at >= oldest or not is_held

        left = [e for e in self.echo if not stays(e)]
        self.echo = [e for e in self.echo if stays(e)]
        self.ledger.let_go([e.saved for e in left if e.has_left], epoch)

    # ---- for the checks

    def holds(self) -> Iterator[Saved]:
        """Every change that lies on its disk."""
        yield from (entry.saved for entry in self.outbox)
        yield from (echoed.saved for echoed in self.echo)

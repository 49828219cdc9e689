"""Phones and what was ever saved on them: the plain models of the state machine (docs/protocol.md section 7)."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import select

from server.store.cards import decode_body
from server.store.frames import frames_after, whole_frame
from server.store.people import grants_of
from server.tables import card as card_table
from server.tables import change as change_table
from server.tables import mark, quarantine
from sync.protocol import MAX_CLOCK_AHEAD_MS, Change, Code, Frame, Verdict, encode
from tests.town import Replica, Town

FOLLOWED = ("koivu", "north")
WORD = re.compile(rb"<\d+>")


def words(value: object) -> set[bytes]:
    """The numbered words in a value; every word that is ever written has a number of its own."""
    return set(WORD.findall(value if isinstance(value, bytes) else encode(value)))


def about(change: Change) -> set[object]:
    """The cards that a change names: its own, and the one that a new comment is on."""
    return {change.card, change.set.get("on", (None, None))[1]}


class Saved(NamedTuple):
    """A change that a person saved: what it adds, and what its person took away having seen it."""

    person: str
    change: Change
    raw: bytes
    added: frozenset[bytes]
    removed: frozenset[bytes]


class Ledger:
    """Remembers every word ever saved and every verdict ever given."""

    def __init__(self) -> None:
        self.saved: dict[tuple[str, bytes], Saved] = {}
        self.codes: dict[tuple[str, bytes], int] = {}
        self.boards: dict[tuple[int, int], dict[bytes, tuple[object, ...]]] = {}
        self.let_go: set[bytes] = set()  # words that time has taken
        self.hidden_away: set[bytes] = set()  # words of hidden cards that time has taken
        self.purged: set[tuple[int, bytes]] = set()
        self.is_log_cut = False
        self._word = 0

    def word(self) -> str:
        """A word that nobody ever wrote."""
        self._word += 1
        return f"<{self._word}>"

    @property
    def words(self) -> set[bytes]:
        """Every word ever saved."""
        return set().union(*(saved.added for saved in self.saved.values()))

    def judge(self, saved: Saved, verdict: Verdict) -> None:
        """Note a verdict. It is the same however often the change is sent, unless the change was held (P3).

        Where the log has let go of it, what landed is done, and what was refused is judged anew.
        """
        key = (saved.person, saved.change.id)
        before = self.codes.get(key, Code.HELD)
        assert verdict.id == saved.change.id
        forgotten = self.is_log_cut and (
            before == Code.REFUSED or (verdict.code, verdict.seq) == (Code.DONE, 0)
        )
        assert forgotten or before in (Code.HELD, verdict.code), f"{saved} was {before}, now {verdict}"
        self.codes[key] = verdict.code

    def compare(self, replica: Replica) -> None:
        """Two replicas of a space at the same cursor hold equal cards (P2)."""
        board = replica.board()
        before = self.boards.setdefault((replica.space, replica.cursor), board)
        differ = {id_: (before.get(id_), card) for id_, card in board.items() if before.get(id_) != card}
        assert board == before, f"two boards at {replica.cursor} of {replica.space}: {differ}"

    def accepted(self) -> list[Saved]:
        """What has found its place on the server."""
        return [s for key, s in self.saved.items() if self.codes.get(key, Code.HELD) < Code.REFUSED]


class Phone:
    """A device of a person: replicas, an outbox that survives everything, and a clock that may be wrong."""

    def __init__(self, town: Town, ledger: Ledger, name: str, run: int) -> None:
        self.town, self.ledger, self.name = town, ledger, name
        self.clock_off = self.last_at = 0
        self.outbox: list[Saved] = []
        self.held: list[Saved] = []
        self.attention: list[Saved] = []
        self.replicas = {town.spaces[name]: Replica(town.spaces[name]) for name in FOLLOWED}
        self.open(run)

    def open(self, run: int) -> None:
        """Open the database of the device, after a kill or as a copy: a new run of change ids."""
        self._run, self._counter = b"run%05d" % run, 0

    def copy(self, run: int) -> "Phone":
        """A copied profile: everything twice, from now on apart."""
        other = Phone(self.town, self.ledger, self.name, run)
        other.clock_off, other.last_at = self.clock_off, self.last_at
        other.outbox, other.held = list(self.outbox), list(self.held)
        other.attention = list(self.attention)
        for space, replica in self.replicas.items():
            other.replicas[space].cursor, other.replicas[space].cards = replica.cursor, dict(replica.cards)
        return other

    def cards(self, kind: str) -> list[tuple[int, bytes]]:
        """Cards of a kind that this phone shows, also those that only wait in its outbox."""
        shown = {
            (r.space, id_) for r in self.replicas.values() for id_, c in r.cards.items() if c.kind == kind
        }
        waiting = (s.change for s in self.outbox + self.held)
        shown |= {(c.space, c.card) for c in waiting if c.kind == kind}
        return sorted(shown)

    def shows(self, space: int, card: bytes) -> dict[str, object]:
        """A card's fields: the confirmed ones with the own pending changes over them."""
        seen = self.replicas[space].cards.get(card)
        fields = dict(seen.fields) if seen else {}
        for saved in self.held + self.outbox:
            if (saved.change.space, saved.change.card) == (space, card):
                fields |= {name: now for name, (_, now) in saved.change.set.items()}
        return fields

    def save(self, where: tuple[int, bytes], kind: str, sets: dict[str, object]) -> Saved:
        """A person changes fields, having seen what the phone shows."""
        space, card = where
        shown = self.shows(space, card)
        self._counter += 1
        self.last_at = max(self.last_at + 1, self.town.now + self.clock_off)
        pairs = {name: (shown.get(name), now) for name, now in sets.items()}
        base = self.replicas[space].cursor
        change = Change(self._run + self._counter.to_bytes(4), space, card, kind, self.last_at, base, pairs)
        was, now = words([was for was, _ in pairs.values()]), words(list(sets.values()))
        saved = Saved(self.name, change, encode(change), frozenset(now - was), frozenset(was - now))
        self.outbox.append(saved)
        self.ledger.saved[self.name, change.id] = saved
        return saved

    def settle(self, sent: Sequence[Saved], verdicts: Sequence[Verdict]) -> None:
        """File the verdicts; what is refused waits for its person, what is held is offered again."""
        for saved, verdict in zip(sent, verdicts, strict=True):
            self.ledger.judge(saved, verdict)
            was_held = saved in self.held
            self.outbox = [s for s in self.outbox if s is not saved]
            self.held = [s for s in self.held if s is not saved]
            if verdict.code == Code.HELD:
                self.held.append(saved)
            elif verdict.code == Code.REFUSED and saved not in self.attention:
                self.attention.append(saved)
            assert not was_held or verdict.code == Code.HELD or saved not in self.held

    def pull(self) -> None:
        """Take the frames of the spaces that this person may read now, and no others (P6)."""
        readable = readable_by(self.town, self.name)
        cursors = {s: r.cursor for s, r in self.replicas.items() if s in readable}
        for space in self.replicas.keys() - readable:
            self.replicas[space] = Replica(space)
        frames, behind = self.town.db.write(frames_after, cursors)
        for space in behind:
            upto, raw = self.town.db.write(whole_frame, space)
            assert 0 < self.replicas[space].cursor < upto, "only who was away for long needs a snapshot"
            assert self.replicas[space].apply(msgspec.msgpack.decode(raw, type=Frame))
        for space, raw in frames.items():
            assert self.replicas[space].apply(msgspec.msgpack.decode(raw, type=Frame))
        for space in cursors:
            self.ledger.compare(self.replicas[space])


def readable_by(town: Town, name: str) -> set[int]:
    """The spaces that a person may read now."""
    return {space for space, *_ in town.db.write(grants_of, town.people[name].number).spaces}


class Kept(NamedTuple):
    """Where the server has words: shown on cards or in forks, in histories, in the quarantine."""

    shown: list[bytes]
    history: set[bytes]
    quarantine: set[bytes]

    @property
    def everything(self) -> set[bytes]:
        """All words that the server has."""
        return set(self.shown) | self.history | self.quarantine


def kept_by(town: Town) -> Kept:
    """Read all tables in which words lie."""
    c, log = card_table.c, change_table.c

    def read(txn: object) -> tuple[list[bytes], ...]:
        run = txn.connection.execute
        bodies = [encode(values_of(body)) for body in run(select(c.body)).scalars()]
        landed = select(log.body).where(log.body.is_not(None), log.code < Code.REFUSED)
        return bodies, run(landed).scalars().all(), run(select(quarantine.c.body)).scalars().all()

    shown, history, held = town.db.write(read)
    return Kept([w for body in shown for w in WORD.findall(body)], _all(history), _all(held))


def values_of(body: bytes) -> list[object]:
    """The values in a card's body."""
    return [cell.value for cell in decode_body(body).cells.values()] if body else []


def _all(bodies: Iterable[bytes]) -> set[bytes]:
    return set().union(*map(words, bodies))


def check(town: Town, ledger: Ledger, phones: Sequence[Phone]) -> tuple[int, int]:
    """P1, P3, P4 and P5, once everything has settled; gives how many words were saved and how many are kept."""
    kept = kept_by(town)
    with_authors = set().union(*(s.added for p in phones for s in p.attention + p.outbox + p.held))
    found, saved_words = kept.everything | with_authors, ledger.words - ledger.let_go
    assert saved_words <= found, f"lost: {saved_words - found}"
    accepted = ledger.accepted()
    taken_away = set().union(*(s.removed for s in accepted))
    for saved in accepted:
        missing = saved.added - set(kept.shown) - taken_away - ledger.hidden_away
        assert not missing, f"{missing} of {saved} is shown nowhere, and nobody who had seen it took it away"
    _check_cells(town)
    _check_marks(town)
    return len(saved_words), len(saved_words & found)


def _check_cells(town: Town) -> None:
    def read(txn: object) -> list[bytes]:
        return txn.connection.execute(select(card_table.c.body)).scalars().all()

    for body in town.db.write(read):
        for name, cell in decode_body(body).cells.items() if body else ():
            assert cell.at <= town.now + MAX_CLOCK_AHEAD_MS + 1_000, "a clock in the future"
            if name == "text" and isinstance(cell.value, str):
                once = WORD.findall(cell.value.encode())
                assert len(once) == len(set(once)), f"counted twice: {cell.value}"


def _check_marks(town: Town) -> None:
    """A tally is the number of people whose latest wish is a mark, and each of them knows it (P3)."""
    c, m = card_table.c, mark.c

    def read(txn: object) -> tuple[list[tuple[bytes, bytes]], list[bytes]]:
        run = txn.connection.execute
        given = run(select(m.card).where(m.value, m.field == "same_here")).scalars().all()
        return run(select(c.id, c.kind, c.body)).all(), given

    cards, given = town.db.write(read)
    cells = {id_: (kind, decode_body(body).cells) for id_, kind, body in cards if body}
    for id_, (kind, fields) in cells.items():
        if kind == "idea" and "moved" not in fields:
            counted = fields["same_here"].value if "same_here" in fields else 0
            assert counted == given.count(id_), f"{counted} marks, not {given.count(id_)}"

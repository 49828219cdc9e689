"""What was ever saved, who was told what, and who may read what: the plain model that the server is held against."""

from collections.abc import Iterable
from typing import NamedTuple

from server.store.acceptance import parent_of
from sync.protocol import Code, Verdict
from tests.property.phones import WORD, Saved, words

Key = tuple[int, bytes]  # space, card


class Broken(AssertionError):
    """A promise is broken: `sort` says which, alike for every script that breaks it the same way."""

    def __init__(self, sort: str, what: object) -> None:
        super().__init__(f"{sort}: {what}")
        self.sort = sort


class Remembered(NamedTuple):
    """What the model knew when a backup was made."""

    codes: dict[tuple[str, bytes], int]
    moved: dict[Key, Key]
    readable: dict[str, frozenset[int]]


class Ledger:
    """Remembers every word ever saved, every verdict ever given, every move and every grant."""

    def __init__(self) -> None:
        self.saved: dict[tuple[str, bytes], Saved] = {}
        self.codes: dict[
            tuple[str, bytes], int
        ] = {}  # told in this epoch, or before the backup that it began with
        self.moved: dict[Key, Key] = {}
        self.readable: dict[str, frozenset[int]] = {}
        self.fragile: list[
            Saved
        ] = []  # acknowledged, and gone from an evicted device or a week after their author left the team
        self.evicted: set[bytes] = set()
        self.purged: set[bytes] = set()
        self.cut: set[bytes] = set()  # the log has let go of what landed with them
        self.again: set[bytes] = set()  # written once more by somebody, from a fork
        self.epoch: bytes | None = None  # the server's
        self.leaks = 0
        self._first: dict[bytes, Saved] = {}  # by word
        self._made: dict[bytes, Saved] = {}  # by card

    def keep(self, saved: Saved) -> None:
        """A person has saved a change."""
        self.saved[saved.person, saved.change.id] = saved
        if saved.change.card not in self._made:
            self._made[saved.change.card] = saved
        self.again.update(word for word in saved.added if word in self._first)
        for word in saved.added:
            self._first.setdefault(word, saved)

    def let_go(self, landed: Iterable[Saved], epoch: bytes) -> None:
        """A device keeps these no longer: their author left the team a week before, with no backup that is known of.

        The next restore may lose them; one that came before the reply which let them go has done so.
        """
        if epoch == self.epoch:
            self.fragile += landed
        else:
            self.evicted |= set().union(*(saved.added for saved in landed))

    def say_again(self, person: str, request: bytes) -> None:
        """A request that set out before a restore comes after it, and before what its texts were built on."""
        for (name, id_), saved in self.saved.items():
            if name == person and id_ in request and "text" in saved.change.set:
                self.again |= words(saved.change.set["text"][0])

    def judge(self, person: str, verdict: Verdict) -> None:
        """Note a verdict. It is the same however often the change is sent, unless the change was held (P3)."""
        key = (person, verdict.id)
        before = self.codes.get(key, Code.HELD)
        was_cut = verdict.code == Code.DONE and verdict.seq == 0  # the log remembers that it landed, not how
        if before not in (Code.HELD, verdict.code) and not (was_cut and before < Code.REFUSED):
            raise Broken("verdict", f"{self.saved.get(key)} was {before}, now {verdict}")
        if not was_cut or before == Code.HELD:
            self.codes[key] = verdict.code

    def place_of(self, change_space: int, card: bytes, parent: bytes | None) -> Key:
        """Where a card is now, with all moves since; a comment follows what it is about."""
        space, moved = change_space, self.moved
        while True:
            if (space, card) in moved:
                parent = moved.get((space, parent or b""), (0, parent))[1]
                space, card = moved[space, card]
            elif parent and (space, parent) in moved:
                space, parent = moved[space, parent]
            else:
                return space, card

    def home(self, word: bytes) -> Key | None:
        """The card that a word was written on, where it is now."""
        saved = self._first.get(word)
        return None if saved is None else self.home_of(saved)

    def home_of(self, saved: Saved) -> Key:
        """Where the card of a change is now."""
        made = self._made.get(saved.change.card, saved)
        return self.place_of(saved.change.space, saved.change.card, parent_of(made.change))

    def maker(self, card: bytes) -> Saved | None:
        """The change that makes a card."""
        return self._made.get(card)

    def look(self, person: str, body: bytes) -> None:
        """Bytes leave for a person: every word in them lies in a space that this person may read now (P6)."""
        readable = self.readable[person]
        for word in WORD.findall(body):
            home = self.home(word)
            if home is None or home[0] not in readable:
                self.leaks += 1
                raise Broken("leak", f"{person} got {word.decode()} of {home}, and reads {sorted(readable)}")

    def remember(self) -> Remembered:
        """What a backup made now would bring back."""
        return Remembered(dict(self.codes), dict(self.moved), dict(self.readable))

    def go_back(self, to: Remembered) -> None:
        """The server was restored."""
        self.codes, self.moved, self.readable = dict(to.codes), dict(to.moved), dict(to.readable)

    @property
    def words(self) -> set[bytes]:
        """Every word ever saved."""
        return set().union(*(saved.added for saved in self.saved.values()))

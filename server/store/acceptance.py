"""One run of accepting changes: what came, what has been loaded, and the rows that go back."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct

from server.db import Transaction
from server.store.cards import Desk, Key
from sync.cards import KINDS
from sync.kinds import Role
from sync.laws import Cell
from sync.protocol import Change, Code, Verdict, encode

RUN_BYTES, ID_BYTES = 8, 12
REFUSED, HELD = Code.REFUSED, Code.HELD  # members are slow to look up


class Arrival(Struct, frozen=True, gc=False):
    """One change as it came: from whom, its bytes, and what they say (nil if they can't be read)."""

    person: int
    device: int
    raw: bytes
    change: Change | None
    id: bytes
    digest: bytes  # tells whether the same id came with other content; its base is none
    run: tuple[int, bytes]  # whose replica it came from: the person, and the random half of the id
    counter: int  # the counting half
    body: bytes | None = None  # the fields that it sets, as the log keeps them
    is_plain: bool = False  # no marks, photos, sets or parent to look after
    is_revoked: bool = False  # its author or the device was removed before it came
    is_sealed: bool = False  # it came without a session: nobody there hears a verdict


def arrived(person: int, device: int, raw: bytes, change: Change | None, id_: bytes) -> Arrival:
    """An arrival with its digest."""
    run, counter = (person, id_[:RUN_BYTES]), int.from_bytes(id_[RUN_BYTES:ID_BYTES])
    try:
        body = encode(change.set) if change else None
    except RecursionError:  # just shallow enough to be read
        body = None
    if change is None or body is None:
        return Arrival(person, device, raw, change, id_, digest_of(raw), run, counter)
    digest = digest_of(_lasting(change) + body)
    return Arrival(person, device, raw, change, id_, digest, run, counter, body, _is_plain(change))


def digest_of(content: bytes) -> bytes:
    """Eight bytes that tell contents apart."""
    return blake2b(content, digest_size=8).digest()


def _lasting(change: Change) -> bytes:
    """What of a change's head is the same each time it is sent: its base is 0 when it comes after a new epoch."""
    return encode((change.id, change.space, change.card, change.kind, change.at))


def _is_plain(change: Change) -> bool:
    kind = KINDS.get(change.kind)
    if kind is None or kind.hangs_on or not kind.tallies.isdisjoint(change.set):
        return False
    return "/" not in "".join(change.set)


class Logged(Struct, array_like=True, gc=False, frozen=True):
    """What the log says of a change that is already stored."""

    digest: bytes
    code: int
    seq: int
    detail: dict[str, object] | None
    space: int
    n: int


CUT = Logged(b"", Code.DONE, 0, None, 0, 0)  # landed, and the log has let go of it


class Rights(NamedTuple):
    """What a role in a space is to a card there, and to a card of the team whose space it is, as flags of `Who`."""

    as_reader: int
    as_member: int


class Acceptance:
    """One run of `accept`: the desk, and the rows that go to the log, the marks and the quarantine."""

    def __init__(self, txn: Transaction, now: int, secret: bytes) -> None:
        self.txn, self.now, self.secret = txn, now, secret
        self.desk = Desk(txn, now)
        self.roles: dict[int, dict[int, Role]] = {}
        self.rights: dict[int, dict[int, Rights]] = {}  # by person and space
        self.flags: dict[
            tuple[int, int, int | None], int
        ] = {}  # of `Who`, by person, space and team of a card
        self.revoked: set[tuple[int, int]] = set()  # person, space
        self.former: set[tuple[int, int]] = set()  # person, space: whenever the grant ended
        self.welcome: frozenset[int] = frozenset()  # persons whose ended grants count once more
        self.own: dict[int, int] = {}
        self.runs: dict[tuple[int, bytes], int] = {}  # a person's replicas, by the random half of their ids
        self.known: dict[tuple[int, int], Logged] = {}
        self.marks: dict[tuple[Key, str, bytes], Cell] = {}
        self.log: list[tuple[object, ...]] = []  # in the order of the table's columns
        self.held: list[dict[str, object]] = []
        self.held_today: dict[int, tuple[int, int]] = {}  # by person: changes and bytes
        self.reworded: list[
            tuple[str, bytes | None, int, bytes]
        ] = []  # why, about which card, person, digest
        self.released: list[tuple[int, bytes]] = []  # person and digest
        self.mark_rows: list[dict[str, object]] = []
        self.photos: list[dict[str, object]] = []
        self.made: set[Key] = set()
        self.settled: dict[tuple[int, bytes], Verdict] = {}  # what was judged again, by person and change id
        self.tallied: list[tuple[int, Key, str, Mapping[str, Cell]]] = []
        self.writers_seen: dict[tuple[int, int], None] = {}  # person, space: whose name readers need


def has_tally(change: Change) -> bool:
    """Whether a change sets one of the fields whose marks only the server reads."""
    kind = KINDS.get(change.kind)
    return kind is not None and not kind.tallies.isdisjoint(change.set)


def parent_of(change: Change) -> bytes | None:
    """The card that a new card is about."""
    kind = KINDS.get(change.kind)
    pair = change.set.get(kind.hangs_on) if kind and kind.hangs_on else None
    return pair[1] if pair and isinstance(pair[1], bytes) else None

"""One run of accepting changes: what came, what has been loaded, and the rows that go back."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import select

from server.db import Transaction
from server.store.cards import Desk, Key
from server.tables import card
from sync.cards import KINDS
from sync.kinds import Role
from sync.laws import Cell
from sync.protocol import Change, Code, Verdict, decode_change, encode

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


def in_order(found: Sequence[tuple[int, int, bytes]]) -> list[Arrival]:
    """What lay in quarantine (person, device, bytes) in the order of arrival; that of each author as it was written."""
    changes = [(person, device, body, decode_change(body)) for person, device, body in found]
    arrivals = [arrived(*waits, waits[3].id) for waits in changes]
    by_author: dict[int, list[Arrival]] = {}
    for arrival in sorted(arrivals, key=written, reverse=True):
        by_author.setdefault(arrival.person, []).append(arrival)
    return [by_author[arrival.person].pop() for arrival in arrivals]


def written(arrival: Arrival) -> tuple[int, bytes]:
    """When its device says that it was written; one app's changes of one moment are told apart by their numbers."""
    return (arrival.change.at if arrival.change else 0), arrival.id


def digest_of(content: bytes) -> bytes:
    """Eight bytes that tell contents apart."""
    return blake2b(content, digest_size=8).digest()


def digests_of(arrival: Arrival) -> tuple[bytes, bytes]:
    """The digest of what came, and the one under which it was stored while it could not be read."""
    return arrival.digest, digest_of(arrival.raw)


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
        # Of `Who`, by person, space and team of a card.
        self.flags: dict[tuple[int, int, int | None], int] = {}
        self.revoked: set[tuple[int, int]] = set()  # person, space
        self.former: set[tuple[int, int]] = set()  # person, space: whenever the grant ended
        self.welcome: frozenset[int] = frozenset()  # persons whose ended grants count once more
        self.parted: set[int] = set()  # persons of whom something is held because they had left a team
        self.own: dict[int, int] = {}
        self.receivers: dict[int, dict[int, str]] = {}  # by own space posted to: what its owner reads
        self.posted: dict[tuple[int, int], int] = {}  # within a day, by writer and space posted to
        self.taken: list[tuple[int, Key]] = []  # hidden or shown again: by whom, which card
        self.runs: dict[tuple[int, bytes], int] = {}  # a person's replicas, by the random half of their ids
        self.known: dict[tuple[int, int], Logged] = {}
        self.marks: dict[tuple[Key, str, bytes], Cell] = {}
        self.log: list[tuple[object, ...]] = []  # in the order of the table's columns
        self.held: list[dict[str, object]] = []
        self.held_today: dict[int, tuple[int, int]] = {}  # by person: changes and bytes
        # Why, about which card, person, digest.
        self.reworded: list[tuple[str, bytes | None, int, bytes]] = []
        self.released: list[tuple[int, bytes]] = []  # person and digest
        self.mark_rows: list[dict[str, object]] = []
        self.photos: list[dict[str, object]] = []
        self.made: set[Key] = set()
        self.settled: dict[tuple[int, bytes], Verdict] = {}  # what was judged again, by person and change id
        self.tallied: list[tuple[int, Key, str, Mapping[str, Cell]]] = []
        self.writers_seen: dict[tuple[int, int], None] = {}  # person, space: whose name readers need


def known_beside(work: Acceptance, change: Change) -> int:
    """How many other cards of a kind with a `most` are in the space, of those that the writer has seen."""
    kind, c = KINDS.get(change.kind), card.c
    if kind is None or not kind.most:
        return 0
    query = select(c.id).where(c.space == change.space, c.kind == kind.name)
    work.desk.load((change.space, id_) for id_ in work.txn.connection.execute(query).scalars())
    here = [(key[1], held) for key, held in work.desk.cards.items() if key[0] == change.space and held]
    return sum(
        held.value("gone") is None and min(cell.seq for cell in held.cells.values()) <= change.base
        for id_, held in here
        if id_ != change.card and held.kind == kind.name
    )


def has_tally(change: Change) -> bool:
    """Whether a change sets one of the fields whose marks only the server reads."""
    kind = KINDS.get(change.kind)
    return kind is not None and not kind.tallies.isdisjoint(change.set)


def parent_of(change: Change) -> bytes | None:
    """The card that a new card is about."""
    kind = KINDS.get(change.kind)
    pair = change.set.get(kind.hangs_on) if kind and kind.hangs_on else None
    return pair[1] if pair and isinstance(pair[1], bytes) else None

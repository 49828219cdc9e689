"""Late words: held because their author or the device was removed before they came (docs/devices.md D-66)."""

from collections.abc import Collection, Sequence

from msgspec import Struct
from sqlalchemy import Select, delete, func, or_, select, update

from server.db import Transaction
from server.store.people import DAY_MS
from server.store.quarantine import LATE
from server.store.ranges import Ranges, joined, pack, unpack
from server.store.retention import Batch, Pace, in_chunks
from server.tables import change, device, grants, person, quarantine, run
from sync.kinds import Role
from sync.protocol import Refusal

KEPT_DAYS = 90
MOST = 200  # in one answer
NOT_LOGGED = (Refusal.UNDECODABLE.value, Refusal.ID_REUSED.value)  # what came under no number of its own
q = quarantine.c


class Late(Struct, frozen=True):
    """A change that came late, as bytes; `name` is its author's now."""

    id: int
    person: int
    name: str
    device: int
    space: int
    card: bytes | None
    hangs: bytes | None
    kind: str
    reason: str
    received_at: int
    body: bytes
    let_go_at: int | None


def late_in(txn: Transaction, spaces: Sequence[int], after: int) -> list[Late]:
    """What waits for a decision in these spaces after one of them, oldest first; a part of it."""
    query = _query().where(q.space.in_(spaces), q.id > after, q.let_go_at.is_(None))
    query = query.order_by(q.id).limit(MOST)
    return [Late(*row) for row in txn.connection.execute(query)]


def late_of(txn: Transaction, author: int) -> list[Late]:
    """What waits of one author's, in whatever space."""
    query = _query().where(q.person == author, q.let_go_at.is_(None)).order_by(q.id).limit(MOST)
    return [Late(*row) for row in txn.connection.execute(query)]


def reached_by(txn: Transaction, ways: Collection[int]) -> set[int]:
    """The spaces that people of these teams read or have read by being in them."""
    query = select(grants.c.space).where(grants.c.via.in_(ways)).distinct()
    return set(txn.connection.execute(query).scalars())


def supervised(txn: Transaction) -> set[int]:
    """The teams that have a supervisor whose account isn't going."""
    g, going = grants.c, select(person.c.id).where(person.c.erase_on.is_not(None))
    here = (g.space == g.via) & (g.role == Role.SUPERVISOR.value) & g.until.is_(None) & g.person.not_in(going)
    return set(txn.connection.execute(select(g.space).where(here).distinct()).scalars())


def late_one(txn: Transaction, number: int) -> Late | None:
    """One of them, decided or not, until somebody else's transaction is over."""
    txn.connection.execute(select(q.id).where(q.id == number).with_for_update())
    row = txn.connection.execute(_query().where(q.id == number)).one_or_none()
    return Late(*row) if row is not None else None


def late_with(txn: Transaction, one: Late) -> list[Late]:
    """All that lands together with it: what its author wrote on the same card before, and the card that it is about."""
    cards = [card for card in (one.card, one.hangs) if card is not None]
    same = (q.person == one.person) & (q.space == one.space) & or_(q.id == one.id, q.card.in_(cards))
    query = _query().where(same, q.id <= one.id, q.let_go_at.is_(None)).order_by(q.id)
    return [Late(*row) for row in txn.connection.execute(query)]


def _query() -> Select[int, int, str, int, int, bytes | None, bytes | None, str, str, int, bytes, int | None]:
    p = person.c
    columns = (q.device, q.space, q.card, q.hangs, q.kind, q.reason, q.received_at, q.body, q.let_go_at)
    query = select(q.id, q.person, p.name, *columns).join(person, p.id == q.person)
    return query.where(q.reason.in_(LATE))


def let_go(txn: Transaction, number: int, now: int) -> None:
    """Nobody sees it from now on; it goes when its 90 days are over."""
    txn.connection.execute(update(quarantine).where(q.id == number).values(let_go_at=now))


def drop_late(txn: Transaction, now: int, pace: Pace) -> Batch:
    """Remove what nobody has accepted within 90 days."""
    old = select(q.id).where(q.reason.in_(LATE), q.received_at < now - KEPT_DAYS * DAY_MS)

    def drop(most: int) -> int:
        numbers = txn.connection.execute(old.limit(most)).scalars().all()
        if numbers:
            txn.connection.execute(delete(quarantine).where(q.id.in_(numbers)))
        return len(numbers)

    return in_chunks(pace, drop)


class Author(Struct, frozen=True):
    """Who may have sealed on a device: its person, the author key that was registered, whether either was removed."""

    device: int
    person: int
    public: bytes
    lang: str
    is_revoked: bool
    has_left: bool


def authors(txn: Transaction, uuids: Sequence[bytes]) -> dict[bytes, Author]:
    """The authors of devices, also of revoked ones; devices that nobody knows are left out."""
    d, p = device.c, person.c
    query = select(d.uuid, d.id, p.id, d.sign_pub, p.lang, d.revoked_at, p.left_at)
    rows = txn.connection.execute(
        query.join(person, p.id == d.person).where(d.uuid.in_(uuids), d.sign_pub.is_not(None))
    )
    return {
        uuid: Author(number, who, public, lang, left is not None or revoked is not None, left is not None)
        for uuid, number, who, public, lang, revoked, left in rows
    }


def note_came(txn: Transaction, number: int, came: Sequence[int]) -> None:
    """Note which numbers have come of those that a device's author key has counted (D-64)."""
    query = select(device.c.sealed).where(device.c.id == number).with_for_update()
    before = txn.connection.execute(query).scalar_one()
    after = pack(joined(unpack(before), came))
    txn.connection.execute(update(device).where(device.c.id == number).values(sealed=after))


def missing_of(txn: Transaction, author: int) -> list[tuple[str, int]]:
    """By the name of a device, how many of an author's sealed words have not come though later ones have.

    A word that was sealed may have come another way in the end: missing is only what came in none.
    """
    d = device.c
    query = select(d.id, d.name, d.sealed).where(d.person == author, d.sealed.is_not(None)).order_by(d.id)
    rows = txn.connection.execute(query).all()
    gaps = {number: gap for number, _, sealed in rows if (gap := _gaps(unpack(sealed), 1))}
    unheard = _unheard(txn, list(gaps)) if gaps else {}
    found = [(name, min(gaps.get(number, 0), unheard.get(number, 0))) for number, name, _ in rows]
    return [(name, count) for name, count in found if count > 0]


def _gaps(ranges: Ranges, first: int) -> int:
    """How many numbers from the first possible one up to the last that is known are not among them."""
    return ranges[-1][1] - first + 1 - sum(last - low + 1 for low, last in ranges) if ranges else 0


def _unheard(txn: Transaction, devices: Sequence[int]) -> dict[int, int]:
    """By device, how many changes are neither stored nor refused nor held, though the same replica's later ones are."""
    r, c = run.c, change.c
    logged = select(r.device, r.id, r.cut, func.count(c.n), func.max(c.counter))
    logged = logged.join(change, c.run == r.id).where(r.device.in_(devices)).group_by(r.device, r.id, r.cut)
    found: dict[int, int] = dict.fromkeys(devices, 0)
    for number, _, cut, count, last in txn.connection.execute(logged):
        heard = joined(unpack(cut), [last])
        found[number] += _gaps(heard, 0) - (count - 1)
    odd = (q.device.in_(devices)) & q.reason.in_(NOT_LOGGED)
    for number, count in txn.connection.execute(select(q.device, func.count()).where(odd).group_by(q.device)):
        found[number] -= count
    return found

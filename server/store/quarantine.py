"""What could not be judged: kept as it came, until it lands or is refused."""

from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct
from sqlalchemy import bindparam, delete, exists, func, select, update

from server.db import Transaction, among
from server.forms import Held
from server.store.acceptance import Acceptance, Arrival, digest_of
from server.store.cards import Key, upsert
from server.store.people import DAY_MS
from server.tables import quarantine, space
from sync.protocol import Change, Refusal

MOST_A_DAY = 5_000  # changes of one person: more than a device that was away for years has in its outbox
MOST_BYTES_A_DAY = 50_000_000
NEWER = "It was written with a newer version of the app: upgrade this server, then replay it."
WHAT_TO_DO = {
    Refusal.UNKNOWN_KIND: NEWER,
    Refusal.UNKNOWN_FIELD: NEWER,
    Refusal.NO_CARD: "Its card has not come yet. It lands by itself together with the card: nothing to do.",
    Refusal.UNDECODABLE: "Its bytes are no change: a damaged device. Ask the person whether something is missing.",
    Refusal.ID_REUSED: "Its number was used before for something else: a copied device. The person can write it anew.",
    Refusal.GRANT_REVOKED: "The person had left the team. Let the person in again and replay it, or leave it here.",
    Refusal.AUTHOR_REVOKED: "Person or device was removed. The author or the team's supervisor decides in the app.",
    Refusal.INTERNAL: "A defect of this server: report it with the version, and replay it after the next upgrade.",
}
LATE = (Refusal.AUTHOR_REVOKED.value, Refusal.GRANT_REVOKED.value)  # their author and a supervisor decide
q = quarantine.c
HOLDING = select(space.c.id).where(exists().where(q.space == space.c.id), among(space.c.id))
ABOUT = (q.space == bindparam("in_space")) & (q.reason == bindparam("why"))
BY_CARD, BY_PARENT = (
    select(q.id, q.person, q.device, q.body).where(ABOUT, among(column)) for column in (q.card, q.hangs)
)
SINCE_PARTING = (
    select(q.person, q.device, q.body)
    .where(q.space == bindparam("in_space"), q.card == bindparam("on"), q.person == bindparam("whose"))
    .where(q.reason == bindparam("why"), q.let_go_at.is_(None))
    .order_by(q.id)
)
HERE = (q.person == bindparam("whose")) & (q.digest == bindparam("which"))
RELEASE = delete(quarantine).where(HERE)
BECAME_LATE = update(quarantine).where(HERE, *(q.reason != late for late in LATE))
BECAME_LATE = BECAME_LATE.values(received_at=bindparam("since"))
REWORD = update(quarantine).values(reason=bindparam("why"), hangs=bindparam("on")).where(HERE)


class HeldChange(Struct, frozen=True):
    """A quarantined change as it came."""

    id: int
    person: int
    device: int
    body: bytes
    reason: str


def held(txn: Transaction, number: int = 0) -> list[Held]:
    """What is in quarantine, oldest first; or the one of this number."""
    query = select(q.id, q.person, q.received_at, q.space, q.kind, func.length(q.body), q.reason)
    query = query.where(q.id == number) if number else query.where(q.let_go_at.is_(None))
    rows = txn.connection.execute(query.order_by(q.id))
    return [Held(*row, what_to_do=WHAT_TO_DO[Refusal(row.reason)]) for row in rows]


def held_changes(txn: Transaction, reason: str, after: int, most: int) -> list[HeldChange]:
    """The next of those that are held for a reason, or for any if none is named."""
    query = select(q.id, q.person, q.device, q.body, q.reason).where(q.id > after, q.let_go_at.is_(None))
    query = query.where(q.reason == reason) if reason else query
    return [HeldChange(*row) for row in txn.connection.execute(query.order_by(q.id).limit(most))]


def has_room(work: Acceptance, arrival: Arrival) -> bool:
    """Whether one more of this person's changes may be held today; what is held already always may."""
    changes, size = work.held_today.get(arrival.person) or _held_today(work, arrival.person)
    if changes >= MOST_A_DAY or size + len(arrival.raw) > MOST_BYTES_A_DAY:
        digests = (arrival.digest, digest_of(arrival.raw))
        here = select(q.id).where(q.person == arrival.person, q.digest.in_(digests))
        return work.txn.connection.execute(here).first() is not None
    work.held_today[arrival.person] = (changes + 1, size + len(arrival.raw))
    return True


def _held_today(work: Acceptance, person: int) -> tuple[int, int]:
    today = (q.person == person) & (q.received_at > work.now - DAY_MS)
    query = select(func.count(), func.coalesce(func.sum(func.length(q.body)), 0)).where(today)
    changes, size = work.txn.connection.execute(query).one()
    return changes, int(size)


def is_late(txn: Transaction, arrival: Arrival) -> bool:
    """Whether a change waits for somebody's decision: that ends with its 90 days, not with those of a grant."""
    here = (q.person == arrival.person) & q.digest.in_((arrival.digest, digest_of(arrival.raw)))
    return txn.connection.execute(select(q.id).where(here, q.reason.in_(LATE))).first() is not None


def keep(txn: Transaction, rows: Sequence[Mapping[str, object]]) -> None:
    """Store what is held, one statement for all; what was held before keeps the time when it first came."""
    once = {(row["person"], row["digest"]): row for row in rows}
    upsert(txn, quarantine, ("person", "digest"), list(once.values()), ("reason",))


def reword(work: Acceptance) -> None:
    """Note why changes are held now, and what they are about; late words wait 90 days from when they became such."""
    late = [place for reason, _, *place in work.reworded if reason in LATE]
    if late:
        since = work.desk.counts_from
        named = [{"since": since, "whose": whose, "which": which} for whose, which in late]
        work.txn.connection.execute(BECAME_LATE, named)
    work.txn.store(REWORD, work.reworded)


def release(txn: Transaction, landed: Sequence[tuple[int, bytes]]) -> None:
    """Let go of what is held no more: (person, digest) each."""
    txn.store(RELEASE, landed)


def waiting_for(txn: Transaction, made: Collection[Key]) -> list[tuple[int, int, bytes]]:
    """What waits for one of these cards, in the order of arrival: person, device, bytes."""
    by_space: dict[int, list[bytes]] = {}
    for where, card in made:
        by_space.setdefault(where, []).append(card)
    found: dict[int, tuple[int, int, bytes]] = {}
    for (where,) in txn.rows(HOLDING, (), sorted(by_space)):
        for query in (BY_CARD, BY_PARENT):
            rows = txn.rows(query, (where, Refusal.NO_CARD.value), sorted(by_space[where]))
            found |= {number: (person, device, body) for number, person, device, body in rows}
    return [found[number] for number in sorted(found)]


def held_since_parting(txn: Transaction, person: int, change: Change) -> list[tuple[int, int, bytes]]:
    """What somebody wrote on the card of a change and nobody has decided about since it came from outside the team.

    In the order of arrival: person, device, bytes.
    """
    return txn.rows(SINCE_PARTING, (change.space, change.card, person, Refusal.GRANT_REVOKED.value))

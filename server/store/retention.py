"""What time lets go of, a few rows at a time: bodies and rows of the change log, sessions, invitations.

Each function is one small transaction, which stops when it has touched enough rows or taken long enough, and is called
again until it is done. `docs/protocol.md` section 5 says what is kept for how long.
"""

from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import NamedTuple

from sqlalchemy import Row, Select, delete, exists, insert, or_, select, update

from server.db import Transaction
from server.store.frames import is_read
from server.store.people import DAY_MS, IDLE_DAYS, LONGEST_DAYS
from server.store.ranges import joined, pack, unpack
from server.tables import (
    audit,
    bucket,
    challenge,
    change,
    device,
    invitation,
    notice,
    person,
    run,
    session,
    snapshot,
    space,
    subscription,
    upkeep,
)
from sync.protocol import Code

BODY_DAYS = 400
LOG_DAYS = 775  # 25 months: longer than any client that is heard
AUDIT_DAYS = 400
GONE_DAYS = 400  # so long a device that was let go of is told
NOTICE_DAYS = 90  # and sign-ins that failed
INVITATION_DAYS = 30  # after its end: until then its link says that it is too old
CHUNK = 50  # rows between two looks at the clock


class Pace(NamedTuple):
    """How much a batch may do: so many rows, and not longer than this allows."""

    most: int
    is_late: Callable[[], bool]


class Batch(NamedTuple):
    """What a batch did: rows touched, and whether there is nothing left for now."""

    rows: int
    is_done: bool


def every_space(txn: Transaction) -> list[int]:
    """The numbers of all spaces."""
    return list(txn.connection.execute(select(space.c.id).order_by(space.c.id)).scalars())


def in_chunks(pace: Pace, take: Callable[[int], int]) -> Batch:
    """Call `take(most)`, which gives how many rows it found, until there are fewer or the batch is full or late."""
    rows = 0
    while rows < pace.most and (rows == 0 or not pace.is_late()):
        most = min(CHUNK, pace.most - rows)
        found = take(most)
        rows += found
        if found < most:
            return Batch(rows, True)
    return Batch(rows, False)


def blank_log(txn: Transaction, where: int, now: int, pace: Pace) -> Batch:
    """Take the words out of a space's log where they came more than 400 days ago."""
    c = change.c

    def blank(most: int) -> int:
        upto = reached(txn, where, "bodies")
        aged = _aged(txn, where, upto, most, now - BODY_DAYS * DAY_MS)
        if aged:
            old = (c.space == where) & c.n.between(upto + 1, aged[-1].n) & c.body.is_not(None)
            txn.connection.execute(update(change).where(old).values(body=None))
            note(txn, where, "bodies", aged[-1].n)
        return len(aged)

    return in_chunks(pace, blank)


def count_log(txn: Transaction, where: int, now: int, pace: Pace) -> Batch:
    """Note of changes that came more than 25 months ago that they landed; `cut_log` removes them in the next round.

    Between the two lies more time than any transaction takes that may have read what landed before it was noted.
    """

    def count(most: int) -> int:
        aged = _aged(txn, where, reached(txn, where, "log"), most, now - LOG_DAYS * DAY_MS)
        if aged:
            _remember(txn, aged)
            note(txn, where, "log", aged[-1].n)
        return len(aged)

    return in_chunks(pace, count)


def cut_log(txn: Transaction, where: int, now: int, pace: Pace) -> Batch:
    """Remove the rows of a space's log that have been counted. What was judged again meanwhile is counted now."""
    upto = reached(txn, where, "log")

    def cut(most: int) -> int:
        counted = txn.connection.execute(_rows(where, 0, most).where(change.c.n <= upto)).all()
        if counted:
            _remember(txn, counted)
            gone = (change.c.space == where) & (change.c.n <= counted[-1].n)
            txn.connection.execute(delete(change).where(gone))
        return len(counted)

    return in_chunks(pace, cut)


def _rows(where: int, upto: int, most: int) -> Select[tuple[int, int, int, int, int]]:
    c = change.c
    query = select(c.n, c.run, c.counter, c.code, (c.at + c.lag).label("received"))
    return query.where(c.space == where, c.n > upto).order_by(c.n).limit(most)


def _aged(
    txn: Transaction, where: int, upto: int, most: int, before: int
) -> list[Row[tuple[int, int, int, int, int]]]:
    rows = txn.connection.execute(_rows(where, upto, most))
    return list(takewhile(lambda row: row.received < before, rows))


def is_aged(txn: Transaction, where: int, upto: int, before: int) -> bool:
    """Whether the next row of a space's log came before a time."""
    return bool(_aged(txn, where, upto, 1, before))


def _remember(txn: Transaction, rows: Sequence[Row[tuple[int, int, int, int, int]]]) -> None:
    """Exactly-once outlives the log: what landed is kept as ranges of counters. The rest may be judged anew."""
    landed: dict[int, list[int]] = {}
    for row in rows:
        if row.code < Code.REFUSED:
            landed.setdefault(row.run, []).append(row.counter)
    query = select(run.c.id, run.c.cut).where(run.c.id.in_(sorted(landed))).order_by(run.c.id)
    for number, cut in txn.connection.execute(query.with_for_update()).all():
        ranges = pack(joined(unpack(cut), landed[number]))
        if ranges != cut:
            txn.connection.execute(update(run).where(run.c.id == number).values(cut=ranges))


def reached(txn: Transaction, where: int, what: str) -> int:
    """How far a task has come in a space."""
    u = upkeep.c
    query = select(u.upto).where(u.space == where, u.what == what)
    return txn.connection.execute(query).scalar_one_or_none() or 0


def note(txn: Transaction, where: int, what: str, upto: int) -> None:
    """Note how far a task has come in a space."""
    u = upkeep.c
    changed = update(upkeep).where(u.space == where, u.what == what).values(upto=upto)
    if not txn.connection.execute(changed).rowcount:
        txn.connection.execute(insert(upkeep).values(space=where, what=what, upto=upto))


def end_sessions(txn: Transaction, now: int, pace: Pace) -> Batch:
    """Remove sessions that are no good any more: not seen for 45 days, or older than 400 (D-31).

    Those that have to say `gone` stay for 400 days from then on: a phone may come late, and has to let go (D-44).
    """
    s, d, p, today = session.c, device.c, person.c, now // DAY_MS
    is_over = (s.seen_on < today - IDLE_DAYS) | (s.made_at < now - (LONGEST_DAYS + 1) * DAY_MS)
    since = now - GONE_DAYS * DAY_MS
    is_told = or_(
        s.ended_at.is_not(None) & (s.ended_at >= since),
        exists().where(d.id == s.device, d.revoked_at >= since),
        exists().where(p.id == s.person, p.left_at >= since),
    )
    over = select(s.token_hash).where(is_over, ~is_told)
    return in_chunks(pace, lambda most: _drop(txn, over, most))


def drop_subscriptions(txn: Transaction, now: int, pace: Pace) -> Batch:
    """Remove the subscriptions of sessions that are no more: their browsers are woken no longer (D-89)."""
    s = subscription.c
    orphans = select(s.id).where(~exists().where(session.c.token_hash == s.session))
    return in_chunks(pace, lambda most: _drop(txn, orphans, most))


def drop_invitations(txn: Transaction, now: int, pace: Pace) -> Batch:
    """Remove invitations that ended a month ago."""
    i = invitation.c
    ended = select(i.id).where(i.until < now - INVITATION_DAYS * DAY_MS)
    return in_chunks(pace, lambda most: _drop(txn, ended, most))


def drop_snapshots(txn: Transaction, now: int, pace: Pace) -> Batch:
    """Remove the snapshots of spaces that nobody reads any more; one is made again for who asks."""
    n = snapshot.c
    return in_chunks(pace, lambda most: _drop(txn, select(n.space).where(~is_read(n.space)), most))


def drop_events(txn: Transaction, now: int, pace: Pace) -> Batch:
    """Remove what the audit log says of more than 400 days ago, and sign-ins that failed 90 days ago (D-83)."""
    a = audit.c
    is_failure = (a.what == "sign_in_failed") & (a.at < now - NOTICE_DAYS * DAY_MS)
    is_old = (a.at < now - AUDIT_DAYS * DAY_MS) | is_failure
    return in_chunks(pace, lambda most: _drop(txn, select(a.id).where(is_old), most))


def drop_notices(txn: Transaction, now: int, pace: Pace) -> Batch:
    """Remove what persons were told more than 90 days ago."""
    n = notice.c
    told = select(n.id).where(n.at < now - NOTICE_DAYS * DAY_MS)
    return in_chunks(pace, lambda most: _drop(txn, told, most))


def drop_tries(txn: Transaction, now: int, pace: Pace) -> Batch:
    """Remove challenges that nobody answered, and buckets that are long full again."""
    c, b = challenge.c, bucket.c
    dropped = in_chunks(pace, lambda most: _drop(txn, select(c.value).where(c.until < now - DAY_MS), most))
    if not dropped.is_done:
        return dropped
    full = in_chunks(pace, lambda most: _drop(txn, select(b.key).where(b.since < now - DAY_MS), most))
    return Batch(dropped.rows + full.rows, full.is_done)


def _drop(txn: Transaction, query: Select[tuple[bytes]] | Select[tuple[int]], most: int) -> int:
    (key,) = query.selected_columns
    keys = txn.connection.execute(query.limit(most)).scalars().all()
    if keys:
        txn.connection.execute(delete(key.table).where(key.in_(keys)))
    return len(keys)

"""The change log: exactly-once, history, and verdicts that are given again (docs/protocol.md section 5)."""

from collections.abc import Sequence
from functools import cache

import msgspec
from sqlalchemy import Select, and_, bindparam, insert, or_, select, update

from server.store.acceptance import RUN_BYTES, Acceptance, Arrival, Logged, counter_of
from server.store.cards import Key
from server.tables import change as change_table
from server.tables import run
from sync.cards import KINDS
from sync.protocol import Change, Code, Verdict, encode

RUNS_OF = select(run.c.id, run.c.person, run.c.device, run.c.prefix).where(
    run.c.prefix.in_(bindparam("prefixes", expanding=True))
)


def load_known(work: Acceptance, arrivals: Sequence[Arrival]) -> None:
    """What the log already holds of these changes, and a number for each replica that they come from."""
    prefixes = {(a.person, a.device, a.id[:RUN_BYTES]) for a in arrivals}
    for row in work.txn.connection.execute(RUNS_OF, {"prefixes": sorted({p for _, _, p in prefixes})}):
        work.runs[row.person, row.device, row.prefix] = row.id
    spans: dict[int, list[int]] = {}
    for a in arrivals:
        if known_run := work.runs.get((a.person, a.device, a.id[:RUN_BYTES])):
            spans.setdefault(known_run, []).append(counter_of(a.id))
    _make_runs(work, prefixes - work.runs.keys())
    if not spans:
        return
    values: dict[str, int] = {}
    for i, (known_run, counters) in enumerate(spans.items()):
        values |= {f"run{i}": known_run, f"low{i}": min(counters), f"high{i}": max(counters)}
    for found in work.txn.connection.execute(_logged_between(len(spans)), values):
        detail = msgspec.msgpack.decode(found.detail) if found.detail else None
        logged = Logged(found.digest, found.code, found.seq, detail, found.space, found.n)
        work.known[found.run, found.counter] = logged


@cache
def _logged_between(runs: int) -> Select[tuple[int, int, bytes, int, int, bytes | None, int, int]]:
    """What the log holds of this many runs, each between two counters."""
    c = change_table.c
    spans = [
        and_(c.run == bindparam(f"run{i}"), c.counter.between(bindparam(f"low{i}"), bindparam(f"high{i}")))
        for i in range(runs)
    ]
    return select(c.run, c.counter, c.digest, c.code, c.seq, c.detail, c.space, c.n).where(or_(*spans))


def _make_runs(work: Acceptance, new: set[tuple[int, int, bytes]]) -> None:
    for person, device, prefix in sorted(new):
        new_run = insert(run).values(person=person, device=device, prefix=prefix).returning(run.c.id)
        work.runs[person, device, prefix] = work.txn.connection.execute(new_run).scalar_one()


def append(work: Acceptance, key: Key, arrival: Arrival, change: Change, verdict: Verdict) -> int:
    """Add the change to the space's log; what landed is chained to its card, tallies leave a digest only."""
    place = work.desk.places.get(change.space)
    if place is None:
        return 0
    place.logged += 1
    tallies = kind.tallies if (kind := KINDS.get(change.kind)) else frozenset[str]()
    body = {f: pair for f, pair in change.set.items() if f not in tallies} if tallies else change.set
    landed = verdict.code < Code.REFUSED and bool(body) and work.desk.cards.get(key) is not None
    prev = work.desk.log_of.get(key, 0) if landed else 0
    if landed and key[0] == place.id:
        work.desk.log_of[key] = place.logged
        work.desk.changed[key] = None
    work.log.append(
        (
            place.id,
            place.logged,
            work.runs[arrival.person, arrival.device, arrival.id[:RUN_BYTES]],
            counter_of(arrival.id),
            verdict.seq,
            change.at,
            work.now - change.at,
            prev,
            int(verdict.code),
            arrival.digest,
            encode(body) if body else None,
            encode(verdict.detail) if verdict.detail else None,
        )
    )
    return place.logged


def relog(work: Acceptance, key: Key, arrival: Arrival, verdict: Verdict) -> None:
    """Give a change that was held its new verdict, in the log too."""
    run_id = work.runs[arrival.person, arrival.device, arrival.id[:RUN_BYTES]]
    known = work.known.get((run_id, counter_of(arrival.id)))
    if known is None or not known.n:
        if arrival.change:
            append(work, key, arrival, arrival.change, verdict)
        return
    c = change_table.c
    landed = verdict.code < Code.REFUSED and known.space == key[0]
    values: dict[str, object] = {"code": verdict.code, "seq": verdict.seq}
    values["detail"] = encode(verdict.detail) if verdict.detail else None
    if landed:  # it joins the card's chain at its newest end
        values["prev"] = work.desk.log_of.get(key, 0)
        work.desk.log_of[key] = known.n
        work.desk.changed[key] = None
    work.txn.connection.execute(update(change_table).where(c.space == known.space, c.n == known.n), values)

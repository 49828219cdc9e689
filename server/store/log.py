"""The change log: exactly-once, history, and verdicts that are given again (docs/protocol.md section 5)."""

from collections.abc import Mapping, Sequence
from functools import cache

import msgspec
from sqlalchemy import Select, and_, bindparam, insert, or_, select, update

from server.db import among
from server.store.acceptance import CUT, REFUSED, Acceptance, Arrival, Logged, has_tally
from server.store.ranges import Ranges, holds, unpack
from server.store.turns import take_turns
from server.tables import change as change_table
from server.tables import run
from sync.cards import KINDS
from sync.merge import clamped
from sync.protocol import Change, Verdict, encode

RUNS_OF = select(run.c.id, run.c.person, run.c.prefix, run.c.cut).where(among(run.c.prefix))


def load_known(work: Acceptance, arrivals: Sequence[Arrival]) -> None:
    """What the log already holds of these changes, and a number for each replica that they come from."""
    prefixes = {a.run: a.device for a in arrivals}
    cuts: dict[int, Ranges] = {}
    _find_runs(work, {prefix for _, prefix in prefixes}, cuts)
    new = prefixes.keys() - work.runs.keys()
    if new and work.txn.is_shared:  # another process may be making them in this very moment
        take_turns(work.txn, sorted({person for person, _ in new}))
        _find_runs(work, {prefix for _, prefix in new}, cuts)
    spans: dict[int, list[int]] = {}
    for a in arrivals:
        if known_run := work.runs.get(a.run):
            spans.setdefault(known_run, []).append(a.counter)
    _make_runs(work, prefixes)
    if not spans:
        return
    values = [v for number, counters in spans.items() for v in (number, min(counters), max(counters))]
    values += values[-3:] * (_round(len(spans)) - len(spans))
    for number, counter, digest, code, seq, body, space, n in work.txn.rows(
        _logged_between(_round(len(spans))), values
    ):
        detail = msgspec.msgpack.decode(body) if body else None
        work.known[number, counter] = Logged(digest, code, seq, detail, space, n)
    if cuts:
        _load_cut(work, arrivals, cuts)


def _find_runs(work: Acceptance, prefixes: set[bytes], cuts: dict[int, Ranges]) -> None:
    for number, person, prefix, cut in work.txn.rows(RUNS_OF, (), sorted(prefixes)):
        work.runs[person, prefix] = number
        if cut:
            cuts[number] = unpack(cut)


def _load_cut(work: Acceptance, arrivals: Sequence[Arrival], cuts: Mapping[int, Ranges]) -> None:
    """What landed so long ago that the log has let go of it still counts once."""
    for a in arrivals:
        number = work.runs[a.run]
        if (number, a.counter) not in work.known and holds(cuts.get(number, []), a.counter):
            work.known[number, a.counter] = CUT


def _round(count: int) -> int:
    """The next power of two, so that few statements have to be compiled."""
    return 1 << (count - 1).bit_length()


@cache
def _logged_between(runs: int) -> Select[int, int, bytes, int, int, bytes | None, int, int]:
    """What the log holds of this many runs, each between two counters."""
    c = change_table.c
    spans = [
        and_(c.run == bindparam(f"run{i}"), c.counter.between(bindparam(f"low{i}"), bindparam(f"high{i}")))
        for i in range(runs)
    ]
    return select(c.run, c.counter, c.digest, c.code, c.seq, c.detail, c.space, c.n).where(or_(*spans))


def _make_runs(work: Acceptance, devices: Mapping[tuple[int, bytes], int]) -> None:
    for person, prefix in sorted(devices.keys() - work.runs.keys()):
        values = {"person": person, "device": devices[person, prefix], "prefix": prefix}
        new_run = insert(run).values(values).returning(run.c.id)
        work.runs[person, prefix] = work.txn.connection.execute(new_run).scalar_one()


def append(work: Acceptance, arrival: Arrival, change: Change, verdict: Verdict) -> int:
    """Add the change to the space's log; what landed is chained to its card, tallies leave a digest only."""
    desk = work.desk
    place = desk.places.get(change.space)
    if place is None:
        return 0
    place.logged += 1
    body = arrival.body if arrival.is_plain else _kept(change)
    key, at, prev = (change.space, change.card), clamped(change, work.now), 0
    if verdict.code < REFUSED and body and desk.cards.get(key) is not None:
        prev = desk.log_of.get(key, 0)
        desk.log_of[key] = place.logged
        desk.changed.setdefault(key)
    work.log.append(
        (
            place.id,
            place.logged,
            work.runs[arrival.run],
            arrival.counter,
            verdict.seq,
            at,
            work.now - at,
            prev,
            int(verdict.code),
            arrival.digest,
            body,
            encode(verdict.detail) if verdict.detail else None,
        )
    )
    return place.logged


def _kept(change: Change) -> bytes | None:
    """The fields that the log keeps with their values."""
    if not has_tally(change):
        return encode(change.set) if change.set else None
    tallies = KINDS[change.kind].tallies
    kept = {name: pair for name, pair in change.set.items() if name not in tallies}
    return encode(kept) if kept else None


def relog(work: Acceptance, arrival: Arrival, change: Change, verdict: Verdict) -> None:
    """Give a change that was held its new verdict, in the log too; `change` as it was judged."""
    place_in_log = work.runs[arrival.run], arrival.counter
    known = work.known.get(place_in_log)
    n = known.n if known else 0
    if not n:
        n = append(work, arrival, change, verdict)
    elif known:
        _rewrite(work, known, change, verdict)
    work.known[place_in_log] = Logged(
        arrival.digest, verdict.code, verdict.seq, verdict.detail, known.space if known else change.space, n
    )


def _rewrite(work: Acceptance, known: Logged, change: Change, verdict: Verdict) -> None:
    c, key = change_table.c, (change.space, change.card)
    values: dict[str, object] = {"code": verdict.code, "seq": verdict.seq}
    values["detail"] = encode(verdict.detail) if verdict.detail else None
    if verdict.code < REFUSED and known.space == change.space:  # it joins the card's chain at its newest end
        values["prev"] = work.desk.log_of.get(key, 0)
        work.desk.log_of[key] = known.n
        work.desk.changed.setdefault(key)
    work.txn.connection.execute(update(change_table).where(c.space == known.space, c.n == known.n), values)

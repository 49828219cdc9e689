"""The one way in for changes: `accept` merges all that waits in one transaction (docs/protocol.md section 5)."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import delete, select

from server.db import Transaction
from server.store.acceptance import (
    RUN_BYTES,
    Acceptance,
    Arrival,
    Logged,
    arrived,
    counter_of,
    has_tally,
    parent_of,
)
from server.store.cards import Key, add_rows, upsert
from server.store.log import append, load_known, relog
from server.store.writers import load_marks, load_people, mark_key, show_marks, show_writers, who_is
from server.tables import change as change_table
from server.tables import mark, photo, quarantine
from sync.merge import Card, Judging, Ruling, Writer, judge
from sync.protocol import Change, Code, Refusal, Verdict


def accept(txn: Transaction, arrivals: Sequence[Arrival], now: int, secret: bytes) -> list[Verdict]:
    """Merge changes in the order they came; one verdict each. Those already stored get their first verdict again."""
    work = Acceptance(txn, now, secret)
    _load(work, arrivals)
    verdicts = [_answer(work, arrival) for arrival in arrivals]
    _judge_waiting(work)
    show_marks(work)
    show_writers(work)
    save(work)
    return verdicts


def _load(work: Acceptance, arrivals: Sequence[Arrival]) -> None:
    readable = [(a, a.change) for a in arrivals if a.change is not None]
    load_people(work, {a.person for a in arrivals})
    load_known(work, [a for a, _ in readable])
    work.desk.lock(c.space for _, c in readable)
    if any(has_tally(c) for _, c in readable):
        work.desk.lock(work.own[a.person] for a, c in readable if has_tally(c) and a.person in work.own)
    keys = [(c.space, c.card) for _, c in readable if type(c.card) is bytes]
    parents = [(c.space, parent) for _, c in readable if (parent := parent_of(c))]
    work.desk.load([*keys, *parents])
    _follow(work, readable)
    teams = {t for c in work.desk.cards.values() if c and isinstance(t := c.value("team"), int)}
    teams |= {t[1] for _, c in readable if (t := c.set.get("team")) and isinstance(t[1], int)}
    work.desk.lock(t for t in teams if 0 < t < 2**31)
    load_marks(work, readable)


def _follow(work: Acceptance, readable: Sequence[tuple[Arrival, Change]]) -> None:
    """Load the new places of cards that have moved, so that pending changes can follow them."""
    targets = [_moved_to(card) for card in work.desk.cards.values() if card]
    found = [t for t in targets if t]
    if found:
        work.desk.lock(space for space, _ in found)
        work.desk.load(found)


def _moved_to(card: Card | None) -> Key | None:
    stub = card.value("moved") if card else None
    return (stub[0], stub[1]) if isinstance(stub, list) else None


def _answer(work: Acceptance, arrival: Arrival) -> Verdict:
    change = arrival.change
    if change is None:
        _hold(work, arrival, Refusal.UNDECODABLE)
        return Verdict(arrival.id, Code.HELD, 0, {"reason": Refusal.UNDECODABLE})
    run_id, counter = (
        work.runs[arrival.person, arrival.device, arrival.id[:RUN_BYTES]],
        counter_of(arrival.id),
    )
    if known := work.known.get((run_id, counter)):
        if known.digest != arrival.digest:
            _hold(work, arrival, Refusal.ID_REUSED)
            return Verdict(arrival.id, Code.HELD, 0, {"reason": Refusal.ID_REUSED})
        return Verdict(arrival.id, known.code, known.seq, known.detail)
    key, ruling = _rule(work, arrival, change)
    if ruling.code is Code.HELD:
        _hold(work, arrival, ruling.reason or Refusal.INTERNAL)
    place = work.desk.places.get(change.space)
    seq = place.head if place and ruling.code < Code.REFUSED else 0
    verdict = Verdict(arrival.id, ruling.code, seq, _detail(ruling))
    n = append(work, key, arrival, change, verdict)
    work.known[run_id, counter] = Logged(arrival.digest, verdict.code, seq, verdict.detail, change.space, n)
    return verdict


def _detail(ruling: Ruling) -> dict[str, object] | None:
    if ruling.reason:
        return {"reason": ruling.reason.value, "field": ruling.field}
    return {"fields": list(ruling.fields)} if ruling.fields else None


def _rule(work: Acceptance, arrival: Arrival, change: Change) -> tuple[Key, Ruling]:
    """Judge one change; an exception quarantines it alone (P7)."""
    key = (change.space, change.card)
    if target := _moved_to(work.desk.cards.get(key)):
        key, change = target, msgspec.structs.replace(change, space=target[0], base=0)
    if reason := _shut_out(work, arrival.person, change):
        return key, Ruling(Code.REFUSED if reason is Refusal.NO_GRANT else Code.HELD, reason)
    card = work.desk.cards.get(key)
    parent_key = (change.space, parent_of(change) or b"")
    parent = work.desk.cards.get(parent_key)
    before = [(c, c.cells.copy(), c.seq, c.talk) for c in (card, parent) if c]
    try:
        ruling = _judge(work, arrival.person, change, key, parent)
    except Exception:
        for c, cells, seq, talk in before:
            c.cells, c.seq, c.talk = cells, seq, talk
        return key, Ruling(Code.HELD, Refusal.INTERNAL)
    if parent and ruling.code < Code.REFUSED:
        work.desk.put(parent_key, parent, wrote=parent.seq > before[-1][2])
    return key, ruling


def _shut_out(work: Acceptance, person: int, change: Change) -> Refusal | None:
    if change.space in work.roles.get(person, {}):
        return None
    return Refusal.GRANT_REVOKED if (person, change.space) in work.revoked else Refusal.NO_GRANT


def _judge(work: Acceptance, person: int, change: Change, key: Key, parent: Card | None) -> Ruling:
    desk = work.desk
    card, place = desk.cards.get(key), desk.places[key[0]]
    tallied = has_tally(change)
    who_key = mark_key(work.secret, person) if tallied else b""
    marks = {f: c for (k, f, w), c in work.marks.items() if k == key and w == who_key} if tallied else {}
    writer = Writer(person, who_is(work, person, change, (card, parent)))
    after, ruling = judge(Judging(card, parent, change, writer, marks, work.now, place.head + 1))
    if after is None or ruling.code >= Code.REFUSED:
        return ruling
    if card is None and ruling.code < Code.REFUSED:
        work.made.add(key)
        work.writers_seen[person, key[0]] = None
    if ruling.wrote or card is None:
        if after.seq <= place.head:
            after.seq = place.head + 1
        desk.put(key, after, wrote=True)
    for field, cell in ruling.marks.items():
        work.marks[key, field, who_key] = cell
        row = {"space": key[0], "card": key[1], "field": field, "who": who_key}
        work.mark_rows.append({**row, "value": cell.value is True, "at": cell.at})
    if ruling.marks and change.kind:
        work.tallied.append((person, key, change.kind, ruling.marks))
    work.photos += [
        {"space": key[0], "card": key[1], "sha": bytes.fromhex(name[7:])}
        for name, (_, now) in change.set.items()
        if name.startswith("photos/") and now is not None
    ]
    return ruling


def hold_all(txn: Transaction, arrivals: Sequence[Arrival], now: int) -> list[Verdict]:
    """Quarantine changes that broke the transaction, each as bytes."""
    work = Acceptance(txn, now, b"")
    for arrival in arrivals:
        _hold(work, arrival, Refusal.INTERNAL)
    save(work)
    return [Verdict(a.id, Code.HELD, 0, {"reason": Refusal.INTERNAL}) for a in arrivals]


def _hold(work: Acceptance, arrival: Arrival, reason: Refusal) -> None:
    """Keep what could not be judged, as bytes; `virtaamo quarantine` shows and replays it."""
    change = arrival.change
    row: dict[str, object] = {
        "person": arrival.person,
        "device": arrival.device,
        "reason": reason.value,
        "digest": arrival.digest,
    }
    row |= {"received_at": work.now, "body": arrival.raw, "space": 0, "card": None, "kind": ""}
    if change is not None:
        row |= {"space": change.space, "card": change.card, "kind": change.kind[:64]}
    work.held.append(row)


def _judge_waiting(work: Acceptance) -> None:
    """Changes that came before the card they belong to are judged in the transaction that makes it."""
    if not work.made:
        return
    q = quarantine.c
    spaces = {space for space, _ in work.made}
    waiting = work.txn.connection.execute(
        select(quarantine).where(q.reason == Refusal.NO_CARD.value, q.space.in_(spaces)).order_by(q.id)
    ).all()
    ready = [row for row in waiting if _waits_for(row.body) & work.made]
    for row in ready:
        replay(work, row.id, arrived(row.person, row.device, row.body, *_read(row.body)))


def _waits_for(raw: bytes) -> set[Key]:
    change, _ = _read(raw)
    if change is None:
        return set()
    return {(change.space, change.card), (change.space, parent_of(change) or b"")}


def _read(raw: bytes) -> tuple[Change | None, bytes]:
    change = msgspec.msgpack.decode(raw, type=Change)
    return change, change.id


def replay(work: Acceptance, quarantined: int, arrival: Arrival) -> Verdict:
    """Judge a quarantined change anew; its new verdict replaces the old one, in the log too."""
    if arrival.change is None:
        return Verdict(arrival.id, Code.HELD, 0, {"reason": Refusal.UNDECODABLE})
    if arrival.person not in work.roles:
        load_people(work, {arrival.person, *work.roles})
    work.desk.lock([arrival.change.space])
    work.desk.load(
        [
            (arrival.change.space, arrival.change.card),
            (arrival.change.space, parent_of(arrival.change) or b""),
        ]
    )
    load_known(work, [arrival])
    key, ruling = _rule(work, arrival, arrival.change)
    place = work.desk.places.get(arrival.change.space)
    seq = place.head if place and ruling.code < Code.REFUSED else 0
    verdict = Verdict(arrival.id, ruling.code, seq, _detail(ruling))
    if ruling.code is not Code.HELD:
        work.txn.connection.execute(delete(quarantine).where(quarantine.c.id == quarantined))
        relog(work, key, arrival, verdict)
    return verdict


def save(work: Acceptance) -> None:
    """Write what the run has judged."""
    work.desk.save()
    if work.log:
        add_rows(work.txn, change_table, work.log)
    if work.mark_rows:
        rows = {(r["space"], r["card"], r["field"], r["who"]): r for r in work.mark_rows}
        upsert(work.txn, mark, ("space", "card", "field", "who"), list(rows.values()))
    if work.photos:
        upsert(work.txn, photo, ("space", "sha", "card"), work.photos)
    if work.held:
        rows_held = {(r["person"], r["digest"]): r for r in work.held}
        upsert(work.txn, quarantine, ("person", "digest"), list(rows_held.values()))

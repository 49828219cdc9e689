"""The one way in for changes: `accept` merges all that waits in one transaction (docs/protocol.md section 5)."""

from collections.abc import Collection, Mapping, Sequence

from msgspec import structs

from server.db import Transaction
from server.store.acceptance import (
    CUT,
    HELD,
    REFUSED,
    Acceptance,
    Arrival,
    Logged,
    digests_of,
    has_tally,
    in_order,
    known_beside,
    parent_of,
    written,
)
from server.store.cards import Desk, Key, add_rows, upsert
from server.store.log import append, load_known, relog
from server.store.posting import hide_copies, is_posted, load_receivers, why_no_copy, why_not
from server.store.quarantine import (
    LATE,
    has_room,
    held_since_parting,
    is_late,
    keep,
    release,
    reword,
    waiting_for,
)
from server.store.stubs import follow, leave_stub, placed
from server.store.writers import (
    as_supervisors,
    load_marks,
    load_people,
    mark_key,
    show_marks,
    show_writers,
    who_is,
)
from server.tables import change as change_table
from server.tables import mark, photo
from sync.cards import KINDS
from sync.case import LANDED, no
from sync.laws import Cell
from sync.merge import Card, Judging, Ruling, Writer, judge
from sync.protocol import Change, Refusal, Verdict

Cards = tuple[Card | None, Card | None]  # a card, and the one that it is about
NO_MARKS: Mapping[str, Cell] = {}


def accept(txn: Transaction, arrivals: Sequence[Arrival], now: int, secret: bytes) -> list[Verdict]:
    """Merge changes in the order they came; one verdict each. Those already stored get their first verdict again."""
    work = Acceptance(txn, now, secret)
    _load(work, arrivals)
    verdicts = [_answer_in_turn(work, arrival) for arrival in arrivals]
    _finish(work)
    if not work.settled:
        return verdicts
    return [work.settled.get((a.person, a.id), v) for a, v in zip(arrivals, verdicts, strict=True)]


def accept_from_leader(
    txn: Transaction, arrivals: Sequence[Arrival], now: int, secret: bytes
) -> list[Verdict]:
    """Merge changes that the server makes for somebody who leads the spaces, as a member of theirs or not.

    They are logged as that person's and merged as a supervisor's.
    """
    work = Acceptance(txn, now, secret)
    _load(work, arrivals)
    as_supervisors(work, {a.person for a in arrivals})
    verdicts = [_answer(work, arrival) for arrival in arrivals]
    _finish(work)
    return verdicts


def accept_again(txn: Transaction, arrivals: Sequence[Arrival], now: int, secret: bytes) -> list[Verdict]:
    """Judge quarantined changes anew, and then what waited for them."""
    return _accept_again(Acceptance(txn, now, secret), arrivals)


def accept_late(txn: Transaction, arrivals: Sequence[Arrival], now: int, secret: bytes) -> list[Verdict]:
    """As `accept_again`, by somebody's decision: what their writers were allowed until they left counts once more."""
    work = Acceptance(txn, now, secret)
    work.welcome = frozenset(arrival.person for arrival in arrivals)
    return _accept_again(work, arrivals)


def _accept_again(work: Acceptance, arrivals: Sequence[Arrival]) -> list[Verdict]:
    verdicts = _judge_again(work, arrivals)
    _finish(work)
    return [work.settled.get((a.person, a.id), v) for a, v in zip(arrivals, verdicts, strict=True)]


def _finish(work: Acceptance) -> None:
    _judge_waiting(work)
    hide_copies(work)
    show_marks(work)
    show_writers(work)
    _save(work)


def _load(work: Acceptance, arrivals: Sequence[Arrival]) -> None:
    """Load all that judging these changes needs, in a handful of statements."""
    readable = [(a, change) for a in arrivals if (change := a.change) is not None]
    special = [(a, c) for a, c in readable if not a.is_plain]
    desk = work.desk
    desk.lock(c.space for _, c in readable)  # first: who else writes there has to be done before we look
    load_people(work, {a.person for a in arrivals})
    load_known(work, [a for a, _ in readable])
    tallying = [(a, c) for a, c in special if has_tally(c)]
    desk.lock(work.own[a.person] for a, _ in tallying if a.person in work.own)
    parents = [(c.space, parent) for _, c in special if (parent := parent_of(c))]
    desk.load([*((c.space, c.card) for _, c in readable), *parents])
    follow(desk, [c for _, c in readable])
    desk.load(_talked_about(desk))
    desk.lock(_teams_named(desk, [c for _, c in readable]))
    load_marks(work, [(a.person, placed(desk, c)) for a, c in tallying])
    load_receivers(work, readable)


def _talked_about(desk: Desk) -> list[Key]:
    """What the comments in wider spaces are about: their team is that of the card."""
    wide = _wide(desk)
    found = [(k[0], c.value("on")) for k, c in desk.cards.items() if c and k[0] in wide] if wide else []
    return [(space, on) for space, on in found if isinstance(on, bytes)]


def _teams_named(desk: Desk, changes: Sequence[Change]) -> set[int]:
    """The teams of cards in wider spaces; a card in a team's space belongs to that team."""
    wide = _wide(desk)
    if not wide:
        return set()
    teams = [card.value("team") for key, card in desk.cards.items() if card and key[0] in wide]
    teams += [pair[1] for c in changes if c.space in wide and (pair := c.set.get("team"))]
    return {team for team in teams if isinstance(team, int) and 0 < team < 2**31}


def _wide(desk: Desk) -> set[int]:
    return {space for space, place in desk.places.items() if place.kind != "team"}


def _answer_in_turn(work: Acceptance, arrival: Arrival) -> Verdict:
    """Before a change come those that its author wrote on the same card earlier: what is held since the author had
    left the team and is back, and what waits for a card that was made just now."""
    change = arrival.change
    if change and arrival.person in work.parted and not _shut_out(work, arrival, placed(work.desk, change)):
        _go_first(work, arrival, in_order(held_since_parting(work.txn, arrival.person, change)))
    if work.made and change and (key := (change.space, change.card)) in work.made:
        _go_first(work, arrival, _waiting_for(work, {key}))
    return _answer(work, arrival)


def _go_first(work: Acceptance, arrival: Arrival, waiting: Sequence[Arrival]) -> None:
    own = [a for a in waiting if a.person == arrival.person and written(a) < written(arrival)]
    if own:
        _judge_again(work, own)


def _answer(work: Acceptance, arrival: Arrival) -> Verdict:
    if arrival.change is None:
        return _hold(work, arrival, Refusal.UNDECODABLE)
    place_in_log = work.runs[arrival.run], arrival.counter
    known = work.known.get(place_in_log)
    if known is None:
        verdict, change = _rule(work, arrival, arrival.change)
        if verdict.code == HELD:
            kept = _hold(work, arrival, Refusal(str((verdict.detail or {})["reason"])))
            if kept.code != HELD:
                return kept
        n = append(work, arrival, change, verdict)
        logged = Logged(arrival.digest, verdict.code, verdict.seq, verdict.detail, change.space, n)
        work.known[place_in_log] = logged
        return verdict
    if known is not CUT and known.digest not in digests_of(arrival):
        return _hold(work, arrival, Refusal.ID_REUSED)
    if known.code == HELD:
        return _judge_again(work, [arrival])[0]
    return Verdict(arrival.id, known.code, known.seq, known.detail)


def _judge_again(work: Acceptance, arrivals: Sequence[Arrival]) -> list[Verdict]:
    """Judge changes that were held; the new verdicts replace the old ones, in the log too."""
    _write_log(work)  # they may have come in this very transaction
    _load(work, arrivals)
    return [_once_more(work, arrival) for arrival in arrivals]


def _once_more(work: Acceptance, arrival: Arrival) -> Verdict:
    change = arrival.change
    if change is None:
        return Verdict(arrival.id, HELD, 0, {"reason": Refusal.UNDECODABLE})
    known = work.known.get((work.runs[arrival.run], arrival.counter))
    here = [(arrival.person, digest) for digest in digests_of(arrival)]
    if known and known.digest not in digests_of(arrival):
        return Verdict(arrival.id, HELD, 0, {"reason": Refusal.ID_REUSED})
    if known and known.code != HELD:
        work.released += here
        return Verdict(arrival.id, known.code, known.seq, known.detail)
    if known and (known.detail or {}).get("reason") in LATE and is_late(work.txn, arrival):
        arrival = structs.replace(arrival, is_sealed=True)
    verdict, judged = _rule(work, arrival, change)
    if verdict.code == HELD:
        reason = str((verdict.detail or {})["reason"])
        work.reworded += [(reason, parent_of(change), *place) for place in here]
    else:
        work.released += here
    relog(work, arrival, judged, verdict)
    work.settled[arrival.person, arrival.id] = verdict
    return verdict


def _detail(ruling: Ruling) -> dict[str, object] | None:
    if ruling.reason:
        return {"reason": ruling.reason.value, "field": ruling.field}
    return {"fields": list(ruling.fields)} if ruling.fields else None


def _rule(work: Acceptance, arrival: Arrival, change: Change) -> tuple[Verdict, Change]:
    """The verdict on a change, and the change as it was judged: where its card is now."""
    judged = placed(work.desk, change) if work.desk.has_stubs else change
    if reason := _shut_out(work, arrival, judged):
        ruling = no(reason)
    elif arrival.is_plain:
        ruling = _try(work, arrival.person, judged)
    else:
        ruling = _try_special(work, arrival.person, judged)
    if judged is not change and ruling.code < REFUSED and leave_stub(work.desk, change, judged):
        work.made.add((change.space, change.card))
    place = work.desk.places.get(change.space)
    is_read = ruling.code < REFUSED and not is_posted(work, arrival.person, judged)
    seq = place.head if place and is_read else 0
    return Verdict(arrival.id, ruling.code, seq, _detail(ruling)), judged


def _shut_out(work: Acceptance, arrival: Arrival, change: Change) -> Refusal | None:
    """Why a change can't land by itself.

    Sealed words wait for a decision, however long ago their author's access ended: they may have lain on a phone that
    was away, and are counted from the day on which they come (D-66). Those of an author or a device that was removed
    wait in any case; so do those for a card that has moved to where their author never was.
    """
    roles, place = work.roles.get(arrival.person), (arrival.person, change.space)
    is_theirs = bool(roles and change.space in roles)
    if is_theirs and not arrival.is_revoked:
        return why_no_copy(work, arrival.person, change) if change.kind == "recognition" else None
    if is_posted(work, arrival.person, change):
        return why_not(work, arrival, change)
    if arrival.is_sealed:
        why = Refusal.AUTHOR_REVOKED if arrival.is_revoked else Refusal.GRANT_REVOKED
        return why if is_theirs or _has_been(work, arrival, change.space) else Refusal.NO_GRANT
    return Refusal.GRANT_REVOKED if place in work.revoked else Refusal.NO_GRANT


def _has_been(work: Acceptance, arrival: Arrival, space: int) -> bool:
    """Whether a writer may or might once write to this space, or to the one that the change names."""
    named = arrival.change.space if arrival.change else space
    places = {(arrival.person, space), (arrival.person, named)}
    return named in work.roles.get(arrival.person, {}) or not places.isdisjoint(work.former)


def _try(work: Acceptance, person: int, change: Change) -> Ruling:
    """Judge one change that is about its card alone; an exception quarantines it alone (P7)."""
    card = work.desk.cards.get((change.space, change.card))
    before = (card.cells, card.seq, card.talk) if card else None
    try:
        return _judge(work, person, change, (card, None), NO_MARKS)
    except Exception:
        if card and before:
            card.cells, card.seq, card.talk = before
        return Ruling(HELD, Refusal.INTERNAL)


def _try_special(work: Acceptance, person: int, change: Change) -> Ruling:
    """Judge one change that has marks, photos or a parent; an exception quarantines it alone (P7)."""
    key, parent_key = (change.space, change.card), (change.space, parent_of(change) or b"")
    card, parent = work.desk.cards.get(key), work.desk.cards.get(parent_key)
    before = [(c, c.cells, c.seq, c.talk) for c in (card, parent) if c]
    who_key = mark_key(work.secret, person) if has_tally(change) else b""
    marks = {f: c for (k, f, w), c in work.marks.items() if k == key and w == who_key} if who_key else {}
    try:
        ruling = _judge(work, person, change, (card, parent), marks)
        if ruling.code < REFUSED:
            _note(work, person, change, (who_key, ruling.marks))
    except Exception:
        for c, cells, seq, talk in before:
            c.cells, c.seq, c.talk = cells, seq, talk
        return Ruling(HELD, Refusal.INTERNAL)
    if parent and ruling.code < REFUSED:
        work.desk.put(parent_key, parent, wrote=parent.seq > before[-1][2])
    return ruling


def _judge(work: Acceptance, person: int, change: Change, cards: Cards, marks: Mapping[str, Cell]) -> Ruling:
    key, desk, (card, parent) = (change.space, change.card), work.desk, cards
    place = desk.places[key[0]]
    writer = Writer(person, who_is(work, person, change, cards))
    beside = known_beside(work, change)
    after, ruling = judge(Judging(card, parent, change, writer, marks, work.now, place.head + 1, beside))
    if after is None or ruling.code >= REFUSED:
        return ruling
    if card is None:
        work.made.add(key)
        work.writers_seen[person, key[0]] = None
    elif "gone" in change.set:
        work.taken.append((person, key))
    if ruling.wrote or card is None:
        if after.seq <= place.head:
            after.seq = place.head + 1
        is_simple = ruling is LANDED and card is not None and "gone" not in after.cells
        desk.put(key, after, True, change.set if is_simple else None)
    return ruling


def _note(work: Acceptance, person: int, change: Change, marked: tuple[bytes, Mapping[str, Cell]]) -> None:
    """Note the marks and photos of a change that landed; `marked` has the writer's keyed hash and the new marks."""
    key, (who_key, marks) = (change.space, change.card), marked
    for field, cell in marks.items():
        work.marks[key, field, who_key] = cell
        row = {"space": key[0], "card": key[1], "field": field, "who": who_key}
        work.mark_rows.append({**row, "value": cell.value is True, "at": cell.at})
    if marks:
        work.tallied.append((person, key, change.kind, marks))
    if "photos" in KINDS[change.kind].fields:
        work.photos += [
            {"space": key[0], "card": key[1], "sha": bytes.fromhex(name[7:])}
            for name, (_, now) in change.set.items()
            if name.startswith("photos/") and now is not None
        ]


def hold_all(txn: Transaction, arrivals: Sequence[Arrival], now: int) -> list[Verdict]:
    """Quarantine changes that broke the transaction, each as bytes."""
    work = Acceptance(txn, now, b"")
    verdicts = [_hold(work, arrival, Refusal.INTERNAL) for arrival in arrivals]
    _save(work)
    return verdicts


def _hold(work: Acceptance, arrival: Arrival, reason: Refusal) -> Verdict:
    """Keep what could not be judged, as bytes; `virtaamo quarantine` shows and replays it.

    Refused where the quarantine is full of the person's changes of today: then the words stay on the device.
    """
    if not has_room(work, arrival):
        return Verdict(arrival.id, REFUSED, 0, {"reason": Refusal.NO_ROOM.value, "field": ""})
    change = arrival.change
    row: dict[str, object] = {"person": arrival.person, "device": arrival.device, "reason": reason.value}
    row |= {"digest": arrival.digest, "received_at": work.desk.counts_from, "body": arrival.raw}
    row |= {"space": 0, "card": None, "kind": "", "hangs": None}
    if change is not None:
        row |= {"space": change.space, "card": change.card, "kind": change.kind, "hangs": parent_of(change)}
    work.held.append(row)
    return Verdict(arrival.id, HELD, 0, {"reason": reason.value})


def _judge_waiting(work: Acceptance) -> None:
    """Changes that came before the card they belong to are judged in the transaction that makes it."""
    while work.made:
        made, work.made = work.made, set()
        if waiting := _waiting_for(work, made):
            _judge_again(work, waiting)


def _waiting_for(work: Acceptance, made: Collection[Key]) -> list[Arrival]:
    """What waits for these cards, as `in_order`."""
    _write_log(work)  # it may have come in this very transaction
    return in_order(waiting_for(work.txn, made))


def _write_log(work: Acceptance) -> None:
    if work.log:
        add_rows(work.txn, change_table, work.log)
        work.log = []
    if work.held:
        keep(work.txn, work.held)
        work.held = []
    if work.reworded:
        reword(work)
        work.reworded = []
    if work.released:
        release(work.txn, work.released)
        work.released = []


def _save(work: Acceptance) -> None:
    """Write what the run has judged."""
    work.desk.save()
    _write_log(work)
    if work.mark_rows:
        rows = {(r["space"], r["card"], r["field"], r["who"]): r for r in work.mark_rows}
        upsert(work.txn, mark, ("space", "card", "field", "who"), list(rows.values()))
    if work.photos:
        upsert(work.txn, photo, ("space", "sha", "card"), work.photos)

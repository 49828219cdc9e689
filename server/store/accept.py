"""The one way in for changes: `accept` merges all that waits in one transaction (docs/protocol.md section 5)."""

import hmac
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import blake2b, sha256

import msgspec
from msgspec import Struct
from sqlalchemy import Select, and_, bindparam, delete, insert, or_, select, update

from server.db import Transaction
from server.store.cards import Desk, Key, ServerCard, add_rows, upsert
from server.tables import change as change_table
from server.tables import grants, mark, photo, quarantine, run
from server.tables import person as person_table
from sync.cards import KINDS
from sync.kinds import Role, Who
from sync.merge import Card, Cell, Judging, Ruling, Writer, judge
from sync.protocol import Change, Code, Refusal, Verdict, encode

DAY_MS = 86_400_000
HELD_AFTER_REVOCATION_MS = 90 * DAY_MS
RUN_BYTES, ID_BYTES = 8, 12
READ_ONLY_ROLES = frozenset({Role.EMPLOYEE_REP, Role.ADMIN})
AUTHOR, MEMBER, COMMENTER = int(Who.AUTHOR), int(Who.MEMBER), int(Who.COMMENTER)
DEV_LEAD, SHARED, STANDING = int(Who.DEV_LEAD), int(Who.SHARED), int(Who.STANDING)
STRENGTH = (
    *sorted(set(Role) - {Role.STAFF, Role.AGENT, Role.SUPERVISOR}),
    Role.STAFF,
    Role.AGENT,
    Role.SUPERVISOR,
)
TEAM_ROLES = {
    Role.STAFF: int(Who.MEMBER),
    Role.SUPERVISOR: int(Who.MEMBER | Who.SUPERVISOR),
    Role.AGENT: int(Who.MEMBER | Who.AGENT),
}


GRANTS_OF = select(grants.c.person, grants.c.space, grants.c.role, grants.c.until).where(
    grants.c.person.in_(bindparam("persons", expanding=True))
)
RUNS_OF = select(run.c.id, run.c.person, run.c.device, run.c.prefix).where(
    run.c.prefix.in_(bindparam("prefixes", expanding=True))
)


class Arrival(Struct, frozen=True, gc=False):
    """One change as it came: from whom, its bytes, and what they say (nil if they can't be read)."""

    person: int
    device: int
    raw: bytes
    change: Change | None
    id: bytes
    digest: bytes  # tells whether the same id came with other content


def arrived(person: int, device: int, raw: bytes, change: Change | None, id_: bytes) -> Arrival:
    """An arrival with its digest."""
    return Arrival(person, device, raw, change, id_, blake2b(raw, digest_size=8).digest())


class Logged(Struct, array_like=True, gc=False, frozen=True):
    """What the log says of a change that is already stored."""

    digest: bytes
    code: int
    seq: int
    detail: dict[str, object] | None
    space: int
    n: int


class Acceptance:
    """One run of `accept`: the desk, and the rows that go to the log, the marks and the quarantine."""

    def __init__(self, txn: Transaction, now: int, secret: bytes) -> None:
        self.txn, self.now, self.secret = txn, now, secret
        self.desk = Desk(txn, now)
        self.roles: dict[int, dict[int, Role]] = {}
        self.revoked: set[tuple[int, int]] = set()  # person, space
        self.own: dict[int, int] = {}
        self.runs: dict[tuple[int, int, bytes], int] = {}
        self.known: dict[tuple[int, int], Logged] = {}
        self.marks: dict[tuple[Key, str, bytes], Cell] = {}
        self.log: list[tuple[object, ...]] = []  # in the order of the table's columns
        self.held: list[dict[str, object]] = []
        self.mark_rows: list[dict[str, object]] = []
        self.photos: list[dict[str, object]] = []
        self.made: set[Key] = set()
        self.tallied: list[tuple[int, Key, str, Mapping[str, Cell]]] = []
        self.writers_seen: dict[tuple[int, int], None] = {}  # person, space: whose name readers need


def accept(txn: Transaction, arrivals: Sequence[Arrival], now: int, secret: bytes) -> list[Verdict]:
    """Merge changes in the order they came; one verdict each. Those already stored get their first verdict again."""
    work = Acceptance(txn, now, secret)
    _load(work, arrivals)
    verdicts = [_answer(work, arrival) for arrival in arrivals]
    _judge_waiting(work)
    _show_marks(work)
    _show_writers(work)
    save(work)
    return verdicts


def _load(work: Acceptance, arrivals: Sequence[Arrival]) -> None:
    readable = [(a, a.change) for a in arrivals if a.change is not None]
    _load_people(work, {a.person for a in arrivals})
    _load_known(work, [a for a, _ in readable])
    work.desk.lock(c.space for _, c in readable)
    if any(_tallies(c) for _, c in readable):
        work.desk.lock(work.own[a.person] for a, c in readable if _tallies(c) and a.person in work.own)
    keys = [(c.space, c.card) for _, c in readable if type(c.card) is bytes]
    parents = [(c.space, parent) for _, c in readable if (parent := _parent_of(c))]
    work.desk.load([*keys, *parents])
    _follow(work, readable)
    teams = {t for c in work.desk.cards.values() if c and isinstance(t := c.value("team"), int)}
    teams |= {t[1] for _, c in readable if (t := c.set.get("team")) and isinstance(t[1], int)}
    work.desk.lock(t for t in teams if 0 < t < 2**31)
    _load_marks(work, readable)


def _load_people(work: Acceptance, persons: set[int]) -> None:
    rows = work.txn.connection.execute(GRANTS_OF, {"persons": sorted(persons)})
    ended: set[tuple[int, int]] = set()
    for person, space, role, until in rows:
        if until is None:
            held = work.roles.setdefault(person, {})
            held[space] = stronger(held.get(space), Role(role))
            if role == Role.OWNER:
                work.own[person] = space
        elif until > work.now - HELD_AFTER_REVOCATION_MS:
            ended.add((person, space))
    work.revoked = {(p, s) for p, s in ended if s not in work.roles.get(p, {})}


def stronger(one: Role | None, other: Role) -> Role:
    """Of two roles in one space (an area is granted by each of its teams) the one that may do more."""
    return max((one or other, other), key=STRENGTH.index)


def _load_known(work: Acceptance, arrivals: Sequence[Arrival]) -> None:
    prefixes = {(a.person, a.device, a.id[:RUN_BYTES]) for a in arrivals}
    for row in work.txn.connection.execute(RUNS_OF, {"prefixes": sorted({p for _, _, p in prefixes})}):
        work.runs[row.person, row.device, row.prefix] = row.id
    spans: dict[int, list[int]] = {}
    for a in arrivals:
        if known_run := work.runs.get((a.person, a.device, a.id[:RUN_BYTES])):
            spans.setdefault(known_run, []).append(_counter(a.id))
    _make_runs(work, prefixes - work.runs.keys())
    if not spans:
        return
    values: dict[str, int] = {}
    for i, (known_run, counters) in enumerate(spans.items()):
        values |= {f"run{i}": known_run, f"low{i}": min(counters), f"high{i}": max(counters)}
    for row in work.txn.connection.execute(_logged_between(len(spans)), values):
        detail = msgspec.msgpack.decode(row.detail) if row.detail else None
        work.known[row.run, row.counter] = Logged(row.digest, row.code, row.seq, detail, row.space, row.n)


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
        made = work.txn.connection.execute(insert(run).values(person=person, device=device, prefix=prefix))
        work.runs[person, device, prefix] = int(made.inserted_primary_key[0])


def _counter(id_: bytes) -> int:
    return int.from_bytes(id_[RUN_BYTES:ID_BYTES])


def _tallies(change: Change) -> bool:
    kind = KINDS.get(change.kind)
    return kind is not None and not kind.tallies.isdisjoint(change.set)


def _parent_of(change: Change) -> bytes | None:
    kind = KINDS.get(change.kind)
    pair = change.set.get(kind.hangs_on) if kind and kind.hangs_on else None
    return pair[1] if pair and isinstance(pair[1], bytes) else None


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


def _load_marks(work: Acceptance, readable: Sequence[tuple[Arrival, Change]]) -> None:
    wanted: dict[int, tuple[set[bytes], set[bytes]]] = {}
    for arrival, change in readable:
        if _tallies(change):
            cards, writers = wanted.setdefault(change.space, (set(), set()))
            cards.add(change.card)
            writers.add(mark_key(work.secret, arrival.person))
    m = mark.c
    query = select(m.card, m.who, m.field, m.value, m.at)
    for space, (cards, writers) in wanted.items():
        found = query.where(m.space == space, m.card.in_(cards), m.who.in_(writers))
        for card, who, field, value, at in work.txn.connection.execute(found):
            work.marks[(space, card), field, who] = Cell(True if value else None, at, 0)


def mark_key(secret: bytes, person: int) -> bytes:
    """The keyed hash under which a person's tally marks lie."""
    return hmac.digest(secret, b"mark:%d" % person, "sha256")[:16]


def _answer(work: Acceptance, arrival: Arrival) -> Verdict:
    change = arrival.change
    if change is None:
        _hold(work, arrival, Refusal.UNDECODABLE)
        return Verdict(arrival.id, Code.HELD, 0, {"reason": Refusal.UNDECODABLE})
    run_id, counter = work.runs[arrival.person, arrival.device, arrival.id[:RUN_BYTES]], _counter(arrival.id)
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
    n = _append(work, key, arrival, change, verdict)
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
    parent_key = (change.space, _parent_of(change) or b"")
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
    tallied = _tallies(change)
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


def who_is(work: Acceptance, person: int, change: Change, cards: tuple[Card | None, Card | None]) -> int:
    """What a person is to a card, as flags of `Who`: by authorship, by the role in the card's team and in its space.

    `cards` are the card and the one that it is about.
    """
    roles, card = work.roles.get(person, {}), cards[0]
    who = AUTHOR if card is None or card.by == person else 0
    here = roles.get(change.space)
    if here is not None and here not in READ_ONLY_ROLES:
        who |= COMMENTER
    if here is Role.DEV_LEAD:
        who |= DEV_LEAD
    team = _team_of(work, change, *cards)
    if team is None or team not in roles:
        return who
    who |= TEAM_ROLES.get(roles[team], 0)
    if who & MEMBER:
        place = work.desk.places.get(team)
        who |= STANDING if place and place.standing else 0
        who |= SHARED if card and card.value("shared_edit") is True else 0
    return who


def _team_of(work: Acceptance, change: Change, card: Card | None, parent: Card | None) -> int | None:
    """The team that the card names, or that of what it is about; a card in a team's space belongs to that team."""
    place = work.desk.places.get(change.space)
    about = parent or (card and work.desk.cards.get((change.space, _on(card))))
    pair = change.set.get("team")
    named = card.value("team") if card else pair[1] if pair else None
    team = named if named is not None else about.value("team") if about else None
    if place and place.kind == "team":
        return place.id if team in (None, place.id) else None
    return team if isinstance(team, int) else None


def _on(card: Card) -> bytes:
    on = card.value("on")
    return on if isinstance(on, bytes) else b""


def _append(work: Acceptance, key: Key, arrival: Arrival, change: Change, verdict: Verdict) -> int:
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
            _counter(arrival.id),
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
    row = {
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
    return {(change.space, change.card), (change.space, _parent_of(change) or b"")}


def _read(raw: bytes) -> tuple[Change | None, bytes]:
    change = msgspec.msgpack.decode(raw, type=Change)
    return change, change.id


def replay(work: Acceptance, quarantined: int, arrival: Arrival) -> Verdict:
    """Judge a quarantined change anew; its new verdict replaces the old one, in the log too."""
    if arrival.change is None:
        return Verdict(arrival.id, Code.HELD, 0, {"reason": Refusal.UNDECODABLE})
    if arrival.person not in work.roles:
        _load_people(work, {arrival.person, *work.roles})
    work.desk.lock([arrival.change.space])
    work.desk.load(
        [
            (arrival.change.space, arrival.change.card),
            (arrival.change.space, _parent_of(arrival.change) or b""),
        ]
    )
    _load_known(work, [arrival])
    key, ruling = _rule(work, arrival, arrival.change)
    place = work.desk.places.get(arrival.change.space)
    seq = place.head if place and ruling.code < Code.REFUSED else 0
    verdict = Verdict(arrival.id, ruling.code, seq, _detail(ruling))
    if ruling.code is not Code.HELD:
        work.txn.connection.execute(delete(quarantine).where(quarantine.c.id == quarantined))
        _relog(work, key, arrival, verdict)
    return verdict


def _relog(work: Acceptance, key: Key, arrival: Arrival, verdict: Verdict) -> None:
    run_id = work.runs[arrival.person, arrival.device, arrival.id[:RUN_BYTES]]
    known = work.known.get((run_id, _counter(arrival.id)))
    if known is None or not known.n:
        if arrival.change:
            _append(work, key, arrival, arrival.change, verdict)
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


def _show_marks(work: Acceptance) -> None:
    """A person's own mark comes back as a `mark` card in the own space, so that all own devices know it."""
    cards = []
    for person, (space, card), _, marks in work.tallied:
        id_ = sha256(b"mark" + card).digest()[:16]
        fields = {"on": card, "space": space} | {f"marks/{f}": c.value for f, c in marks.items()}
        if own := work.own.get(person):
            cards.append(ServerCard(own, id_, "mark", None, work.now, fields))
    work.desk.write_cards(cards)


def person_card_id(person: int) -> bytes:
    """The id of a person's card, the same in every space."""
    return b"person\0\0" + person.to_bytes(8)


def _show_writers(work: Acceptance) -> None:
    """Who writes in a wider space gets a `person` card there, so that its readers know the name."""
    wide = [(p, s) for p, s in work.writers_seen if work.desk.places[s].kind not in ("team", "own")]
    work.desk.load((s, person_card_id(p)) for p, s in wide)
    missing = [(p, s) for p, s in wide if work.desk.cards[s, person_card_id(p)] is None]
    if not missing:
        return
    p_ = person_table.c
    rows = work.txn.connection.execute(select(person_table).where(p_.id.in_({p for p, _ in missing}))).all()
    named = {r.id: {"name": r.name, "colour": r.colour, "language": r.lang, "own": r.own} for r in rows}
    work.desk.write_cards(
        ServerCard(s, person_card_id(p), "person", p, work.now, named[p]) for p, s in missing if p in named
    )


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

"""Phones write, part, meet, crash, lie about the time; servers are killed: the promises hold (docs/protocol.md)."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from server.people import Seat, grant, remove
from server.refusals import Refused
from server.store.moves import Move, move
from sync import laws
from sync.kinds import LawName
from sync.protocol import Code
from tests.changes import DAY, HOUR
from tests.property.keeping import tend
from tests.property.phones import FOLLOWED, Ledger, Phone, about, check, kept_by, readable_by
from tests.town import SECRET, Killed, Town, copy

PEOPLE = ("aino", "timo", "jorma")
STAGES = st.sampled_from(["new", "considering", "trying", "in_use"])
which = st.integers(0, 30)
totals = {"runs": 0, "changes": 0, "words saved": 0, "words kept": 0, "let go by time": 0}


class Engine(RuleBasedStateMachine):
    """Steps at random. A phone is offline between its exchanges; `exchange` loses, repeats and shuffles."""

    county: Town

    @initialize()
    def start(self) -> None:
        self._folder = TemporaryDirectory()
        self.town = copy(self.county, Path(self._folder.name) / "town.db")
        self.ledger, self._runs, self._ids = Ledger(), 0, 0
        self.phones = [Phone(self.town, self.ledger, name, self._run()) for name in PEOPLE]
        for phone in self.phones:
            phone.pull()
        self.make(0, True)
        self.exchange(0, "", 0)
        for phone in self.phones:
            phone.pull()

    def _run(self) -> int:
        self._runs += 1
        return self._runs

    def _id(self) -> bytes:
        self._ids += 1
        return b"card%012d" % self._ids

    def _phone(self, at: int) -> Phone:
        return self.phones[at % len(self.phones)]

    def _pick(self, phone: Phone, kind: str, at: int) -> tuple[int, bytes] | None:
        shown = [(where, phone.shows(*where)) for where in phone.cards(kind)]
        there = [where for where, card in shown if card.get("moved") is None and card.get("gone") is None]
        return there[at % len(there)] if there else None

    @rule(at=which, shared=st.booleans())
    def make(self, at: int, shared: bool) -> None:
        phone, team = self._phone(at), self.town.spaces["koivu"]
        title, text = self.ledger.word(), " ".join(self.ledger.word() for _ in range(4))
        sets = {"team": team, "title": title, "text": text, "shared_edit": shared}
        phone.save((team, self._id()), "idea", sets)

    @rule(at=which, card=which, place=which, how=st.sampled_from(["insert", "rewrite", "delete"]))
    def edit_text(self, at: int, card: int, place: int, how: str) -> None:
        phone = self._phone(at)
        if where := self._pick(phone, "idea", card):
            text = str(phone.shows(*where).get("text") or "").split()
            place %= len(text) + 1
            new = [] if how == "delete" else [self.ledger.word()]
            text[place : place + (how != "insert")] = new
            phone.save(where, "idea", {"text": " ".join(text)})

    @rule(at=which, card=which)
    def edit_title(self, at: int, card: int) -> None:
        phone = self._phone(at)
        if where := self._pick(phone, "idea", card):
            phone.save(where, "idea", {"title": self.ledger.word()})

    @rule(at=which, card=which, stage=STAGES)
    def decide(self, at: int, card: int, stage: str) -> None:
        phone = self._phone(at)
        if where := self._pick(phone, "idea", card):
            reply = [f"{self.ledger.word()} ja kiitos ideasta", None]
            phone.save(where, "idea", {"reply": reply, "stage": stage, "size": "quick"})

    @rule(at=which, card=which, on=st.booleans())
    def mark(self, at: int, card: int, on: bool) -> None:
        phone = self._phone(at)
        if where := self._pick(phone, "idea", card):
            phone.save(where, "idea", {"same_here": True if on else None, "need/client": on or None})

    @rule(at=which, card=which)
    def comment(self, at: int, card: int) -> None:
        phone = self._phone(at)
        if where := self._pick(phone, "idea", card):
            sets = {"on": where[1], "text": self.ledger.word()}
            phone.save((where[0], self._id()), "comment", sets)

    @rule(at=which, card=which, other=st.booleans())
    def settle_fork(self, at: int, card: int, other: bool) -> None:
        phone = self._phone(at)
        if not (where := self._pick(phone, "idea", card)):
            return
        shown = phone.shows(*where)
        forks = sorted(n for n, v in shown.items() if n.startswith("fork/") and v is not None)
        for name in forks[:1]:
            field = name.split("/")[1]
            keeps = {field: shown[field]} if field == "text" and shown.get(field) else {}
            takes = {field: shown[name][0]} if other and field != "reply" else keeps
            phone.save(where, "idea", {name: None, **takes})

    @rule(at=which, card=which, reason=st.sampled_from(["withdrawn", "client_data", "other"]))
    def hide(self, at: int, card: int, reason: str) -> None:
        phone = self._phone(at)
        if where := self._pick(phone, "idea", card):
            phone.save(where, "idea", {"gone": [reason, ""]})

    @rule(at=which, card=which)
    def restore(self, at: int, card: int) -> None:
        phone = self._phone(at)
        hidden = [w for w in phone.cards("idea") if phone.shows(*w).get("gone")]
        if hidden:
            phone.save(hidden[card % len(hidden)], "idea", {"gone": None})

    @rule(at=which)
    def poison(self, at: int) -> None:
        phone = self._phone(at)
        phone.save((self.town.spaces["koivu"], self._id()), "pilot", {"title": self.ledger.word()})

    @rule(at=which, fault=st.sampled_from(["", "", "request", "reply", "repeat", "reverse"]), most=which)
    def exchange(self, at: int, fault: str, most: int) -> None:
        """A phone sends what waits, all or the first few, and takes the frames."""
        phone = self._phone(at)
        sent = (phone.held + phone.outbox)[: most or None]
        if fault == "reverse":
            sent.reverse()
        if fault == "request":
            return
        raws = [(phone.name, s.raw) for s in sent]
        verdicts = self.town.deliver(raws * (2 if fault == "repeat" else 1))[: len(sent)]
        if fault != "reply":
            phone.settle(sent, verdicts)
            phone.pull()

    @rule(at=which, after=st.integers(0, 25))
    def kill_server(self, at: int, after: int) -> None:
        """The server is killed between two statements, or just before or after it commits."""
        phone = self._phone(at)
        self.town.db.fuse = after
        with suppress(Killed):
            self.town.deliver([(phone.name, s.raw) for s in phone.held + phone.outbox])
        self.town.db.kill()

    @rule(at=which)
    def meet(self, at: int) -> None:
        """The changes of several phones arrive in one group."""
        first, second = self._phone(at), self._phone(at + 1)
        both = [(p, s) for p in (first, second) for s in p.held + p.outbox]
        verdicts = self.town.deliver([(p.name, s.raw) for p, s in both])
        for phone in {id(first): first, id(second): second}.values():
            mine = [(s, v) for (p, s), v in zip(both, verdicts, strict=True) if p is phone]
            phone.settle([s for s, _ in mine], [v for _, v in mine])

    @rule(at=which, card=which)
    def who_has_seen_everything_is_never_too_late(self, at: int, card: int) -> None:
        """A wrong clock doesn't turn a write away whose writer had seen the value (P4)."""
        phone = self._phone(at)
        self.exchange(at, "", 0)
        where = self._pick(phone, "idea", card)
        if not where or phone.outbox or phone.held or where[0] not in readable_by(self.town, phone.name):
            return
        saved = phone.save(where, "idea", {"title": self.ledger.word()})
        self.exchange(at, "", 0)
        code = self.ledger.codes[phone.name, saved.change.id]
        assert code in (Code.DONE, Code.REFUSED)
        assert code == Code.REFUSED or phone.shows(*where)["title"] == saved.change.set["title"][1]

    @rule(at=which)
    def kill_phone(self, at: int) -> None:
        self._phone(at).open(self._run())

    @precondition(lambda self: len(self.phones) < 6)
    @rule(at=which)
    def clone_profile(self, at: int) -> None:
        self.phones.append(self._phone(at).copy(self._run()))

    @rule(at=which, hours=st.integers(-50, 50))
    def shift_clock(self, at: int, hours: int) -> None:
        self._phone(at).clock_off = hours * HOUR

    @rule(ms=st.integers(1, 100_000))
    def pass_time(self, ms: int) -> None:
        self.town.now += ms

    @rule(
        at=which,
        hides=st.booleans(),
        days=st.sampled_from([1, 10, 10, 31, 95, 401]),
        most=st.sampled_from([1, 3, 1_000]),
        batches=st.sampled_from([1, 2, 200]),
        after=st.none() | st.integers(0, 60),
    )
    def retention(self, at: int, hides: bool, days: int, most: int, batches: int, after: int | None) -> None:
        """Somebody hides a card, time passes, and some of what it has done with is let go of; the server may die."""
        if hides:
            self.exchange(at % 3, "", 0)
            self.hide(at % 3, at, "other" if at % 3 == 2 else "withdrawn")
            self.exchange(at % 3, "", 0)
        self.town.now += days * DAY
        with suppress(Killed):
            tend(self.town, self.ledger, most, batches, after)

    @rule(who=st.sampled_from(["timo", "aino"]))
    def revoke(self, who: str) -> None:
        number, team = self.town.people[who].number, self.town.spaces["koivu"]
        if team in readable_by(self.town, who):
            self.town.db.write(remove, number, team, self.town.now)

    @rule(who=st.sampled_from(["timo", "aino"]))
    def give_back(self, who: str) -> None:
        number, seat = self.town.people[who].number, Seat(self.town.spaces["koivu"], "staff")
        self.town.db.write(grant, number, seat, self.town.now)

    @rule(at=which, card=which, to=st.sampled_from(FOLLOWED))
    def move(self, at: int, card: int, to: str) -> None:
        phone = self._phone(at)
        where = self._pick(phone, "idea", card)
        if where:
            number = self.town.people[phone.name].number
            asked = Move(number, where, self.town.spaces[to], self.town.now, SECRET)
            with suppress(Refused):
                self.town.db.write(move, asked, self._id)

    def teardown(self) -> None:
        """Everybody comes back, everything settles, and the promises are looked at."""
        if hasattr(self, "phones"):
            try:
                self._settle()
            finally:
                self.town.db.discard()
                self._folder.cleanup()

    def _settle(self) -> None:
        for name in ("aino", "timo"):
            self.give_back(name)
        for _ in range(2):
            for at in range(len(self.phones)):
                self.exchange(at, "", 0)
        saved, kept = check(self.town, self.ledger, self.phones)
        boards = [{s: r.board() for s, r in p.replicas.items()} for p in self._pulled()]
        assert all(board == boards[0] for board in boards)
        self._check_quarantine()
        for name, value in (("runs", 1), ("changes", len(self.ledger.saved)), ("words saved", saved)):
            totals[name] += value
        totals["words kept"] += kept
        totals["let go by time"] += len(self.ledger.let_go)

    def _pulled(self) -> list[Phone]:
        for phone in self.phones:
            phone.pull()
        return self.phones

    def _check_quarantine(self) -> None:
        """What is held is what no server can judge: nothing sound stays behind (P7).

        A card may have gone, or its making been refused once its author had been away from the team for 90 days.
        """
        held = [s for p in self.phones for s in p.held]
        gone = {card for _, card in self.ledger.purged} | {
            s.change.card for p in self.phones for s in p.attention
        }
        sound = [s for s in held if s.change.kind != "pilot" and not about(s.change) & gone]
        assert not sound or self.ledger.is_log_cut, sound
        assert set().union(*(s.added for s in held)) <= kept_by(self.town).quarantine


IS_FUZZ = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
COMMON = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": not IS_FUZZ}
QUICK = settings(max_examples=60, stateful_step_count=40, **COMMON)
LONG = settings(max_examples=int(os.environ.get("N") or 2_000), stateful_step_count=80, **COMMON)


def test_no_word_is_lost_whatever_happens(
    any_county: Town, record_property: Callable[[str, object], None]
) -> None:
    number = int(os.environ.get("SEED") or (int.from_bytes(os.urandom(4)) if IS_FUZZ else 1))
    machine = seed(number)(type("Seeded", (Engine,), {"county": any_county}))
    totals.update(dict.fromkeys(totals, 0))
    try:
        quick = QUICK if isinstance(any_county.db.where, Path) else settings(QUICK, max_examples=15)
        run_state_machine_as_test(machine, settings=LONG if IS_FUZZ else quick)
    finally:
        for name, value in {"seed": number, **totals}.items():
            record_property(name, value)
    assert totals["words kept"] == totals["words saved"] > 0


@pytest.mark.parametrize("law", [LawName.EITHER, LawName.PROSE])
def test_last_writer_wins_would_lose_words(
    county: Town, law: LawName, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test can fail: a naive merge is found out."""
    monkeypatch.setitem(laws.LAWS, law, laws.latest)
    machine = seed(1)(type("Naive", (Engine,), {"county": county}))
    unshrunk = settings(QUICK, max_examples=300, phases=(Phase.generate,), database=None, print_blob=False)
    with pytest.raises(BaseException, match="shown nowhere"):
        run_state_machine_as_test(machine, settings=unshrunk)

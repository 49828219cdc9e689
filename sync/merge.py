"""The one merge: what a change does to a card (docs/protocol.md section 4). Pure: no clock, no I/O.

`judge` reads a card, the cell laws of its kind and who writes, and answers with a verdict code and the cells to write.
A refused or held field rejects the whole change, so cells are collected first and laid on the card at the end.
"""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from sync.cards import KINDS
from sync.case import LANDED, UNCHANGED, Card, Judging, Ruling, Talk, Writer, clamped, no
from sync.kinds import Attempt, Field, Kind, Who
from sync.laws import PLAIN, Cell, Outcome, Write, after, is_value, meet, same, seen, text_of
from sync.protocol import MAX_FIELDS, MAX_MEMBERS, Change, Code, Refusal
from sync.words import stands_in

__all__ = ["Card", "Cell", "Judging", "Ruling", "Talk", "Writer", "clamped", "judge", "makes"]

CLIENT_DATA = "client_data"
WITHDRAWN = "withdrawn"
OTHER = "other"  # says nothing without words of one's own (H6)
OWN, COMMENTER, AUTHOR = int(Who.OWN), int(Who.COMMENTER), int(Who.AUTHOR)
OWNER = int(Who.OWNER)
WITHDRAWER = AUTHOR | OWNER
DONE, FORKED = Code.DONE, Code.FORKED  # members are slow to look up
HIDE_REASONS = frozenset({CLIENT_DATA, "about_person", "duplicate", OTHER})
SYSTEM_FIELDS = frozenset({"by", "made", "moved", "revived", "anonymous"})


def judge(case: Judging) -> tuple[Card | None, Ruling]:
    """Judge one change: returns the card as it is afterwards (the same one, its `cells` replaced) and the ruling."""
    change = case.change
    kind = KINDS.get(change.kind)
    if kind is None:
        return case.card, no(Refusal.UNKNOWN_KIND)
    if not 0 < len(change.set) <= MAX_FIELDS:
        return case.card, no(Refusal.OVER_LIMIT)
    if case.card is not None and case.card.kind != kind.name:
        return case.card, no(Refusal.WRONG_TYPE if case.card.kind else Refusal.GONE)
    if "gone" in change.set:
        if len(change.set) > 1 or case.card is None:
            return case.card, no(Refusal.SYSTEM_FIELD if case.card else Refusal.NO_CARD, "gone")
        return case.card, _hide(case, kind, case.card)
    if case.card is None and kind.may_make and not makes(kind, change):
        return None, no(Refusal.NO_CARD)
    fields = _fields(case, kind)
    if isinstance(fields, Ruling):
        return case.card, fields
    if case.card is None:
        return _make(case, kind, fields)
    if "gone" not in case.card.cells:
        return case.card, _write(case, kind, case.card, fields)
    return case.card, _write_late(case, kind, case.card, fields)


def _fields(case: Judging, kind: Kind) -> dict[str, Field] | Ruling:
    """The field of every name in the change, or why it may not be written."""
    found: dict[str, Field] = {}
    who, plain, has_members = case.writer.who, kind.fields, False
    for name, (was, now) in case.change.set.items():
        if type(was) not in PLAIN and not is_value(was):
            return no(Refusal.WRONG_TYPE, name)
        field = plain.get(name)
        if field is None or not field.by & who or field.member or now is None or field.check(now):
            ruled = _field(case, kind, name, was, now)
            if isinstance(ruled, Ruling):
                return ruled
            field = ruled
        if field:
            found[name] = field
            has_members |= field.member is not None
    if not has_members:
        return found
    over = _over(case, found)
    return no(Refusal.OVER_LIMIT, over) if over else found


def _over(case: Judging, fields: Mapping[str, Field]) -> str | None:
    """The set that would get too many members, counting those that the writer has seen or added; a merge may exceed."""
    change, cells = case.change, case.card.cells if case.card else {}
    adds = [n for n, f in fields.items() if f.member and change.set[n][1] is not None]
    for name, most in {fields[n].name: fields[n].law.most for n in adds}.items():
        members = sum(n.startswith(f"{name}/") for n in adds)
        if members + len(cells) > most:
            members += sum(
                n.startswith(f"{name}/") and n not in change.set and c.value is not None
                for n, c in cells.items()
                if c.seq <= change.base or c.by == case.writer.person
            )
        if members > most:
            return name
    return None


def _field(case: Judging, kind: Kind, name: str, was: object, now: object) -> Field | Ruling | None:
    """The field that a name stands for, nothing for a fork that is settled, or why it may not be written."""
    base, _, member = name.partition("/")
    if base == "fork":
        forked = kind.fields.get(member.partition("/")[0])
        if now is not None or forked is None:
            return no(Refusal.SYSTEM_FIELD, name)
        reason = _may_settle(case, name, was, forked)
        return no(reason, name) if reason else None
    field = kind.fields.get(base)
    if base in SYSTEM_FIELDS or not kind.may_make:
        return no(Refusal.SYSTEM_FIELD, name)
    if field is None or (field.member is None) == ("/" in name):
        return no(Refusal.UNKNOWN_FIELD, name)
    reason = _refusal(case, field, member, now)
    return no(reason, name) if reason else field


def _may_settle(case: Judging, name: str, was: object, field: Field) -> Refusal | None:
    standing = _standing(case.card, name, was) if case.card else None
    fork = case.card.value(standing) if case.card and standing else None
    if fork is None or field.by & case.writer.who:
        return None
    return None if isinstance(fork, list) and fork[1] == case.writer.person else Refusal.NOT_YOURS


def _refusal(case: Judging, field: Field, member: str, now: object) -> Refusal | None:
    if not field.by & case.writer.who and not _is_own(case.writer, field, member):
        return Refusal.NOT_YOURS
    if field.member and (reason := field.member(member)):
        return reason
    if now is None:
        return Refusal.WRONG_TYPE if field.required else None
    reason = field.check(now)
    if reason is Refusal.OVER_LIMIT and isinstance(now, str) and _may_be_long(case, field, now):
        return None
    return reason


def _is_own(writer: Writer, field: Field, member: str) -> bool:
    return bool(field.by & OWN and writer.who & COMMENTER) and member == str(writer.person)


def _may_be_long(case: Judging, field: Field, now: str) -> bool:
    """Keeping both versions may double the limit; an over-long text may be edited if it doesn't grow."""
    if case.card is None:
        return False
    held = text_of(case.card.value(field.name))
    settles = any(n.startswith(f"fork/{field.name}/") for n in case.change.set if n in case.card.cells)
    return len(now) >= field.min and (len(now) <= len(held) or (settles and len(now) <= 2 * field.max + 2))


def _make(case: Judging, kind: Kind, fields: Mapping[str, Field]) -> tuple[Card | None, Ruling]:
    writer = case.writer
    if not kind.may_make & writer.who or (kind.is_private and not writer.who & OWNER):
        return None, no(Refusal.NOT_YOURS)
    if _is_full(case, kind):
        return None, no(Refusal.OVER_LIMIT)
    if kind.hangs_on:
        if case.parent is None:
            return None, no(Refusal.NO_CARD, kind.hangs_on)
        if not case.parent.kind:
            return None, no(Refusal.GONE)
        if late := _late(case, case.parent):
            return None, late
    card = Card(kind.name, writer.person, clamped(case.change, case.now))
    ruling = _write(case, kind, card, fields)
    if ruling.reason:
        return None, ruling
    if kind.hangs_on and case.parent:
        case.parent.talk = case.parent.talk.then(case.seq, writer.person)
        _revive(case, case.parent)
    return card, ruling


def _is_full(case: Judging, kind: Kind) -> bool:
    """Whether a writer wants one card more than the kind allows, having seen the others; a merge may exceed."""
    return 0 < kind.most <= case.beside


def makes(kind: Kind, change: Change) -> bool:
    """A change makes a card only if it sets all required fields and there was nothing."""
    for name in kind.required:
        pair = change.set.get(name)
        if pair is None or pair[0] is not None:
            return False
    return True


def _late(case: Judging, card: Card) -> Ruling | None:
    """Why words may not land: the card is hidden as client data, or the writer had seen that it is hidden."""
    gone = card.cells.get("gone")
    if gone is None or gone.value is None:
        return None
    if isinstance(gone.value, list) and gone.value[0] == CLIENT_DATA:
        return no(Refusal.CLIENT_DATA)
    return no(Refusal.GONE) if case.change.base >= gone.seq else None


def _write_late(case: Judging, kind: Kind, card: Card, fields: Mapping[str, Field]) -> Ruling:
    """Write to a card that has been hidden at some time; words bring it back, or are refused."""
    revives = card.value("gone") is not None and any(f.is_words for f in fields.values())
    if revives and (late := _late(case, card)):
        return late
    ruling = _write(case, kind, card, fields)
    if revives and ruling.reason is None:
        _revive(case, card)
        return replace(ruling, wrote=True)
    return ruling


def _revive(case: Judging, card: Card) -> None:
    """Words by someone who had not seen the deletion bring the card back."""
    if card.value("gone") is not None:
        _bring_back(case, card)
        card.cells["revived"] = Cell(True, clamped(case.change, case.now), case.seq, case.writer.person)


def _bring_back(case: Judging, card: Card) -> None:
    """Show the card again: all its cells travel anew."""
    at, seq = clamped(case.change, case.now), case.seq
    card.cells = {n: Cell(c.value, c.at, seq, c.by) for n, c in card.cells.items()}
    card.cells["gone"] = Cell(None, at, seq, case.writer.person)
    card.seq = seq


def _hide(case: Judging, kind: Kind, card: Card) -> Ruling:
    """Hide or restore: the author withdraws, or whose own space it is, a supervisor or agent hides with a reason."""
    person, who = case.writer.person, case.writer.who
    _, now = case.change.set["gone"]
    cell = card.cells.get("gone")
    held = cell.value if cell else None
    if not kind.may_hide:
        return no(Refusal.SYSTEM_FIELD, "gone")
    may_review = bool(kind.may_hide & who & ~WITHDRAWER)
    by_author = isinstance(held, list) and held[0] == WITHDRAWN
    if now is not None and not _is_reason(now):
        return no(Refusal.WRONG_TYPE, "gone")
    if isinstance(now, list) and now[0] == OTHER and not now[1].strip():
        return no(Refusal.REASON_REQUIRED, "gone")
    if kind.may_hide & who and same(now, held):
        return UNCHANGED
    reason = now[0] if isinstance(now, list) else held[0] if isinstance(held, list) else WITHDRAWN
    allowed = bool(who & kind.may_hide & WITHDRAWER) if reason == WITHDRAWN else may_review
    if not allowed or (
        now is not None and held is not None and by_author != (reason == WITHDRAWN) and not may_review
    ):
        return no(Refusal.NOT_YOURS, "gone")
    if now is None:
        if _is_full(case, kind):
            return no(Refusal.OVER_LIMIT, "gone")
        _bring_back(case, card)
        return LANDED
    if reason != CLIENT_DATA and case.change.base < card.talk.seen_from(person):
        return Ruling(Code.KEPT, fields=("gone",))
    card.cells = card.cells | {"gone": Cell(now, clamped(case.change, case.now), case.seq, person)}
    card.seq = case.seq
    return LANDED


def _is_reason(value: object) -> bool:
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) for v in value)):
        return False
    return (value[0] == WITHDRAWN or value[0] in HIDE_REASONS) and len(value[1]) <= MAX_MEMBERS


def _write(case: Judging, kind: Kind, card: Card, fields: Mapping[str, Field]) -> Ruling:
    """Write the fields of a change that may write them all: a new card as it is, others field by field."""
    change, person = case.change, case.writer.person
    if kind.has_rule and not kind.ruled.isdisjoint(change.set):
        sets = {name: now for name, (_, now) in change.set.items()}
        eyes = {name: was for name, (was, _) in change.set.items()}
        if broken := kind.rule(Attempt(_Values(card), sets, case.writer.who, person, eyes)):
            return no(*broken)
    if not card.cells and kind.tallies.isdisjoint(change.set):
        at, seq = clamped(change, case.now), case.seq
        card.cells = {n: Cell(now, at, seq, person) for n, (_, now) in change.set.items() if now is not None}
        card.seq, card.talk = seq, Talk(seq, person)
        return LANDED
    if kind.has_first and len(fields) > 1:
        fields = dict(sorted(fields.items(), key=lambda item: not item[1].is_first))
    return _merge(case, card, fields)


def _merge(case: Judging, card: Card, fields: Mapping[str, Field]) -> Ruling:
    """Merge field by field; nothing touches the card before all of them are known to land."""
    change, person, seq = case.change, case.writer.person, case.seq
    at = clamped(change, case.now)
    cells: dict[str, Cell] = {}
    marks: dict[str, Cell] = {}
    codes: dict[str, Code] = {}
    has_words = False
    for name, field in fields.items():
        was, now = change.set[name]
        cell = case.marks.get(name) if field.is_tally else card.cells.get(name)
        if cell is not None and field.is_free and seen(was, now, cell.value):
            cells[name] = Cell(now, at if at > cell.at else cell.at + 1, seq, person)
            has_words |= field.is_words
            continue
        outcome = meet(Write(field, name, was, now, at, person, cell))
        if isinstance(outcome, Refusal):
            return no(outcome, name)
        if outcome.code:
            codes[name] = outcome.code
        if outcome.lost:
            if field.is_first:
                return _lose_first(case, card, name, outcome)
            cells[_fork(card, name, seq)] = Cell(list(outcome.lost), at, seq, person)
        if outcome.wrote and field.is_tally:
            marks[name] = Cell(outcome.value, after(at, cell), seq)
            cells[name] = _summed(card, name, outcome.value, at, seq)
        elif outcome.wrote:
            cells[name] = Cell(outcome.value, after(at, cell), seq, person)
        has_words |= field.is_words and bool(outcome.wrote or outcome.lost)
    for name in _settled(change, card, cells, codes) if len(fields) < len(change.set) else ():
        cells[name] = Cell(None, at, seq, person)
    if cells:
        card.cells = card.cells | cells
        card.seq = seq
    if has_words:
        card.talk = card.talk.then(seq, person)
    if not codes and not marks:
        return LANDED if cells else UNCHANGED
    return Ruling(max(codes.values(), default=DONE), None, "", tuple(codes), bool(cells), marks)


def _settled(change: Change, card: Card, cells: Mapping[str, Cell], codes: Mapping[str, Code]) -> list[str]:
    """The forks that a change settles: not those of a text that it wrote as well, of which the merge left words out."""
    found = []
    for named, (was, _) in change.set.items():
        field = named.split("/")[1] if named.startswith("fork/") else None
        name = _standing(card, named, was) if field else None
        if field is None or name is None:
            continue
        if codes.get(field) is Code.MERGED:
            merged = cells[field].value if field in cells else card.value(field)
            if not stands_in(text_of(change.set[field][1]), text_of(merged)):
                continue  # its settler hadn't seen what stands there now, and is asked again
        found.append(name)
    return found


def _standing(card: Card, name: str, was: object) -> str | None:
    """The fork that somebody saw as `was` under a name; nothing where it is settled or isn't here.

    A restored server gives seqs anew, and names forks by them: a name may stand for words that nobody has settled.
    """
    if not isinstance(was, list):
        return name if card.value(name) is not None else None
    stem = "/".join([*name.split("/")[:2], ""])
    named = [name, *(n for n in card.cells if n.startswith(stem) and n != name)]
    return next((n for n in named if _words(card.value(n)) == _words(was)), None)


def _words(fork: object) -> object:
    """What somebody wrote; who it was may have been taken out since."""
    return [fork[:1], fork[3:]] if isinstance(fork, list) else None


def _lose_first(case: Judging, card: Card, name: str, outcome: Outcome) -> Ruling:
    """The whole change is kept in the fork of its `first` field, which came too late."""
    at = clamped(case.change, case.now)
    rest = [[n, now] for n, (_, now) in case.change.set.items() if n != name]
    fork = Cell([*(outcome.lost or ()), rest], at, case.seq, case.writer.person)
    card.cells = card.cells | {_fork(card, name, case.seq): fork}
    card.seq = case.seq
    return Ruling(FORKED, fields=(name,), wrote=True)


class _Values(Mapping[str, object]):
    """A card's values by field name, for a kind's rule."""

    def __init__(self, card: Card) -> None:
        self.cells = card.cells

    def __getitem__(self, name: str) -> object:
        return self.cells[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells)

    def __len__(self) -> int:
        return len(self.cells)


def _fork(card: Card, name: str, seq: int) -> str:
    """A name that no fork of the card ever had: one may have lost at the same seq of the space it came from."""
    fork = first = f"fork/{name}/{seq:x}"
    more = 1
    while fork in card.cells:
        more += 1
        fork = f"{first}-{more}"
    return fork


def _summed(card: Card, name: str, mark: object, at: int, seq: int) -> Cell:
    held = card.value(name)
    total = held if isinstance(held, int) else 0
    return Cell(total + (1 if mark else -1), at, seq)

"""What a card kind says of itself: laws, limits and rights, read from the annotations of its struct."""

import re
from collections.abc import Callable, Mapping
from enum import IntFlag, StrEnum
from functools import cached_property
from typing import Annotated, ClassVar, Literal, NamedTuple, get_args, get_origin, get_type_hints

from msgspec import UNSET, Meta, Struct
from msgspec.structs import fields as struct_fields

from sync.protocol import MAX_INT, MAX_MEMBERS, Refusal


class Role(StrEnum):
    """A person's role in a space (docs/domain.md section 3)."""

    STAFF = "staff"
    SUPERVISOR = "supervisor"
    AGENT = "agent"
    DEV_LEAD = "dev_lead"
    MANAGEMENT = "management"
    HR = "hr"
    EMPLOYEE_REP = "employee_rep"
    ADMIN = "admin"
    OWNER = "owner"  # of one's own space


class Who(IntFlag):
    """Who a writer is to a card; a field may be written by whoever shares a flag with it."""

    SERVER = 0
    AUTHOR = 1
    MEMBER = 2  # staff, supervisor or agent of the card's team
    SUPERVISOR = 4
    AGENT = 8
    DEV_LEAD = 16
    COMMENTER = 32  # any reader of the space but employee representatives and administrators
    SHARED = 64  # a member, while the author lets the team edit
    STANDING = 128  # a member, while the team may start quick deeds
    OWN = 256  # the member of the set is the writer's own number
    POSTER = 512  # makes a `posted` card where others read: anybody of the organisation
    OWNER = 1024  # whose own space it is


AUTHOR, MEMBER, SUPERVISOR, AGENT = Who.AUTHOR, Who.MEMBER, Who.SUPERVISOR, Who.AGENT
DEV_LEAD, COMMENTER, SHARED, STANDING, OWN = Who.DEV_LEAD, Who.COMMENTER, Who.SHARED, Who.STANDING, Who.OWN
OWNER, POSTER = Who.OWNER, Who.POSTER


class LawName(StrEnum):
    """How concurrent writes of a field meet (docs/protocol.md section 4)."""

    ONCE = "once"
    LATEST = "latest"
    FIRST = "first"
    EITHER = "either"
    PROSE = "prose"
    EACH = "each"
    TALLY = "tally"


WORDS = frozenset({LawName.EITHER, LawName.PROSE})


class Law(NamedTuple):
    """A merge law with the right to write and, for sets, how many members a writer may bring it to."""

    name: LawName
    by: Who
    most: int = MAX_MEMBERS


def once(by: Who = AUTHOR) -> Law:
    """The first value stays; a different second one is refused."""
    return Law(LawName.ONCE, by)


def latest(by: Who = AUTHOR) -> Law:
    """Of concurrent writes the later one counts."""
    return Law(LawName.LATEST, by)


def first(by: Who = SUPERVISOR) -> Law:
    """The first one to arrive stands; the other is kept as a fork, with the rest of its change."""
    return Law(LawName.FIRST, by)


def either(by: Who = AUTHOR) -> Law:
    """As `latest`, but the losing words are kept as a fork."""
    return Law(LawName.EITHER, by)


def prose(by: Who = AUTHOR) -> Law:
    """Merged by words; rewritten places are kept as a fork."""
    return Law(LawName.PROSE, by)


def each(by: Who = AUTHOR, most: int = MAX_MEMBERS) -> Law:
    """Every member of the set is a `latest` cell of its own."""
    return Law(LawName.EACH, by, most)


def tally(by: Who = COMMENTER) -> Law:
    """One mark per person; others see the sum."""
    return Law(LawName.TALLY, by)


class Duty(NamedTuple):
    """What somebody has to see to: the field in which it stands, and when nothing is left to do.

    That is so when the field `until` has one of the values in `done`.
    """

    field: str
    until: str
    done: frozenset[str]


Check = Callable[[object], Refusal | None]
Rule = Callable[["Attempt"], tuple[Refusal, str] | None]


class Attempt(Struct, frozen=True):
    """What a kind's own rule looks at: the values before, those that the change sets, and who writes.

    `was` is what the writer had before the eyes: whether that is still so is for the law to say.
    """

    before: Mapping[str, object]
    sets: Mapping[str, object]
    who: int  # flags of `Who`
    person: int
    was: Mapping[str, object]


def no_rule(attempt: Attempt) -> tuple[Refusal, str] | None:
    """Most kinds need no rule across fields."""
    return None


class Card(Struct, kw_only=True, tag_field="kind"):
    """What all kinds share. The class variables say who may make and hide a card.

    `rule` ties fields together; it is asked when a change sets one of those that are `ruled`. A field of the `duties`
    holds the number of the person who has to see to the card; in an empty field of `owed` the team's supervisors owe
    an answer.

    A `posted` kind may also be made in another person's own space (the number is in the field `own` of the `person`
    card) and in a team that the writer isn't in. There the writer is a `POSTER`, and besides what the roles in the
    teams that both are in make of them: a kind that only supervisors give leaves `POSTER` out of `made_by`. Whoever
    posts hears a verdict, never reads the card or changes it, and keeps a copy in the own space. The receiver gets the
    poster's `person` card with it. In an own space its owner is an `OWNER`, who may hide what others posted.
    """

    posted: ClassVar[bool] = False
    made_by: ClassVar[Who] = MEMBER
    hidden_by: ClassVar[Who] = AUTHOR | SUPERVISOR | AGENT
    hangs_on: ClassVar[str] = ""  # the field that names the card which this one is about
    is_private: ClassVar[bool] = False  # lies in its writer's own space alone (H1)
    most: ClassVar[int] = 0  # so many of a space's cards may be of this kind; 0: any number
    moves: ClassVar[bool] = False  # to wider spaces and back, with all that hangs on it
    rule: ClassVar[Rule] = staticmethod(no_rule)
    ruled: ClassVar[frozenset[str]] = frozenset()
    duties: ClassVar[tuple[Duty, ...]] = ()
    owed: ClassVar[tuple[Duty, ...]] = ()


class Field(NamedTuple):
    """One field of a kind: its law, its limits and who may write it."""

    name: str
    law: Law
    type: str  # str, int, bool, bytes, list
    check: Check
    required: bool
    default: object
    options: tuple[str, ...] = ()
    min: int = 0
    max: int = 0
    member: Check | None = None  # for `each`: may this be a member?
    by: int = 0  # the law's right to write, as a plain number: flags are slow to compare
    is_tally: bool = False
    is_first: bool = False
    is_free: bool = True  # whoever has seen its value may write another: neither `once` nor `tally`
    is_words: bool = False  # a person's own words, which bring a hidden card back


class Kind:
    """A struct of sync/cards.py, compiled: what the merge, the generators and the documentation read."""

    def __init__(self, struct: type[Card]) -> None:
        self.name = str(struct.__struct_config__.tag)
        self.struct = struct
        self.doc = (struct.__doc__ or "").strip()
        self.made_by, self.hidden_by = struct.made_by, struct.hidden_by
        self.hangs_on, self.rule, self.ruled = struct.hangs_on, struct.rule, struct.ruled
        self.is_private, self.most = struct.is_private, struct.most
        self.posted, self.moves = struct.posted, struct.moves
        self.duties, self.owed = struct.duties, struct.owed
        hints = get_type_hints(struct, include_extras=True)
        self.fields = {f.name: _field(f.name, hints[f.name], f.default) for f in struct_fields(struct)}
        self.may_make, self.may_hide = int(struct.made_by), int(struct.hidden_by)
        self.has_rule = self.rule is not no_rule
        if self.has_rule and not self.ruled:
            raise TypeError(f"{self.name} has a rule: `ruled` names the fields that it is about")
        self.has_first = any(f.is_first for f in self.fields.values())
        self.required = frozenset(f.name for f in self.fields.values() if f.required)

    @cached_property
    def tallies(self) -> frozenset[str]:
        """The fields whose marks only the server reads."""
        return frozenset(f.name for f in self.fields.values() if f.is_tally)


KINDS: dict[str, Kind] = {}


def register(struct: type[Card]) -> type[Card]:
    """Make a kind known under its tag. Used as a decorator; a benchmark adds one of its own."""
    kind = Kind(struct)
    KINDS[kind.name] = kind
    return struct


def _field(name: str, hint: object, default: object) -> Field:
    type_, *notes = get_args(hint)
    law = next(note for note in notes if isinstance(note, Law))
    meta = next((note for note in notes if isinstance(note, Meta)), Meta())
    required = default is UNSET or repr(default) == "NODEFAULT"
    value = None if required else default
    if law.name is LawName.TALLY:
        return Field(name, law, "int", _is_mark, False, 0, by=int(law.by), is_tally=True, is_free=False)
    if law.name is LawName.EACH:
        key, item = get_args(type_)
        shape = _shape(item, Meta())
        return Field(
            name,
            law,
            shape.type,
            shape.check,
            False,
            None,
            shape.options,
            member=_member(key),
            by=int(law.by),
        )
    shape = _shape(type_, meta)
    return Field(
        name,
        law,
        shape.type,
        shape.check,
        required,
        value,
        shape.options,
        shape.min,
        shape.max,
        by=int(law.by),
        is_first=law.name is LawName.FIRST,
        is_free=law.name is not LawName.ONCE,
        is_words=law.name in WORDS,
    )


class _Shape(NamedTuple):
    type: str
    check: Check
    options: tuple[str, ...] = ()
    min: int = 0
    max: int = 0


def _shape(hint: object, meta: Meta) -> _Shape:
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        meta = next((note for note in notes if isinstance(note, Meta)), meta)
    alternatives = [a for a in get_args(hint) if a is not type(None)]
    if type(None) in get_args(hint) and get_origin(hint) is not tuple:
        return _shape(alternatives[0], meta)
    if get_origin(hint) is tuple:
        shapes = [_optional(item) for item in get_args(hint)]
        return _Shape("list", _tuple_check(shapes))
    if get_origin(hint) is Literal:
        return _Shape("bool", lambda v: None if v is True else Refusal.WRONG_TYPE)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        options = tuple(str(member.value) for member in hint)
        return _Shape("str", _option_check(frozenset(options)), options)
    low, high = meta.min_length or 0, meta.max_length or 0
    checks: dict[object, _Shape] = {
        str: _Shape("str", _text_check(low, high, meta.pattern), (), low, high),
        int: _Shape("int", lambda v: None if type(v) is int and 0 <= v <= MAX_INT else Refusal.WRONG_TYPE),
        bool: _Shape("bool", lambda v: None if type(v) is bool else Refusal.WRONG_TYPE),
        bytes: _Shape("bytes", lambda v: None if type(v) is bytes and len(v) == 16 else Refusal.WRONG_TYPE),
    }
    return checks[hint]


def _optional(hint: object) -> Check:
    check = _shape(hint, Meta()).check
    if type(None) in get_args(hint):
        return lambda v: None if v is None else check(v)
    return check


def _tuple_check(checks: list[Check]) -> Check:
    def check(value: object) -> Refusal | None:
        if not isinstance(value, list) or len(value) != len(checks):
            return Refusal.WRONG_TYPE
        return next((r for one, item in zip(checks, value, strict=True) if (r := one(item))), None)

    return check


def _option_check(options: frozenset[str]) -> Check:
    def check(value: object) -> Refusal | None:
        if type(value) is not str:
            return Refusal.WRONG_TYPE
        return None if value in options else Refusal.UNKNOWN_OPTION

    return check


def _text_check(low: int, high: int, pattern: str | None) -> Check:
    high = high or 200
    matches = re.compile(pattern).fullmatch if pattern else None

    def check(value: object) -> Refusal | None:
        if type(value) is not str:
            return Refusal.WRONG_TYPE
        if not low <= len(value) <= high:
            return Refusal.OVER_LIMIT
        return None if matches is None or matches(value) else Refusal.WRONG_TYPE

    return check


def _member(hint: object) -> Check:
    return _shape(hint, Meta(max_length=64, pattern="[A-Za-z0-9_-]{1,64}")).check


def _is_mark(value: object) -> Refusal | None:
    return None if value is True else Refusal.WRONG_TYPE

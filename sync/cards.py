"""Every kind of card, once: its fields with their merge laws, limits and who may write them.

A new kind is one struct here. `make types` makes the TypeScript types, the field tables of the forms and docs/kinds.md.
`by` names who may write a field; an absent `stage` means its default. Texts are counted in code points.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from sync.kinds import (
    AGENT,
    AUTHOR,
    COMMENTER,
    DEV_LEAD,
    KINDS,
    OWN,
    SHARED,
    STANDING,
    SUPERVISOR,
    Attempt,
    Card,
    Duty,
    Role,
    Who,
    each,
    either,
    first,
    latest,
    once,
    prose,
    register,
    tally,
)
from sync.protocol import Refusal

__all__ = ["KINDS"]


class Lang(StrEnum):
    """Language of a person's words (BCP 47)."""

    FI = "fi"
    SV = "sv"
    EN = "en"


class Stage(StrEnum):
    """Where an idea is on the board."""

    NEW = "new"
    CONSIDERING = "considering"
    TRYING = "trying"
    IN_USE = "in_use"
    NOT_NOW = "not_now"
    MERGED = "merged"


class Size(StrEnum):
    """How much an idea takes, said in the answer."""

    QUICK = "quick"
    COMPLEX = "complex"
    PROJECT = "project"


class Source(StrEnum):
    """Where an idea was born."""

    COFFEE_BREAK = "coffee_break"
    SHIFT_HANDOVER = "shift_handover"
    CLIENT_SAID = "client_said"
    DIFFICULT_SITUATION = "difficult_situation"
    WORKSHOP = "workshop"
    CAMPAIGN = "campaign"
    OTHER = "other"


class Need(StrEnum):
    """Who benefits."""

    CLIENT = "client"
    STAFF = "staff"
    RELATIVE = "relative"
    PARTNER = "partner"
    OTHER = "other"


class ObservationType(StrEnum):
    """What sort of thing was noticed."""

    SUCCESS = "success"
    SNAG = "snag"
    CLIENT_SAID = "client_said"
    TACIT_KNOW_HOW = "tacit_know_how"


class CommentType(StrEnum):
    """What a comment adds."""

    PLUS = "plus"
    QUESTION = "question"
    SUGGESTION = "suggestion"
    ECHO = "echo"


DECISIONS = frozenset({"stage", "size", "reply", "reason"})
ENDED = frozenset({Stage.IN_USE, Stage.NOT_NOW, Stage.MERGED})  # nothing is left to do
ANSWERED = (Size.COMPLEX, Size.PROJECT)  # sizes whose answer needs a date

Date = Annotated[str, Meta(max_length=10, pattern=r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")]
CardHex = Annotated[str, Meta(max_length=32, pattern="[0-9a-f]{32}")]
FileHex = Annotated[str, Meta(max_length=64, pattern="[0-9a-f]{64}")]
PersonNumber = Annotated[str, Meta(max_length=10, pattern="[1-9][0-9]{0,9}")]
AltText = Annotated[str, Meta(max_length=200)]
ReplyText = Annotated[str, Meta(min_length=10, max_length=600)]


@register
class Idea(Card, tag="idea"):
    """Something a person wants changed.

    A supervisor answers it and moves it; a standing permission lets the team start quick deeds.
    """

    hidden_by: ClassVar[Who] = AUTHOR | SUPERVISOR | AGENT | DEV_LEAD
    ruled: ClassVar[frozenset[str]] = DECISIONS
    duties: ClassVar[tuple[Duty, ...]] = (Duty("owner", "stage", ENDED),)
    owed: ClassVar[tuple[Duty, ...]] = (Duty("reply", "stage", frozenset(Stage) - {Stage.NEW}),)

    team: Annotated[int, once()]
    title: Annotated[str, Meta(min_length=1, max_length=80), either(by=AUTHOR | SHARED)]
    text: Annotated[str, Meta(max_length=1000), prose(by=AUTHOR | SHARED)] = ""
    lang: Annotated[Lang | None, latest()] = None
    stage: Annotated[Stage, latest(by=SUPERVISOR | STANDING)] = Stage.NEW
    size: Annotated[Size | None, latest(by=SUPERVISOR | STANDING)] = None
    source: Annotated[Source | None, latest()] = None
    owner: Annotated[str | None, Meta(max_length=80), latest(by=SUPERVISOR)] = None
    revisit: Annotated[Date | None, latest(by=SUPERVISOR)] = None
    shared_edit: Annotated[bool, latest()] = False
    reason: Annotated[str | None, Meta(min_length=10, max_length=500), either(by=SUPERVISOR)] = None
    reply: Annotated[tuple[ReplyText, Date | None] | None, first(by=SUPERVISOR)] = None
    need: Annotated[dict[Need, Literal[True]], each()] = {}
    goals: Annotated[dict[CardHex, Literal[True]], each(by=AUTHOR | SUPERVISOR, most=3)] = {}
    photos: Annotated[dict[FileHex, AltText], each(most=3)] = {}
    i_help: Annotated[dict[PersonNumber, Literal[True]], each(by=OWN)] = {}
    same_here: Annotated[int, tally()] = 0
    lets_try: Annotated[int, tally()] = 0
    origin: Annotated[bytes | None, once()] = None
    merged_into: Annotated[bytes | None, once(by=SUPERVISOR)] = None

    @staticmethod
    def rule(attempt: Attempt) -> tuple[Refusal, str] | None:  # type: ignore[override]  # a rule is a plain function
        """Not now needs a reason, an answer needs size, stage and date, and the team starts only quick deeds."""
        sets = attempt.sets
        after = {**attempt.before, **sets}
        is_not_now = after.get("stage") == Stage.NOT_NOW and not sets.keys().isdisjoint(("stage", "reason"))
        if is_not_now and not after.get("reason"):
            return Refusal.REASON_REQUIRED, "reason"
        if isinstance(reply := sets.get("reply"), list):
            if not after.get("size") or not sets.get("stage"):
                return Refusal.REPLY_INCOMPLETE, "size" if sets.get("stage") else "stage"
            if after["size"] in ANSWERED and reply[1] is None and sets["stage"] != Stage.NOT_NOW:
                return Refusal.REPLY_INCOMPLETE, "reply"
        if attempt.who & int(SUPERVISOR) or not sets.keys() & {"stage", "size"}:
            return None
        starts = sets.get("stage", Stage.TRYING) == Stage.TRYING and attempt.before.get("stage") in (
            None,
            Stage.NEW,
        )
        return None if starts and after.get("size") == Size.QUICK else (Refusal.NOT_YOURS, "stage")


@register
class Observation(Card, tag="observation"):
    """A small note from the day: what went well, what was hard, what a client said. No answer is promised."""

    team: Annotated[int, once()]
    text: Annotated[str, Meta(min_length=1, max_length=500), prose()]
    type: Annotated[ObservationType | None, latest()] = None
    lang: Annotated[Lang | None, latest()] = None
    goals: Annotated[dict[CardHex, Literal[True]], each(by=AUTHOR | SUPERVISOR, most=3)] = {}
    photos: Annotated[dict[FileHex, AltText], each(most=3)] = {}
    same_here: Annotated[int, tally()] = 0


@register
class Comment(Card, tag="comment"):
    """What somebody says about a card, oldest first."""

    made_by: ClassVar[Who] = COMMENTER
    hidden_by: ClassVar[Who] = AUTHOR | SUPERVISOR | AGENT | DEV_LEAD
    hangs_on: ClassVar[str] = "on"

    on: Annotated[bytes, once()]
    text: Annotated[str, Meta(min_length=1, max_length=500), prose()]
    type: Annotated[CommentType | None, latest()] = None
    lang: Annotated[Lang | None, latest()] = None


class Served(Card):
    """Written by the server alone."""

    made_by: ClassVar[Who] = Who.SERVER
    hidden_by: ClassVar[Who] = Who.SERVER


@register
class Person(Served, tag="person"):
    """Who somebody is to the others: a name, a colour, a language, and the number of the own space for posting."""

    name: Annotated[str, Meta(max_length=80), latest(by=Who.SERVER)]
    colour: Annotated[int, latest(by=Who.SERVER)] = 1
    language: Annotated[Lang, latest(by=Who.SERVER)] = Lang.FI
    own: Annotated[int | None, once(by=Who.SERVER)] = None


@register
class Member(Served, tag="member"):
    """That a person belongs to a team, and as what."""

    person: Annotated[int, once(by=Who.SERVER)]
    role: Annotated[Role, latest(by=Who.SERVER)]


@register
class Team(Served, tag="team"):
    """A team: its names, its area, how soon it answers and whether it may start quick deeds by itself."""

    space: Annotated[int, once(by=Who.SERVER)]
    names: Annotated[dict[Lang, AltText], each(by=Who.SERVER)] = {}
    area: Annotated[int | None, latest(by=Who.SERVER)] = None
    reply_days: Annotated[int, latest(by=Who.SERVER)] = 7
    standing_permission: Annotated[bool, latest(by=Who.SERVER)] = False


@register
class Goal(Served, tag="goal"):
    """A goal that cards can be tagged with."""

    key: Annotated[str, Meta(max_length=64), once(by=Who.SERVER)]
    names: Annotated[dict[Lang, AltText], each(by=Who.SERVER)] = {}


class MarkName(StrEnum):
    """The tallies that a person can have a mark in."""

    SAME_HERE = "same_here"
    LETS_TRY = "lets_try"


@register
class Mark(Served, tag="mark"):
    """In the own space: which marks this person has given to a card, so that all own devices know."""

    on: Annotated[bytes, once(by=Who.SERVER)]
    space: Annotated[int, once(by=Who.SERVER)]
    marks: Annotated[dict[MarkName, Literal[True]], each(by=Who.SERVER)] = {}

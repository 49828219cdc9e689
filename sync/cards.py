"""Every kind of card, once: its fields with their merge laws, limits and who may write them.

A new kind is one struct here. `make types` makes the types of TypeScript, their table of laws, and docs/kinds.md.
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
    MEMBER,
    OWN,
    OWNER,
    POSTER,
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
from sync.strengths import Strength

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
GIVER = SUPERVISOR | AGENT | DEV_LEAD  # of tasks
ENDED = frozenset({Stage.IN_USE, Stage.NOT_NOW, Stage.MERGED})  # nothing is left to do
ANSWERED = (Size.COMPLEX, Size.PROJECT)  # sizes whose answer needs a date

MOST_LEGS = 10  # of a relay

Date = Annotated[str, Meta(max_length=10, pattern=r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")]
CardHex = Annotated[str, Meta(max_length=32, pattern="[0-9a-f]{32}")]
FileHex = Annotated[str, Meta(max_length=64, pattern="[0-9a-f]{64}")]
PersonNumber = Annotated[str, Meta(max_length=10, pattern="[1-9][0-9]{0,9}")]
AltText = Annotated[str, Meta(max_length=200)]
StepKey = Annotated[str, Meta(max_length=2, pattern="[0-9]{2}")]  # steps are read in the order of their keys
StepText = Annotated[str, Meta(min_length=1, max_length=200)]
ReplyText = Annotated[str, Meta(min_length=10, max_length=600)]


@register
class Idea(Card, tag="idea"):
    """Something a person wants changed.

    A supervisor answers it and moves it; a standing permission lets the team start quick deeds.
    """

    moves: ClassVar[bool] = True
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

    moves: ClassVar[bool] = True

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


class TaskStage(StrEnum):
    """Whether anybody still has to do a task."""

    OPEN = "open"
    CLOSED = "closed"


class BatonState(StrEnum):
    """Where the baton of a relay is: with nobody, with somebody, or at the end."""

    WAITING = "waiting"
    HELD = "held"
    FINISHED = "finished"


Baton = tuple[int, BatonState, PersonNumber | None, bytes | None]


@register
class Task(Card, tag="task"):
    """Something to do between two workshops: for a whole team, alone or as a relay over shifts, or for one person.

    A person's task lies in that person's own space, where nobody else learns how far it is; `to` stands on the giver's
    copy in the giver's own space and says whom it was for, and `team` is there the number of the space itself.
    The baton says where a relay is: at which leg, with whom or for whom (nil: anybody), and after which written leg.
    Whoever takes it second is told, and what they write becomes a side note.
    """

    posted: ClassVar[bool] = True
    made_by: ClassVar[Who] = GIVER | OWNER
    hidden_by: ClassVar[Who] = AUTHOR | OWNER | GIVER
    ruled: ClassVar[frozenset[str]] = frozenset({"baton", "relay", "to"})

    team: Annotated[int, once()]
    title: Annotated[str, Meta(min_length=1, max_length=80), either(by=AUTHOR | GIVER)]
    prompt: Annotated[str, Meta(min_length=1, max_length=600), prose(by=AUTHOR | GIVER)]
    why: Annotated[str, Meta(max_length=300), prose(by=AUTHOR | GIVER)] = ""
    due: Annotated[Date | None, latest(by=AUTHOR | GIVER)] = None
    lang: Annotated[Lang | None, latest(by=AUTHOR | GIVER)] = None
    steps: Annotated[dict[StepKey, StepText], each(by=AUTHOR | GIVER, most=10)] = {}
    relay: Annotated[bool, once()] = False
    baton: Annotated[Baton | None, first(by=MEMBER)] = None
    stage: Annotated[TaskStage, latest(by=AUTHOR | GIVER)] = TaskStage.OPEN
    done: Annotated[int, tally(by=MEMBER | OWNER)] = 0
    to: Annotated[PersonNumber | None, once()] = None
    origin: Annotated[bytes | None, once()] = None

    @staticmethod
    def rule(attempt: Attempt) -> tuple[Refusal, str] | None:  # type: ignore[override]  # a rule is a plain function
        """Only a giver's copy says whom it is for; only a team has a relay, of 1 to 10 legs, and only that a baton."""
        if attempt.sets.get("relay") and attempt.who & int(POSTER | OWNER):
            return Refusal.NOT_YOURS, "relay"
        if attempt.sets.get("to") and not attempt.who & int(OWNER):
            return Refusal.NOT_YOURS, "to"  # it would look like a copy of one's own, and nobody be reminded
        baton = attempt.sets.get("baton")
        if baton is None and attempt.was.get("baton") is None:
            return None
        if isinstance(baton, list) and not 1 <= baton[0] <= MOST_LEGS:
            return Refusal.OVER_LIMIT, "baton"
        is_relay = attempt.sets.get("relay", attempt.before.get("relay"))
        may = is_relay is True and _may_go(attempt, baton)
        return None if may else (Refusal.NOT_YOURS, "baton")


def _may_go(attempt: Attempt, now: object) -> bool:
    """Whether a baton goes from where its writer saw it to the writer, or from the writer on or to the end.

    Whoever holds it may have gone home, so that others may take it over.
    """
    match attempt.was.get("baton") or [1, BatonState.WAITING, None, None], now:
        case [int() as leg, BatonState.WAITING | BatonState.HELD, _, after], [
            to,
            BatonState.HELD,
            person,
            on,
        ]:
            return to == leg and person == str(attempt.person) and on == after
        case [int() as leg, BatonState.HELD, person, _], [to, BatonState.WAITING, _, _]:
            return to == leg + 1 and person == str(attempt.person)
        case [int() as leg, BatonState.HELD, person, _], [to, BatonState.FINISHED, None, _]:
            return to == leg and person == str(attempt.person)
    return False


@register
class RelayLeg(Card, tag="relay_leg"):
    """What one shift adds to a relay: shared with the team from the start. `after` is the leg that it goes on from."""

    hidden_by: ClassVar[Who] = AUTHOR | SUPERVISOR | AGENT | DEV_LEAD
    hangs_on: ClassVar[str] = "on"

    on: Annotated[bytes, once()]
    text: Annotated[str, Meta(min_length=1, max_length=300), prose()]
    after: Annotated[bytes | None, once()] = None
    to: Annotated[PersonNumber | None, once()] = None
    photos: Annotated[dict[FileHex, AltText], each(most=3)] = {}
    lang: Annotated[Lang | None, latest()] = None


@register
class TaskAnswer(Card, tag="task_answer"):
    """What a person writes for oneself about a task: in the own space, for nobody else to read (H1).

    `on` and `of` are the task and its space; `shared` is the copy that the person has let the group read.
    """

    made_by: ClassVar[Who] = AUTHOR
    hidden_by: ClassVar[Who] = AUTHOR
    is_private: ClassVar[bool] = True

    on: Annotated[bytes, once()]
    of: Annotated[int, once()]
    text: Annotated[str, Meta(max_length=2000), prose()] = ""
    lang: Annotated[Lang | None, latest()] = None
    done: Annotated[bool, latest()] = False
    ticks: Annotated[dict[StepKey, Literal[True]], each()] = {}
    shared: Annotated[bytes | None, latest()] = None


@register
class TaskShare(Card, tag="task_share"):
    """A copy of an answer that its writer shows to the group, until the writer takes it back."""

    hidden_by: ClassVar[Who] = AUTHOR | SUPERVISOR | AGENT | DEV_LEAD
    hangs_on: ClassVar[str] = "on"

    on: Annotated[bytes, once()]
    text: Annotated[str, Meta(min_length=1, max_length=2000), prose()]
    lang: Annotated[Lang | None, latest()] = None


@register
class Recognition(Card, tag="recognition"):
    """A thanks, made once for each receiver: in that person's own space, or in the team's.

    The sender is whoever made it. `origin` names the sender's copy, which lies in the sender's own space and says in
    `to` or `to_team` whom it was for; an answer names in `answers` the copy that it answers. With the sender's wish
    (`wall`) the receiver may put a copy on the wall of a team: it has the `sender`, and in `origin` the card that the
    receiver keeps. Nobody counts these.
    """

    posted: ClassVar[bool] = True
    made_by: ClassVar[Who] = MEMBER | POSTER | OWNER
    hidden_by: ClassVar[Who] = AUTHOR | OWNER | AGENT
    ruled: ClassVar[frozenset[str]] = frozenset({"sender"})

    text: Annotated[str, Meta(min_length=3, max_length=300), once()]
    lang: Annotated[Lang | None, once()] = None
    strengths: Annotated[dict[Strength, Literal[True]], each(most=3)] = {}
    relayed: Annotated[bool, once()] = False
    wall: Annotated[bool, once()] = False
    photos: Annotated[dict[FileHex, AltText], each(most=3)] = {}
    to: Annotated[dict[PersonNumber, Literal[True]], each(most=5)] = {}
    to_team: Annotated[int | None, once()] = None
    origin: Annotated[bytes | None, once()] = None
    answers: Annotated[bytes | None, once()] = None
    sender: Annotated[int | None, once()] = None

    @staticmethod
    def rule(attempt: Attempt) -> tuple[Refusal, str] | None:  # type: ignore[override]  # a rule is a plain function
        """Whoever posts is the sender: only a member of the team puts what somebody else has sent on its wall."""
        return (Refusal.NOT_YOURS, "sender") if attempt.who & int(POSTER | OWNER) else None


@register
class StrengthCard(Card, tag="strength_card"):
    """A card of the deck that a person has chosen for oneself: in the own space, for nobody else to read (H1).

    `place` is where its person has put it, the lowest first. `shared` names the copies by the team that may read them.
    """

    made_by: ClassVar[Who] = AUTHOR
    hidden_by: ClassVar[Who] = AUTHOR
    is_private: ClassVar[bool] = True
    most: ClassVar[int] = 7

    strength: Annotated[Strength, once()]
    note: Annotated[str, Meta(max_length=200), prose()] = ""
    place: Annotated[int, latest()] = 0
    shared: Annotated[dict[PersonNumber, CardHex], each()] = {}


@register
class SharedStrength(Card, tag="shared_strength"):
    """A copy of one strength card that its person shows to a team by name, until they take it back."""

    strength: Annotated[Strength, once()]
    note: Annotated[str, Meta(max_length=200), prose()] = ""


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
    DONE = "done"


@register
class Mark(Served, tag="mark"):
    """In the own space: which marks this person has given to a card, so that all own devices know."""

    on: Annotated[bytes, once(by=Who.SERVER)]
    space: Annotated[int, once(by=Who.SERVER)]
    marks: Annotated[dict[MarkName, Literal[True]], each(by=Who.SERVER)] = {}

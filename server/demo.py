"""The demo county of demo.json: its teams and persons, and what they wrote, by the doors of real people."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from server import people
from server.db import Transaction
from server.demo_strengths import Profile, chosen
from server.demo_tasks import Task, deeds
from server.demo_thanks import Folk, Thanks, told
from server.intake import arrival
from server.refusals import Refused
from server.store import people as stored
from server.store import spaces
from server.store.accept import accept
from server.store.cards import ServerCard, write_server_cards
from server.store.people import DAY_MS, Device
from server.world import World
from sync.protocol import Change, Code, Verdict, encode

FILE = Path(__file__).parent / "demo.json"
HOUR_MS = 3_600_000
PROMISE_DAYS = 28
BATCH = 200

Names = dict[str, str]
Value = object
Touched = dict[str, tuple[object, object]]


class Area(Struct):
    """A service area."""

    key: str
    name: Names


class Team(Struct):
    """A team."""

    key: str
    area: str
    name: Names
    standing_permission: bool


class Person(Struct):
    """A person; no team for roles of the whole organisation."""

    key: str
    first_name: str
    role: str
    team: str | None
    lang: str


class Goal(Struct):
    """A goal."""

    key: str
    name: Names


class Reply(Struct):
    """An answer; `day` counts from the day of seeding."""

    day: int
    text: str


class Idea(Struct):
    """An idea as the file tells it."""

    key: str
    team: str
    author: str | None
    lang: str
    stage: str
    size: str | None
    source: str | None
    day: int
    goals: list[str]
    title: str
    text: str
    visibility: Literal["team", "org"]
    reply: Reply | None = None
    reason: str | None = None
    revisit_day: int | None = None
    merged_into: str | None = None


class Observation(Struct):
    """An observation."""

    team: str
    author: str
    lang: str
    type: str
    day: int
    text: str


class Comment(Struct):
    """A comment on an idea."""

    on: str
    author: str
    lang: str
    kind: str
    day: int
    text: str


class Reaction(Struct):
    """Marks of several persons on an idea."""

    on: str
    type: str
    persons: list[str]


class Organisation(Struct):
    """The organisation."""

    name: Names


class Meta(Struct):
    """Who shows the demonstration."""

    personas: list[str]


class County(Struct):
    """The parts of the file that this version can show."""

    meta: Meta
    organisation: Organisation
    areas: list[Area]
    teams: list[Team]
    persons: list[Person]
    goals: list[Goal]
    ideas: list[Idea]
    observations: list[Observation]
    comments: list[Comment]
    reactions: list[Reaction]
    recognitions: list[Thanks]
    strength_profiles: list[Profile]
    tasks: list[Task]


class Place(Struct):
    """Where a card lies."""

    kind: str
    space: int
    card: bytes
    made: int


class Story:
    """The telling of the county: numbers given so far, and what persons are about to say."""

    def __init__(self, txn: Transaction, county: County, world: World) -> None:
        self.txn, self.county, self.world = txn, county, world
        self.org = people.org_space(txn).id
        self.areas: dict[str, int] = {}
        self.teams: dict[str, int] = {"office": self.org}
        self.persons: dict[str, int] = {}
        self.ideas: dict[str, Place] = {}
        self.said: list[tuple[int, int, Place, Touched]] = []
        self.run = world.draw(8)

    def say(self, at: int, who: int, place: Place, fields: Mapping[str, Value]) -> None:
        """Note a change that a person makes at a time: every field from nothing to a value."""
        pairs: Touched = {name: (None, value) for name, value in fields.items() if value is not None}
        self.said.append((at, who, place, pairs))

    def at(self, day: int, hour: int) -> int:
        """An instant on a day counted from today, never in the future."""
        midnight = self.world.now - self.world.now % DAY_MS
        return min(midnight + day * DAY_MS + hour * HOUR_MS, self.world.now - 1)


def fill(txn: Transaction, world: World) -> int:
    """Fill an installation without persons; gives the number of cards that people wrote."""
    if stored.persons(txn):
        raise Refused("not_allowed", "persons")
    county = msgspec.json.decode(FILE.read_bytes(), type=County)
    story = Story(txn, county, world)
    _make_spaces(story)
    _make_people(story)
    _make_goals(story)
    for idea in county.ideas:
        _tell_idea(story, idea)
    for observation in county.observations:
        _tell_observation(story, observation)
    for comment in county.comments:
        _tell_comment(story, comment)
    for reaction in county.reactions:
        _tell_reaction(story, reaction)
    folk = _folk(story)
    for thanks in county.recognitions:
        for said in told(folk, thanks, story.at(thanks.day, 15)):
            story.say(said.at, said.who, Place("recognition", said.space, said.card, said.at), said.fields)
    day = story.at(-3, 14)
    for one in (card for profile in county.strength_profiles for card in chosen(folk, profile, day)):
        story.say(day, one.who, Place(one.kind, one.space, one.card, day), one.fields)
    for task in county.tasks:
        _tell_task(story, folk, task)
    _accept(story)
    return len(county.ideas) + len(county.observations) + len(county.comments) + len(county.recognitions)


def _tell_task(story: Story, folk: Folk, task: Task) -> None:
    """A team's task; the file has some for groups that this version doesn't know."""
    if task.group not in story.teams:
        return
    leads = (
        p.key for p in story.county.persons if p.team == task.group and p.role in ("supervisor", "agent")
    )
    today = story.world.now - story.world.now % DAY_MS, _date(story, task.due_day)
    for deed in deeds(folk, task, next(leads), today):
        place = Place(deed.kind, story.teams[task.group], deed.card, deed.at)
        story.said.append((min(deed.at, story.world.now - 1), deed.who, place, deed.fields))


def _folk(story: Story) -> Folk:
    teams, persons = story.teams, story.persons
    known = {key: stored.person_of(story.txn, number) for key, number in persons.items()}
    own = {key: person.own for key, person in known.items() if person}
    team_of = {p.key: teams[p.team] for p in story.county.persons if p.team}
    return Folk(persons, own, team_of, teams, lambda at: card_id(at, story))


def _make_spaces(story: Story) -> None:
    spaces.rename_space(story.txn, story.org, story.county.organisation.name)
    for area in story.county.areas:
        story.areas[area.key] = people.add_area(story.txn, area.name)
    for team in story.county.teams:
        made = people.add_team(story.txn, team.name, story.areas[team.area], story.world.now)
        people.describe_team(
            story.txn, made, {"standing_permission": team.standing_permission}, story.world.now
        )
        story.teams[team.key] = made


def _make_people(story: Story) -> None:
    now = story.world.now
    for person in story.county.persons:
        made = stored.add_person(story.txn, person.first_name, person.lang, now)
        story.persons[person.key] = made.id
        seat = people.Seat(story.teams[person.team] if person.team else None, person.role)
        people.grant(story.txn, made.id, seat, now)
    chosen = [p for p in story.county.persons if p.key in story.county.meta.personas and p.team]
    personas = [(story.persons[p.key], story.teams[p.team or ""], p.role) for p in chosen]
    spaces.set_meta(story.txn, "personas", encode(personas))


def _make_goals(story: Story) -> None:
    now = story.world.now
    cards = []
    for goal in story.county.goals:
        fields = {"key": goal.key, **{f"names/{lang}": name for lang, name in goal.name.items()}}
        cards.append(ServerCard(story.org, goal_id(goal.key), "goal", None, now, fields))
    write_server_cards(story.txn, cards, now)


def goal_id(key: str) -> bytes:
    """The id of a goal's card."""
    return sha256(b"goal:" + key.encode()).digest()[:16]


def card_id(made: int, story: Story) -> bytes:
    """An id as a device draws it: UUIDv7, its first six bytes the time."""
    drawn = bytearray(made.to_bytes(6, "big") + story.world.draw(10))
    drawn[6] = 0x70 | drawn[6] & 0x0F
    drawn[8] = 0x80 | drawn[8] & 0x3F
    return bytes(drawn)


def _tell_idea(story: Story, idea: Idea) -> None:
    made = story.at(idea.day, 9)
    fields: dict[str, Value] = {"team": story.teams[idea.team], "title": idea.title, "text": idea.text}
    fields |= {"lang": idea.lang, "source": idea.source} | {
        f"goals/{goal_id(key).hex()}": True for key in idea.goals
    }
    if idea.author is not None and idea.team != "office":
        place = story.ideas[idea.key] = Place("idea", _space_of(story, idea), card_id(made, story), made)
        story.say(made, story.persons[idea.author], place, fields)
        _tell_answer(story, idea, place)
        return
    by = story.persons[idea.author] if idea.author else None
    day = made if by else made - made % DAY_MS
    place = Place("idea", _space_of(story, idea), card_id(made, story) if by else story.world.draw(16), day)
    story.ideas[idea.key] = place
    told = {name: value for name, value in fields.items() if value is not None}
    told |= _answer_fields(story, idea) if idea.team == "office" and idea.reply else {}
    if by:
        people.show_person(story.txn, by, [place.space], story.world.now)
    write_server_cards(
        story.txn, [ServerCard(place.space, place.card, "idea", by, day, told)], story.world.now
    )
    if idea.team != "office":
        _tell_answer(story, idea, place)


def _space_of(story: Story, idea: Idea) -> int:
    """The idea's own team, or the narrowest space that all who spoke about it may read."""
    if idea.visibility == "org" or idea.team == "office":
        return story.org
    speakers = {c.author for c in story.county.comments if c.on == idea.key}
    speakers |= {name for r in story.county.reactions if r.on == idea.key for name in r.persons}
    teams = {p.team for p in story.county.persons if p.key in speakers} | {idea.team}
    areas = {team.area for team in story.county.teams if team.key in teams}
    if len(teams) == 1:
        return story.teams[idea.team]
    return story.areas[areas.pop()] if len(areas) == 1 else story.org


def _tell_answer(story: Story, idea: Idea, place: Place) -> None:
    if idea.reply is None:
        return
    supervisor = next(p for p in story.county.persons if p.team == idea.team and p.role == "supervisor")
    at = max(story.at(idea.reply.day, 14), place.made + 1)
    story.say(at, story.persons[supervisor.key], place, _answer_fields(story, idea))


def _answer_fields(story: Story, idea: Idea) -> dict[str, Value]:
    fields: dict[str, Value] = {"stage": idea.stage, "size": idea.size, "reason": idea.reason}
    if idea.reply is not None:
        promised = idea.size in ("complex", "project")
        day = _date(story, idea.reply.day + PROMISE_DAYS) if promised else None
        fields["reply"] = [idea.reply.text, day]
    if idea.revisit_day is not None:
        fields["revisit"] = _date(story, idea.revisit_day)
    if idea.merged_into is not None:
        fields["merged_into"] = story.ideas[idea.merged_into].card
    return {name: value for name, value in fields.items() if value is not None}


def _date(story: Story, day: int) -> str:
    return datetime.fromtimestamp(story.world.now / 1000 + day * DAY_MS / 1000, UTC).date().isoformat()


def _tell_observation(story: Story, observation: Observation) -> None:
    made = story.at(observation.day, 11)
    team = story.teams[observation.team]
    fields = {"team": team, "text": observation.text, "type": observation.type, "lang": observation.lang}
    place = Place("observation", team, card_id(made, story), made)
    story.say(made, story.persons[observation.author], place, fields)


def _tell_comment(story: Story, comment: Comment) -> None:
    on = story.ideas[comment.on]
    made = max(story.at(comment.day, 12), on.made + 1)
    fields = {"on": on.card, "text": comment.text, "type": comment.kind, "lang": comment.lang}
    place = Place("comment", on.space, card_id(made, story), made)
    story.say(made, story.persons[comment.author], place, fields)


def _tell_reaction(story: Story, reaction: Reaction) -> None:
    on = story.ideas[reaction.on]
    for key in reaction.persons:
        number = story.persons[key]
        field = f"i_help/{number}" if reaction.type == "i_help" else reaction.type
        story.say(story.at(-1, 13), number, on, {field: True})


def _accept(story: Story) -> None:
    arrivals = []
    said = sorted(story.said, key=lambda change: change[0])
    for counter, (at, who, place, pairs) in enumerate(said):
        id_ = story.run + counter.to_bytes(4, "big")
        change = Change(id_, place.space, place.card, place.kind, at, 0, pairs)
        arrivals.append(arrival(Device(0, who, "", b""), encode(change)))
    for start in range(0, len(arrivals), BATCH):
        verdicts = accept(story.txn, arrivals[start : start + BATCH], story.world.now, story.world.secret)
        _check(verdicts)


def _check(verdicts: Sequence[Verdict]) -> None:
    for verdict in verdicts:
        if verdict.code >= Code.REFUSED:
            raise ValueError(f"the demo doesn't fit the rules: {verdict.detail}")

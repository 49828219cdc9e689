"""Commands on teams and persons."""

import sys
from pathlib import Path

from server.forms import (
    HeldForm,
    Imported,
    InviteForm,
    LinkMade,
    PersonLine,
    RecoverForm,
    RemoveForm,
    RenameForm,
    RosterForm,
    TeamForm,
    TeamMade,
)
from server.refusals import Stop
from server.settings import Settings
from server.verbs.asking import Given, perform, show


def run_team_add(settings: Settings, given: Given) -> int:
    """Make a team."""
    team = perform(settings, "team.add", TeamForm(given.name, given.area), TeamMade)
    return show(given, team, f"{team.name}: space {team.space}")


def run_area_add(settings: Settings, given: Given) -> int:
    """Make an area."""
    area = perform(settings, "area.add", TeamForm(given.name), TeamMade)
    return show(given, area, f"{area.name}: space {area.space}")


def run_rename(settings: Settings, given: Given) -> int:
    """Rename a team or an area, or move a team."""
    form = RenameForm(given.kind, given.name, given.to, given.lang, given.area)
    place = perform(settings, "space.rename", form, TeamMade)
    return show(given, place, f"{place.name}: space {place.space}")


def run_people_import(settings: Settings, given: Given) -> int:
    """Invite everybody on a list; 1 where a line is wrong, which is said on standard error."""
    try:
        text = sys.stdin.buffer.read() if given.file == "-" else Path(given.file).read_bytes()
    except OSError as error:
        raise Stop(f"{given.file} can't be read: {error.strerror}.") from None
    form = RosterForm(text, given.team, given.good_ones, given.look)
    done = perform(settings, "people.import", form, Imported)
    lines = [f"{link.url}  {link.name}  {link.role}  {link.team}" for link in done.links]
    text_of = "\n".join(lines) or f"{done.good} good, {len(done.faults)} wrong; no invitation was made"
    show(given, done, text_of)
    if done.faults and not given.json:
        print("\n".join(done.faults), file=sys.stderr)
    return 1 if done.faults else 0


def run_invite(settings: Settings, given: Given) -> int:
    """Make an invitation."""
    form = InviteForm(given.role, given.team, given.person, given.name, given.uses, given.days, given.typed)
    link = perform(settings, "invite", form, LinkMade)
    return show(given, link, f"{link.url}  {link.code}" if given.typed else link.url)


def run_people_list(settings: Settings, given: Given) -> int:
    """List persons."""
    persons = perform(settings, "people.list", HeldForm(), list[PersonLine])
    lines = [f"{p.person:>6}  {p.name}  {p.role or '-'}  {p.team or ''}".rstrip() for p in persons]
    return show(given, persons, "\n".join(lines) or "nobody yet: make a link with `virtaamo invite`")


def run_people_recover(settings: Settings, given: Given) -> int:
    """Make fresh recovery codes for a person."""
    fresh = perform(settings, "people.recover", RecoverForm(given.person), list[str])
    return show(given, fresh, "\n".join(fresh))


def run_people_remove(settings: Settings, given: Given) -> int:
    """Remove a person."""
    perform(settings, "people.remove", RemoveForm(given.person, given.team), type(None))
    print("removed")
    return 0

"""Commands on teams and persons."""

from server.forms import HeldForm, InviteForm, LinkMade, PersonLine, RemoveForm, TeamForm, TeamMade
from server.settings import Settings
from server.verbs.asking import Given, perform, show


def run_team_add(settings: Settings, given: Given) -> int:
    """Make a team."""
    team = perform(settings, "team.add", TeamForm(given.name, given.area), TeamMade)
    return show(given, team, f"{team.name}: space {team.space}")


def run_invite(settings: Settings, given: Given) -> int:
    """Make an invitation."""
    form = InviteForm(given.role, given.team, given.person, given.name, given.uses, given.days)
    link = perform(settings, "invite", form, LinkMade)
    return show(given, link, link.url)


def run_people_list(settings: Settings, given: Given) -> int:
    """List persons."""
    persons = perform(settings, "people.list", HeldForm(), list[PersonLine])
    lines = [f"{p.person:>6}  {p.name}  {p.role or '-'}  {p.team or ''}".rstrip() for p in persons]
    return show(given, persons, "\n".join(lines) or "nobody yet: make a link with `virtaamo invite`")


def run_people_remove(settings: Settings, given: Given) -> int:
    """Remove a person."""
    perform(settings, "people.remove", RemoveForm(given.person, given.team), type(None))
    print("removed")
    return 0

"""What the command line asks of the data; run by the server that holds it, or by the command itself."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from server import people
from server.db import Transaction
from server.forms import (
    TEAM_ROLES,
    DemoLink,
    Held,
    HeldForm,
    InitForm,
    InviteForm,
    LinkMade,
    PersonLine,
    RemoveForm,
    Replayed,
    ReplayedSome,
    ReplayForm,
    TeamForm,
    TeamMade,
    VerifiedForm,
    Watching,
)
from server.intake import arrival
from server.people import code_of
from server.refusals import Refused, Stop
from server.store import backups, copies, quarantine, spaces
from server.store import people as stored
from server.store.accept import accept_again
from server.store.invitations import Invitation
from server.store.people import DAY_MS, Device
from server.store.watch import held_count, server_of
from server.world import World
from sync.protocol import HELD, Code

EPOCH_BYTES = 8
MOST_AT_ONCE = 100  # held changes judged again in one transaction
MAX_NAME = 80
F = TypeVar("F", bound=Struct)
Command = Callable[[Transaction, bytes, World], bytes]


def init(txn: Transaction, form: InitForm, world: World) -> None:
    """Make the organisation and the epoch, once; Stop in the unfinished copy of another database."""
    if copies.copying(txn) is not None:
        raise Stop("The copy to this database is not finished: run `virtaamo copy` again.")
    if spaces.meta_of(txn, "epoch") is None:
        spaces.set_meta(txn, "epoch", world.draw(EPOCH_BYTES))
    people.found(txn, {"fi": form.name}, world.draw(EPOCH_BYTES))


def add_team(txn: Transaction, form: TeamForm, world: World) -> TeamMade:
    """Make a team; refuses a name that is empty or too long."""
    name = form.name.strip()
    if not 0 < len(name) <= MAX_NAME:
        raise Refused("invalid", "name")
    area = people.add_area(txn, {"fi": form.area}) if form.area else None
    return TeamMade(people.add_team(txn, {"fi": name}, area, world.now), name)


def invite(txn: Transaction, form: InviteForm, world: World) -> LinkMade:
    """Make an invitation."""
    if form.team is None and form.role in TEAM_ROLES:
        raise Refused("invalid", "team")
    space = people.find_team(txn, form.team).id if form.team is not None else None
    until = world.now + form.days * DAY_MS
    code = code_of(world.draw(16))
    offer = Invitation(space, form.role, form.person, form.name, form.uses, until, None)
    people.invite(txn, code, offer, world.now)
    return LinkMade(f"{world.url}/liity#{code}", code, until)


def demo_links(txn: Transaction, form: InitForm, world: World) -> list[DemoLink]:
    """Fresh links for the two persons of the demonstration, Aino and Jorma, as whom they join."""
    links = []
    for number, space, role in people.personas(txn):
        person = stored.person_of(txn, number)
        if person is not None:
            link = invite(txn, InviteForm(role, str(space), number, uses=20), world)
            links.append(DemoLink(f"{person.name} ({role})", link.url))
    return links


def demo(txn: Transaction, form: InitForm, world: World) -> int:
    """Fill an empty installation with the demo county; gives the number of cards."""
    from server.demo import fill  # needed once in the life of an installation

    return fill(txn, world)


def list_people(txn: Transaction, form: HeldForm, world: World) -> list[PersonLine]:
    """Every person with each team and role."""
    named = {space.id: spaces.name_in(space.names, "fi") for space in spaces.spaces(txn, ("team", "org"))}
    return [
        PersonLine(number, name, space, named.get(space) if space is not None else None, role)
        for number, name, space, role in stored.persons(txn)
    ]


def remove(txn: Transaction, form: RemoveForm, world: World) -> None:
    """Remove a person from a team, or from the organisation."""
    if form.team is None:
        people.leave(txn, form.person, world.now)
    else:
        people.remove(txn, form.person, people.find_team(txn, form.team).id, world.now)


def list_held(txn: Transaction, form: HeldForm, world: World) -> list[Held]:
    """What is in quarantine, without words."""
    found = quarantine.held(txn, form.id)
    if form.id and not found:
        raise Refused("not_found", "id")
    return found


def watch(txn: Transaction, form: HeldForm, world: World) -> Watching:
    """Write something that changes nothing, and tell how it stands."""
    spaces.touch_meta(txn)
    backup, server = backups.last_backup(txn), server_of(txn)
    held, backup_at = held_count(txn), backup.at if backup else None
    return (
        Watching(held, backup_at, server.version, server.is_durable) if server else Watching(held, backup_at)
    )


def replay(txn: Transaction, form: HeldForm, world: World) -> Replayed:
    """Judge a quarantined change again; its new verdict replaces the old one."""
    kept = quarantine.held_changes(txn, "", form.id - 1, 1)
    if not kept or kept[0].id != form.id:
        raise Refused("not_found", "id")
    return _replayed(txn, kept, world)[0]


def replay_some(txn: Transaction, form: ReplayForm, world: World) -> ReplayedSome:
    """Judge the next few again, of one reason or of any; refuses a reason for which nothing is held."""
    if form.reason and form.reason not in set(HELD):
        raise Refused("invalid", "reason")
    kept = quarantine.held_changes(txn, form.reason, form.after, MOST_AT_ONCE)
    return ReplayedSome(_replayed(txn, kept, world), kept[-1].id if len(kept) == MOST_AT_ONCE else 0)


def _replayed(txn: Transaction, kept: Sequence[quarantine.HeldChange], world: World) -> list[Replayed]:
    again = [arrival(Device(one.device, one.person, "", b""), one.body) for one in kept]
    verdicts = accept_again(txn, again, world.now, world.secret)
    reasons = [(verdict.detail or {}).get("reason") for verdict in verdicts]
    return [
        Replayed(one.id, Code(verdict.code).name.lower(), str(reason) if reason else None)
        for one, verdict, reason in zip(kept, verdicts, reasons, strict=True)
    ]


def note_verified(txn: Transaction, form: VerifiedForm, world: World) -> None:
    """What a verified backup has is stable; refuses one of another life of the database."""
    if spaces.meta_of(txn, "epoch") != form.epoch:
        raise Refused("invalid", "epoch")
    backups.note_heads(txn, form.heads)
    if form.at:
        backups.note_backup(txn, backups.Backup(form.at, world.now, form.bytes))


def command(form: type[F], run: Callable[[Transaction, F, World], object]) -> Command:
    """A command that takes its form and gives its answer as MessagePack."""

    def perform_one(txn: Transaction, packed: bytes, world: World) -> bytes:
        try:
            asked = msgspec.msgpack.decode(packed, type=form)
        except msgspec.DecodeError:
            raise Refused("invalid") from None
        return msgspec.msgpack.encode(run(txn, asked, world))

    return perform_one


COMMANDS = {
    "init": command(InitForm, init),
    "team.add": command(TeamForm, add_team),
    "invite": command(InviteForm, invite),
    "demo": command(InitForm, demo),
    "demo.links": command(InitForm, demo_links),
    "people.list": command(HeldForm, list_people),
    "people.remove": command(RemoveForm, remove),
    "backup.verified": command(VerifiedForm, note_verified),
    "watch": command(HeldForm, watch),
    "quarantine.list": command(HeldForm, list_held),
    "quarantine.replay": command(HeldForm, replay),
    "quarantine.replay.some": command(ReplayForm, replay_some),
}


def perform(txn: Transaction, name: str, form: bytes, world: World) -> bytes:
    """Run a command in a transaction; form and answer are MessagePack. Refuses unknown names and forms."""
    if name not in COMMANDS:
        raise Refused("not_found")
    return COMMANDS[name](txn, form, world)

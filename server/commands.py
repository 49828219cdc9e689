"""What the command line asks of the data; run by the server that holds it, or by the command itself."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct, structs

from server import codes, organisation, people, recovery, rosters
from server.ceremonies import PARTY
from server.db import Transaction
from server.forms import (
    TEAM_ROLES,
    DemoLink,
    Held,
    HeldForm,
    Imported,
    InitForm,
    InviteForm,
    KeyForm,
    KeyLine,
    LinkMade,
    PartyForm,
    PersonLine,
    RecoverForm,
    RemoveForm,
    RenameForm,
    Replayed,
    ReplayedSome,
    ReplayForm,
    RosterForm,
    RosterLink,
    TeamForm,
    TeamMade,
    VerifiedForm,
    Watching,
)
from server.intake import arrival
from server.keys import note_backup
from server.parting import Parting, keep_an_admin, parted, tell_unled, unled
from server.people import code_of
from server.refusals import Refused, Stop
from server.rosters import Roster
from server.seats import forget_invitations
from server.store import backups, copies, quarantine, server_keys, spaces
from server.store import people as stored
from server.store.accept import accept_again
from server.store.acceptance import Arrival
from server.store.audit import Event, note
from server.store.invitations import Invitation
from server.store.passkeys import count_passkeys
from server.store.people import DAY_MS, Device
from server.store.seats import role_in
from server.store.spaces import Space, name_in
from server.store.subscriptions import refused_count
from server.store.watch import held_count, server_of
from server.world import World
from sync.protocol import HELD, Code, Refusal

EPOCH_BYTES = 8
MOST_AT_ONCE = 100  # held changes judged again in one transaction
F = TypeVar("F", bound=Struct)
Command = Callable[[Transaction, bytes, World], bytes]


def init(txn: Transaction, form: InitForm, world: World) -> None:
    """Make the organisation and the epoch, once; Stop in the unfinished copy of another database."""
    if copies.copying(txn) is not None:
        raise Stop("The copy to this database is not finished: run `virtaamo copy` again.")
    if spaces.meta_of(txn, backups.MOVED) is not None:
        raise Stop(
            "This installation was copied to PostgreSQL: set VIRTAAMO_DATABASE."
            " To go on here after all, run `virtaamo anew` first."
        )
    if spaces.meta_of(txn, "epoch") is None:
        spaces.set_meta(txn, "epoch", world.draw(EPOCH_BYTES))
    people.found(txn, {"fi": form.name}, world.draw(EPOCH_BYTES))


def begin_anew(txn: Transaction, world: World) -> None:
    """Begin a new epoch: devices take everything anew, and offer again what is missing here."""
    backups.begin_anew(txn, world.draw(EPOCH_BYTES))


def add_team(txn: Transaction, form: TeamForm, world: World) -> TeamMade:
    """Make a team, or find the one that has this name there; refuses a name that is empty or too long."""
    area = people.add_area(txn, {"fi": form.area}) if form.area else None
    found = _named(txn, form.name, ("team",))
    found = [team for team in found if area in (None, team.parent)]
    if found:
        return TeamMade(found[0].id, name_in(found[0].names, "fi"))
    wanted = Space(0, "team", {"fi": form.name}, area or people.org_space(txn).id)
    return TeamMade(organisation.make(txn, None, wanted, world.now), form.name.strip())


def add_area(txn: Transaction, form: TeamForm, world: World) -> TeamMade:
    """Make an area, or find the one of this name."""
    for area in _named(txn, form.name, ("area",)):
        return TeamMade(area.id, name_in(area.names, "fi"))
    wanted = Space(0, "area", {"fi": form.name}, people.org_space(txn).id)
    return TeamMade(organisation.make(txn, None, wanted, world.now), form.name.strip())


def rename(txn: Transaction, form: RenameForm, world: World) -> TeamMade:
    """Rename a team or an area in one language, or move a team to another area; refuses a name of two."""
    found = _named(txn, form.name, (form.kind,))
    if len(found) != 1:
        raise Refused("not_found" if not found else "invalid", form.kind)
    place = found[0]
    if form.to:
        names = {**place.names, form.lang: form.to}
        organisation.rename(txn, None, Space(place.id, "", names, None), world.now)
    if form.area:
        area = add_area(txn, TeamForm(form.area), world).space
        organisation.move(txn, None, (place.id, area), world)
    return TeamMade(place.id, form.to or form.name)


def _named(txn: Transaction, name: str, kinds: tuple[str, ...]) -> list[Space]:
    wanted = " ".join(name.split()).casefold()
    return [
        place
        for place in spaces.spaces(txn, kinds)
        if wanted == str(place.id) or wanted in {known.casefold() for known in place.names.values()}
    ]


def import_people(txn: Transaction, form: RosterForm, world: World) -> Imported:
    """Make an invitation for every line of a list; nothing when one is wrong, unless the good ones are asked for."""
    team = people.find_team(txn, form.team).id if form.team else None
    roster = Roster(form.text, team)
    if form.is_look:
        lines = rosters.look(txn, (None, "en"), roster, world.now)
        return Imported([], _faults(lines), sum(line.fault is None for line in lines))
    made, left = rosters.invite_all(txn, (None, "en"), (roster, form.good_ones), world)
    links = [RosterLink(m.line.name, m.line.place, m.line.role, f"{world.url}/liity#{m.code}") for m in made]
    return Imported(links, _faults(left), len(made))


def _faults(lines: Sequence[rosters.Line]) -> list[str]:
    return [f"line {line.line}: {rosters.in_words(line, 'en')}" for line in lines if line.fault]


def invite(txn: Transaction, form: InviteForm, world: World) -> LinkMade:
    """Make an invitation."""
    if form.team is None and form.role in TEAM_ROLES:
        raise Refused("invalid", "team")
    space = people.find_team(txn, form.team).id if form.team is not None else None
    until = world.now + (1 if form.is_typed else form.days) * DAY_MS
    code = codes.typed_code(world.draw) if form.is_typed else code_of(world.draw(16))
    offer = Invitation(space, form.role, form.person, form.name, form.uses, until, None)
    people.invite(txn, codes.sought(world.secret, code), offer, world.now)
    if form.is_typed:
        return LinkMade(f"{world.url}/liity", codes.shown(code), until)
    return LinkMade(f"{world.url}/liity#{code}", code, until)


def recover(txn: Transaction, form: RecoverForm, world: World) -> list[str]:
    """Fresh recovery codes for somebody who has lost every way in."""
    fresh = recovery.draw_codes(world.draw)
    recovery.renew(txn, form.person, [recovery.hash_of(world.secret, code) for code in fresh], world.now)
    note(txn, Event("recovery_codes_made", None, form.person), world.now)
    return [codes.shown(code) for code in fresh]


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
    team = people.find_team(txn, form.team).id if form.team is not None else None
    held = parted(txn, Parting(form.person, {}, None if team is None else [team]))
    keep_an_admin(txn, form.person, held)
    alone = unled(txn, form.person, held)
    if team is None:
        people.leave(txn, form.person, world.now)
        note(txn, Event("person_left", None, form.person), world.now)
    else:
        role = role_in(txn, form.person, team)
        people.remove(txn, form.person, team, world.now)
        forget_invitations(txn, form.person, team)
        note(txn, Event("grant_ended", None, form.person, team, {"role": role}), world.now)
    tell_unled(txn, alone, world.now)


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
    known = [KeyLine(k.kid.hex(), k.state, k.since, k.kept_at is not None) for k in server_keys.keys(txn)]
    told = Watching(held_count(txn), backup.at if backup else None, keys=known, unwoken=refused_count(txn))
    party = (spaces.meta_of(txn, PARTY) or b"").decode()
    told = structs.replace(
        told, party=party, passkeys=count_passkeys(txn), set_back_at=backups.set_back_at(txn)
    )
    if server:
        ahead = server.now - world.now
        told = structs.replace(told, version=server.version, is_durable=server.is_durable, ahead_ms=ahead)
    return told


def move_party(txn: Transaction, form: PartyForm, world: World) -> None:
    """Passkeys are made for another domain from now on; those that were made before open nothing there."""
    spaces.set_meta(txn, PARTY, form.id.encode())


def add_key(txn: Transaction, form: KeyForm, world: World) -> bool:
    """Take up the first key of a new installation; False where there is one already."""
    if server_keys.keys(txn):
        return False
    return server_keys.add_key(txn, form.kid, form.public, world.now) is not None


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
    again = [_as_it_came(one) for one in kept]
    verdicts = accept_again(txn, again, world.now, world.secret)
    reasons = [(verdict.detail or {}).get("reason") for verdict in verdicts]
    return [
        Replayed(one.id, Code(verdict.code).name.lower(), str(reason) if reason else None)
        for one, verdict, reason in zip(kept, verdicts, reasons, strict=True)
    ]


def _as_it_came(one: quarantine.HeldChange) -> Arrival:
    """What somebody in the app has to decide is not decided by a replay."""
    came = arrival(Device(one.device, one.person, "", b""), one.body)
    is_late = one.reason in quarantine.LATE
    return structs.replace(came, is_sealed=is_late, is_revoked=one.reason == Refusal.AUTHOR_REVOKED)


def note_verified(txn: Transaction, form: VerifiedForm, world: World) -> None:
    """What a verified backup has is stable; refuses one of another life of the database."""
    if spaces.meta_of(txn, "epoch") != form.epoch:
        raise Refused("invalid", "epoch")
    backups.note_heads(txn, form.heads)
    if form.at:
        backups.note_backup(txn, backups.Backup(form.at, world.now, form.bytes))
        note_backup(txn, [bytes.fromhex(kid) for kid in form.keys], world.now)


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
    "party.move": command(PartyForm, move_party),
    "key.add": command(KeyForm, add_key),
    "team.add": command(TeamForm, add_team),
    "area.add": command(TeamForm, add_area),
    "space.rename": command(RenameForm, rename),
    "people.import": command(RosterForm, import_people),
    "invite": command(InviteForm, invite),
    "demo": command(InitForm, demo),
    "demo.links": command(InitForm, demo_links),
    "people.list": command(HeldForm, list_people),
    "people.recover": command(RecoverForm, recover),
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

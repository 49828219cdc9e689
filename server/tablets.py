"""Tablets that a team shares: enrolled by who leads it, and let go of (docs/devices.md D-40, D-44)."""

from collections.abc import Sequence

from msgspec import UNSET, Struct, UnsetType, structs

from server import sessions
from server.codes import Sought
from server.db import Transaction
from server.keys import OfferedKey, offered
from server.organisation import leads, led_spaces
from server.people import OwnDevice
from server.refusals import Refused
from server.store import invitations, spaces, tablets
from server.store.audit import Event, Told, note, tell
from server.store.people import DAY_MS, Device, members
from server.store.sessions import DeviceRow, device_named, devices_of
from server.store.tablets import ENROL, Code, Tablet
from server.store.walls import walls_of
from server.world import World

CODE_MS = 900_000  # so long a code for a tablet is good
LOCK_S = 120
FEW = 5


class Enrolling(Struct, frozen=True):
    """What a browser says when it becomes a tablet: its name, and what of the checklist was ticked (D-52)."""

    name: str
    checked: Sequence[str] = ()


class NewTablet(Struct, frozen=True):
    """A tablet to be: for which teams, under which name, and whether it has a strong lock (D-51)."""

    spaces: Sequence[int]
    name: str
    strong: bool = False


class Changes(Struct, frozen=True):
    """What changes of a tablet."""

    name: str | UnsetType = UNSET
    lock_s: int | UnsetType = UNSET
    strong: bool | UnsetType = UNSET
    spaces: Sequence[int] | UnsetType = UNSET


class Box(Struct, frozen=True):
    """The drop box of a team; `few` tells that its people can guess who wrote (R21)."""

    space: int
    name: str
    few: bool


class TabletMe(Struct, frozen=True):
    """What a tablet knows about itself while nobody is at it."""

    device: OwnDevice
    teams: Sequence[str]
    boxes: Sequence[Box]
    lock_s: int
    strong: bool
    lang: str
    org: str
    keys: Sequence[OfferedKey] = ()
    walls: Sequence[int] = ()
    gone: Sequence[str] = ()  # copies that were here and are no more


class TabletRow(Struct, frozen=True):
    """A tablet as those see it who lead its teams: days, never hours. `copies`: whose are there, without any day."""

    id: str
    name: str
    kind: str
    seen_on: int
    teams: Sequence[int]
    lock_s: int
    strong: bool
    copies: Sequence[tuple[int, str]]
    walls: Sequence[int] = ()


def prepare(txn: Transaction, actor: Device, new: NewTablet, key: Sought, world: World) -> int:
    """Make room for a tablet; the code lets it in. Gives when that ends. Refuses teams that the actor doesn't lead."""
    for space in new.spaces:
        if "staff" not in leads(txn, actor.person, space).gives:
            raise Refused("not_allowed", "spaces")
    until = world.now + CODE_MS
    room = Tablet(0, world.draw(16), new.name, LOCK_S, new.strong, world.now // DAY_MS, True)
    number = tablets.add_tablet(txn, room, world.draw(32), sorted(set(new.spaces)))
    tablets.add_code(txn, ENROL, key, Code(0, number, None, actor.person, 1, until))
    return until


def enrol(txn: Transaction, key: Sought, said: Enrolling, token_hash: bytes, now: int) -> Tablet:
    """A browser becomes the tablet that the code was made for; who made it must still lead its teams."""
    code = good_code(tablets.code_of(txn, ENROL, key.hash), now)
    known = tablets.tablet_of(txn, code.device)
    if known is None or not _is_led(txn, code.made_by, known.id):
        raise Refused("code_unknown", "code")
    if not invitations.use_invitation(txn, code.id):
        raise Refused("code_used", "code")
    name = said.name or known.name
    tablets.let_in(txn, known.id, name, token_hash, now)
    detail = {"device": name, "checked": " ".join(dict.fromkeys(said.checked))}
    for team in tablets.teams_of(txn, known.id):
        note(txn, Event("tablet_enrolled", code.made_by, None, team, detail), now)
    return structs.replace(known, name=name, is_revoked=False)


def good_code(code: Code | None, now: int) -> Code:
    """A code that may still be used; refuses any other."""
    if code is None:
        raise Refused("code_unknown", "code")
    if code.uses_left < 1:
        raise Refused("code_used", "code")
    if code.until <= now:
        raise Refused("code_expired", "code")
    return code


def me(txn: Transaction, which: Tablet, lang: str) -> TabletMe:
    """What a tablet may know while nobody is at it."""
    places = [spaces.space_of(txn, team) for team in tablets.teams_of(txn, which.id)]
    boxes = [
        Box(place.id, spaces.name_in(place.names, lang), len(members(txn, place.id)) < FEW)
        for place in places
        if place is not None
    ]
    org = (spaces.meta_of(txn, "org") or b"").hex()
    own = OwnDevice(which.uuid.hex(), "shared", which.name)
    names = [box.name for box in boxes]
    hung = walls_of(txn, which.id)
    gone = [uuid.hex() for uuid in tablets.gone_from(txn, which.id)]
    return TabletMe(own, names, boxes, which.lock_s, which.strong, lang, org, offered(txn), hung, gone)


def devices_for(txn: Transaction, asks: Device) -> list[DeviceRow | TabletRow]:
    """One's own devices, one's copies on tablets, and the tablets of the teams that one leads.

    Of a copy `id` and `name` are its tablet's: by that id it is removed.
    """
    copies = [
        DeviceRow(uuid.hex(), name, "copy", made_on, seen_on, current=False)
        for uuid, name, made_on, seen_on in tablets.copies_of(txn, asks.person)
    ]
    mine = {place.id for place, lead in led_spaces(txn, asks.person) if "staff" in lead.gives}
    rows = [
        _row(txn, one, teams)
        for one in tablets.tablets_in(txn, sorted(mine))
        if mine.issuperset(teams := tablets.teams_of(txn, one.id))
    ]
    return [*devices_of(txn, asks), *copies, *rows]


def _row(txn: Transaction, one: Tablet, teams: Sequence[int]) -> TabletRow:
    lock, copies = (one.lock_s, one.strong), tablets.copies_on(txn, one.id)
    walls = walls_of(txn, one.id)
    return TabletRow(one.uuid.hex(), one.name, "shared", one.seen_on, teams, *lock, copies, walls)


def change(txn: Transaction, asks: Device, uuid: bytes, changes: Changes, now: int) -> None:
    """Change a tablet of a team that one leads, or the name of one's own device."""
    if device_named(txn, asks.person, uuid) is not None:
        if changes.name is not UNSET:
            sessions.rename(txn, asks, uuid, changes.name)
        return
    known = led(txn, asks, uuid)
    sessions.need_proof(asks, now)
    wanted = {key: value for key, value in structs.asdict(changes).items() if value is not UNSET}
    spaces, teams = wanted.pop("spaces", None), set(tablets.teams_of(txn, known.id))
    tablets.change_tablet(txn, structs.replace(known, **wanted))
    if spaces is not None:
        _give_to(txn, asks, known, set(spaces), now)
    for team in sorted(teams.union(spaces or ())):
        note(txn, Event("tablet_changed", asks.person, None, team, {"device": known.name}), now)


def _give_to(txn: Transaction, asks: Device, known: Tablet, teams: set[int], now: int) -> None:
    """These teams share a tablet from now on; whoever is in none of them loses the copy there, and is told."""
    if not all(_leads(txn, asks.person, team) for team in teams):
        raise Refused("not_allowed", "spaces")
    persons = [person for person, _ in tablets.copies_on(txn, known.id)]
    before = [person for person in persons if tablets.belongs(txn, known.id, person)]
    tablets.set_teams(txn, known.id, teams)
    for person in before:
        if not tablets.belongs(txn, known.id, person):
            _end_copies(txn, asks, known, person, now)


def revoke(txn: Transaction, asks: Device, uuid: bytes, now: int) -> None:
    """Let go of a tablet with all copies on it, or of a device of one's own."""
    if device_named(txn, asks.person, uuid) is not None:
        sessions.revoke(txn, asks, uuid, now)
        return
    known = led(txn, asks, uuid)
    sessions.need_proof(asks, now)
    if known.is_revoked:
        raise Refused("already_revoked")
    tablets.revoke(txn, known.id, now)
    for team in tablets.teams_of(txn, known.id):
        note(txn, Event("device_revoked", asks.person, None, team, {"device": known.name}), now)


def remove_copy(txn: Transaction, asks: Device, which: tuple[bytes, int], now: int) -> None:
    """Somebody's copies on a tablet are no more: their person or a leader of its teams may say so."""
    uuid, person = which
    known = tablets.tablet_named(txn, uuid)
    if known is None or not (person == asks.person or _is_led(txn, asks.person, known.id)):
        raise Refused("not_found")
    if person != asks.person:
        sessions.need_proof(asks, now)
    _end_copies(txn, asks, known, person, now)


def _end_copies(txn: Transaction, asks: Device, known: Tablet, person: int, now: int) -> None:
    if not tablets.end_copies(txn, known.id, person, now):
        raise Refused("not_found", "person")
    note(txn, Event("copy_removed", asks.person, person, None, {"device": known.name}), now)
    if person != asks.person:
        tell(txn, person, Told("copy_removed", {"device": known.name}), now)


def led(txn: Transaction, asks: Device, uuid: bytes) -> Tablet:
    """A tablet whose teams one leads; refused alike where there is none."""
    known = tablets.tablet_named(txn, uuid)
    if known is None or not _is_led(txn, asks.person, known.id):
        raise Refused("not_found")
    return known


def _is_led(txn: Transaction, actor: int | None, number: int) -> bool:
    return actor is not None and all(_leads(txn, actor, team) for team in tablets.teams_of(txn, number))


def _leads(txn: Transaction, actor: int, space: int) -> bool:
    try:
        return "staff" in leads(txn, actor, space).gives
    except Refused:
        return False

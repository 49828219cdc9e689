"""The promises, looked at from outside: the tables and the devices against the model."""

from typing import NamedTuple

import msgspec

from server.store.frames import whole_frame
from sync.protocol import MAX_CLOCK_AHEAD_MS, SUM_MODULUS, Code, Frame
from tests.fuzz.device import HELD, REFUSED
from tests.fuzz.ledger import Broken
from tests.fuzz.reading import Row, Tables, read_tables, shown_on
from tests.fuzz.world import World
from tests.property.phones import WORD, Saved, words
from tests.town import Replica


class Kept(NamedTuple):
    """How many words were ever saved, which of them nobody can find any more, and how many forks there were."""

    saved: int
    lost: set[bytes]
    forks: int
    here: set[bytes]


def check(world: World) -> Kept:
    """Look at everything that has to hold in any moment. Raises Broken; lost words are for the caller to judge."""
    tables = world.peek(read_tables)
    _check_places(tables)
    _check_cells(world, tables)
    _check_marks(tables)
    _check_verdicts(world, tables)
    _check_copies(world, tables)
    forks = sum(name.startswith("fork/") for row in tables.cards for name in row.cells)
    here = _here(world, tables)
    return Kept(len(world.ledger.words), _lost(world, tables, here), forks, here)


def _here(world: World, tables: Tables) -> set[bytes]:
    """Words that people can see: on cards, in forks, with their author, or waiting in the quarantine."""
    shown = {word for row in tables.cards for word in shown_on(row)}
    held = set().union(*(words(body) for _, body in tables.quarantine))
    return shown.union(held, *(s.added for d in world.devices.values() for s in d.holds()))


def _lost(world: World, tables: Tables, here: set[bytes]) -> set[bytes]:
    """Words that are nowhere, and words that landed, are shown nowhere, and that nobody who saw them took away."""
    ledger, none = world.ledger, Code.HELD
    numbers = {name: world.town.people[name].number for name in ledger.readable}
    landed = [
        saved
        for (name, id_), saved in ledger.saved.items()
        if min(tables.codes.get((numbers[name], id_), none), ledger.codes.get((name, id_), none))
        < Code.REFUSED
    ]
    taken_away = set().union(*(saved.removed for saved in landed))
    return ledger.words - here - (taken_away & (tables.history | ledger.cut)) - ledger.evicted - ledger.purged


def _check_places(tables: Tables) -> None:
    """Counts and sums agree, and no seq is beyond the head."""
    rows: dict[int, list[Row]] = {}
    for row in tables.cards:
        rows.setdefault(row.key[0], []).append(row)
    for number, head, _, count, total in tables.places:
        here = rows.get(number, [])
        there = [row for row in here if row.kind]
        if (len(there), sum(row.seq for row in there) % SUM_MODULUS) != (count, total):
            raise Broken("checksum", f"space {number} counts {count}, {total}")
        if max((row.seq for row in here), default=0) > head:
            raise Broken("seq", f"space {number} is at {head} only")


def _check_cells(world: World, tables: Tables) -> None:
    """No clock in the future (P4), no word counted twice (P3)."""
    where: dict[bytes, object] = {}
    for row in tables.cards:
        for name, cell in row.cells.items():
            if cell.at > world.latest + MAX_CLOCK_AHEAD_MS + 1_000_000:
                raise Broken("clock", f"{cell} of {row.key}")
            if name == "text" and isinstance(cell.value, str):
                once = [w for w in WORD.findall(cell.value.encode()) if w not in world.ledger.again]
                if len(once) != len(set(once)):
                    raise Broken("doubled", f"{cell.value} on {row.key}")
        for word in set(shown_on(row)):
            if where.setdefault(word, row.key) != row.key:
                raise Broken("doubled", f"{word} on {where[word]} and {row.key}")


def _check_marks(tables: Tables) -> None:
    """A tally is the number of people whose latest wish is a mark (P3)."""
    for row in tables.cards:
        if row.kind == "idea" and "moved" not in row.cells:
            counted, given = row.value("same_here") or 0, tables.marks.count(row.key)
            if counted != given:
                raise Broken("tally", f"{counted} marks on {row.key}, not {given}")


def _check_verdicts(world: World, tables: Tables) -> None:
    """What a device was told is what the log says: an acknowledged change is on the disk (P1)."""
    for (name, id_), code in world.ledger.codes.items():
        logged = tables.codes.get((world.town.people[name].number, id_))
        if code < Code.REFUSED and logged != code:
            raise Broken("acknowledged", f"{name} was told {code}, the log says {logged}")


def _check_copies(world: World, tables: Tables) -> None:
    """Devices at the same cursor hold equal cards (P2), and none that are hidden now or not theirs to read (P6)."""
    heads = {place[0]: place[1] for place in tables.places}
    covered = {row.key for row in tables.cards if row.value("gone") or "moved" in row.cells}
    for device in world.devices.values():
        for space, copy in device.copies.items():
            if copy.epoch != world.house.epoch or copy.cursor == 0:
                continue
            board = copy.board()
            place = (copy.epoch, space, copy.cursor)
            if world.boards.setdefault(place, board) != board:
                raise Broken("boards", f"two at {place}")
            if copy.cursor == heads[space]:
                _check_hidden(space, copy, covered)


def _check_hidden(space: int, copy: Replica, covered: set[tuple[int, bytes]]) -> None:
    for id_, card in copy.cards.items():
        if (space, id_) in covered and words(list(card.fields.values())):
            raise Broken("leak", f"{card} is hidden")


def check_settled(world: World) -> Kept:
    """As `check`, when everybody has come back: all boards are the server's, and nothing sound stays behind (P7)."""
    for device in world.devices.values():
        for space, copy in device.copies.items():
            fresh = Replica(space)
            _, frame = world.peek(whole_frame, space)
            fresh.apply(msgspec.msgpack.decode(frame, type=Frame))
            here, there = ({i: c for i, c in b.items() if c[0]} for b in (copy.board(), fresh.board()))
            if here != there:
                differ = {i: (here.get(i), there.get(i)) for i in here | there if here.get(i) != there.get(i)}
                raise Broken("boards", f"{device.name} has another one of {space} than the server: {differ}")
    kept, tables = check(world), world.peek(read_tables)
    for device in world.devices.values():
        for entry in device.outbox:
            if entry.status not in (HELD, REFUSED):
                raise Broken("stuck", f"{entry.saved} of {device.name} is still {entry.status}")
            if entry.status == HELD and not _may_stay_held(world, tables, entry.saved):
                raise Broken("held", f"{entry.saved} of {device.name}")
    return kept


def _may_stay_held(world: World, tables: Tables, saved: Saved) -> bool:
    """What no server can judge, what its person may not write now, what belongs to a card that is not there."""
    change, ledger = saved.change, world.ledger
    reasons = {reason for reason, body in tables.quarantine if change.id in body}
    if reasons & {"unknown_kind", "unknown_field", "undecodable"}:
        return True
    if "grant_revoked" in reasons:
        return ledger.home_of(saved)[0] not in ledger.readable[saved.person]
    if reasons != {"no_card"}:
        return False
    made = ledger.maker(change.card)
    if made is not None and ledger.codes.get((made.person, made.change.id), Code.HELD) >= Code.REFUSED:
        return True
    return world.restores > 0 and not any(row.key == ledger.home_of(saved) for row in tables.cards)

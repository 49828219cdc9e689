"""Posting: making a card in a space that its writer doesn't read (`Card.posted`, docs/protocol.md section 2)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from server.db import Transaction
from server.store.acceptance import Acceptance, Arrival
from server.store.cards import Key, ServerCard
from server.store.people import DAY_MS
from server.tables import card, grants, person, run
from server.tables import change as change_log
from server.tables import space as space_table
from sync.cards import KINDS
from sync.kinds import Role, Who
from sync.merge import Card, makes
from sync.protocol import Change, Refusal

SAID = frozenset({"text", "lang", "relayed", "strengths", "photos"})
# A UUIDv7 is drawn by chance; other ids in an own space follow from what they are about.
ID_BYTES, DRAWN = 16, 7
POSTED_A_DAY = 100  # by one writer into one space, so that nobody's is flooded
POSTER, DEV_LEAD = int(Who.POSTER), int(Who.DEV_LEAD)


def is_posted(work: Acceptance, writer: int, change: Change) -> bool:
    """Whether somebody who belongs to the organisation writes a kind that may be posted where they read nothing."""
    kind = KINDS.get(change.kind)
    if kind is None or not kind.posted or writer not in work.own or change.space in work.roles[writer]:
        return False
    place = work.desk.places.get(change.space)
    return bool(kind.may_make & POSTER) or (place is not None and place.kind == "own")


def load_receivers(work: Acceptance, changes: Sequence[tuple[Arrival, Change]]) -> None:
    """What the owners of the spaces posted to read; whoever has left reads nothing."""
    posted = {c.space for a, c in changes if is_posted(work, a.person, c)} - work.receivers.keys()
    own = [space for space in sorted(posted) if space in work.desk.places]
    if found := [space for space in own if work.desk.places[space].kind == "own"]:
        work.receivers |= _read_by_owners(work.txn, found)
        work.flags.clear()


def why_no_copy(work: Acceptance, writer: int, change: Change) -> Refusal | None:
    """Why a thanks can't be put on a wall: it isn't what the writer was given, or its sender didn't wish it (F11).

    What hangs there is only taken away, by either of the two, and brought back by who took it: whoever takes away
    again what somebody else took doesn't make it theirs to bring back.
    """
    held = work.desk.cards.get((change.space, change.card))
    if held is None or held.value("sender") is None:
        made = {name: now for name, (_, now) in change.set.items()}
        return _why_not_given(work, writer, made) if "sender" in made else None
    if change.set.keys() != {"gone"}:
        return None if all(name.startswith("fork/") for name in change.set) else Refusal.NOT_YOURS
    now = change.set["gone"][1]
    if held.by != writer or held.value("gone") in (None, now):
        return None
    if _was_taken_by_another(held):
        return Refusal.NOT_YOURS
    if now is not None:
        return None
    return _why_not_given(work, writer, {name: cell.value for name, cell in held.cells.items()})


def _why_not_given(work: Acceptance, writer: int, copy: Mapping[str, object]) -> Refusal | None:
    """Why this is no copy of a thanks that the writer keeps and whose sender agrees to a wall."""
    origin = copy.get("origin")
    if not isinstance(origin, bytes):
        return Refusal.NOT_YOURS
    key = work.own.get(writer, 0), origin
    work.desk.load([key])
    given = work.desk.cards[key]
    if given is None:
        return Refusal.NO_CARD
    if given.value("gone") is not None or not given.kind:
        return Refusal.GONE
    if not given.by == copy.get("sender") != writer or given.value("wall") is not True:
        return Refusal.NOT_YOURS
    if any(_was_taken_by_another(work.desk.cards[other]) for other in _copies_of(work, writer, key)):
        return Refusal.NOT_YOURS
    said = {name: cell.value for name, cell in given.cells.items()}
    return None if _words_of(copy) == _words_of(said) else Refusal.NOT_YOURS


def _was_taken_by_another(copy: Card | None) -> bool:
    """Whether its sender or an agent took a copy down; the server itself only does where the thanks has gone."""
    gone = copy.cells.get("gone") if copy else None
    return copy is not None and gone is not None and gone.value is not None and gone.by not in (None, copy.by)


def _words_of(thanks: Mapping[str, object]) -> dict[str, object]:
    """What its sender says with a thanks."""
    return {n: v for n, v in thanks.items() if n.partition("/")[0] in SAID and v not in (None, False)}


def hide_copies(work: Acceptance) -> None:
    """What a receiver has taken away leaves every wall that the receiver had put it on."""
    desk = work.desk
    for person_, (space, id_) in work.taken:
        given = desk.cards[space, id_]
        is_away = given is not None and given.kind == "recognition" and given.value("gone") is not None
        if space != work.own.get(person_) or not is_away:
            continue
        copies = _copies_of(work, person_, (space, id_))
        found = [key for key in copies if (copy := desk.cards[key]) and copy.value("gone") is None]
        away = {"gone": ["withdrawn", ""]}
        desk.write_cards(ServerCard(*key, "recognition", person_, work.now, away) for key in found)


def _copies_of(work: Acceptance, receiver: int, given: Key) -> list[Key]:
    """The copies of a thanks, loaded, that its receiver ever put on a wall, be it in this very run."""
    desk, c = work.desk, card.c
    walls = (work.roles[receiver].keys() | {s for p, s in work.former if p == receiver}) - {given[0]}
    here = select(c.space, c.id).where(c.space.in_(walls), c.kind == "recognition", c.by == receiver)
    stored = [(row.space, row.id) for row in work.txn.connection.execute(here)]
    desk.lock(space for space, _ in stored)
    desk.load(stored)
    found = [(key, held) for key, held in desk.cards.items() if held and key[0] in walls]
    mine = [key for key, held in found if held.kind == "recognition" and held.by == receiver]
    return [key for key in mine if (copy := desk.cards[key]) and copy.value("origin") == given[1]]


def _read_by_owners(txn: Transaction, own: Sequence[int]) -> dict[int, dict[int, str]]:
    g, p = grants.c, person.c
    here = (p.id == g.person) & p.left_at.is_(None)
    owners = select(g.person, g.space).join(person, here)
    owners = owners.where(g.space.in_(own), g.role == Role.OWNER.value, g.until.is_(None))
    place_of = {row.person: row.space for row in txn.connection.execute(owners)}
    read: dict[int, dict[int, str]] = {space: {} for space in own}
    held = select(g.person, g.space, space_table.c.kind).join(space_table, space_table.c.id == g.space)
    for owner, space, kind in txn.connection.execute(held.where(g.person.in_(place_of), g.until.is_(None))):
        read[place_of[owner]][space] = kind
    return read


def why_not(work: Acceptance, arrival: Arrival, change: Change) -> Refusal | None:
    """Why a posted change can't land: it makes no new card, the place takes none, or its owner has left.

    A sender's own words leave a wall at their wish all the same: its readers see them, and the sender was named there.

    Nothing that is already there tells a poster that it exists: under an id that can be computed nothing is posted,
    and others can't be guessed. What comes sealed from a device that was removed waits
    for its author, and nobody else sees it.
    """
    place, kind = work.desk.places.get(change.space), KINDS[change.kind]
    if _takes_back(work, arrival.person, change):
        return Refusal.AUTHOR_REVOKED if arrival.is_revoked else None
    is_known = work.desk.cards.get((change.space, change.card)) is not None
    if place is None or place.kind not in ("own", "team") or is_known or not makes(kind, change):
        return Refusal.NO_GRANT
    if place.kind == "own" and not _is_drawn(change.card):
        return Refusal.NO_GRANT
    if place.kind == "own" and not work.receivers.get(place.id):
        return Refusal.RECEIVER_LEFT
    if arrival.is_revoked:
        return Refusal.AUTHOR_REVOKED
    # Nobody would hear of a refusal to sealed words: they count, and are taken.
    return (
        Refusal.TOO_MANY if _count(work, arrival, place.id) > POSTED_A_DAY and not arrival.is_sealed else None
    )


def _takes_back(work: Acceptance, writer: int, change: Change) -> bool:
    """Whether a sender takes from a wall what they said, also of a team whose cards they read no more."""
    held = work.desk.cards.get((change.space, change.card))
    is_theirs = held is not None and held.kind == change.kind and held.value("sender") == writer
    return is_theirs and change.set.keys() == {"gone"} and change.set["gone"][1] is not None


def _count(work: Acceptance, arrival: Arrival, space: int) -> int:
    """How many cards a writer has posted into a space within a day, with this one."""
    key, c, r = (arrival.person, space), change_log.c, run.c
    if key not in work.posted:
        query = select(func.count()).select_from(change_log.join(run, r.id == c.run))
        query = query.where(c.space == space, r.person == arrival.person, c.at + c.lag > work.now - DAY_MS)
        work.posted[key] = int(work.txn.connection.execute(query).scalar_one())
    work.posted[key] += 1
    return work.posted[key]


def _is_drawn(id_: bytes) -> bool:
    return len(id_) == ID_BYTES and id_[6] >> 4 == DRAWN


def as_poster(work: Acceptance, writer: int, space: int) -> int:
    """What a writer is to cards of a space that others read, as flags of `Who`.

    A supervisor, agent or member of a team that the owner is in too, or a development lead, is that here as well.
    """
    rights, read, who = work.rights.get(writer, {}), work.receivers.get(space, {}), POSTER
    for shared in read.keys() & rights.keys():
        who |= rights[shared].as_reader & DEV_LEAD
        if read[shared] == "team":
            who |= rights[shared].as_member
    return who

"""Who writes, what a person is to a card, and the cards through which readers know (names, own marks)."""

import hmac
from collections.abc import Sequence

from sqlalchemy import bindparam, exists, select

from server.db import Transaction, among
from server.store.acceptance import Acceptance, Rights
from server.store.cards import Desk, ServerCard, mark_card_id
from server.store.people import DAY_MS
from server.store.posting import as_poster
from server.tables import grants, mark, quarantine
from server.tables import person as person_table
from sync.kinds import Role, Who
from sync.laws import Cell
from sync.merge import Card
from sync.protocol import Change, Refusal

HELD_AFTER_REVOCATION_MS = 90 * DAY_MS
READ_ONLY_ROLES = frozenset({Role.EMPLOYEE_REP, Role.ADMIN})
AUTHOR, MEMBER, COMMENTER = int(Who.AUTHOR), int(Who.MEMBER), int(Who.COMMENTER)
SHARED, STANDING = int(Who.SHARED), int(Who.STANDING)
STRENGTH = (
    *sorted(set(Role) - {Role.STAFF, Role.AGENT, Role.SUPERVISOR, Role.DEV_LEAD}),
    Role.STAFF,
    Role.AGENT,
    Role.SUPERVISOR,
    Role.DEV_LEAD,
)
READER_ROLES = {Role.DEV_LEAD: int(Who.DEV_LEAD), Role.OWNER: int(Who.OWNER)}
TEAM_ROLES = {
    Role.STAFF: int(Who.MEMBER),
    Role.SUPERVISOR: int(Who.MEMBER | Who.SUPERVISOR),
    Role.AGENT: int(Who.MEMBER | Who.AGENT),
}

# Asked beside their grants, which saves each write a statement.
PARTED = exists().where(quarantine.c.person == grants.c.person, quarantine.c.reason == bindparam("why"))
GRANTS_OF = select(grants.c.person, grants.c.space, grants.c.role, grants.c.until, PARTED).where(
    among(grants.c.person)
)


def load_people(work: Acceptance, persons: set[int]) -> None:
    """Roles of the writers by space, and the grants that ended: those of less than 90 days ago, and all."""
    rows = work.txn.rows(GRANTS_OF, (Refusal.GRANT_REVOKED.value,), sorted(persons))
    ended: set[tuple[int, int]] = set()
    for person, space, role, until, has_parted in rows:
        if has_parted:
            work.parted.add(person)
        if until is None or person in work.welcome:
            held = work.roles.setdefault(person, {})
            held[space] = stronger(held.get(space), Role(role))
            if role == Role.OWNER:
                work.own[person] = space
            continue
        work.former.add((person, space))
        if until > work.now - HELD_AFTER_REVOCATION_MS:
            ended.add((person, space))
    work.flags.clear()
    for person, roles in work.roles.items():
        work.rights[person] = {space: _rights(role) for space, role in roles.items()}
    work.revoked |= {(p, s) for p, s in ended if s not in work.roles.get(p, {})}


def _rights(role: Role) -> Rights:
    reads = 0 if role in READ_ONLY_ROLES else COMMENTER
    return Rights(reads | READER_ROLES.get(role, 0), TEAM_ROLES.get(role, 0))


def stronger(one: Role | None, other: Role) -> Role:
    """Of two roles in one space (an area is granted by each of its teams) the one that may do more."""
    return max((one or other, other), key=STRENGTH.index)


def as_supervisors(work: Acceptance, persons: set[int]) -> None:
    """Let these persons write, in this run, as supervisors of every space that it has loaded."""
    for person in persons:
        work.roles[person] = dict.fromkeys(work.desk.places, Role.SUPERVISOR)
        work.rights[person] = {space: _rights(Role.SUPERVISOR) for space in work.desk.places}
    work.flags.clear()


def load_marks(work: Acceptance, tallying: Sequence[tuple[int, Change]]) -> None:
    """The writers' own tally marks on the cards they tally: (person, change) each."""
    wanted: dict[int, tuple[set[bytes], set[bytes]]] = {}
    for person, change in tallying:
        cards, writers = wanted.setdefault(change.space, (set(), set()))
        cards.add(change.card)
        writers.add(mark_key(work.secret, person))
    m = mark.c
    query = select(m.card, m.who, m.field, m.value, m.at)
    for space, (cards, writers) in wanted.items():
        found = query.where(m.space == space, m.card.in_(cards), m.who.in_(writers))
        for card, who, field, value, at in work.txn.connection.execute(found):
            work.marks.setdefault(((space, card), field, who), Cell(True if value else None, at, 0))


def mark_key(secret: bytes, person: int) -> bytes:
    """The keyed hash under which a person's tally marks lie."""
    return hmac.digest(secret, b"mark:%d" % person, "sha256")[:16]


def own_spaces_by_mark(txn: Transaction, space: int, secret: bytes) -> dict[bytes, int]:
    """The own spaces of all who ever read a space, by the keyed hash under which their marks lie."""
    p = person_table.c
    readers = (
        select(p.id, p.own).join(grants, grants.c.person == p.id).where(grants.c.space == space).distinct()
    )
    return {mark_key(secret, row.id): row.own for row in txn.connection.execute(readers)}


def who_is(work: Acceptance, person: int, change: Change, cards: tuple[Card | None, Card | None]) -> int:
    """What a person is to a card, as flags of `Who`: by authorship, by the role in the card's team and in its space.

    `cards` are the card and the one that it is about.
    """
    card, place = cards[0], (person, change.space, _team_of(work, change, *cards))
    who = work.flags.get(place)
    if who is None:
        who = work.flags[place] = _flags(work, *place)
    if card is None or card.by == person or (card.kind == "recognition" and card.value("sender") == person):
        who |= AUTHOR
    if who & MEMBER and card and "shared_edit" in card.cells and card.value("shared_edit") is True:
        who |= SHARED
    return who


def _flags(work: Acceptance, person: int, space: int, team: int | None) -> int:
    """What a person is to the cards of a team in a space, whoever wrote them."""
    rights, who = work.rights.get(person, {}), 0
    if here := rights.get(space):
        who |= here.as_reader
    else:
        return as_poster(work, person, space)  # the team that the card names gives nothing here
    if team is None or team not in rights:
        return who
    who |= rights[team].as_member
    place = work.desk.places.get(team)
    return who | STANDING if who & MEMBER and place and place.standing else who


def _team_of(work: Acceptance, change: Change, card: Card | None, parent: Card | None) -> int | None:
    """The team that the card names, or that of what it is about; a card in a team's space belongs to that team."""
    desk = work.desk
    place, pair = desk.places.get(change.space), change.set.get("team")
    team = card.value("team") if card else pair[1] if pair else None
    if place and place.kind == "team" and team == place.id:
        return place.id
    if team is None and (about := parent or (card and desk.cards.get((change.space, _on(card))))):
        team = about.value("team")
    if place and place.kind == "team":
        return place.id if team is None or team == place.id else None
    named_place = desk.places.get(team) if isinstance(team, int) else None
    return named_place.id if named_place and named_place.kind == "team" else None


def _on(card: Card) -> bytes:
    on = card.value("on")
    return on if isinstance(on, bytes) else b""


def show_marks(work: Acceptance) -> None:
    """A person's own mark comes back as a `mark` card in the own space, so that all own devices know it."""
    cards = []
    for person, (space, card), _, marks in work.tallied:
        id_ = mark_card_id(card)
        fields = {"on": card, "space": space} | {f"marks/{f}": c.value for f, c in marks.items()}
        if own := work.own.get(person):
            cards.append(ServerCard(own, id_, "mark", None, work.now, fields))
    work.desk.write_cards(cards)


def person_card_id(person: int) -> bytes:
    """The id of a person's card, the same in every space."""
    return b"person\0\0" + person.to_bytes(8)


def show_writers(work: Acceptance) -> None:
    """Who writes in a wider space, or posts, gets a `person` card there, so that its readers know the name."""
    desk = work.desk
    strangers = [(p, s) for p, s in work.writers_seen if s not in work.roles.get(p, {})]
    wide = [(p, s) for p, s in work.writers_seen if desk.places[s].kind not in ("team", "own")]
    show_names(desk, list(dict.fromkeys(wide + strangers)))


def show_names(desk: Desk, writers: Sequence[tuple[int, int]]) -> None:
    """The same in whatever space: cards may come to a team from people who never joined it."""
    desk.load((s, person_card_id(p)) for p, s in writers)
    missing = [(p, s) for p, s in writers if desk.cards[s, person_card_id(p)] is None]
    if not missing:
        return
    p_ = person_table.c
    rows = desk.txn.connection.execute(select(person_table).where(p_.id.in_({p for p, _ in missing}))).all()
    named = {r.id: {"name": r.name, "colour": r.colour, "language": r.lang, "own": r.own} for r in rows}
    desk.write_cards(
        ServerCard(s, person_card_id(p), "person", p, desk.now, named[p]) for p, s in missing if p in named
    )

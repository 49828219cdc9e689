"""Lists of persons to invite: CSV as spreadsheets write it, judged line by line before anything is made."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from server import organisation, people
from server.db import Transaction
from server.forms import LINK_DAYS, ORG_ROLES, TEAM_ROLES
from server.people import code_of, hash_of
from server.refusals import Refused
from server.store import seats, spaces
from server.store.audit import Event, note
from server.store.invitations import Invitation
from server.store.people import DAY_MS
from server.store.spaces import Space, name_in
from server.t import LANGS, t
from server.world import World

MOST_LINES = 300
MAX_NAME = 80
COLUMNS = ("name", "team", "role", "language")
LANGUAGE_WORDS = {
    "fi": ("fi", "suomi", "finska", "finnish"),
    "sv": ("sv", "ruotsi", "svenska", "swedish"),
    "en": ("en", "englanti", "engelska", "english"),
}


class Roster(Struct, frozen=True):
    """A list as it came: its bytes, and the team of lines that name none."""

    text: bytes
    space: int | None = None


class Line(Struct, frozen=True):
    """One line as it is understood. `fault` says why nobody can be invited by it, `field` in which column."""

    line: int
    name: str
    place: str
    space: int | None
    role: str
    lang: str
    fault: str | None = None
    field: str | None = None


class Ticket(Struct, frozen=True):
    """An invitation made for one line; its code is known here only."""

    line: Line
    code: str
    until: int


class Row(NamedTuple):
    """Where a line stands in the file, and its cells."""

    number: int
    cells: Sequence[str]


class _Known(NamedTuple):
    """What lines are judged by: the led spaces by folded name, who is there already, and the caller's language."""

    places: Mapping[str, Sequence[tuple[Space, organisation.Lead]]]
    names: set[tuple[int, str]]
    lang: str


def look(txn: Transaction, actor: tuple[int | None, str], roster: Roster, now: int) -> list[Line]:
    """Judge every line of a list for whoever acts, (person, language); makes nothing.

    Refuses a file that is no list, is empty or has over 300 lines.
    """
    rows = list(read_rows(roster.text))
    if not rows:
        raise Refused("invalid", "text")
    if len(rows) > MOST_LINES + 1:
        raise Refused("too_large", "text")
    columns = heading(rows[0].cells)
    known = _known(txn, actor, now)
    default = _default(txn, actor[0], roster.space)
    lines: list[Line] = []
    for row in rows[1:] if columns else rows:
        line = _judge(row, columns or COLUMNS, known, default)
        lines.append(line)
        if line.space is not None:
            known.names.add((line.space, line.name.casefold()))
    return lines


def invite_all(
    txn: Transaction, actor: tuple[int | None, str], asked: tuple[Roster, bool], world: World
) -> tuple[list[Ticket], list[Line]]:
    """Make an invitation for every line; gives them with the lines that were left out.

    `asked` has the list and whether the good lines are wanted alone; otherwise one wrong line keeps all from it.
    """
    roster, is_good_alone = asked
    lines = look(txn, actor, roster, world.now)
    good = [line for line in lines if line.fault is None]
    wrong = [line for line in lines if line.fault]
    if not good or (wrong and not is_good_alone):
        return [], wrong
    until = world.now + LINK_DAYS * DAY_MS
    tickets = [Ticket(line, code_of(world.draw(16)), until) for line in good]
    org = people.org_space(txn).id
    made = [(hash_of(one.code), _offer(one, actor[0], org)) for one in tickets]
    seats.add_invitations(txn, made)
    seats_made: dict[tuple[int | None, str], int] = {}
    for line in good:
        seats_made[line.space, line.role] = seats_made.get((line.space, line.role), 0) + 1
    for (space, role), count in seats_made.items():
        note(txn, Event("invited", actor[0], None, space, {"role": role, "uses": count}), world.now)
    note(txn, Event("imported", actor[0], detail={"count": len(good)}), world.now)
    return tickets, wrong


def _offer(ticket: Ticket, actor: int | None, org: int) -> Invitation:
    line = ticket.line
    space = None if line.space == org else line.space
    return Invitation(space, line.role, None, line.name, 1, ticket.until, actor, lang=line.lang)


def decode(raw: bytes) -> str:
    """The text of a file as spreadsheets save it: UTF-8 with or without a mark, UTF-16 with one, else Windows-1252.

    >>> decode("Äijälä;Koivu".encode("cp1252")), decode("Åsa".encode("utf-8-sig")), decode("Åsa".encode("utf-16"))
    ('Äijälä;Koivu', 'Åsa', 'Åsa')
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def read_rows(raw: bytes) -> Iterator[Row]:
    """The lines that have any words, with the number of their first line in the file.

    >>> [(row.number, list(row.cells)) for row in read_rows(b"sep=;\\r\\nAino;Koivu\\r\\n;;\\r\\n'Ville;Koivu;;\\r\\n")]
    [(2, ['Aino', 'Koivu']), (4, ["'Ville", 'Koivu'])]
    """
    text = decode(raw).replace("\0", "\ufffd")
    first = next((line for line in text.splitlines() if line.strip()), "")
    named = re.match(r"(?i)\s*sep=(.)\s*$", first)
    separator = named[1] if named else max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    before = 0
    try:
        for cells in reader:
            number, before = before + 1, reader.line_num
            words = [" ".join(cell.split()) for cell in cells]
            while words and not words[-1]:
                words.pop()
            if words and not (named and number == 1):
                yield Row(number, words)
    except csv.Error:
        raise Refused("invalid", "text") from None


def heading(cells: Sequence[str]) -> Sequence[str] | None:
    """The columns that a first line names, in any of our languages; nothing where it is a person already.

    >>> heading(["Nimi", "Rooli", "Tiimi"]), heading(["Aino", "Koivu"])
    (['name', 'role', 'team'], None)
    """
    words = {_fold(t(lang, f"roster.{column}")): column for lang in LANGS for column in COLUMNS}
    words |= {column: column for column in COLUMNS}
    found = [words.get(_fold(cell), "") for cell in cells]
    return found if "name" in found else None


def _fold(words: str) -> str:
    return " ".join(words.split()).casefold()


def _judge(row: Row, columns: Sequence[str], known: _Known, default: Space | None) -> Line:
    cells = dict(zip(columns, row.cells, strict=False))
    name, role_words = cells.get("name", ""), _fold(cells.get("role", ""))
    role = role_of(role_words) or ""
    lang = _lang_of(_fold(cells.get("language", "")), known.lang)
    place, lead, fault = _place(_fold(cells.get("team", "")), role, known, default)
    shown = name_in(place.names, known.lang) if place else cells.get("team", "")
    line = Line(row.number, name, shown, place.id if place else None, role or role_words, lang or "")
    faults: list[tuple[str | None, str]] = [
        ("columns" if len(row.cells) > len(columns) else None, "name"),
        (_name_fault(name), "name"),
        (None if role else "role_unknown", "role"),
        (fault, "team"),
        ("already" if (line.space or 0, _fold(name)) in known.names else None, "name"),
        (_role_fault(role, place, lead), "role"),
        (None if lang else "language_unknown", "language"),
    ]
    for found, field in faults:
        if found:
            return Line(line.line, name, shown, None, line.role, line.lang, found, field)
    return line


def _name_fault(name: str) -> str | None:
    if not name:
        return "name_missing"
    if len(name) > MAX_NAME:
        return "name_long"
    return None if name.isprintable() and not name.isdigit() else "name_odd"


def _role_fault(role: str, place: Space | None, lead: organisation.Lead | None) -> str | None:
    if place is None or lead is None:
        return None
    if role not in (TEAM_ROLES if place.kind == "team" else ORG_ROLES):
        return "role_misfit"
    return None if role in lead.gives else "role_not_yours"


def role_of(words: str) -> str | None:
    """The role that folded words name in any of our languages; staff where they say nothing.

    >>> role_of("lähiesihenkilö"), role_of(""), role_of("kapteeni")
    ('supervisor', 'staff', None)
    """
    if not words:
        return "staff"
    for role in (*TEAM_ROLES, *ORG_ROLES):
        if words == role or words in {_fold(t(lang, f"role.{role}")) for lang in LANGS}:
            return role
    return None


def _lang_of(words: str, default: str) -> str | None:
    if not words:
        return default
    return next((lang for lang, said in LANGUAGE_WORDS.items() if words in said), None)


Placed = tuple[Space | None, organisation.Lead | None, str | None]


def _place(words: str, role: str, known: _Known, default: Space | None) -> Placed:
    """The space that a line means, what its reader may do there, and what is wrong with it."""
    if not words and default is None and role in ORG_ROLES:
        found = [pair for pairs in known.places.values() for pair in pairs if pair[0].kind == "org"][:1]
    elif not words:
        found = [p for pairs in known.places.values() for p in pairs if default and p[0].id == default.id][:1]
    else:
        found = list({pair[0].id: pair for pair in known.places.get(words, ())}.values())
    if len(found) > 1:
        return None, None, "team_twice"
    if found:
        return *found[0], None
    return None, None, "team_unknown" if words else "team_missing"


def _default(txn: Transaction, actor: int | None, space: int | None) -> Space | None:
    if space is None:
        return None
    organisation.leads(txn, actor, space)
    return spaces.space_of(txn, space)


def _known(txn: Transaction, actor: tuple[int | None, str], now: int) -> _Known:
    person, lang = actor
    places: dict[str, list[tuple[Space, organisation.Lead]]] = {}
    led = organisation.led_spaces(txn, person)
    if not led:
        raise Refused("not_allowed")
    for place, lead in led:
        for name in {_fold(name) for name in place.names.values()}:
            places.setdefault(name, []).append((place, lead))
    numbers = [place.id for place, _ in led]
    here = {(one.space, _fold(one.name)) for one in seats.sittings(txn, numbers)}
    here |= {(o.space or 0, _fold(o.name)) for o in seats.offers(txn, numbers, False, now) if o.name}
    return _Known(places, here, lang)


def in_words(line: Line, lang: str) -> str:
    """What is wrong with a line, in words."""
    role = t(lang, f"role.{line.role}") if line.role in (*TEAM_ROLES, *ORG_ROLES) else line.role
    return t(lang, f"roster.fault.{line.fault}", {"name": line.name, "place": line.place, "role": role})

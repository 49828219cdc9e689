"""The hard rules of docs/domain.md section 3, from outside: everything that any role can ask, and what comes back.

H2 and H3 get their tests with the kinds that they are about: pulses, and cards of the drop box.
"""

import io
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple
from zipfile import ZipFile

import httpx
import msgspec
import pytest

from server.app import make_app
from server.forms import RemoveForm
from server.settings import Settings
from sync.cards import KINDS
from sync.kinds import WORDS, Who
from sync.protocol import Code, Frame, Refusal
from tests.authenticator import add_passkey
from tests.conftest import Server
from tests.pens import Pen, drawn_id
from tests.routes import calls

TEAM_ROLES = ("staff", "supervisor", "agent")
ORG_ROLES = ("dev_lead", "management", "hr", "employee_rep", "admin")
MARKER = "Merkkisana"
ABOUT_TIME = re.compile(r"seen|active|online|last|read|speed|idle|count|score|rank|streak|total")
OF_THANKS = re.compile(r"thank|recogn|kiit|praise|kudos|strength")
# How many lines a leader's list had, or how many late words a leader decided on together.
ALLOWED = {"/api/audit": {"count"}}
OWN_LISTS = ("/api/me", "/api/devices", "/api/passkey", "/api/push")


class Team(NamedTuple):
    """A writer, and somebody of every role who can meet the writer's cards."""

    server: Server
    maija: Pen
    others: dict[str, Pen]

    @property
    def space(self) -> int:
        """The team's own."""
        return self.maija.space()


@pytest.fixture
def team(shared, join) -> Team:
    """Maija of a team of her own, and people around her; all have a passkey, so none is refused for want of it."""
    maija = Pen(join(shared))
    others = {role: Pen(join(shared, role, name=role.title())) for role in TEAM_ROLES}
    others |= {role: Pen(join(shared, role, None, role.title())) for role in ORG_ROLES}
    shared.add_team(f"{shared.team} b")
    others["stranger"] = Pen(join(shared, "staff", f"{shared.team} b", "Vieras"))
    for pen in (maija, others["staff"], others["stranger"]):
        add_passkey(pen.client)
    return Team(shared, maija, others)


def asked(
    pen: Pen, whose: Pen, space: int, card: bytes = b"\0" * 16, but: str = ""
) -> Iterator[tuple[str, httpx.Response]]:
    """Every reply that can be had by reading, with a person, a space and a card in the places of the paths."""
    for call in calls():
        if call.method != "GET" or call.path in ("/api/live", but) or not call.path.startswith("/api/"):
            continue
        path = call.path.replace("/spaces/1/", f"/spaces/{space}/").replace("0" * 32, card.hex(), 1)
        path = re.sub(r"/persons/1\b", f"/persons/{whose.person}", path)
        for query in ("", f"?space={space}", f"?person={whose.person}"):
            yield path + query, pen.client.get(path + query)


def words_of(reply: httpx.Response) -> str:
    """What a reply says; of an archive, what its files say."""
    if "zip" not in reply.headers.get("content-type", ""):
        return reply.text
    with ZipFile(io.BytesIO(reply.content)) as files:
        return " ".join(files.read(name).decode(errors="replace") for name in files.namelist())


def calendar_of(pen: Pen) -> str:
    """Somebody's calendar, at the address that is made for it now."""
    return httpx.get(pen.client.post("/api/me/calendar").json()["url"]).text


def rows_with(server: Server, words: str) -> set[tuple[str, object]]:
    """Where words lie in the whole database: the table, and the space of the row if it has one."""
    found = set()
    with closing(sqlite3.connect(f"file:{server.folder / 'virtaamo.db'}?mode=ro", uri=True)) as db:
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = db.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in rows.description]
            for row in rows:
                if any(words.encode() in in_bytes(value) for value in row):
                    found.add((table, dict(zip(names, row, strict=True)).get("space")))
    return found


def in_bytes(value: object) -> bytes:
    """A value of a row as it lies in the file."""
    return value if isinstance(value, bytes) else str(value).encode()


# ---- H1


def reflect(team: Team) -> None:
    """Maija answers a task for herself, shows a few words of it to the team, and takes them back."""
    maija, own = team.maija, team.maija.own
    task, answer, copy = os.urandom(16), os.urandom(16), os.urandom(16)
    asks = {"team": team.space, "title": "Hiljainen raportti", "prompt": "Kokeile.", "due": "2030-11-21"}
    private = {"on": task, "of": team.space, "text": f"{MARKER} jännittää"}
    for pen, space, kind, sets, card in (
        (team.others["supervisor"], team.space, "task", asks, task),
        (maija, own, "task_answer", private, answer),
        (maija, team.space, "task_share", {"on": task, "text": "Raportti lyheni"}, copy),
        (maija, own, "task_answer", {"shared": copy}, answer),
        (maija, team.space, "task_share", {"gone": ["withdrawn", ""]}, copy),
    ):
        assert pen.write(space, kind, sets, card).code == Code.DONE, sets


def test_h1_a13_d49_nobody_but_the_writer_gets_private_words_by_any_call(team):
    maija, own = team.maija, team.maija.own
    card = maija.idea(own, team.space, title=f"{MARKER} vain minulle", text=f"{MARKER} jatkuu")
    reflect(team)
    shown = words_of(maija.client.get("/api/me/export"))
    for words in (f"{MARKER} vain minulle", f"{MARKER} jännittää"):
        assert words in str(maija.cards(own))
        assert words in shown
        assert {space for _, space in rows_with(team.server, words)} == {own}

    for role, pen in team.others.items():
        assert pen.client.get("/api/me/export").status_code == 200, role
        assert "BEGIN:VCALENDAR" in (calendar := calendar_of(pen)), role
        assert MARKER not in calendar, role
        for path, reply in asked(pen, maija, own, card):
            assert MARKER not in words_of(reply), (role, path)
        synced = pen.sync([], {own: 0, team.space: 0})
        assert MARKER.encode() not in b"".join(bytes(frame) for frame in synced.frames), role
        assert own not in [msgspec.msgpack.decode(f, type=Frame).space for f in synced.frames], role
        for sets in (
            {"title": "Muu"},
            {"same_here": True},
            {"gone": ["other", "Siksi"]},
            {"fork/title/1": None},
        ):
            verdict = pen.write(own, "idea", sets, card)
            assert verdict.code == Code.REFUSED, (role, sets)
            assert MARKER not in str(verdict.detail), (role, sets)
        path = f"/api/spaces/{own}/cards/{card.hex()}/move"
        moved = pen.client.post(path, json={"to": team.space})
        assert moved.status_code in (403, 404), role
        assert MARKER not in moved.text


def test_h1_a_private_space_and_none_at_all_look_alike(team):
    maija, nowhere = team.maija, 2**31 - 1
    maija.idea(maija.own, team.space)

    for role, pen in team.others.items():
        for path in ("snapshot", f"cards/{'0' * 32}/history"):
            replies = [pen.client.get(f"/api/spaces/{space}/{path}") for space in (maija.own, nowhere)]
            assert [reply.status_code for reply in replies] == [404, 404], (role, path)
            assert replies[0].content == replies[1].content, (role, path)


def test_h1_no_command_shows_private_words(team):
    maija = team.maija
    maija.idea(maija.own, team.space, title=f"{MARKER} vain minulle")
    reflect(team)
    maija.write(maija.own, "unknown_kind", {"text": f"{MARKER} pidätetty"})

    for command in (["people", "list", "--json"], ["quarantine", "list", "--json"], ["doctor"], ["settings"]):
        done = team.server.cli(*command)
        assert MARKER not in done.stdout + done.stderr, command
    assert MARKER not in team.server.log_file.read_text()
    assert MARKER not in httpx.get(f"{team.server.url}/metrics").text


# ---- H4, H5


def told(pen: Pen, whose: Pen, space: int) -> dict[str, object]:
    """What somebody is told of persons: every JSON reply, and the cards that the server writes of people."""
    replies: dict[str, object] = {}
    for path, reply in asked(pen, whose, space, but="/api/me/export"):  # that one is written down (D-83)
        if "json" in reply.headers.get("content-type", ""):
            replies[path] = without_now(reply.json())
    for read, *_ in pen.me["grants"]:
        cards = pen.cards(read).items() if read != pen.own else ()
        replies[f"cards {read}"] = {c: f for c, f in cards if f["kind"] in ("person", "member", "team")}
    return replies


def without_now(value: object) -> object:
    """A reply but for the time of day in it."""
    if isinstance(value, dict):
        return {name: without_now(one) for name, one in value.items() if name not in ("now", "until")}
    return [without_now(one) for one in value] if isinstance(value, list) else value


def give_thanks(team: Team, text: str) -> None:
    """A colleague thanks Maija and keeps a copy; she puts it on the wall."""
    maija, colleague, given = team.maija, team.others["staff"], drawn_id()
    wish = {"text": text, "wall": True, "strengths/twinkle": True}
    copy = {"text": text, f"to/{maija.person}": True}
    shown = {"text": text, "strengths/twinkle": True, "sender": colleague.person, "origin": given}
    assert colleague.write(maija.own, "recognition", wish, given).code == Code.DONE
    assert colleague.write(colleague.own, "recognition", copy).code == Code.DONE
    assert maija.write(team.space, "recognition", shown).code == Code.DONE


def test_f11_h4_h5_nothing_that_is_told_of_a_person_moves_when_they_work_or_are_thanked(team):
    maija = team.maija
    everybody = {"maija": maija, **team.others}
    before = {role: told(pen, maija, team.space) for role, pen in everybody.items()}

    for number in range(5):
        card = maija.idea(team.space, team.space, title=f"Idea {number}")
        maija.write(team.space, "comment", {"on": card, "text": "Lisään vielä tämän."})
        maija.write(team.space, "idea", {"same_here": True}, card)
        give_thanks(team, f"Kiitos avusta {number}")
    maija.cards(team.space)
    maija.client.get(f"/api/spaces/{team.space}/snapshot")

    for role, pen in everybody.items():
        assert told(pen, maija, team.space) == before[role], role
    assert not OF_THANKS.search(httpx.get(f"{team.server.url}/metrics").text.lower())


def test_f11_h4_neither_api_nor_export_has_a_field_of_thanks(team):
    schema = make_app(Settings(openapi=True)).openapi_schema.to_schema()
    assert len(list(names_in(schema))) > 500
    assert [name for name in names_in(schema) if OF_THANKS.search(name)] == []
    exported = team.maija.client.get("/api/me/export")
    with ZipFile(io.BytesIO(exported.content)) as files:
        own = msgspec.json.decode(files.read("virtaamo.json"))
    assert [name for name in names_in(own) if OF_THANKS.search(name)] == []


def test_h4_h5_no_reply_has_a_word_for_when_or_how_much_somebody_works(team):
    for role, pen in team.others.items():
        for path, reply in asked(pen, team.maija, team.space):
            if "json" not in reply.headers.get("content-type", "") or path.startswith(OWN_LISTS):
                continue
            found = {name for name in names_in(reply.json()) if ABOUT_TIME.search(name)}
            assert found - ALLOWED.get(path.partition("?")[0], set()) == set(), (role, path)


def names_in(value: object) -> Iterator[str]:
    """The names of all fields in a reply."""
    if isinstance(value, dict):
        yield from value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from names_in(one)


def test_h5_the_lists_of_devices_and_sessions_hold_ones_own_alone(team):
    mine = team.maija.me["device"]["id"]

    for role, pen in team.others.items():
        for path, reply in asked(pen, team.maija, team.space):
            assert mine not in reply.text, (role, path)


@pytest.mark.parametrize("kind", KINDS)
def test_h4_h5_no_kind_has_a_field_that_counts_or_clocks_a_person(kind):
    assert [
        name for name in KINDS[kind].fields if re.search(r"seen|active|online|score|rank|speed|streak", name)
    ] == []


# ---- H6


def test_h6_hiding_needs_a_reason_that_the_author_reads_and_that_can_be_undone(team):
    maija, supervisor = team.maija, team.others["supervisor"]
    card = maija.idea(team.space, team.space, text="Yöllä ei näe kulkea.")
    for reason in (
        "",
        [],
        ["other", ""],
        ["other", " "],
        ["nonsense", "Siksi"],
        ["withdrawn", ""],
        "other",
    ):
        verdict = supervisor.write(team.space, "idea", {"gone": reason}, card)
        assert verdict.code == Code.REFUSED, reason

    assert supervisor.write(team.space, "idea", {"gone": ["client_data", "Nimi"]}, card).code == Code.DONE

    assert maija.cards(team.space)[card]["gone"] == ["client_data", "Nimi"]
    again = {"gone": ["client_data", "Nimi"]}
    restored = team.others["agent"].write(team.space, "idea", {"gone": None}, card, **again)
    assert restored.code == Code.DONE
    assert maija.cards(team.space)[card]["text"] == "Yöllä ei näe kulkea."


# ---- H7


def test_h7_a_supervisor_changes_no_words_of_a_member_and_deletes_nothing(team):
    maija, supervisor = team.maija, team.others["supervisor"]
    idea = maija.idea(team.space, team.space, text="Yöllä ei näe kulkea.")
    about = {
        "idea": {},
        "observation": {"team": team.space, "text": "Hyvä päivä"},
        "comment": {"on": idea, "text": "Niin"},
    }
    made = {"idea": idea}
    for kind in ("observation", "comment"):
        made[kind] = os.urandom(16)
        assert maija.write(team.space, kind, about[kind], made[kind]).code == Code.DONE
    before = {kind: maija.cards(team.space)[card] for kind, card in made.items()}

    for kind, card in made.items():
        for field in KINDS[kind].fields.values():
            if field.law.name in WORDS and not field.law.by & Who.SUPERVISOR:
                verdict = supervisor.write(team.space, kind, {field.name: "Aivan muuta"}, card)
                reason = (verdict.detail or {}).get("reason")
                assert (verdict.code, reason) == (Code.REFUSED, Refusal.NOT_YOURS), (kind, field.name)
        withdrawn = supervisor.write(team.space, kind, {"gone": ["withdrawn", ""]}, card)
        assert withdrawn.code == Code.REFUSED, kind

    assert {kind: maija.cards(team.space)[card] for kind, card in made.items()} == before


# ---- H8


def test_h8_a_role_that_has_changed_counts_at_the_next_contact(team):
    supervisor, card = team.others["supervisor"], team.maija.idea(team.space, team.space)
    assert supervisor.write(team.space, "idea", {"stage": "considering"}, card).code == Code.DONE

    team.server.ask("people.remove", RemoveForm(supervisor.person, team.server.team), type(None))

    assert supervisor.write(team.space, "idea", {"stage": "trying"}, card).code >= Code.REFUSED
    assert team.space not in [space for space, *_ in supervisor.sync([]).grants.spaces]
    assert supervisor.sync([], {team.space: 0}).frames == []
    assert supervisor.client.get(f"/api/spaces/{team.space}/snapshot").status_code == 404


# ---- H9


def test_h9_who_gave_a_mark_reaches_no_other_device(team):
    author, maija = team.others["staff"], team.maija
    card = author.idea(team.space, team.space)
    assert maija.write(team.space, "idea", {"same_here": True, "lets_try": True}, card).code == Code.DONE

    for role, pen in (team.others | {"author": author}).items():
        cards = pen.cards(team.space)
        if card in cards:
            assert cards[card]["same_here"] == cards[card]["lets_try"] == 1, role
            assert maija.person not in {v for n, v in cards[card].items() if n != "by"}, role
            assert [one for one in cards.values() if one["kind"] == "mark"] == [], role
        history = pen.client.get(f"/api/spaces/{team.space}/cards/{card.hex()}/history")
        if history.status_code == 200:
            rows = msgspec.msgpack.decode(history.content)
            assert maija.person not in [row[1] for row in rows], role
            assert "same_here" not in str(rows), role


@pytest.mark.parametrize("kind", KINDS)
def test_h9_a_set_that_names_persons_is_an_offer_made_by_name(kind):
    """Members that are persons travel as a list: only in *autan*, which shows the name because it is an offer."""
    named = [f.name for f in KINDS[kind].fields.values() if f.law.by & Who.OWN]

    assert named in ([], ["i_help"])

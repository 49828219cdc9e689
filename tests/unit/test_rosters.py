"""Lists of persons to invite: what spreadsheets write, what is told of each bad line, and nothing by halves."""

import pytest

from server import joining, rosters
from server.codes import of_link
from server.refusals import Refused
from server.rosters import MOST_LINES, Roster
from server.store import audit, seats
from server.store.people import DAY_MS
from server.world import World
from tests.town import SECRET, resident

HEAD = "Nimi;Tiimi;Rooli;Kieli\r\n"
GOOD = HEAD + "Liisa;koivu;työntekijä;fi\r\nKalle;leppa;lähiesihenkilö;\r\nÅsa;Koivu;;ruotsi\r\n"
BAD = [
    (";koivu;;", "name_missing", "name"),
    ("   ;koivu;;", "name_missing", "name"),
    ('"";koivu;;', "name_missing", "name"),
    ("\u00a0;koivu;;", "name_missing", "name"),
    ("N" * 81 + ";koivu;;", "name_long", "name"),
    ("Ä" * 200 + ";koivu;;", "name_long", "name"),
    ("Liisa\x07;koivu;;", "name_odd", "name"),
    ("Liisa\u202e;koivu;;", "name_odd", "name"),
    ("Liisa\u2028;koivu;kapteeni;", "role_unknown", "role"),
    ("040123456;koivu;;", "name_odd", "name"),
    ("Liisa;;;", "team_missing", "team"),
    ("Liisa;   ;;", "team_missing", "team"),
    ("Liisa", "team_missing", "team"),
    ("Liisa;;lähiesihenkilö;fi", "team_missing", "team"),
    ("Liisa;Kuusi;;", "team_unknown", "team"),
    ("Liisa;koivu, leppa;;", "team_unknown", "team"),
    ("Liisa;pihlaja;;", "team_unknown", "team"),
    ("Liisa;=koivu;;", "team_unknown", "team"),
    ("Liisa;koivu;kapteeni;", "role_unknown", "role"),
    ("Liisa;koivu;esimies;", "role_unknown", "role"),
    ("Liisa;koivu;fi;työntekijä", "role_unknown", "role"),
    ("Liisa;koivu;owner;", "role_unknown", "role"),
    ("Liisa;koivu;pääkäyttäjä;", "role_misfit", "role"),
    ("Liisa;koivu;henkilöstöhallinto (HR);", "role_misfit", "role"),
    ("Liisa;pohjoinen;;", "role_misfit", "role"),
    ("Liisa;pohjoinen;pääkäyttäjä;", "role_not_yours", "role"),
    ("Liisa;koivu;;norja", "language_unknown", "language"),
    ("Liisa;koivu;;FI-fi", "language_unknown", "language"),
    ("Liisa;koivu;;;;liikaa", "columns", "name"),
    ("Aino;koivu;;", "already", "name"),
    ("AINO;KOIVU;;", "already", "name"),
    ("=1+1;koivu;kaikki;xx", "role_unknown", "role"),
]


@pytest.fixture
def nora(town):
    """Who leads the development of the north."""
    town.people["nora"] = town.db.write(resident, "nora", town.spaces["north"], "dev_lead")
    return town.people["nora"].number


def look(town, actor, text, space=None):
    raw = text if isinstance(text, bytes) else text.encode()
    return town.db.write(rosters.look, (actor, "fi"), Roster(raw, space), town.now)


def world(town):
    drawn = iter(range(1, 1000))
    return World(town.now, lambda size: next(drawn).to_bytes(size), "https://virtaamo.example", SECRET)


def take(town, actor, text, good_ones=False):
    asked = (Roster(text.encode()), good_ones)
    return town.db.write(rosters.invite_all, (actor, "fi"), asked, world(town))


def waiting(town, name):
    return town.db.write(seats.offers, [town.spaces[name]], False, town.now)


def test_a_list_becomes_one_invitation_each(town, nora):
    tickets, left_out = take(town, nora, GOOD)

    assert left_out == []
    assert [(one.line.name, one.line.role, one.line.lang) for one in tickets] == [
        ("Liisa", "staff", "fi"),
        ("Kalle", "supervisor", "fi"),
        ("Åsa", "staff", "sv"),
    ]
    looked = town.db.write(joining.look, of_link(tickets[1].code), town.now)
    assert (looked.team, looked.role, looked.name, looked.uses_left) == (
        {"fi": "leppa"},
        "supervisor",
        "Kalle",
        1,
    )
    assert town.db.write(joining.look, of_link(tickets[2].code), town.now).lang == "sv"
    assert [offer.name for offer in waiting(town, "koivu")] == ["Åsa", "Liisa"]


@pytest.mark.parametrize(
    "text",
    [
        GOOD.encode("utf-8-sig"),
        GOOD.encode(),
        GOOD.encode("cp1252"),
        GOOD.replace(";", "\t").encode("utf-16"),
        GOOD.replace(";", ",").replace("\r\n", "\n").encode(),
        ("sep=;\r\n" + GOOD).encode("utf-8-sig"),
        GOOD.replace("\r\n", "\r").encode(),
        GOOD.replace("\r\n", ";;;\r\n").encode() + b";;;;\r\n\r\n",
        GOOD.replace("Liisa;koivu", '"Liisa";"koivu"').encode(),
        "Language;Namn;team;ROOLI\nfi;Liisa;koivu;staff\n;Kalle;leppa;närchef\nsvenska; Åsa ;KOIVU ;".encode(),
    ],
    ids=["bom", "plain", "ansi", "utf16-tabs", "commas", "sep", "cr", "empty", "quoted", "columns"],
)
def test_what_spreadsheets_write_is_read(town, nora, text):
    lines = look(town, nora, text)

    assert [line.fault for line in lines] == [None] * 3
    assert [line.name for line in lines] == ["Liisa", "Kalle", "Åsa"]
    assert [line.lang for line in lines] == ["fi", "fi", "sv"]


def test_thirty_bad_lines_are_each_told_by_line_and_column(town, nora):
    text = HEAD + "".join(f"{line}\r\n" for line, _, _ in BAD)

    lines = look(town, nora, text)

    told = {line.line: (line.fault, line.field) for line in lines}
    wanted = {number: (fault, field) for number, (_, fault, field) in enumerate(BAD, 2)}
    assert len(BAD) >= 30
    assert told == wanted
    said = [rosters.in_words(line, lang) for line in lines if line.fault for lang in ("fi", "sv", "en")]
    assert not [words for words in said if "{" in words or words.startswith("roster.")]


def test_one_wrong_line_keeps_all_from_being_made(town, nora):
    tickets, left_out = take(town, nora, GOOD + "Matti;Kuusi;;\r\n")

    assert tickets == []
    assert [(line.line, line.fault) for line in left_out] == [(5, "team_unknown")]
    assert waiting(town, "koivu") == []


def test_the_good_ones_are_made_when_that_is_asked_for(town, nora):
    tickets, left_out = take(town, nora, GOOD + "Matti;Kuusi;;\r\n", good_ones=True)

    assert [one.line.name for one in tickets] == ["Liisa", "Kalle", "Åsa"]
    assert [line.line for line in left_out] == [5]


def test_the_same_list_again_invites_nobody_twice(town, nora):
    take(town, nora, GOOD)

    tickets, left_out = take(town, nora, GOOD, good_ones=True)

    assert tickets == []
    assert {line.fault for line in left_out} == {"already"}


def test_two_of_one_name_in_a_list_are_told_apart(town, nora):
    lines = look(town, nora, "Liisa;koivu\nliisa;koivu\nLiisa;leppa\n")

    assert [line.fault for line in lines] == [None, "already", None]


def test_names_alone_are_enough_from_a_teams_own_page(town):
    jorma = town.people["jorma"].number

    lines = look(town, jorma, "Liisa\nKalle\n", town.spaces["koivu"])

    assert [(line.name, line.space, line.role, line.fault) for line in lines] == [
        ("Liisa", town.spaces["koivu"], "staff", None),
        ("Kalle", town.spaces["koivu"], "staff", None),
    ]


def test_an_administrator_invites_to_roles_of_the_organisation(town):
    adele = town.people["adele"].number

    tickets, _ = take(town, adele, "Hanna;;henkilöstöhallinto (HR)\nPirjo;Etelä;kehittämispäällikkö\n")

    assert [one.line.space for one in tickets] == [town.spaces["org"], town.spaces["south"]]
    assert town.db.write(joining.look, of_link(tickets[0].code), town.now).role == "hr"


@pytest.mark.parametrize("name", ["aino", "agnes", "manu", "rauni"])
def test_who_leads_nothing_has_no_lists(town, name):
    with pytest.raises(Refused) as refused:
        look(town, town.people[name].number, GOOD)
    assert refused.value.code == "not_allowed"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "invalid"), (";;;\n\n", "invalid"), ("Liisa;koivu\n" * (MOST_LINES + 2), "too_large")],
)
def test_what_is_no_list_is_refused_as_a_whole(town, nora, text, code):
    with pytest.raises(Refused) as refused:
        look(town, nora, text)
    assert refused.value.code == code


def test_d83_an_import_is_in_the_log_by_its_numbers(town, nora):
    take(town, nora, GOOD)

    events = town.db.write(audit.events, 0, 0)

    assert [(e.what, e.detail.get("count") or e.detail.get("uses")) for e in events] == [
        ("imported", 3),
        ("invited", 1),
        ("invited", 2),
    ]
    assert {e.on for e in events} == {town.now // DAY_MS}

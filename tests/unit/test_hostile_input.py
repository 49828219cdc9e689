"""Hostile words in every field of every kind, in every name and every form: taken as words, or refused with a code."""

import os
from collections.abc import Iterator

import msgspec
import pytest

from server.refusals import STATUS
from sync import PROTOCOL
from sync.cards import KINDS
from sync.kinds import Field, Kind, LawName
from sync.protocol import Change, Code, Sync, Synced, encode
from tests.conftest import author_key
from tests.hostile import TOO_LONG, WORDS, faults_in_file, fitted
from tests.pens import MSGPACK, Pen
from tests.routes import calls, unsafe_calls

KNOWN = {"title": "Lamppu", "text": "Yöllä ei näe"}
FILES = {"text/csv": ".csv", "text/calendar": ".ics", "application/zip": ".zip"}


def touching(kind: Kind, field: Field, word: str) -> Iterator[tuple[str, object]]:
    """Ways to bring a word into a field: as its value, as a member of a set, as what is said of a member."""
    if field.member is None:
        yield field.name, fitted(field, word)
        return
    yield f"{field.name}/{word}", True
    for member in ("0" * 64, "0" * 32, "1", "fi"):
        yield f"{field.name}/{member}", fitted(field, word)


def made(pen: Pen, kind: Kind, on: bytes) -> bytes:
    """A card of a kind as its author makes it; the id of none where people make none."""
    card, team = os.urandom(16), pen.space()
    known = {**KNOWN, "team": team, "on": on}
    pen.write(team, kind.name, {name: known[name] for name in kind.fields if name in known}, card)
    return card


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_hostile_words_land_as_they_are_or_are_refused(shared, join, kind):
    author, supervisor = Pen(join(shared)), Pen(join(shared, "supervisor", name="Jorma"))
    idea = author.idea(author.space(), author.space())
    words = (*WORDS.values(), TOO_LONG)
    tries = [(f, n, v) for f in kind.fields.values() for w in words for n, v in touching(kind, f, w)]

    for pen in (author, supervisor):
        card = made(pen, kind, idea)
        verdicts = pen.write_all(pen.space(), kind.name, card, [{name: value} for _, name, value in tries])
        for (field, name, value), verdict in zip(tries, verdicts, strict=True):
            assert Code(verdict.code) <= Code.HELD
            if is_unfit(field, name, value):
                assert verdict.code >= Code.REFUSED, (name, value)
        kept = pen.cards(pen.space()).get(card, {})
        for name in {
            name for field, name, _ in tries if field.law.name != LawName.PROSE
        } & kept.keys() - kind.tallies:
            sent = [value for _, one, value in tries if one == name]
            assert kept[name] in [*sent, *KNOWN.values(), pen.space(), idea], name


def is_unfit(field: Field, name: str, value: object) -> bool:
    """Whether the field itself can't hold it, whoever writes."""
    member = name.partition("/")[2]
    return bool(field.check(value) or (field.member and field.member(member)))


@pytest.mark.parametrize("word", WORDS)
def test_hostile_names_of_kinds_and_fields_are_held_or_refused(shared, join, word):
    pen = Pen(join(shared))

    for kind, field in ((WORDS[word], "text"), ("idea", WORDS[word]), ("idea", f"text/{WORDS[word]}")):
        assert pen.write(pen.space(), kind, {field: "sana"}).code >= Code.REFUSED


@pytest.mark.parametrize(
    "text", [b"\xed\xa0\x80", b"\xed\xa0\x80\xed\xb0\x80", b"\xc0\xae", b"\xff", b"\xf4\x90\x80\x80"]
)
def test_what_is_no_text_is_held_alone(shared, join, text):
    pen = Pen(join(shared))
    good, bad = (
        Change(
            os.urandom(12),
            pen.space(),
            os.urandom(16),
            "idea",
            1,
            0,
            {"team": (None, pen.space()), "title": (None, t)},
        )
        for t in ("Lamppu", "#" * len(text))
    )
    spoiled = encode(bad).replace(b"#" * len(text), text)

    body = encode(Sync(PROTOCOL, None, 0, {}, [msgspec.Raw(spoiled), msgspec.Raw(encode(good))], 1))
    reply = pen.client.post("/api/sync", content=body, headers=MSGPACK)

    verdicts = msgspec.msgpack.decode(reply.content, type=Synced).verdicts
    assert [verdict.code for verdict in verdicts] == [Code.HELD, Code.DONE]


@pytest.mark.parametrize("word", WORDS)
def test_a_hostile_name_is_a_name_or_is_refused(shared, join, word):
    client, name = join(shared), WORDS[word]
    renamed = client.patch("/api/me", json={"name": name[:80]})
    form = {
        "code": shared.invite(),
        "name": name[:80],
        "lang": "fi",
        "device_name": name[:80],
        "sign_pub": author_key(),
    }
    joined = shared.client().post("/api/join", json=form)

    for reply in (renamed, joined):
        assert reply.status_code in (200, 422), reply.text
        if reply.status_code == 200:
            assert reply.json()["name"] == " ".join(name[:80].split(" ")).strip()
            assert reply.json()["name"].isprintable()


@pytest.mark.parametrize(
    "name", [r'"\ud800"', r'"a\u0000b"', r'"\udfff\ud800"', '"' + TOO_LONG + '"', "[]", "{}", "1e999", "null"]
)
def test_a_name_that_is_no_text_is_refused(shared, join, name):
    body = b'{"name": ' + name.encode() + b"}"

    reply = join(shared).patch("/api/me", content=body, headers={"Content-Type": "application/json"})

    assert reply.status_code in (400, 413, 422), reply.text


def test_hostile_bodies_get_a_code_from_every_route(shared, join):
    client = join(shared, "supervisor")
    bodies = [
        {"code": w, "name": w, "text": w, "space": w, "id": w, "label": w, "credential": w}
        for w in WORDS.values()
    ]
    for call in unsafe_calls():
        if call.path == "/api/sync" or call.types or call.path == "/api/logout":
            continue
        for body in (*bodies, {"__proto__": {"x": 1}}, [], [[]] * 50, "x", 5, None):
            reply = client.request(call.method, call.path, json=body)
            assert reply.status_code < 500, (call, body)
            assert reply.status_code < 300 or reply.json()["error"] in STATUS, (call, reply.text)


def test_hostile_parts_of_an_address_get_a_code_from_every_route(shared, join):
    client = join(shared, "supervisor")
    for call in calls():
        for word in WORDS.values():
            written = "".join(f"%{byte:02x}" for byte in word.encode())
            for path in (f"{call.path}?space={written}&since={written}", f"{call.path}/{written}"):
                if call.method != "OPTIONS" and call.path != "/api/logout":
                    reply = client.request(call.method, path, headers=call.media if call.has_body else {})
                    assert reply.status_code < 500, (call.method, path)
                    assert "<script>ran" not in reply.text or "json" in reply.headers["content-type"], path


def test_what_can_be_taken_away_does_nothing_where_it_is_opened(shared, join):
    """Tables, calendars and archives of every route that gives any, as everybody who may have them."""
    author = Pen(join(shared, name=WORDS["formula ="]))
    for word in WORDS.values():
        author.write(
            author.space(), "idea", {"team": author.space(), "title": word[:80], "text": word}, os.urandom(16)
        )
    readers = [
        author.client,
        join(shared, "supervisor"),
        join(shared, "dev_lead", None),
        join(shared, "admin", None),
    ]

    faults = []
    for client in readers:
        for call in calls():
            if call.method == "GET" and call.path != "/api/live":
                for query in ("", f"?space={author.space()}"):
                    reply = client.get(call.path + query)
                    kind = reply.headers.get("content-type", "").partition(";")[0]
                    if reply.status_code == 200 and kind in FILES:
                        faults += [
                            f"{call.path}: {one}" for one in faults_in_file(FILES[kind], reply.content)
                        ]
    assert faults == []


def test_such_a_table_calendar_or_archive_would_be_found():
    assert list(faults_in_file("a.csv", b"nimi,luku\n=1+1,2\n")) != []
    assert list(faults_in_file("a.csv", b"nimi;luku\n'=1+1;-2\n")) == []
    assert list(faults_in_file("a.ics", b"BEGIN:VEVENT\r\nSUMMARY:a\r\nEND:VEVENT\r\nEND:VEVENT")) != []

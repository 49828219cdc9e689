"""Sealed delivery: words come without a session, under their author alone, each with an answer of its own (D-62)."""

from hashlib import sha256

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sync.protocol import Code, encode
from tests.sealing import MSGPACK, Phone, ServerKey, deliver, states
from tests.unit.test_photos import picture


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request):
    return request.param


@pytest.fixture
def phone(shared):
    return Phone(shared, shared.invite())


@pytest.fixture
def stranger(shared):
    return shared.client()


def cards(client, space):
    frame = msgspec.msgpack.decode(client.get(f"/api/spaces/{space}/snapshot").content)
    return {row[0]: row for row in frame[3]}


def titles(client, space):
    return sorted(row[5]["title"] for row in cards(client, space).values() if row[1] == "idea")


def test_d62_sealed_words_land_under_their_author(phone, stranger):
    change = phone.idea("Lamppu käytävään")
    reply = deliver(stranger, [phone.seal(change, phone.key())])
    assert reply == {"items": [{"id": change.id, "state": "stored"}]}
    row = cards(phone.client, phone.team)[change.card]
    assert (row[3], row[5]["title"]) == (phone.me["person"], "Lamppu käytävään")


def test_d62_one_bad_item_stops_nothing(phone, stranger):
    key, good = phone.key(), [phone.idea(f"Hyvä {n}") for n in range(3)]
    sealed = [phone.seal(change, key) for change in good]
    broken = [*sealed[1][:4], sealed[1][4][:-1] + b"\0"]
    elsewhere = phone.seal(phone.idea("Muualta"), key, device=b"x" * 16)
    unknown = phone.seal(phone.idea("Vanha avain"), ServerKey(b"12345678", key.public))
    items = [sealed[0], broken, "not a record", elsewhere, unknown, sealed[2]]
    wanted = ["stored", "unreadable", "unreadable", "author_unknown", "key_unknown", "stored"]
    assert states(deliver(stranger, items)) == wanted
    assert titles(phone.client, phone.team) == ["Hyvä 0", "Hyvä 2"]


def test_d62_the_same_change_counts_once_sealed_and_by_its_author(phone, stranger):
    change = phone.idea("Vain kerran")
    for _ in range(2):
        assert states(deliver(stranger, [phone.seal(change, phone.key())])) == ["stored"]
    assert titles(phone.client, phone.team) == ["Vain kerran"]
    assert phone.client.get("/api/quarantine").json()["items"] == []


def test_d64_what_one_author_wrote_is_judged_in_the_order_in_which_it_was_counted(phone, stranger):
    made, key = phone.idea("Lamppu"), phone.key()
    steps = [("Lamppu", "Kaksi lamppua"), ("Kaksi lamppua", "Kolme lamppua")]
    sealed = [phone.seal(phone.change(made.card, {"title": step}), key) for step in steps]
    assert states(deliver(stranger, [phone.seal(made, key)])) == ["stored"]
    assert states(deliver(stranger, sealed[::-1])) == ["stored", "stored"]
    fields = cards(phone.client, phone.team)[made.card][5]
    assert fields["title"] == "Kolme lamppua"
    assert [name for name in fields if name.startswith("fork/")] == []


def test_d61_only_the_author_key_writes_under_the_author_s_name(phone, stranger, shared):
    other, key = Phone(shared, shared.invite(), "Aino"), phone.key()
    forged = [
        phone.seal(phone.idea("Väärä avain"), key, signer=ec.generate_private_key(ec.SECP256R1())),
        phone.seal(phone.idea("Väärä henkilö"), key, person=other.me["person"]),
        phone.seal(phone.idea("Väärä laite"), key, device=bytes.fromhex(other.me["device"]["id"])),
    ]
    assert states(deliver(stranger, forged)) == ["author_unknown"] * 3
    assert titles(phone.client, phone.team) == []


def test_d61_a_record_holds_for_its_id_device_and_number_alone(phone, stranger):
    key = phone.key()
    record = phone.seal(phone.idea("Tämä"), key)
    swapped = [*record[:3], b"another id!!", record[4]]
    named_else = phone.seal(phone.idea("Toinen"), key, id=b"another id!!")
    assert states(deliver(stranger, [swapped, named_else])) == ["unreadable", "unreadable"]


def test_d60_what_is_no_inner_record_is_unreadable(phone, stranger):
    junk = [phone.seal(phone.idea("x"), phone.key(), inner=inner) for inner in (b"", b"\x95", b"\xc1" * 90)]
    assert states(deliver(stranger, junk)) == ["unreadable"] * 3


def test_d60_a_signature_may_end_in_zeros(phone, stranger):
    key = phone.key()
    records = [phone.seal(phone.idea(f"Nolla {n}"), key, inner_ends=b"\0") for n in range(2)]
    assert states(deliver(stranger, records)) == ["stored", "stored"]


def test_d59_a_sealed_photo_is_kept_under_its_hash(phone, stranger, shared):
    content = picture()
    assert states(deliver(stranger, [phone.seal(content, phone.key())])) == ["stored"]
    name = sha256(content).hexdigest()
    assert (shared.folder / "files" / name[:2] / name).read_bytes() == content


def test_d62_a_photo_that_is_none_stops_nothing(phone, stranger):
    items = [phone.seal(b"\xff\xd8 not a photo", phone.key()), phone.seal(phone.idea("Silti"), phone.key())]
    assert states(deliver(stranger, items)) == ["busy", "stored"]


def test_more_than_a_hundred_items_are_refused(stranger):
    body = msgspec.msgpack.encode({"items": [[1, b"", b"", b"", b""]] * 101})
    reply = stranger.post("/api/sealed", content=body, headers=MSGPACK)
    assert (reply.status_code, msgspec.msgpack.decode(reply.content)["error"]) == (413, "too_large")


def test_d65_anybody_may_ask_for_the_keys(stranger):
    offer = stranger.get("/api/keys").json()
    assert [key["state"] for key in offer["keys"]] == ["active"]
    assert offer["now"] < offer["keys"][0]["until"]
    assert offer["report"] == ""


def test_d64_the_author_sees_that_a_sealed_record_never_came(phone, stranger):
    key = phone.key()
    records = [phone.seal(phone.idea(f"Kirjoitus {n}"), key) for n in range(4)]
    deliver(stranger, [records[0], records[3]])
    assert phone.client.get("/api/quarantine").json()["missing"] == [{"device": "puhelin", "count": 2}]
    deliver(stranger, [records[1], records[2]])
    assert phone.client.get("/api/quarantine").json()["missing"] == []


def test_d64_what_came_another_way_is_not_missing(phone, stranger):
    """Sealed while the session was over, and sent by the next one: landed, refused or held, it has come."""
    key = phone.key()
    unknown = phone.change(b"u" * 16, {"title": (None, "Uusi laji")}, kind="later_kind")
    changes = [phone.idea("Perillä"), phone.idea("x" * 300), unknown]
    for change in changes:
        phone.seal(change, key)
    codes = [verdict[1] for verdict in synced(phone, *changes)]
    assert codes == [Code.DONE, Code.REFUSED, Code.HELD]
    never_sent = phone.seal(phone.idea("Kadonnut"), key)
    assert never_sent
    deliver(stranger, [phone.seal(phone.idea("Viimeinen"), key)])
    assert phone.client.get("/api/quarantine").json()["missing"] == [{"device": "puhelin", "count": 1}]
    deliver(stranger, [never_sent])
    assert phone.client.get("/api/quarantine").json()["missing"] == []


def synced(phone, *changes):
    body = msgspec.msgpack.encode([1, None, 0, {}, [msgspec.Raw(encode(c)) for c in changes], 0])
    reply = phone.client.post("/api/sync", content=body, headers=MSGPACK)
    return msgspec.msgpack.decode(reply.content)[4]


def test_d61_who_joins_another_team_from_behind_an_app_lock_signs_with_the_key_made_then(
    phone, stranger, shared
):
    area = shared.add_team(f"{shared.team} 2")
    phone.private = ec.generate_private_key(ec.SECP256R1())
    code = shared.invite(team=f"{shared.team} 2")
    form = {"code": code, "name": "", "lang": "fi", "device_name": "", "sign_pub": phone.sign_pub}
    joined = phone.client.post("/api/join", json=form)
    assert area in [grant[0] for grant in joined.json()["grants"]]

    assert states(deliver(stranger, [phone.seal(phone.idea("Kello seinälle"), phone.key())])) == ["stored"]

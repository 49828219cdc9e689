"""A team comes under another area while one of its people is away: every word finds a place, and only its readers."""

import msgspec
import pytest

from server.forms import RemoveForm, RenameForm, TeamMade
from sync.protocol import Code, encode
from tests.authenticator import add_passkey
from tests.sealing import MSGPACK, Phone, deliver, states


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request):
    return request.param


class County:
    """Koivu (Ville, Jorma) and Leppä (Outi, Olli) in one area, Pihlaja (Sari) in another; and who leads them all."""

    def __init__(self, server):
        self.server, name = server, server.team
        self.old, self.new = f"vanha {name}", f"uusi {name}"
        self.koivu, self.leppa, self.pihlaja = f"{name} koivu", f"{name} leppä", f"{name} pihlaja"
        for team, area in {self.koivu: self.old, self.leppa: self.old, self.pihlaja: self.new}.items():
            server.add_team(team, area)
        self.ville, self.jorma = (
            self.phone("Ville", self.koivu),
            self.phone("Jorma", self.koivu, "supervisor"),
        )
        self.outi, self.olli = self.phone("Outi", self.leppa), self.phone("Olli", self.leppa, "supervisor")
        self.sari = self.phone("Sari", self.pihlaja, "supervisor")
        self.area = next(space for space, _, kind, _ in self.ville.me["grants"] if kind == "area")

    def phone(self, name, team, role="staff"):
        return Phone(self.server, self.server.invite(role, team), name)

    def move_koivu(self):
        self.server.ask("space.rename", RenameForm("team", self.koivu, area=self.new), TeamMade)


@pytest.fixture
def county(shared):
    return County(shared)


def sync(phone, *changes):
    body = msgspec.msgpack.encode([1, None, 0, {}, [msgspec.Raw(encode(c)) for c in changes], 0])
    reply = phone.client.post("/api/sync", content=body, headers=MSGPACK)
    return [(v[1], (v[3] or {}).get("reason")) for v in msgspec.msgpack.decode(reply.content)[4]]


def share(phone, change, area):
    """Write an idea and show it to the whole area; gives the card there."""
    assert sync(phone, change) == [(Code.DONE, None)]
    path = f"/api/spaces/{phone.team}/cards/{change.card.hex()}/move"
    reply = phone.client.post(path, json={"to": area})
    assert reply.status_code == 200, reply.text
    return bytes.fromhex(reply.json()["card"])


def said(phone, space):
    """What the ideas and comments of a space say to somebody."""
    words = [row[5].get(name) for row in cards(phone, space) for name in ("title", "text")]
    return sorted(word for word in words if isinstance(word, str))


def cards(phone, space):
    body = msgspec.msgpack.encode([1, None, 0, {space: 0}, [], 0])
    reply = phone.client.post("/api/sync", content=body, headers=MSGPACK)
    frames = msgspec.msgpack.decode(reply.content)[5]
    return [row for frame in frames for row in frame[3] if "moved" not in row[5]]


def late(phone):
    return {one["fields"].get("title") or one["fields"].get("text"): one for one in waiting(phone)}


def waiting(phone):
    return phone.client.get("/api/quarantine").json()["items"]


def comment(phone, on, words, space):
    fields = {"on": (None, on), "text": (None, words)}
    return phone.change(bytes([len(words)]) * 16, fields, kind="comment", space=space)


def test_what_a_team_has_shared_with_its_area_comes_home_with_its_comments(county):
    ville, outi = county.ville, county.outi
    card = share(ville, ville.idea("Lamppu käytävään"), county.area)
    sync(outi, comment(outi, card, "Meilläkin on pimeää", county.area))
    county.move_koivu()
    assert said(ville, ville.team) == ["Lamppu käytävään", "Meilläkin on pimeää"]
    names = [row[5]["name"] for row in cards(ville, ville.team) if row[1] == "person"]
    assert "Outi" in names
    for other in (county.outi, county.sari):
        for space, *_ in other.client.get("/api/me").json()["grants"]:
            assert not {"Lamppu käytävään", "Meilläkin on pimeää"}.intersection(said(other, space))


def test_what_was_written_offline_on_cards_of_the_old_area_is_stored_or_waits(county):
    ville, jorma, outi, olli, area = county.ville, county.jorma, county.outi, county.olli, county.area
    own = share(ville, ville.idea("Lamppu käytävään"), area)
    theirs = share(outi, outi.idea("Tuoli aulaan"), area)
    offline = [
        ville.change(own, {"text": (None, "Yöllä ei näe.")}, space=area),
        comment(ville, own, "Lisään vielä", area),
        comment(ville, theirs, "Meille myös", area),
        ville.idea("Kello seinälle", space=area),
    ]
    county.move_koivu()

    held = (Code.HELD, "grant_revoked")
    assert sync(ville, *offline) == [(Code.DONE, None), (Code.DONE, None), held, held]
    assert said(ville, ville.team) == ["Lamppu käytävään", "Lisään vielä", "Yöllä ei näe."]
    assert {words: (one["mine"], one["may_accept"]) for words, one in late(ville).items()} == {
        "Meille myös": (True, False),
        "Kello seinälle": (True, False),
    }
    assert late(jorma).keys() == {"Kello seinälle"}
    assert late(olli).keys() == {"Meille myös"}
    assert [waiting(other) for other in (outi, county.sari)] == [[], []]

    for phone in (jorma, olli):
        (one,) = waiting(phone)
        assert one["may_accept"]
        assert phone.client.post(f"/api/quarantine/{one['id']}", json={"do": "accept"}).status_code == 204
    assert "Kello seinälle" in said(ville, ville.team)
    (clock,) = [row for row in cards(jorma, ville.team) if row[5].get("title") == "Kello seinälle"]
    assert clock[3] == ville.me["person"]
    assert said(outi, area) == ["Meille myös", "Tuoli aulaan"]
    assert [waiting(phone) for phone in (ville, jorma, olli)] == [[], [], []]
    assert sync(ville, *offline) == [(Code.DONE, None)] * 4


def test_d66_what_comes_sealed_from_a_phone_that_was_removed_meanwhile_waits_where_its_card_is_now(county):
    ville, jorma, area = county.ville, county.jorma, county.area
    card = share(ville, ville.idea("Lamppu käytävään"), area)
    again = Phone(county.server, county.server.invite(team=county.koivu, person=ville.me["person"]), "Ville")
    edit = ville.change(card, {"text": (None, "Yöllä ei näe.")}, space=area)
    county.move_koivu()
    add_passkey(again.client)
    gone = again.client.request("DELETE", f"/api/devices/{ville.me['device']['id']}", json={})
    assert gone.status_code == 204
    assert states(deliver(county.server.client(), [ville.seal(edit, ville.key())])) == ["stored"]
    assert late(jorma).keys() == {"Yöllä ei näe."}
    assert [waiting(other) for other in (county.olli, county.outi, county.sari)] == [[], [], []]
    (mine,) = waiting(again)
    assert mine["may_accept"]
    assert again.client.post(f"/api/quarantine/{mine['id']}", json={"do": "accept"}).status_code == 204
    assert "Yöllä ei näe." in said(jorma, jorma.team)


def test_d66_words_for_a_card_that_came_home_wait_and_nobody_else_sees_them(county):
    """Of somebody of the old area who may not read the team: what they had written about its card is not lost."""
    ville, outi, area = county.ville, county.outi, county.area
    card = share(ville, ville.idea("Lamppu käytävään"), area)
    words = comment(outi, card, "Meilläkin on pimeää", area)
    county.move_koivu()
    outi.client.post("/api/logout", json={"waiting": 1})
    assert states(deliver(county.server.client(), [outi.seal(words, outi.key())])) == ["stored"]
    assert late(county.jorma).keys() == {"Meilläkin on pimeää"}
    assert [waiting(other) for other in (county.olli, county.sari, ville)] == [[], [], []]
    (one,) = waiting(county.jorma)
    reply = county.jorma.client.post(f"/api/quarantine/{one['id']}", json={"do": "accept"})
    assert (reply.status_code, reply.json()["error"]) == (409, "no_longer_fits")
    assert waiting(county.jorma) == [one]


def test_d66_where_a_team_has_no_supervisor_who_leads_it_hears_that_words_wait_and_none_of_them(county):
    olga = county.phone("Olga", None, "dev_lead")
    adele = county.phone("Adele", None, "admin")
    sari, pihlaja = county.sari, county.pihlaja
    mikko = county.phone("Mikko", pihlaja)
    words = mikko.idea("Hylly varastoon")
    for phone in (sari, mikko):
        county.server.ask("people.remove", RemoveForm(phone.me["person"]), type(None))
    deliver(county.server.client(), [mikko.seal(words, mikko.key())])
    for lead in (olga, adele):
        (one,) = [one for one in waiting(lead) if one["name"] == "Mikko"]
        assert (one["fields"], one["may_accept"], one["mine"]) == ({}, False, False)
        assert one["place"] == pihlaja
        for do in ("accept", "let_go"):
            reply = lead.client.post(f"/api/quarantine/{one['id']}", json={"do": do})
            assert (reply.status_code, reply.json()["error"]) == (409, "already_decided")
    later = county.phone("Liisa", pihlaja, "supervisor")
    assert late(later).keys() == {"Hylly varastoon"}
    assert [one for one in waiting(olga) if one["name"] == "Mikko"] == []


def test_d66_a_supervisor_whose_account_is_going_counts_as_none(county):
    olga = county.phone("Olga", None, "dev_lead")
    mikko = county.phone("Mikko", county.pihlaja)
    words = mikko.idea("Hylly varastoon")
    county.server.ask("people.remove", RemoveForm(mikko.me["person"]), type(None))
    deliver(county.server.client(), [mikko.seal(words, mikko.key())])
    assert [one for one in waiting(olga) if one["name"] == "Mikko"] == []
    add_passkey(county.sari.client)
    assert county.sari.client.request("DELETE", "/api/me", json={"keep_names": []}).status_code == 202
    (one,) = [one for one in waiting(olga) if one["name"] == "Mikko"]
    assert (one["fields"], one["may_accept"]) == ({}, False)

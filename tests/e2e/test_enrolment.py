"""A browser becomes a tablet, its supervisor sees to it, and a phone approves a copy on it (D-40 to D-42, D-52)."""

import sqlite3
from secrets import choice

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import expect

from tests.authenticator import add_passkey
from tests.conftest import join_with
from tests.e2e.place import PHONE
from tests.e2e.test_screens import AXE, RUN_AXE, WIDER
from tests.tablets import Tablet, public

KEPT = """async () => {
  const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result) })
  const db = await asked(indexedDB.open('v-device'))
  const store = db.transaction('meta').objectStore('meta')
  const [tablet, key] = await Promise.all([asked(store.get('tablet')), asked(store.get('device-key'))])
  db.close()
  return [tablet, key?.algorithm?.name, key?.extractable]
}"""


@pytest.fixture
def leader(place):
    """Whoever leads the team, over HTTP."""
    client = join_with(place.server, place.code("supervisor"), "Liisa")
    add_passkey(client)
    return client


@pytest.fixture
def tablet(place, leader):
    """A tablet of the team, over HTTP."""
    return Tablet(place.server, code_for(place, leader))


def code_for(place, leader, name="Osasto 3"):
    """What a supervisor's picture carries."""
    made = leader.post("/api/devices/codes", json={"spaces": [place.space], "name": name})
    assert made.status_code == 201, made.text
    return made.json()["url"].partition("#")[2]


def ask(tablet):
    """What a tablet shows: its picture and its number."""
    return tablet.ask(ec.generate_private_key(ec.SECP256R1())).json()


def state_of(tablet, asked):
    """What has become of a request."""
    return tablet.client.get(f"/api/devices/requests/{asked['id']}").json()


def scan(device, url):
    """The phone's camera opens a link."""
    device.page.goto("about:blank")
    device.visit(url[url.index("/", 8) :])


def numbers(device):
    return device.page.get_by_role("group", name="Mikä numero laitteella näkyy?").get_by_role("button")


def bring(tablet, phone):
    """A copy of whoever has this phone, on the tablet."""
    asked = ask(tablet)
    scan(phone, asked["url"])
    numbers(phone).get_by_text(str(asked["number"]), exact=True).click()
    sees_heading(phone, "Hyväksytty")
    made = tablet.client.post("/api/devices/persons", json={"request": asked["id"]})
    assert made.status_code == 201, made.text
    phone.visit("/")


def sees_heading(device, words):
    expect(device.page.get_by_role("heading", name=words, level=1)).to_be_visible()


def is_well_made(device):
    """Nothing is wider than the screen, and axe finds nothing to say."""
    device.page.evaluate(AXE.read_text())
    assert device.page.evaluate(RUN_AXE, {}) == []
    assert device.page.evaluate(WIDER) == []


def test_d40_d52_a_browser_becomes_a_tablet_and_what_was_ticked_is_kept(place, leader) -> None:
    code = code_for(place, leader)
    tablet = place.device()
    tablet.visit(f"/laite#{code}")
    sees_heading(tablet, "Tee tästä yhteislaite")
    assert tablet.page.url == f"{tablet.url}/laite"
    is_well_made(tablet)
    for words in ("Levyn salaus ja näytön lukitus ovat päällä", "Päivitykset asentuvat itsestään"):
        tablet.page.get_by_role("switch", name=words).click()
    tablet.press("Ota käyttöön")

    sees_heading(tablet, "Osasto 3 on nyt yhteislaite")
    tablet.sees(f"Tiimit: {place.team}")
    row = next(row for row in leader.get("/api/devices").json() if row["kind"] == "shared")
    kept, algorithm, extractable = tablet.page.evaluate(KEPT)
    assert kept == {
        "device": row["id"],
        "name": "Osasto 3",
        "teams": [place.team],
        "lockS": 120,
        "strong": False,
    }
    assert (algorithm, extractable) == ("HMAC", False)
    admin = join_with(place.server, place.server.invite("admin", None), "Adele")
    events = [one for one in admin.get("/api/audit").json()["events"] if one["what"] == "tablet_enrolled"]
    assert {"device": "Osasto 3", "checked": "encrypted updates"} in [one["detail"] for one in events]
    tablet.visit("/laite")
    sees_heading(tablet, "Osasto 3 on nyt yhteislaite")
    is_well_made(tablet)
    tablet.page.get_by_role("link", name="Jatka").click()
    sees_heading(tablet, "Kuka olet?")


def test_d40_a_reply_that_is_lost_leaves_a_tablet_that_knows_itself(place, leader) -> None:
    code = code_for(place, leader)
    tablet = place.device()
    tablet.visit(f"/laite#{code}")
    tablet.page.route("**/api/devices", lambda route: (route.fetch(), route.abort()))
    tablet.page.route("**/api/me", lambda route: route.abort())
    tablet.press("Ota käyttöön")
    tablet.sees("Tähän tarvitaan verkko")
    tablet.page.unroute_all()
    tablet.press("Ota käyttöön")

    sees_heading(tablet, "Osasto 3 on nyt yhteislaite")


def test_d40_an_old_picture_and_a_browser_of_somebody_become_no_tablet(place, leader) -> None:
    code = code_for(place, leader)
    aino = place.person("Aino")
    aino.page.goto("about:blank")
    aino.visit(f"/laite#{code}")
    sees_heading(aino, "Tässä selaimessa on jonkun oma kopio")
    expect(aino.button("Ota käyttöön")).to_have_count(0)
    with sqlite3.connect(place.server.folder / "virtaamo.db") as db:
        db.execute("UPDATE invitation SET until = 1000 WHERE kind = 'enrol'")
    tablet = place.device()
    tablet.visit(f"/laite#{code}")
    tablet.press("Ota käyttöön")
    tablet.sees("Linkki on vanhentunut")
    assert tablet.page.evaluate(KEPT)[0] is None


def test_d40_d51_a_supervisor_makes_changes_and_removes_a_tablet(place) -> None:
    jorma = place.person("Jorma", "supervisor", viewport=PHONE)
    jorma.visit(f"/tiimi/{place.space}")
    jorma.sees("Yhteislaitteella jokainen tiimissä kirjaa omalla PIN-koodillaan, myös ilman verkkoa.")
    jorma.press("Lisää yhteislaite")
    jorma.field("Laitteen nimi").fill("Taukotila")
    jorma.press("Tee kuva laitteelle")
    link = jorma.field("Linkki laitteelle").input_value()
    is_well_made(jorma)
    tablet = place.device()
    scan(tablet, link)
    tablet.press("Ota käyttöön")
    sees_heading(tablet, "Taukotila on nyt yhteislaite")

    jorma.press("Sulje")
    jorma.press("Muuta Taukotila")
    is_well_made(jorma)
    jorma.field("Laitteen nimi").fill("Kahvihuone")
    jorma.page.get_by_role("radio", name="60 sekuntia").click()
    jorma.page.get_by_role("switch", name="Vahva lukko").click()
    jorma.press("Tallenna")
    jorma.press("Muuta Kahvihuone")
    known = tablet.page.evaluate("fetch('/api/me').then((reply) => reply.json())")
    assert (known["device"]["name"], known["lock_s"], known["strong"]) == ("Kahvihuone", 60, True)
    expect(jorma.page.get_by_role("switch", name="Vahva lukko")).to_be_checked()
    place.forget_proofs()
    jorma.press("Poista käytöstä")
    sheet = jorma.page.get_by_role("alertdialog", name="Poistetaanko Kahvihuone käytöstä?")
    expect(sheet).to_contain_text("Laite lähettää ensin kirjoitukset, jotka odottavat sillä.")
    is_well_made(jorma)
    sheet.get_by_role("button", name="Poista käytöstä").click()
    jorma.press("Vahvista pääsyavaimella")
    jorma.sees_no("Kahvihuone")
    assert tablet.page.evaluate("fetch('/api/me').then((reply) => reply.status)") == 410


def test_d40_staff_is_offered_no_tablet(place, tablet) -> None:
    aino = place.person("Aino")
    aino.visit(f"/tiimi/{place.space}")
    expect(aino.page.get_by_role("heading", level=1)).to_be_visible()
    aino.sees_no("Yhteislaitteet")
    aino.sees_no("Lisää yhteislaite")


def test_d40_d51_one_tablet_for_two_teams_of_an_area(place) -> None:
    jorma = place.person("Jorma", "supervisor")
    other = place.server.add_team(f"{place.team} yö")
    jorma.join(place.server.invite("supervisor", f"{place.team} yö"), "Jorma")
    jorma.visit(f"/tiimi/{place.space}")
    jorma.press("Lisää yhteislaite")
    jorma.field("Laitteen nimi").fill("Kanslia")
    jorma.page.get_by_role("switch", name=f"{place.team} yö").click()
    jorma.page.get_by_role("switch", name="Vahva lukko").click()
    jorma.press("Tee kuva laitteelle")
    tablet = Tablet(place.server, jorma.field("Linkki laitteelle").input_value().partition("#")[2])

    assert (tablet.me["teams"], tablet.me["strong"]) == ([place.team, f"{place.team} yö"], True)
    jorma.visit(f"/tiimi/{other}")
    jorma.press("Muuta Kanslia")
    jorma.sees(f"Tiimit: {place.team}, {place.team} yö")
    for name in (place.team, f"{place.team} yö"):
        jorma.page.get_by_role("switch", name=name, exact=True).click()
    jorma.press("Tallenna")
    jorma.sees("Laitteella on oltava vähintään yksi tiimi.")
    jorma.page.get_by_role("switch", name=f"{place.team} yö", exact=True).click()
    is_well_made(jorma)
    with jorma.page.expect_response("**/api/devices"):
        jorma.press("Tallenna")
    jorma.press("Muuta Kanslia")
    jorma.sees(f"Tiimit: {place.team} yö")
    assert tablet.client.get("/api/me").json()["teams"] == [f"{place.team} yö"]


def test_d44_a_supervisor_removes_one_copy_and_its_person_is_told(place, tablet) -> None:
    jorma = place.person("Jorma", "supervisor", viewport=PHONE)
    aino = place.person("Aino", "supervisor", viewport=PHONE)
    bring(tablet, aino)
    jorma.visit(f"/tiimi/{place.space}")
    jorma.press("Muuta Osasto 3")
    is_well_made(jorma)
    jorma.press("Poista kopio Aino")
    sheet = jorma.page.get_by_role("alertdialog", name="Poistetaanko kopio: Aino?")
    expect(sheet).to_contain_text("Keskeneräiset luonnokset laitteella katoavat.")
    sheet.get_by_role("button", name="Peruuta").click()
    jorma.press("Poista kopio Aino")
    sheet.get_by_role("button", name="Poista kopio").click()
    expect(sheet).to_have_count(0)

    begun = tablet.client.post("/api/unlock/begin", json={"person": place.number("Aino")})
    assert (begun.status_code, begun.json()["error"]) == (410, "gone")
    jorma.press("Muuta Osasto 3")
    jorma.sees("Kenelläkään ei ole vielä kopiota tällä laitteella.")
    aino.visit("/mina")
    aino.sees("Kopiosi poistettiin yhteislaitteelta Osasto 3.")


def test_d44_a_person_sees_the_own_copy_among_the_devices_and_removes_it(place, tablet) -> None:
    aino = place.person("Aino", "supervisor", viewport=PHONE)
    bring(tablet, aino)
    place.forget_proofs()
    aino.go("Minä")
    aino.sees("Yhteislaite · kopio tuotu tänään")
    is_well_made(aino)
    aino.press("Poista kopio Osasto 3")
    sheet = aino.page.get_by_role("alertdialog", name="Poistetaanko kopiosi laitteelta Osasto 3?")
    is_well_made(aino)
    sheet.get_by_role("button", name="Poista kopio").click()

    aino.sees_no("Yhteislaite · kopio tuotu tänään")
    begun = tablet.client.post("/api/unlock/begin", json={"person": place.number("Aino")})
    assert (begun.status_code, begun.json()["error"]) == (410, "gone")


def test_d42_a_supervisor_makes_a_code_for_somebody_without_a_phone(place, tablet) -> None:
    jorma = place.person("Jorma", "supervisor")
    ville = join_with(place.server, place.code(), "Ville")
    jorma.visit(f"/tiimi/{place.space}")
    jorma.press("Muuta Osasto 3")
    jorma.page.get_by_label("Kuka tarvitsee koodin").select_option("Ville")
    jorma.press("Tee koodi laitteelle")
    code = jorma.page.locator(".spoken").inner_text()

    body = {"code": code, "sign_pub": public(ec.generate_private_key(ec.SECP256R1()))}
    reply = tablet.client.post("/api/devices/persons", json=body)
    assert (reply.status_code, reply.json()["person"]) == (201, ville.me["person"])


def test_d41_a_phone_approves_by_the_number_and_a_fresh_proof(place, tablet) -> None:
    aino = place.person("Aino", "supervisor", viewport=PHONE)
    asked = ask(tablet)
    place.forget_proofs()
    scan(aino, asked["url"])
    sees_heading(aino, "Tuodaanko kopiosi laitteelle Osasto 3?")
    assert aino.page.url == f"{aino.url}/hyvaksy"
    aino.sees(f"Laitetta käyttävät tiimit: {place.team}")
    expect(numbers(aino)).to_have_count(3)
    is_well_made(aino)
    numbers(aino).get_by_text(str(asked["number"]), exact=True).click()
    aino.press("Sulje")
    assert state_of(tablet, asked)["state"] == "waiting"
    numbers(aino).get_by_text(str(asked["number"]), exact=True).click()
    aino.press("Vahvista pääsyavaimella")

    sees_heading(aino, "Hyväksytty")
    assert state_of(tablet, asked)["state"] == "approved"
    assert state_of(tablet, asked)["name"] == "Aino"
    scan(aino, asked["url"])
    aino.sees("Linkki on jo käytetty")
    aino.page.get_by_role("link", name="Takaisin Virtaamoon").click()
    aino.is_at_home("Aino")


def test_d41_a_wrong_number_ends_the_request_and_nothing_is_asked_again(place, tablet) -> None:
    aino = place.person("Aino", "supervisor", viewport=PHONE)
    asked = ask(tablet)
    scan(aino, asked["url"])
    expect(numbers(aino)).to_have_count(3)
    wrong = choice([text for text in numbers(aino).all_inner_texts() if text != str(asked["number"])])
    numbers(aino).get_by_text(wrong, exact=True).click()

    aino.sees("Numero ei täsmännyt, ja pyyntö päättyi.")
    expect(numbers(aino)).to_have_count(0)
    assert state_of(tablet, asked)["state"] == "refused"


def test_d41_two_minutes_are_over_while_the_phone_looks_or_before(place, tablet) -> None:
    aino = place.person("Aino", "supervisor", viewport=PHONE)
    asked = ask(tablet)
    scan(aino, asked["url"])
    expect(numbers(aino)).to_have_count(3)
    with sqlite3.connect(place.server.folder / "virtaamo.db") as db:
        db.execute("UPDATE copy_request SET until = 1000")
    numbers(aino).get_by_text(str(asked["number"]), exact=True).click()
    aino.sees("Linkki on vanhentunut")
    expect(numbers(aino)).to_have_count(0)
    assert state_of(tablet, asked)["state"] == "expired"

    scan(aino, asked["url"])
    aino.sees("Linkki on vanhentunut")
    expect(numbers(aino)).to_have_count(0)


def test_d41_nobody_of_another_team_approves(place, tablet) -> None:
    place.server.add_team(f"{place.team} muu")
    ville = place.device(viewport=PHONE)
    ville.join(place.server.invite("staff", f"{place.team} muu"), "Ville")
    asked = ask(tablet)
    scan(ville, asked["url"])
    ville.sees("Sinulla ei ole oikeutta tähän.")
    expect(numbers(ville)).to_have_count(0)
    assert state_of(tablet, asked)["state"] == "waiting"


def test_d41_a_key_other_than_that_in_the_picture_is_not_approved(place, tablet) -> None:
    aino = place.person("Aino", "supervisor", viewport=PHONE)
    mine, other = ask(tablet), ask(tablet)
    swapped = mine["url"].replace(mine["code"], other["code"])
    scan(aino, swapped)

    aino.sees("Laitteen avain ei ole se, joka kuvassa oli.")
    expect(numbers(aino)).to_have_count(0)
    assert state_of(tablet, other)["state"] == "waiting"


def test_d41_whoever_is_signed_out_signs_in_and_goes_on(place, tablet) -> None:
    aino = place.person("Aino", "supervisor", viewport=PHONE)
    asked = ask(tablet)
    aino.go("Minä")
    aino.press("Kirjaudu ulos tältä laitteelta")
    aino.page.get_by_role("alertdialog").get_by_role("button", name="Kirjaudu ulos", exact=True).click()
    expect(aino.button("Kirjaudu pääsyavaimella")).to_be_visible()
    scan(aino, asked["url"])
    aino.press("Kirjaudu pääsyavaimella")

    sees_heading(aino, "Tuodaanko kopiosi laitteelle Osasto 3?")
    numbers(aino).get_by_text(str(asked["number"]), exact=True).click()
    sees_heading(aino, "Hyväksytty")
    assert state_of(tablet, asked)["name"] == "Aino"

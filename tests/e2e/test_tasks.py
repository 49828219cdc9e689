"""Tasks between workshops in browsers: steps, private answers, and copies that are shared."""

import sqlite3

from playwright.sync_api import expect

from tests.e2e.device import Device
from tests.e2e.keys import Authenticator
from tests.e2e.place import PHONE, Place
from tests.e2e.task_device import give_task, leave, open_task

PRIVATE = "Minua jännittää yövuoroon jääminen"


def test_a13_c6_a_task_is_given_done_in_steps_and_counted_for_nobody_alone(place: Place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino", viewport=PHONE)
    give_task(jorma, "Hiljainen raportti", steps="Sovi päivä\nKysy kahdelta\nKirjoita yksi oppi")
    aino.offline()
    open_task(aino, "Hiljainen raportti")
    aino.page.get_by_role("button", name="Sovi päivä").click()
    expect(aino.page.get_by_role("button", name="Sovi päivä")).to_have_attribute("aria-pressed", "true")
    aino.press("Merkitse tehdyksi")
    aino.sees("Merkitse keskeneräiseksi")
    aino.online()
    leave(aino)
    expect(aino.page.get_by_role("heading", name="Välitehtävät")).to_have_count(0)

    open_task(jorma, "Hiljainen raportti")
    jorma.sees("vaiheessa")
    jorma.sees_no("Aino")

    jorma.press("Muokkaa")
    jorma.field("Mitä tehdään?").fill("Hiljainen raportti kokeiluun")
    steps = "Varaa aika\nSovi päivä\nKysy kolmelta\nKirjoita yksi oppi"
    jorma.page.get_by_role("textbox", name="Askeleet").fill(steps)
    jorma.press("Tallenna")
    jorma.sees("Varaa aika")
    leave(jorma)
    aino.page.get_by_role("link", name="Kaikki välitehtävät").click()
    aino.sees("Tehdyt ja päättyneet")
    open_task(aino, "Hiljainen raportti kokeiluun")
    pressed = {"Varaa aika": "false", "Sovi päivä": "true", "Kysy kolmelta": "false"}
    for name, is_on in pressed.items():
        step = aino.page.get_by_role("button", name=name)
        expect(step).to_have_attribute("aria-pressed", is_on)
    open_task(jorma, "Hiljainen raportti kokeiluun")
    jorma.press("Ota pois")
    jorma.press("Kumoa")
    jorma.sees("Hiljainen raportti kokeiluun")


def test_h9_c6_a_task_for_one_is_between_its_giver_and_its_receiver(place: Place) -> None:
    title = "Kirjoita kolme kohtaamista"
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino", viewport=PHONE)
    jorma.offline()
    give_task(jorma, title, steps="Ensimmäinen\nToinen", to="Aino", waits=True)
    jorma.online()
    jorma.everything_is_delivered()
    aino.sees("antaja: Jorma")
    aino.offline()
    open_task(aino, title)
    aino.page.get_by_role("button", name="Ensimmäinen").click()
    aino.press("Merkitse tehdyksi")
    aino.sees_no("Tiimin eteneminen")
    aino.online()
    leave(aino)

    expect(jorma.page.get_by_role("link", name=title)).to_have_count(0)
    jorma.go("Minä")
    open_task(jorma, title)
    jorma.sees("saaja: Aino")
    expect(jorma.page.get_by_role("button", name="Ensimmäinen")).to_have_count(0)
    jorma.sees_no("Merkitse tehdyksi")


def test_h1_a13_a_private_answer_is_found_nowhere_but_at_its_writer(place: Place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    timo = place.person("Timo")
    give_task(jorma, "Yksi oppi")
    open_task(aino, "Yksi oppi")
    aino.sees("Vain sinä näet tämän")
    aino.field("Mitä huomasit?").fill(PRIVATE)
    aino.press("Tallenna vain itselle")
    aino.sees("Muokkaa vastausta")
    leave(aino)
    open_task(aino, "Yksi oppi")
    aino.sees(PRIVATE)
    aino.press("Jaa ryhmälle")
    aino.field("Nämä sanat ryhmä näkee").fill("Raportti lyheni")
    aino.press("Jaa nämä sanat")

    for other in (jorma, timo):
        open_task(other, "Yksi oppi")
        other.sees("Raportti lyheni")
        assert PRIVATE not in other.page.content()
        assert "jännittää" not in other.page.evaluate(ALL_STORED)
    jorma.press("Piilota")
    jorma.page.get_by_role("radio", name="Asiakkaan tietoja").click()
    jorma.press("Piilota lappu")
    timo.sees_no("Raportti lyheni")
    jorma.press("Kumoa")
    timo.sees("Raportti lyheni")
    aino.press("Lopeta jakaminen")
    for other in (jorma, timo):
        other.sees_no("Raportti lyheni")

    answer = answer_in_database(place)
    for other in (jorma, admin_of(place)):
        for path in (*PATHS, f"/tiimi/{place.space}", f"/kutsulista/{place.space}", f"/kortti/{answer}"):
            other.visit(path)
            other.page.get_by_role("heading", level=1).first.wait_for()
            assert "jännittää" not in other.page.content(), path
        assert "jännittää" not in other.page.evaluate(ALL_STORED)
    assert "jännittää" in aino.page.evaluate(ALL_STORED)


PATHS = (
    "/",
    "/taulu",
    "/kiitos",
    "/mina",
    "/huomio",
    "/vahvuudet",
    "/organisaatio",
    "/tapahtumaloki",
    "/kutsulista",
    "/valitehtavat",
)


def admin_of(place: Place) -> Device:
    """Whoever looks after the whole installation."""
    device = place.device()
    Authenticator(device)
    device.join(place.server.invite("admin", None), "Ulla", passkey=True)
    return device


def answer_in_database(place: Place) -> str:
    """The id of the one card that has the private words; it lies in the space of its writer."""
    with sqlite3.connect(place.server.folder / "virtaamo.db") as db:
        found = db.execute("SELECT space, id FROM card WHERE instr(body, ?) > 0", (PRIVATE.encode(),))
        ((space, card),) = found.fetchall()
        owner = db.execute("SELECT own FROM person WHERE id = ?", (place.number("Aino"),)).fetchone()
    assert owner == (space,)
    return str(card.hex())


ALL_STORED = """async () => {
  const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result) })
  const utf8 = new TextEncoder()
  const all = []
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('v-p-')) continue
    const db = await asked(indexedDB.open(name))
    const key = await asked(db.transaction('meta').objectStore('meta').get('data-key'))
    for (const store of ['frames', 'outbox']) {
      for (const row of await asked(db.transaction(store).objectStore(store).getAll())) {
        const place = row.id ?? `${row.epoch}/${row.space}/${row.since}/${row.upto}`
        const additionalData = utf8.encode(['v1', name, store, place].join('\\0'))
        const how = { name: 'AES-GCM', iv: row.box.subarray(0, 12), additionalData }
        all.push(new TextDecoder().decode(await crypto.subtle.decrypt(how, key, row.box.subarray(12))))
      }
    }
    db.close()
  }
  return all.join(' ')
}"""


def test_h1_an_answer_goes_with_all_that_was_shared_of_it_and_can_be_written_again(place: Place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    give_task(jorma, "Yksi oppi")
    open_task(aino, "Yksi oppi")
    aino.field("Mitä huomasit?").fill(PRIVATE)
    aino.press("Tallenna vain itselle")
    aino.press("Jaa ryhmälle")
    aino.field("Nämä sanat ryhmä näkee").fill("Raportti lyheni")
    aino.press("Jaa nämä sanat")
    open_task(jorma, "Yksi oppi")
    jorma.sees("Raportti lyheni")
    aino.press("Poista vastaus")
    aino.press("Poista vastaus ja sen jaot")
    jorma.sees_no("Raportti lyheni")
    aino.sees_no(PRIVATE)
    aino.field("Mitä huomasit?").fill("Toisin sanoin")
    aino.press("Tallenna vain itselle")
    aino.sees("Toisin sanoin")
    expect(aino.button("Jaa ryhmälle")).to_be_visible()
    leave(aino)


def test_a_code_is_taken_out_of_whichever_words_it_stands_in(place: Place) -> None:
    jorma = place.person("Jorma", "supervisor")
    jorma.menu().get_by_role("button", name="Kirjaa uusi").click()
    jorma.press("Anna välitehtävä")
    jorma.field("Mitä tehdään?").fill("Kokeilu 131052-308T")
    jorma.field("Tehtävä").fill("Kokeilkaa kahdessa vuorossa.")
    jorma.press("Poista tunnus")
    expect(jorma.field("Mitä tehdään?")).to_have_value("Kokeilu ")
    jorma.press("Anna tiimille")
    expect(jorma.page.get_by_role("heading", name="Kokeilu", level=1)).to_be_visible()

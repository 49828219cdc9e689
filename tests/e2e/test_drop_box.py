"""The drop box in a browser: words without a name, sealed on the device, sent alone, found again by their code."""

import os
import re
import sqlite3
import time

from playwright.sync_api import Request, expect

from server import drops
from server.app import open_database
from server.settings import Settings
from tests.databases import in_thread
from tests.e2e.place import PHONE
from tests.e2e.tablet_device import enrolled, leader_of
from tests.e2e.test_device_privacy import is_in
from tests.e2e.test_enrolment import is_well_made

MARK = "Kvartsilamppu"
TEN_MINUTES = "10:01"
COUNT = """async () => {
  const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result) })
  const db = await asked(indexedDB.open('v-device'))
  const store = db.transaction('meta').objectStore('meta')
  const [keys, tickets] = await Promise.all([asked(store.getAllKeys()), asked(store.get('tickets'))])
  db.close()
  return [keys.filter((key) => String(key).startsWith('drop/')).length, tickets?.length ?? 0]
}"""

KEEP_REPORT = """async (address) => {
  const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result) })
  const db = await asked(indexedDB.open('v-device'))
  await asked(db.transaction('meta', 'readwrite').objectStore('meta').put(address, 'report'))
  db.close()
}"""


def counts(device) -> list[int]:
    """How many drops wait on a device, and how many tickets it has."""
    return device.page.evaluate(COUNT)


def left_after_ten_minutes(device) -> int:
    """How many drops still wait then."""
    device.page.clock.fast_forward(TEN_MINUTES)
    return counts(device)[0]


def start_with_a_clock(device) -> None:
    """Open the app so that its time can be moved on."""
    device.page.clock.install()
    device.visit("/")
    device.is_at_home("Aino")


def drop(device, text: str) -> str:
    """Write into the drop box; gives the code."""
    device.visit("/pudota")
    device.field("Mitä ehdotat?").fill(text)
    device.press("Pudota lappu")
    expect(device.page.get_by_role("heading", name="Tallessa tällä laitteella")).to_be_visible()
    expect(device.page.get_by_role("img", name="Lunastuskoodi kuvana")).to_be_visible()
    return device.page.locator("p.input b").inner_text()


def release(place) -> None:
    """Let two days have gone since the drops of this team, and their hour come."""
    with sqlite3.connect(place.server.folder / "virtaamo.db") as db:
        db.execute("UPDATE dropped SET day = day - 3 WHERE space = ?", (place.space,))

    async def at_the_hour() -> None:
        async with open_database(Settings(data=place.server.folder)) as db:
            await drops.release(db, os.urandom, time.time_ns() // 1_000_000)

    in_thread(at_the_hour())


def files_with(device, mark: str) -> list[str]:
    """The files of a browser's profile in which these words lie."""
    files = [path for path in device.profile.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path.name for path in files if is_in(mark, path.read_bytes())]


def test_d67_d69_d71_what_is_dropped_offline_arrives_without_cookies_and_is_found_by_its_code(place) -> None:
    aino = place.person("Aino", kept=True, viewport=PHONE)
    start_with_a_clock(aino)
    aino.until_later(10, lambda: counts(aino) == [0, 20])
    aino.offline()
    code = drop(aino, f"{MARK} käytävään. Yöllä ei näe.")
    assert re.fullmatch(r"[a-zäö]{3,8}( [a-zäö]{3,8}){3}", code)
    assert counts(aino) == [1, 20]
    aino.close()

    assert files_with(aino, MARK) == []

    aino.open()
    aino.online()
    sent: list[Request] = []
    aino.page.on("request", lambda asked: sent.append(asked) if asked.url.endswith("/api/drop") else None)
    start_with_a_clock(aino)
    aino.until_later(10, lambda: counts(aino) == [0, 19])
    (only,) = sent
    assert "cookie" not in only.all_headers()
    assert only.all_headers()["x-virtaamo"] == "1"

    anybody = place.device(viewport=PHONE)
    anybody.visit("/lunasta#" + code.replace(" ", "-"))
    anybody.sees("odottaa näyttöhetkeä")
    assert anybody.page.url == anybody.url + "/lunasta"
    release(place)
    anybody.press("Päivitä")
    anybody.sees("Uusi")
    expect(anybody.page.get_by_role("heading", name=f"{MARK} käytävään")).to_be_visible()

    boss = place.person("Jorma", "supervisor")
    boss.open_card(f"{MARK} käytävään")
    boss.comment("Hyvä ajatus. Mihin kohtaan?")
    boss.everything_is_delivered()
    anybody.press("Päivitä")
    anybody.sees("Hyvä ajatus. Mihin kohtaan?")
    anybody.field("Vastaa ilman nimeä").fill("Portaiden viereen.")
    anybody.press("Lähetä vastaus")
    anybody.sees("Portaiden viereen.")
    anybody.press("Ota lappu pois")
    anybody.press("Ota lappu pois")
    anybody.sees("piilotettu")


def test_d71_words_that_are_no_code_and_a_code_of_nobody(place) -> None:
    anybody = place.device(viewport=PHONE)
    anybody.visit("/lunasta")
    anybody.field("Lunastuskoodi").fill("yksi kaksi kolme")
    anybody.press("Avaa")
    anybody.sees("Koodissa on neljä listan sanaa")
    anybody.field("Lunastuskoodi").fill("Aalto höyhen pähkinä öljy")
    anybody.press("Avaa")
    expect(anybody.page.locator(".fault")).to_be_visible()
    anybody.offline()
    anybody.press("Avaa")
    anybody.sees("Tähän tarvitaan verkko")


def test_d72_the_form_says_what_it_can_and_cannot_hide(place) -> None:
    aino = place.person("Aino", viewport=PHONE)
    aino.go("Minä")
    aino.page.get_by_role("link", name="Pudota lappu").click()
    aino.sees("Nimesi ei tallennu.")
    aino.sees("Pienessä tiimissä sinut voi arvata tekstistä.")
    aino.sees("Tämä ei ole väärinkäytösten ilmoituskanava.")
    aino.page.evaluate(KEEP_REPORT, "https://ilmoita.example/hoiva")
    aino.visit("/pudota")
    link = aino.page.get_by_role("link", name="Väärinkäytökset: ilmoita.example/hoiva")
    expect(link).to_have_attribute("href", "https://ilmoita.example/hoiva")
    is_well_made(aino)


def test_d67_words_of_the_capture_form_come_along_and_stay_under_no_name(place) -> None:
    aino = place.person("Aino", viewport=PHONE)
    aino.begin_idea(f"{MARK} ilman nimeä")
    aino.press("Pudota nimettömänä Idealaatikkoon")
    expect(aino.page.get_by_role("heading", name="Idealaatikko", level=1)).to_be_visible()
    expect(aino.field("Mitä ehdotat?")).to_have_value(f"{MARK} ilman nimeä")
    aino.press("Pudota lappu")
    aino.press("Koodi on muistissa")
    aino.visit("/uusi")
    expect(aino.field("Mitä ehdotat?")).to_have_value("")


def test_d67_d69_a_locked_tablet_takes_a_drop_offline_and_sends_it_as_nobody(place) -> None:
    tablet = enrolled(place, leader_of(place), kept=True)
    tablet.page.clock.install()
    tablet.visit("/")
    tablet.until_later(10, lambda: counts(tablet) == [0, 50])
    tablet.has_its_worker()
    tablet.offline()
    code = drop(tablet, f"{MARK} tabletilta. Yöllä ei näe.")
    assert counts(tablet) == [1, 50]
    is_well_made(tablet)
    tablet.press("Koodi on muistissa")
    expect(tablet.page.get_by_label("Mitä ehdotat?")).to_have_count(0)

    sent: list[Request] = []
    tablet.page.on("request", lambda asked: sent.append(asked) if asked.url.endswith("/api/drop") else None)
    tablet.online()
    tablet.until_later(10, lambda: counts(tablet) == [0, 49])
    (only,) = sent
    assert "cookie" not in only.all_headers()
    anybody = place.device(viewport=PHONE)
    anybody.visit("/lunasta#" + code.replace(" ", "-"))
    anybody.sees("odottaa näyttöhetkeä")
    tablet.close()
    assert files_with(tablet, MARK) == []


def test_d69_what_nobody_dropped_on_a_tablet_is_there_for_nobody_after_them(place) -> None:
    tablet = enrolled(place, leader_of(place), kept=True)
    tablet.page.clock.install()
    tablet.visit("/pudota")
    tablet.sees("Ennen pudottamista tekstiä ei tallenneta")
    tablet.field("Mitä ehdotat?").fill(f"{MARK} jota en pudottanut")
    is_well_made(tablet)
    tablet.press("Takaisin")
    tablet.press("Jatka kirjoittamista")
    expect(tablet.field("Mitä ehdotat?")).to_have_value(f"{MARK} jota en pudottanut")
    tablet.page.clock.fast_forward("01:52")
    tablet.sees("Teksti, jota et ole pudottanut, poistetaan.")
    tablet.page.clock.fast_forward("00:20")
    tablet.page.wait_for_url("**/")
    tablet.visit("/pudota")
    expect(tablet.field("Mitä ehdotat?")).to_have_value("")
    tablet.field("Mitä ehdotat?").fill(f"{MARK} toinen")
    tablet.press("Takaisin")
    tablet.press("Poista teksti")
    expect(tablet.page.get_by_label("Mitä ehdotat?")).to_have_count(0)
    assert counts(tablet)[0] == 0
    tablet.close()
    assert files_with(tablet, MARK) == []


def test_f8_an_author_comes_forward_and_a_new_link_is_followed_where_one_is_open(place) -> None:
    aino = place.person("Aino", viewport=PHONE)
    start_with_a_clock(aino)
    first, second = drop(aino, f"{MARK} aulaan"), drop(aino, f"{MARK} portaisiin")
    aino.until(lambda: left_after_ten_minutes(aino) == 0)
    release(place)
    aino.visit("/lunasta#" + first.replace(" ", "-"))
    expect(aino.page.get_by_role("heading", name=f"{MARK} aulaan")).to_be_visible()
    aino.page.evaluate("(code) => { location.hash = code }", second.replace(" ", "-"))
    expect(aino.page.get_by_role("heading", name=f"{MARK} portaisiin")).to_be_visible()
    assert aino.page.url == aino.url + "/lunasta"
    aino.press("Laita lappuun oma nimesi")
    aino.sees("saavat nimen Aino")
    aino.press("Astu esiin nimelläsi")
    aino.sees("Lapussa on tekijän nimi.")
    is_well_made(aino)
    jorma = place.person("Jorma", "supervisor")
    jorma.open_card(f"{MARK} portaisiin")
    expect(jorma.page.locator("main").get_by_text("Aino").first).to_be_visible()

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
from tests.e2e.test_device_privacy import is_in

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


def counts(device) -> list[int]:
    """How many drops wait on a device, and how many tickets it has."""
    return device.page.evaluate(COUNT)


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


def test_d67_d69_d71_what_is_dropped_offline_arrives_without_cookies_and_is_found_by_its_code(place) -> None:
    aino = place.person("Aino", kept=True, viewport=PHONE)
    start_with_a_clock(aino)
    aino.page.clock.fast_forward(TEN_MINUTES)
    aino.until(lambda: counts(aino) == [0, 20])
    aino.offline()
    code = drop(aino, f"{MARK} käytävään. Yöllä ei näe.")
    assert re.fullmatch(r"[a-zäö]{3,8}( [a-zäö]{3,8}){3}", code)
    assert counts(aino) == [1, 20]
    aino.close()

    files = [path for path in aino.profile.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path.name for path in files if is_in(MARK, path.read_bytes())] == []

    aino.open()
    aino.online()
    sent: list[Request] = []
    aino.page.on("request", lambda asked: sent.append(asked) if asked.url.endswith("/api/drop") else None)
    start_with_a_clock(aino)
    aino.page.clock.fast_forward(TEN_MINUTES)
    aino.until(lambda: counts(aino) == [0, 19])
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

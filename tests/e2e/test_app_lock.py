"""The app lock of one's own phone: a PIN before anything is shown, and no word lost on the way."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.keys import Authenticator
from tests.e2e.place import PHONE
from tests.e2e.test_capture import SHARE
from tests.e2e.test_crash import kill_browser
from tests.e2e.test_screens import AXE, RUN_AXE

PIN = "739204"
WRONG = "739205"
KEPT = """async (key) => {
  const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result) })
  const { name } = (await indexedDB.databases()).find((one) => one.name.startsWith('v-p-'))
  const db = await asked(indexedDB.open(name))
  const box = await asked(db.transaction('meta').objectStore('meta').get(key))
  db.close()
  return [...box]
}"""
META = """async ([key, value]) => {
  const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result) })
  const { name } = (await indexedDB.databases()).find((one) => one.name.startsWith('v-p-'))
  const db = await asked(indexedDB.open(name))
  const store = db.transaction('meta', 'readwrite').objectStore('meta')
  if (value !== null) await asked(store.put(value, key))
  const found = await asked(store.get(key))
  db.close()
  return typeof found === 'number' ? found : 0
}"""
MOVABLE_CLOCK = """
  const real = Date.now
  globalThis.away_ms = 0
  Date.now = () => real() + globalThis.away_ms
"""
AWAY = """([minutes, ms]) => {
  const say = (state) => {
    Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }
  say('hidden')
  const back = () => {
    globalThis.away_ms += minutes * 60_000
    say('visible')
  }
  if (ms === 0) return back()
  return new Promise((done) => setTimeout(() => done(back()), ms))
}"""


def choose_pin(device, pin: str = PIN) -> None:
    """Fill in the sheet that switches the lock on."""
    device.go("Minä")
    device.press("Ota PIN-koodi käyttöön")
    device.field("Uusi PIN-koodi").fill(pin)
    device.field("Uusi PIN-koodi uudelleen").fill(pin)


def switch_on(device) -> None:
    """Lock the app with the PIN."""
    choose_pin(device)
    submit(device)
    device.sees("Lukko on päällä")


def submit(device) -> None:
    """Press the button of the sheet."""
    device.page.get_by_role("dialog").get_by_role("button", name="Ota PIN-koodi käyttöön").click()


def enter(device, pin: str) -> None:
    """Type a PIN on the lock screen."""
    expect(device.page.get_by_role("heading", name="Virtaamo on lukittu")).to_be_visible()
    expect(device.page.get_by_role("button", name="7", exact=True)).to_be_enabled()
    device.page.keyboard.type(pin)
    device.press("Avaa")


def with_words(place, **options):
    """Somebody offline with an unsent idea and a half-written one."""
    aino = place.person("Aino", **options)
    aino.write_idea("Kello seinälle")
    aino.everything_is_delivered()
    aino.network.block_live()
    aino.offline()
    aino.write_idea("Lamppu käytävään")
    aino.begin_idea("Tuoli eteiseen, koska")
    aino.keeps_a_draft()
    aino.page.keyboard.press("Escape")
    return aino


def has_its_words(device) -> None:
    """The board, the unsent idea and the draft are all there."""
    device.sees_on_board("Kello seinälle")
    device.sees_on_board("Lamppu käytävään")
    device.menu().get_by_role("button", name="Kirjaa uusi").click()
    expect(device.field("Mitä ehdotat?")).to_have_value("Tuoli eteiseen, koska")
    device.page.keyboard.press("Escape")


def test_d48_a_lock_keeps_every_word_and_shows_none_before_the_pin(place) -> None:
    jorma = place.person("Jorma", "supervisor")
    aino = with_words(place)
    switch_on(aino)
    has_its_words(aino)
    aino.page.reload()
    expect(aino.page.get_by_role("heading", name="Virtaamo on lukittu")).to_be_visible()
    aino.sees_no("Kello seinälle")
    enter(aino, WRONG)
    aino.sees("PIN ei täsmännyt. Vielä 4 yritystä.")
    enter(aino, PIN)
    has_its_words(aino)
    aino.online()
    aino.network.mend()
    aino.everything_is_delivered()
    jorma.sees_on_board("Lamppu käytävään")


def test_d53_a_pin_that_others_guess_is_refused_in_words(place) -> None:
    aino = place.person("Aino")
    for pin, words in (
        ("12345", "PIN-koodissa on 6–12 numeroa."),
        ("234567", "Numerot ovat järjestyksessä."),
        ("240675", "Koodi on päivämäärä."),
        ("112233", "Moni käyttää samaa koodia."),
    ):
        choose_pin(aino, pin)
        submit(aino)
        aino.sees(words)
        aino.page.keyboard.press("Escape")


def test_d54_the_third_wrong_pin_costs_a_wait_that_a_restart_does_not_shorten(place) -> None:
    aino = place.person("Aino")
    switch_on(aino)
    aino.page.reload()
    for _ in range(3):
        enter(aino, WRONG)
        aino.sees("PIN ei täsmännyt.")
    aino.sees("Odota 30 sekuntia.")
    aino.page.reload()
    aino.sees(re.compile("Odota [123]0 sekuntia."))
    expect(aino.page.get_by_role("button", name="7", exact=True)).to_be_disabled()


def test_d54_another_window_gives_no_tries_of_its_own(place) -> None:
    aino = place.person("Aino")
    switch_on(aino)
    aino.page.reload()
    aino.sees("Virtaamo on lukittu")
    first, aino.page = aino.page, aino.new_tab()
    aino.visit("/")
    aino.sees("Virtaamo on lukittu")
    second, aino.page = aino.page, first
    for _ in range(3):
        enter(aino, WRONG)
        aino.sees("PIN ei täsmännyt.")
    aino.sees("Odota 30 sekuntia.")
    aino.page = second
    enter(aino, PIN)
    aino.sees(re.compile("Odota [123]0 sekuntia."))
    assert aino.page.evaluate(META, ["attempts", None]) == 3


def test_d54_after_the_fifth_wrong_pin_its_person_signs_in_and_no_word_is_gone(place) -> None:
    aino = place.device()
    Authenticator(aino)
    aino.join(place.code(), "Aino", passkey=True)
    aino.everything_is_delivered()
    aino.write_idea("Kello seinälle")
    aino.everything_is_delivered()
    switch_on(aino)
    aino.page.evaluate(META, ["attempts", 4])
    aino.page.reload()
    aino.sees("Sen jälkeen sinun on ensin kirjauduttava.")
    aino.page.evaluate(META, ["attempts", 5])
    aino.page.reload()
    aino.sees("PIN on ollut viisi kertaa väärin. Mitään ei ole poistettu.")
    aino.press("Vahvista")
    aino.press("Vahvista pääsyavaimella")
    aino.press("Kokeile PIN-koodia uudelleen")
    enter(aino, PIN)
    aino.sees_on_board("Kello seinälle")


def test_d54_killing_the_browser_gives_no_free_try(place) -> None:
    aino = place.person("Aino", kept=True)
    switch_on(aino)
    aino.page.reload()
    enter(aino, WRONG)
    aino.until(lambda: aino.page.evaluate(META, ["attempts", None]) == 1)
    kill_browser(aino)
    aino.open("/")
    aino.sees("PIN ei täsmännyt. Vielä 4 yritystä.")


@pytest.mark.parametrize("after_ms", [0, 150, 400, 800])
def test_d48_a_browser_killed_while_the_lock_is_switched_on_has_the_old_or_the_new(place, after_ms) -> None:
    aino = with_words(place, kept=True)
    choose_pin(aino)
    submit(aino)
    aino.page.wait_for_timeout(after_ms)
    kill_browser(aino)
    aino.open("/")
    title = aino.page.get_by_role("heading", name="Virtaamo on lukittu")
    expect(title.or_(aino.greeting("Aino"))).to_be_visible()
    if title.is_visible():
        enter(aino, PIN)
    has_its_words(aino)


@pytest.mark.parametrize("awake_ms", [500, 0], ids=["awake for a moment", "frozen at once"])
def test_d55_the_app_locks_after_its_minutes_in_the_background(place, awake_ms) -> None:
    aino = place.device()
    aino.context.add_init_script(MOVABLE_CLOCK)
    aino.join(place.code(), "Aino")
    switch_on(aino)
    aino.page.evaluate(AWAY, [4, 500])
    expect(aino.page.get_by_role("heading", name="Virtaamo on lukittu")).to_have_count(0)
    with aino.page.expect_navigation():
        aino.page.evaluate(f"(away) => void setTimeout(() => ({AWAY})(away))", [6, awake_ms])
    enter(aino, PIN)


def test_a_passkey_opens_the_lock_where_it_gives_a_secret(place) -> None:
    aino = place.device()
    Authenticator(aino)
    aino.join(place.code(), "Aino", passkey=True)
    aino.write_idea("Kello seinälle")
    switch_on(aino)
    aino.press("Avaa myös pääsyavaimella")
    aino.field("Nykyinen PIN-koodi").fill(PIN)
    aino.press("Jatka")
    expect(aino.button("Avaa myös pääsyavaimella")).to_have_count(0)
    aino.offline()
    aino.page.reload()
    aino.press("Avaa pääsyavaimella")
    aino.sees_on_board("Kello seinälle")


def test_another_window_locks_when_the_lock_is_switched_on(place) -> None:
    aino = place.person("Aino")
    other = aino.new_tab()
    other.goto(aino.url + "/taulu")
    expect(other.get_by_role("heading", name="Taulu")).to_be_visible()
    switch_on(aino)
    expect(other.get_by_role("heading", name="Virtaamo on lukittu")).to_be_visible()


def test_the_pin_can_be_changed_and_the_lock_removed(place) -> None:
    aino = place.person("Aino")
    switch_on(aino)
    aino.press("Vaihda PIN-koodi")
    aino.field("Nykyinen PIN-koodi").fill(PIN)
    aino.field("Uusi PIN-koodi").fill("584917")
    aino.field("Uusi PIN-koodi uudelleen").fill("584917")
    aino.page.get_by_role("dialog").get_by_role("button", name="Tallenna").click()
    aino.sees("PIN-koodi on vaihdettu")
    aino.page.reload()
    enter(aino, "584917")
    aino.press("Poista lukko")
    aino.field("Nykyinen PIN-koodi").fill(PIN)
    aino.page.get_by_role("dialog").get_by_role("button", name="Poista lukko").click()
    aino.sees("PIN ei täsmännyt. Vielä 4 yritystä.")
    aino.field("Nykyinen PIN-koodi").fill("584917")
    aino.page.get_by_role("dialog").get_by_role("button", name="Poista lukko").click()
    expect(aino.button("Ota PIN-koodi käyttöön")).to_be_visible()
    aino.visit("/")
    aino.is_at_home("Aino")


def test_whoever_forgets_the_pin_begins_anew_after_showing_who_they_are(place) -> None:
    aino = place.device()
    Authenticator(aino)
    aino.join(place.code(), "Aino", passkey=True)
    aino.write_idea("Kello seinälle")
    aino.everything_is_delivered()
    switch_on(aino)
    aino.page.reload()
    aino.press("Unohdin PIN-koodin")
    aino.press("Vahvista")
    aino.press("Vahvista pääsyavaimella")
    aino.press("Aloita tällä laitteella alusta")
    aino.press("Kirjaudu pääsyavaimella")
    aino.is_at_home("Aino")
    aino.sees_on_board("Kello seinälle")


def test_d22_what_another_app_shares_to_a_locked_app_waits_for_the_pin(place) -> None:
    aino = place.person("Aino")
    switch_on(aino)
    aino.page.reload()
    expect(aino.page.get_by_role("heading", name="Virtaamo on lukittu")).to_be_visible()
    aino.page.evaluate(SHARE, ["", "Tuoli eteiseen"])
    aino.visit("/uusi")
    enter(aino, PIN)
    expect(aino.field("Mitä ehdotat?")).to_have_value(re.compile("Tuoli eteiseen"))


def test_axe_finds_nothing_on_the_way_in_nor_on_the_lock(place) -> None:
    axe = AXE.read_text()
    aino = place.device(viewport=PHONE)
    Authenticator(aino)
    faults: list[str] = []

    def look() -> None:
        aino.page.evaluate(axe)
        for scheme in ("light", "dark"):
            aino.page.emulate_media(color_scheme=scheme)
            faults.extend(aino.page.evaluate(RUN_AXE, {}))

    aino.visit(f"/liity#{place.code()}")
    aino.field("Etunimesi").fill("Aino")
    aino.press("Liity")
    expect(aino.button("Myöhemmin")).to_be_visible()
    look()
    aino.press("Tee pääsyavain")
    choose_pin(aino)
    look()
    submit(aino)
    aino.sees("Lukko on päällä")
    look()
    aino.page.reload()
    enter(aino, WRONG)
    aino.sees("PIN ei täsmännyt.")
    look()
    aino.press("Unohdin PIN-koodin")
    look()
    assert not faults, faults


def test_a_sign_in_behind_the_lock_is_taken_up_when_it_opens(place) -> None:
    jorma = place.person("Jorma", "supervisor")
    aino = place.device()
    Authenticator(aino)
    aino.join(place.code(), "Aino", passkey=True)
    aino.everything_is_delivered()
    switch_on(aino)
    aino.offline()
    aino.write_idea("Lamppu käytävään")
    aino.context.clear_cookies()
    aino.page.evaluate(META, ["attempts", 5])
    aino.page.reload()
    aino.online()
    aino.press("Vahvista")
    aino.press("Vahvista pääsyavaimella")
    aino.sees("Et ole kirjautuneena.")
    aino.page.keyboard.press("Escape")
    aino.press("Kirjaudu pääsyavaimella")
    aino.press("Kokeile PIN-koodia uudelleen")
    enter(aino, PIN)
    aino.everything_is_delivered()
    jorma.sees_on_board("Lamppu käytävään")


def test_the_closed_app_speaks_the_language_of_its_person(place) -> None:
    aino = place.person("Aino")
    switch_on(aino)
    before = aino.page.evaluate(KEPT, "me")
    aino.page.get_by_role("radio", name="Svenska").click()
    expect(aino.page.get_by_role("heading", name="Appens lås")).to_be_visible()
    aino.until(lambda: aino.page.evaluate(KEPT, "me") != before)
    aino.page.reload()
    enter(aino, PIN)
    expect(aino.page.get_by_role("heading", name="Appens lås")).to_be_visible()
    aino.page.reload()
    expect(aino.page.get_by_role("heading", name="Virtaamo är låst")).to_be_visible()

"""A tablet that several people share: switch, lock, sealed words, removal (D-02, D-13, D-14, D-37, D-38, D-44, F1)."""

import shutil

import pytest
from playwright.sync_api import expect

from tests.e2e.tablet_device import approve, come, enrolled, leader_of, lock, phone_of, type_pin, unlock
from tests.e2e.test_app_lock import MOVABLE_CLOCK
from tests.e2e.test_crash import kill_browser
from tests.e2e.test_screens import AXE, RUN_AXE

AINO, BETE = "482913", "719264"
ON_DISK = """async ([base, store, key, value]) => {
  const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result) })
  const names = (await indexedDB.databases()).map((one) => one.name).filter((name) => name.startsWith(base))
  const found = []
  for (const name of names) {
    const db = await asked(indexedDB.open(name))
    const kept = db.transaction(store, 'readwrite').objectStore(store)
    if (value !== undefined) await asked(kept.put(value, key))
    found.push(key === null ? await asked(kept.getAllKeys()) : await asked(kept.get(key)))
    db.close()
  }
  return found
}"""
SLOW_SEAL = """() => {
  const seal = crypto.subtle.encrypt.bind(crypto.subtle)
  crypto.subtle.encrypt = async (...what) => {
    await new Promise((done) => setTimeout(done, 500))
    return await seal(...what)
  }
}"""
HIDE_FOR = """(ms) => {
  const say = (state) => {
    Object.defineProperty(document, 'visibilityState', { get: () => state, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }
  say('hidden')
  const covered = document.body.hidden
  globalThis.away_ms += ms
  say('visible')
  return [covered, document.body.hidden]
}"""
NO_BACKGROUND_SYNC = "delete ServiceWorkerRegistration.prototype.sync"
ASK_ALL = """async (paths) => Promise.all(paths.map(async (path) => {
  const reply = await fetch(path, { headers: { 'X-Virtaamo': '1' } })
  return [path, reply.status]
}))"""


@pytest.fixture
def leader(place):
    """Whoever leads the team."""
    return leader_of(place)


@pytest.fixture
def tablet(place, leader):
    """A tablet with nobody on it."""
    made = enrolled(place, leader)
    made.visit("/lukko")
    return made


@pytest.fixture
def two(place, tablet):
    """A tablet with two people on it, locked."""
    for name, pin in (("Aino Lahti", AINO), ("Bete Berg", BETE)):
        come(tablet, phone_of(place, name), pin)
        lock(tablet)
    return tablet


def test_f1_words_written_offline_arrive_as_their_authors_while_another_is_in(two) -> None:
    two.context.add_init_script(NO_BACKGROUND_SYNC)
    two.visit("/lukko")
    unlock(two, "Aino L.", AINO)
    two.offline()
    two.write_idea("Ainon yöllinen ajatus")
    lock(two)
    two.sees("1 odottaa lähetystä")
    unlock(two, "Bete B.", BETE)
    two.go("Taulu")
    expect(two.page.get_by_text("Ainon yöllinen ajatus")).to_have_count(0)
    two.online()
    expect(two.page.get_by_role("link", name="Ainon yöllinen ajatus")).to_be_visible()
    two.open_card("Ainon yöllinen ajatus")
    two.sees("Aino Lahti")
    lock(two)
    two.sees("Kaikki perillä")


def test_f1_a_locked_tablet_delivers_when_the_network_is_back(two) -> None:
    unlock(two, "Aino L.", AINO)
    two.offline()
    two.write_idea("Ainon yöllinen ajatus")
    lock(two)
    two.sees("1 odottaa lähetystä")
    two.online()
    two.sees("Kaikki perillä")
    unlock(two, "Bete B.", BETE)
    two.open_card("Ainon yöllinen ajatus")
    two.sees("Aino Lahti")


def test_d13_a_half_written_card_is_its_writers_draft_and_nobody_elses(two) -> None:
    unlock(two, "Aino L.", AINO)
    two.begin_idea("Tämä jäi kes")
    two.page.get_by_role("dialog").get_by_role("button", name="Lukitse").click()
    two.page.get_by_role("heading", name="Kuka olet?").wait_for()
    unlock(two, "Bete B.", BETE)
    two.menu().get_by_role("button", name="Kirjaa uusi").click()
    expect(two.field("Mitä ehdotat?")).to_have_value("")
    two.page.get_by_role("dialog").get_by_role("button", name="Lukitse").click()
    two.page.get_by_role("heading", name="Kuka olet?").wait_for()
    unlock(two, "Aino L.", AINO)
    two.menu().get_by_role("button", name="Kirjaa uusi").click()
    expect(two.field("Mitä ehdotat?")).to_have_value("Tämä jäi kes")


def test_d14_a_save_that_hangs_while_the_tablet_is_locked_is_its_writers(two) -> None:
    unlock(two, "Aino L.", AINO)
    two.begin_idea("Hidas tallennus")
    two.page.evaluate(SLOW_SEAL)
    two.button("Tallenna idea").click(no_wait_after=True)
    two.page.evaluate("document.querySelector('.at-tablet button').click()")
    two.page.get_by_role("heading", name="Kuka olet?").wait_for()
    two.sees("Kaikki perillä")
    unlock(two, "Bete B.", BETE)
    two.open_card("Hidas tallennus")
    two.sees("Aino Lahti")


def test_d14_an_address_that_another_had_open_is_locked_and_then_of_whoever_opens(two) -> None:
    unlock(two, "Aino L.", AINO)
    two.write_idea("Ainon lappu")
    two.open_card("Ainon lappu")
    address = two.page.url
    two.page.goto(address)
    two.sees("Kuka olet?")
    assert two.page.title() == "Virtaamo"
    unlock(two, "Bete B.", BETE)
    two.is_at_home("Bete")
    two.open_card("Ainon lappu")
    two.comment("Beten sana")
    expect(two.page.get_by_role("listitem").filter(has_text="Beten sana")).to_contain_text("Sinä")


def test_d38_a_tablet_that_was_locked_without_a_network_reads_nothing(place, two) -> None:
    unlock(two, "Aino L.", AINO)
    two.everything_is_delivered()
    two.offline()
    lock(two)
    two.online()
    paths = ["/api/me/sessions", f"/api/persons?space={place.space}", f"/api/spaces/{place.space}/snapshot"]
    assert dict(two.page.evaluate(ASK_ALL, paths)) == dict.fromkeys(paths, 401)


def test_d44_whoever_is_removed_from_the_tablet_loses_the_copy_after_its_words_left(
    place, two, leader
) -> None:
    unlock(two, "Aino L.", AINO)
    two.offline()
    two.write_idea("Viimeinen sana täältä")
    row = next(row for row in leader.get("/api/devices").json() if row["kind"] == "shared")
    gone = leader.delete(f"/api/devices/{row['id']}/persons/{place.number('Aino Lahti')}")
    assert gone.status_code == 204, gone.text
    two.online()
    two.page.get_by_role("heading", name="Kuka olet?").wait_for()
    two.sees("Avaa uudelleen puhelimella")
    two.sees("Kaikki perillä")


def test_d44_a_tablet_that_is_taken_out_of_use_lets_nobody_in(two, leader) -> None:
    row = next(row for row in leader.get("/api/devices").json() if row["kind"] == "shared")
    assert leader.delete(f"/api/devices/{row['id']}").status_code == 204
    two.visit("/lukko")
    two.sees("Tämä laite on poistettu käytöstä")
    expect(two.page.get_by_text("Avaa uudelleen puhelimella")).to_have_count(2)


def test_d37_what_belongs_on_an_own_device_is_not_offered(two) -> None:
    unlock(two, "Aino L.", AINO)
    two.go("Minä")
    two.sees("Laite on yhteinen.")
    for name in ("Kirjaudu ulos tältä laitteelta", "Ota PIN-koodi käyttöön", "Lisää pääsyavain"):
        expect(two.button(name)).to_have_count(0)


def test_d55_d56_a_window_that_was_hidden_too_long_shows_nothing_again(two) -> None:
    two.context.add_init_script(MOVABLE_CLOCK)
    two.visit("/lukko")
    unlock(two, "Aino L.", AINO)
    two.begin_idea("Ennen kuin ruutu sammui")
    assert two.page.evaluate(HIDE_FOR, 16_000) == [True, True]
    two.page.get_by_role("heading", name="Kuka olet?").wait_for()
    unlock(two, "Aino L.", AINO)
    two.menu().get_by_role("button", name="Kirjaa uusi").click()
    expect(two.field("Mitä ehdotat?")).to_have_value("Ennen kuin ruutu sammui")


def test_d55_a_short_look_away_only_covers(two) -> None:
    two.context.add_init_script(MOVABLE_CLOCK)
    two.visit("/lukko")
    unlock(two, "Aino L.", AINO)
    assert two.page.evaluate(HIDE_FOR, 5_000) == [True, False]
    expect(two.menu()).to_be_visible()


def test_d55_the_answer_to_a_code_locks_like_every_other_screen_and_drops_say_that_they_go(two) -> None:
    two.context.add_init_script(MOVABLE_CLOCK)
    two.visit("/lukko")
    unlock(two, "Aino L.", AINO)
    two.menu().get_by_role("button", name="Kirjaa uusi").click()
    two.press("Pudota nimettömänä Idealaatikkoon")
    two.sees("Ennen pudottamista tekstiä ei tallenneta")
    two.page.get_by_role("link", name="Lue vastaus lunastuskoodilla").click()
    expect(two.page.get_by_role("heading", name="Mitä lapulle kuuluu?")).to_be_visible()
    expect(two.button("Lukitse")).to_be_visible()
    assert two.page.evaluate(HIDE_FOR, 16_000) == [True, True]
    two.page.get_by_role("heading", name="Kuka olet?").wait_for()

    two.page.get_by_role("link", name="Lue vastaus lunastuskoodilla").click()
    two.field("Lunastuskoodi").fill("neljä sanaa")
    assert two.page.evaluate(HIDE_FOR, 16_000) == [True, True]
    two.page.get_by_role("heading", name="Kuka olet?").wait_for()


def test_d13_d14_an_edit_and_a_comment_that_were_cut_short_are_their_writers(two) -> None:
    unlock(two, "Aino L.", AINO)
    two.write_idea("Lamppu käytävään")
    two.open_card("Lamppu käytävään")
    two.page.get_by_label("Kirjoita kommentti").fill("Kommentti jäi kes")
    lock(two)
    unlock(two, "Bete B.", BETE)
    two.open_card("Lamppu käytävään")
    expect(two.page.get_by_label("Kirjoita kommentti")).to_have_value("")
    lock(two)
    unlock(two, "Aino L.", AINO)
    two.open_card("Lamppu käytävään")
    expect(two.page.get_by_label("Kirjoita kommentti")).to_have_value("Kommentti jäi kes")


def test_d16_without_a_camera_the_words_stay_and_it_is_said(two) -> None:
    unlock(two, "Aino L.", AINO)
    two.begin_idea("Lamppu käytävään")
    two.press("Kuva")
    two.sees("Kameraa ei saada käyttöön.")
    two.page.get_by_role("dialog", name="Kuva").get_by_role("button", name="Sulje").click()
    two.save_idea()


def test_the_lock_screen_and_the_frame_read_well(two) -> None:
    two.page.evaluate(AXE.read_text())
    assert two.page.evaluate(RUN_AXE, {}) == []
    two.press("Aino L.")
    assert two.page.evaluate(RUN_AXE, {}) == []
    type_pin(two, AINO)
    two.menu().wait_for()
    assert two.page.evaluate(RUN_AXE, {}) == []


def test_d02_a_browser_killed_after_a_save_has_the_words_and_their_twin(place, leader) -> None:
    tablet = enrolled(place, leader, kept=True)
    tablet.visit("/lukko")
    come(tablet, phone_of(place, "Aino Lahti"), AINO)
    tablet.everything_is_delivered()
    lock(tablet)
    tablet.close()
    tablet.open("/lukko")
    unlock(tablet, "Aino L.", AINO)
    tablet.offline()
    tablet.write_idea("Ennen sammumista")
    kill_browser(tablet)
    tablet.open("/lukko")
    (outbox,) = tablet.page.evaluate(ON_DISK, ["v-p-", "outbox", None])
    (meta,) = tablet.page.evaluate(ON_DISK, ["v-p-", "meta", None])
    assert (len(outbox), len([key for key in meta if key.startswith("sealed/")])) == (1, 1)
    tablet.sees("1 odottaa lähetystä")
    tablet.online()
    tablet.sees("Kaikki perillä")


def test_d19_a_copy_that_a_restored_server_does_not_know_loses_no_word(place, leader, tablet) -> None:
    aino = phone_of(place, "Aino Lahti")
    come(tablet, aino, AINO)
    tablet.offline()
    tablet.write_idea("Ennen palautusta")
    lock(tablet)
    place.forget_copies()
    tablet.online()
    unlock(tablet, "Aino L.", AINO)
    tablet.sees("Palvelin ei tunne kopiotasi")
    approve(tablet, aino, "Avaa uudelleen puhelimella")
    unlock(tablet, "Aino L.", AINO)
    tablet.everything_is_delivered()
    tablet.go("Taulu")
    expect(tablet.page.get_by_role("link", name="Ennen palautusta", exact=True)).to_have_count(1)


def test_d51_a_copied_disk_of_a_tablet_that_was_removed_opens_with_no_pin(place, leader) -> None:
    tablet = enrolled(place, leader, strong=True, kept=True)
    tablet.visit("/lukko")
    come(tablet, phone_of(place, "Aino Lahti"), AINO)
    tablet.everything_is_delivered()
    lock(tablet)
    tablet.close()
    thief = place.device(kept=True)
    thief.close()
    shutil.rmtree(thief.profile)
    shutil.copytree(tablet.profile, thief.profile, symlinks=True, ignore=shutil.ignore_patterns("Singleton*"))
    tablet.open()
    row = next(row for row in leader.get("/api/devices").json() if row["kind"] == "shared")
    for strong, says in (
        (False, "avautuu taas myös ilman verkkoa"),
        (True, "tarvitaan PIN-koodin lisäksi verkko"),
    ):
        changed = leader.patch(f"/api/devices/{row['id']}", json={"strong_lock": strong})
        assert changed.status_code == 204, changed.text
        with tablet.page.expect_response("**/api/me"):
            tablet.visit("/lukko")
        unlock(tablet, "Aino L.", AINO)
        tablet.sees(says)
        lock(tablet)
    tablet.offline()
    tablet.press("Aino L.")
    type_pin(tablet, AINO)
    tablet.sees("Tämä laite avautuu vain verkossa")
    assert leader.delete(f"/api/devices/{row['id']}").status_code == 204

    thief.network.cut()
    thief.open("/lukko")
    thief.press("Aino L.")
    type_pin(thief, AINO)
    thief.sees("Tämä laite avautuu vain verkossa")
    thief.network.mend()
    type_pin(thief, AINO)
    thief.sees("Tämä laite avautuu vain verkossa")
    expect(thief.menu()).to_have_count(0)

"""The lock screen of a shared tablet: its tiles, PINs, and how somebody gets a copy (D-41 to D-45, D-53 to D-58)."""

import re

import pytest
from playwright.sync_api import expect

from tests.conftest import join_with
from tests.e2e.place import PHONE
from tests.e2e.tablet_device import (
    PIN,
    choose_pin,
    come,
    enrolled,
    leader_of,
    lock,
    shared_by,
    type_pin,
    unlock,
)
from tests.e2e.test_screens import AXE, RUN_AXE, WIDER

MANY = [
    "Aino",
    "Bete",
    "Carita",
    "Daniel",
    "Elina",
    "Fatima",
    "Göran",
    "Hilla",
    "Irja",
    "Jonna",
    "Kari",
    "Leila",
]
KEEP_TILES = """async (names) => {
  const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result) })
  const db = await asked(indexedDB.open('v-device'))
  const tiles = names.map((name, at) => ({ person: 900 + at, name, colour: 1 + at % 6, lang: 'fi', db: `v-p-none${at}`,
    state: 'ready', six: true, openedAt: Date.now() }))
  await asked(db.transaction('meta', 'readwrite').objectStore('meta').put(tiles, 'tiles'))
  db.close()
}"""
SPOKEN = """async () => {
  const asked = (request) => new Promise((done) => { request.onsuccess = () => done(request.result) })
  const db = await asked(indexedDB.open('v-device'))
  const tiles = await asked(db.transaction('meta').objectStore('meta').get('tiles'))
  db.close()
  return tiles.map((tile) => tile.lang)
}"""
BAD_FIELDS = (
    """() => [...document.querySelectorAll('input')].filter((one) => one.autocomplete !== 'off').length"""
)


@pytest.fixture
def leader(place):
    """Whoever leads the team."""
    return leader_of(place)


@pytest.fixture
def tablet(place, leader):
    """A locked tablet with nobody on it."""
    made = enrolled(place, leader)
    made.visit("/lukko")
    return made


def names(tablet):
    """What the tiles say, in their order; the last one is for somebody new."""
    tablet.button("Uusi tällä laitteella").wait_for()
    return [
        text.partition("\n")[2] or text for text in tablet.page.locator(".people .tile").all_inner_texts()
    ]


def asks_for_a_phone(tablet, title="Avaa kopiosi uudelleen"):
    """A picture for the phone's camera is on the screen."""
    expect(tablet.page.get_by_role("heading", name=title, level=1)).to_be_visible()
    expect(tablet.page.get_by_role("img", name="Linkki kuvana puhelimesi kameralle")).to_be_visible()


def is_well_made(device):
    """Nothing is wider than the screen, axe finds nothing to say, and no field is filled in by itself."""
    device.page.evaluate(AXE.read_text())
    for theme in ("dark", "light"):
        device.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        assert device.page.evaluate(RUN_AXE, {}) == []
    for shape in (PHONE, {"width": 320, "height": 640}, {"width": 1280, "height": 800}):
        device.page.set_viewport_size(shape)
        assert device.page.evaluate(WIDER) == []
    assert device.page.evaluate(BAD_FIELDS) == 0


def wrong(tablet, pin="905172"):
    """A PIN that isn't theirs, with the keyboard."""
    expect(tablet.page.get_by_role("button", name="5", exact=True)).to_be_enabled()
    tablet.page.keyboard.type(pin)


def test_d45_two_persons_take_turns_by_seven_taps_each(place) -> None:
    tablet, _ = shared_by(place, "Aino Lehtinen", "Mikael Ranta")
    assert names(tablet) == ["Aino L.", "Mikael R.", "Uusi tällä laitteella"]
    assert tablet.page.title() == "Virtaamo"
    tablet.sees(f"Osasto 3, {place.team}")
    tablet.sees("Kaikki perillä")
    is_well_made(tablet)
    unlock(tablet, "Mikael R.", PIN)
    tablet.is_at_home("Mikael")
    lock(tablet)
    tablet.press("Aino L.")
    tablet.sees("Hei, Aino")
    is_well_made(tablet)
    type_pin(tablet, "1")
    expect(tablet.page.get_by_role("img", name="1 numero annettu")).to_be_visible()
    tablet.page.keyboard.press("Backspace")
    type_pin(tablet, PIN)
    tablet.is_at_home("Aino")
    tablet.page.wait_for_url(f"{tablet.url}/")


def test_d45_where_there_are_many_the_rest_opens_with_a_search(tablet) -> None:
    for count, shown in ((12, 12), (13, 11)):
        tablet.page.evaluate(KEEP_TILES, [f"{name} K." for name in [*MANY, "Tuulia"][:count]])
        tablet.visit("/lukko")
        expect(tablet.page.get_by_role("listitem").filter(has_text="K.")).to_have_count(shown)
    tablet.press("Loput 2")
    expect(tablet.page.get_by_role("searchbox", name="Etsi nimellä")).to_be_focused()
    is_well_made(tablet)
    tablet.page.keyboard.type("tuu")
    assert names(tablet) == ["Tuulia K.", "Uusi tällä laitteella"]
    tablet.page.keyboard.type("x")
    tablet.sees("Ketään ei löytynyt.")


def test_d43_without_a_network_it_says_why_nobody_new_gets_in(place) -> None:
    tablet, _ = shared_by(place, "Aino Lehtinen")
    tablet.offline()
    tablet.sees("Ei verkkoa")
    tablet.sees(re.compile(r"Viimeksi yhteydessä tänään \d+\.\d\d"))
    tablet.press("Uusi tällä laitteella")
    tablet.sees("Tähän tarvitaan verkko")
    is_well_made(tablet)
    tablet.press("Vaihda henkilöä")
    unlock(tablet, "Aino L.", PIN)
    tablet.is_at_home("Aino")


def test_d54_d57_wrong_pins_cost_a_wait_and_the_fifth_the_copy(place) -> None:
    tablet, phones = shared_by(place, "Aino Lehtinen")
    tablet.page.clock.install()
    tablet.visit("/lukko")
    tablet.press("Aino L.")
    wrong(tablet)
    tablet.sees("PIN ei täsmännyt. Vielä 4 yritystä.")
    wrong(tablet)
    tablet.sees("Vielä 3 yritystä.")
    wrong(tablet)
    tablet.sees("Odota 30 sekuntia.")
    tablet.visit("/lukko")
    tablet.press("Aino L.")
    tablet.sees(re.compile(r"PIN ei täsmännyt. Vielä 2 yritystä. Odota [123]0 sekuntia."))
    expect(tablet.page.get_by_role("button", name="5", exact=True)).to_be_disabled()
    tablet.page.clock.fast_forward(31_000)
    wrong(tablet)
    tablet.sees(
        "Vielä yksi yritys. Seuraava väärä koodi poistaa kopiosi tältä laitteelta. Odota 120 sekuntia."
    )
    tablet.visit("/lukko")
    tablet.press("Aino L.")
    tablet.sees(re.compile(r"Odota 1[012]0 sekuntia."))
    for _ in range(5):
        tablet.page.clock.fast_forward(25_000)
        tablet.page.mouse.click(5, 5)
    wrong(tablet)
    expect(tablet.page.get_by_role("heading", name="Kopiosi poistettiin tältä laitteelta")).to_be_visible()
    is_well_made(tablet)
    tablet.press("Vaihda henkilöä")
    tablet.sees("Avaa uudelleen puhelimella")
    assert names(tablet)[0] == "Aino L.\nAvaa uudelleen puhelimella"
    come(tablet, phones["Aino Lehtinen"], "719264", tile="Aino L. Avaa uudelleen puhelimella")
    lock(tablet)
    assert names(tablet) == ["Aino L.", "Uusi tällä laitteella"]


def test_d53_a_forgotten_pin_costs_drafts_and_a_new_one_is_chosen_with_care(place) -> None:
    tablet, phones = shared_by(place, "Aino Lehtinen")
    tablet.press("Aino L.")
    tablet.press("Unohdin PIN-koodin")
    tablet.sees(
        "Keskeneräiset luonnokset tällä laitteella katoavat. Lähetyksessä olevat menevät silti perille."
    )
    is_well_made(tablet)
    with tablet.page.expect_response(lambda reply: reply.url.endswith("/requests")) as told:
        tablet.press("Avaa uudelleen puhelimella")
    asked = told.value.json()
    asks_for_a_phone(tablet)
    is_well_made(tablet)
    tablet.sees(str(asked["number"]))
    form = {"code": asked["code"], "number": asked["number"]}
    assert phones["Aino Lehtinen"].post("/api/devices/approve", json=form).status_code == 204
    tablet.sees("Jos unohdat PIN-koodin, keskeneräiset luonnokset tällä laitteella katoavat.")
    is_well_made(tablet)
    for pin, again, words in (
        ("12345", "12345", "PIN-koodissa on 6–12 numeroa."),
        ("234567", "234567", "Numerot ovat järjestyksessä."),
        ("121180", "121180", "Koodi on päivämäärä."),
        ("71926485", "71926484", "Koodit eivät ole samat."),
    ):
        tablet.field("PIN-koodi").fill(pin)
        tablet.field("PIN-koodi uudelleen").fill(again)
        tablet.press("Ota PIN-koodi käyttöön")
        tablet.sees(words)
    tablet.field("PIN-koodi uudelleen").fill("71926485")
    tablet.press("Ota PIN-koodi käyttöön")
    tablet.is_at_home("Aino")
    lock(tablet)
    # Eight digits: nothing is tried before "Avaa".
    tablet.press("Aino L.")
    type_pin(tablet, "71926485")
    tablet.press("Avaa")
    tablet.is_at_home("Aino")


def test_d42_a_leaders_code_lets_somebody_without_a_phone_in(place, tablet, leader) -> None:
    ville = join_with(place.server, place.code(), "Ville Virta")
    (row,) = [one for one in leader.get("/api/devices").json() if one["kind"] == "shared"]
    form = {"space": place.space, "kind": "tablet", "person": ville.me["person"], "device": row["id"]}
    made = leader.post("/api/invitations", json=form)
    assert made.status_code == 201, made.text
    tablet.press("Uusi tällä laitteella")
    tablet.field("Koodi esihenkilöltä").fill("22222222")
    tablet.press("Jatka")
    expect(tablet.page.get_by_label("Koodi esihenkilöltä")).to_have_attribute("aria-invalid", "true")
    tablet.field("Koodi esihenkilöltä").fill(made.json()["code"])
    tablet.press("Jatka")
    tablet.sees("Valitse PIN-koodi, Ville Virta")
    choose_pin(tablet, PIN)
    tablet.is_at_home("Ville")


def test_d41_a_refusal_and_an_old_picture_are_told_and_asked_anew(place, tablet, leader) -> None:
    tablet.page.clock.install()
    tablet.visit("/lukko")
    with tablet.page.expect_response(lambda reply: reply.url.endswith("/requests")) as told:
        tablet.press("Uusi tällä laitteella")
    asked = told.value.json()
    asks_for_a_phone(tablet, "Uusi tällä laitteella")
    form = {"code": asked["code"], "number": asked["number"] + 1}
    assert leader.post("/api/devices/approve", json=form).status_code == 409
    tablet.page.clock.fast_forward(3_000)
    tablet.sees("Pyyntö päättyi")
    tablet.press("Näytä uusi kuva")
    asks_for_a_phone(tablet, "Uusi tällä laitteella")


def test_d55_whoever_walks_away_while_choosing_a_pin_leaves_it_to_nobody(place, tablet, leader) -> None:
    tablet.page.clock.install()
    tablet.visit("/lukko")
    with tablet.page.expect_response(lambda reply: reply.url.endswith("/requests")) as told:
        tablet.press("Uusi tällä laitteella")
    asked = told.value.json()
    form = {"code": asked["code"], "number": asked["number"]}
    assert leader.post("/api/devices/approve", json=form).status_code == 204
    tablet.page.clock.fast_forward(3_000)
    tablet.sees("Valitse PIN-koodi, Liisa")
    tablet.page.clock.fast_forward(127_000)
    expect(tablet.page.get_by_role("heading", name="Kuka olet?")).to_be_visible()
    assert names(tablet) == ["Uusi tällä laitteella"]


def test_d10_only_one_window_of_a_tablet_may_be_unlocked(place) -> None:
    tablet, _ = shared_by(place, "Aino Lehtinen", "Mikael Ranta")
    unlock(tablet, "Aino L.", PIN)
    first, tablet.page = tablet.page, tablet.new_tab()
    tablet.visit("/")
    tablet.press("Mikael R.")
    tablet.sees("Laite on auki toisessa ikkunassa.")
    expect(tablet.page.get_by_role("button", name="5", exact=True)).to_be_disabled()
    tablet.page = first
    lock(tablet)
    tablet.page.close()
    tablet.page = tablet.context.pages[0]
    tablet.visit("/lukko")
    unlock(tablet, "Mikael R.", PIN)
    tablet.is_at_home("Mikael")


def test_d58_a_copy_that_nobody_opened_for_a_fortnight_waits_for_a_phone(place) -> None:
    tablet, _ = shared_by(place, "Aino Lehtinen")
    tablet.page.clock.install()
    tablet.page.clock.fast_forward(13 * 86_400_000)
    with tablet.page.expect_response("**/api/keys"):
        tablet.visit("/lukko")
    tablet.page.clock.run_for(1_000)
    assert names(tablet)[0] == "Aino L."
    tablet.page.clock.fast_forward(2 * 86_400_000)
    with tablet.page.expect_response("**/api/keys"):
        tablet.visit("/lukko")
    tablet.page.clock.run_for(1_000)
    assert names(tablet)[0] == "Aino L.", "the server knows that it was a day"
    tablet.offline()
    tablet.visit("/lukko")
    assert names(tablet)[0] == "Aino L."
    tablet.page.clock.fast_forward(7 * 3_600_000)
    expect(tablet.button("Aino L. Avaa uudelleen puhelimella")).to_be_visible()


def test_a_person_is_spoken_to_in_their_language_and_the_tablet_goes_back_to_its_own(place) -> None:
    tablet, _ = shared_by(place, "Aino Lehtinen")
    unlock(tablet, "Aino L.", PIN)
    tablet.go("Minä")
    tablet.page.get_by_role("radio", name="Svenska").click()
    tablet.until(lambda: tablet.page.evaluate(SPOKEN) == ["sv"])
    tablet.press("Lås")
    expect(tablet.page.get_by_role("heading", name="Kuka olet?")).to_be_visible()
    tablet.press("Aino L.")
    tablet.sees("Hej, Aino")
    tablet.press("Byt person")
    tablet.press("English")
    expect(tablet.page.get_by_role("heading", name="Who are you?")).to_be_visible()

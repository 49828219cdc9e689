"""Nobody loses their place: the focus, one's own marks and the last contact stay where and what they were."""

from playwright.sync_api import expect

from tests.e2e.place import PHONE, Place


def test_a_note_moved_by_keys_keeps_the_focus(place: Place) -> None:
    aino, jorma = place.person("Aino"), place.person("Jorma", "supervisor")
    aino.write_idea("Lamppu käytävään. Yöllä ei näe kulkea.")
    aino.everything_is_delivered()
    jorma.go("Taulu")
    jorma.page.get_by_role("link", name="Lamppu käytävään").focus()
    for stage in ("Pohditaan", "Kokeillaan"):
        jorma.page.keyboard.press("Shift+ArrowRight")
        expect(
            jorma.page.get_by_role("region", name=stage).get_by_role("link", name="Lamppu käytävään")
        ).to_be_focused()


def test_an_answer_leads_to_what_is_missing_and_then_to_the_card(place: Place) -> None:
    aino, jorma = place.person("Aino"), place.person("Jorma", "supervisor")
    aino.write_idea("Lamppu käytävään. Yöllä ei näe kulkea.")
    aino.everything_is_delivered()
    jorma.open_card("Lamppu käytävään")
    jorma.press("Lähetä vastaus")
    expect(jorma.page.get_by_role("radio", name="Nopea teko")).to_be_focused()
    jorma.page.get_by_role("radio", name="Hanke").click()
    jorma.page.get_by_role("radio", name="Pohditaan").click()
    jorma.field("Vastauksesi").fill("Selvitän ensin, mitä se maksaa.")
    jorma.press("Lähetä vastaus")
    expect(jorma.page.get_by_label("Mihin mennessä?")).to_be_focused()
    jorma.page.get_by_label("Mihin mennessä?").fill("2030-05-01")
    jorma.press("Lähetä vastaus")
    expect(jorma.page.get_by_role("main")).to_be_focused()


def test_a_mark_given_and_taken_back_is_seen_as_it_is(place: Place) -> None:
    aino = place.person("Aino")
    aino.write_idea("Lamppu käytävään. Yöllä ei näe kulkea.")
    aino.open_card("Lamppu käytävään")
    marks = [aino.page.get_by_role("button", name=name) for name in ("Meilläkin", "Kokeillaan")]
    for is_on in ("true", "false", "true"):
        for mark in marks:
            mark.click()
            aino.everything_is_delivered()
            expect(mark).to_have_attribute("aria-pressed", is_on)


def test_a_hidden_note_says_so_and_only_who_hid_it_may_bring_it_back(place: Place) -> None:
    aino, jorma = place.person("Aino"), place.person("Jorma", "supervisor")
    aino.write_idea("Lamppu käytävään. Yöllä ei näe kulkea.")
    aino.everything_is_delivered()
    aino.open_card("Lamppu käytävään")
    jorma.open_card("Lamppu käytävään")
    jorma.press("Piilota")
    jorma.page.get_by_role("radio", name="Asiakkaan tietoja").click()
    jorma.press("Piilota lappu")
    expect(aino.page.get_by_role("heading", name="Lappu on piilotettu")).to_be_visible()
    aino.sees("Asiakkaan tietoja")
    expect(aino.button("Palauta lappu")).to_have_count(0)
    jorma.visit(aino.page.url.removeprefix(aino.url))
    jorma.press("Palauta lappu")
    expect(aino.page.get_by_role("heading", name="Lamppu käytävään")).to_be_visible()


def test_an_offline_start_remembers_the_last_contact(place: Place) -> None:
    aino = place.person("Aino", viewport=PHONE)
    aino.offline()
    aino.visit("/mina")
    contact = aino.page.get_by_text("Viimeksi yhteydessä").locator("xpath=..")
    expect(contact).to_contain_text("tänään")


def test_who_left_the_last_team_keeps_the_words_and_reads_why(place: Place) -> None:
    aino = place.person("Aino")
    place.remove("Aino")
    aino.sees("Et ole missään tiimissä")
    aino.begin_idea("Kirjoitan silti.")
    aino.press("Tallenna idea")
    aino.sees("Et ole missään tiimissä. Luonnoksesi säilyy, kunnes avaat tiimin kutsulinkin.")

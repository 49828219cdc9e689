"""A supervisor answers, moves and parks; the author sees what came of the idea."""

import pytest
from playwright.sync_api import expect

WHY = "Valaistus uusitaan keväällä koko talossa."


@pytest.fixture
def two(place):
    """Jorma, the supervisor, and Aino, whose idea is on the board."""
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    aino.write_idea("Lamppu käytävään")
    aino.everything_is_delivered()
    return jorma, aino


def test_the_author_sees_the_answer_on_tanaan(two) -> None:
    jorma, aino = two
    jorma.page.get_by_role("link", name="Vastaa: Lamppu käytävään").click()
    jorma.page.get_by_role("radio", name="Nopea teko").click()
    jorma.page.get_by_role("radio", name="Kokeillaan").click()
    jorma.field("Vastauksesi").fill("Tilaan lampun tänään, kokeillaan kuukausi.")
    jorma.press("Lähetä vastaus")
    jorma.sees("Vastaus on tallessa")

    aino.go("Tänään")
    answers = aino.page.get_by_role("region", name="Vastauksia ideoihisi")
    expect(answers).to_contain_text("Tilaan lampun tänään, kokeillaan kuukausi.")
    expect(answers.get_by_role("img", name="Uutta")).to_be_visible()
    answers.get_by_role("link", name="Lamppu käytävään").click()
    aino.go("Tänään")
    expect(answers.get_by_role("img", name="Uutta")).to_have_count(0)
    aino.go("Taulu")
    expect(aino.lane("Kokeillaan").get_by_role("link", name="Lamppu käytävään")).to_be_visible()


def test_an_answer_without_size_stage_or_words_says_what_is_missing(two) -> None:
    jorma, _ = two
    jorma.open_card("Lamppu käytävään")
    jorma.press("Lähetä vastaus")
    jorma.sees("Valitse, kuinka iso asia on.")
    jorma.page.get_by_role("radio", name="Selvitettävä").click()
    jorma.press("Lähetä vastaus")
    jorma.sees("Valitse, mitä seuraavaksi tapahtuu.")
    jorma.page.get_by_role("radio", name="Pohditaan").click()
    jorma.press("Lähetä vastaus")
    jorma.sees("Kirjoita vastaus, vähintään 10 merkkiä.")


def test_ei_nyt_asks_for_a_reason_that_the_author_sees(two) -> None:
    jorma, aino = two
    jorma.open_card("Lamppu käytävään")
    jorma.press("Siirrä…")
    sheet = jorma.page.get_by_role("dialog", name="Siirrä")
    sheet.get_by_role("radio", name="Ei nyt").click()
    sheet.get_by_role("button", name="Siirrä", exact=True).click()
    expect(sheet).to_contain_text("Kerro perustelu, vähintään 10 merkkiä.")
    sheet.get_by_label("Miksi ei nyt?").fill(WHY)
    sheet.get_by_role("button", name="Siirrä", exact=True).click()

    jorma.sees("Siirretty: Ei nyt")
    aino.go("Taulu")
    aino.page.get_by_role("button", name="1 Ei nyt").click()
    aino.page.get_by_role("link", name="Lamppu käytävään").click()
    aino.sees(WHY)


def test_an_idea_is_moved_by_keyboard_alone(two) -> None:
    jorma, aino = two
    keys = jorma.page.keyboard
    jorma.go("Taulu")
    jorma.page.get_by_role("button", name="Siirrä: Lamppu käytävään").focus()
    keys.press("Enter")
    sheet = jorma.page.get_by_role("dialog", name="Siirrä")
    sheet.get_by_role("radio", name="Uusi").focus()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(sheet.get_by_role("radio", name="Kokeillaan")).to_be_checked()
    keys.press("Tab")
    expect(sheet.get_by_role("button", name="Siirrä", exact=True)).to_be_focused()
    keys.press("Enter")
    expect(jorma.lane("Kokeillaan").get_by_role("link", name="Lamppu käytävään")).to_be_visible()
    aino.go("Taulu")
    expect(aino.lane("Kokeillaan").get_by_role("link", name="Lamppu käytävään")).to_be_visible()


def test_a_move_can_be_taken_back(two) -> None:
    jorma, _ = two
    jorma.open_card("Lamppu käytävään")
    jorma.move("Käytössä")
    jorma.press("Kumoa")
    jorma.go("Taulu")
    expect(jorma.lane("Uusi").get_by_role("link", name="Lamppu käytävään")).to_be_visible()


def test_a_note_is_dragged_to_another_stage(two) -> None:
    jorma, aino = two
    jorma.go("Taulu")
    jorma.page.locator("article", has_text="Lamppu käytävään").drag_to(jorma.lane("Pohditaan"))
    expect(jorma.lane("Pohditaan").get_by_role("link", name="Lamppu käytävään")).to_be_visible()
    aino.go("Taulu")
    expect(aino.lane("Pohditaan").get_by_role("link", name="Lamppu käytävään")).to_be_visible()


def test_a_supervisor_names_who_carries_an_idea_on_and_the_team_reads_it(two, place) -> None:
    jorma, aino = two
    jorma.open_card("Lamppu käytävään")
    who = jorma.page.get_by_label("Vastuuhenkilö")
    expect(who.get_by_role("option")).to_have_text(["Ilman vastuuhenkilöä", "Aino", "Jorma"])
    jorma.offline()
    who.select_option("Aino")
    jorma.online()
    jorma.everything_is_delivered()

    aino.open_card("Lamppu käytävään")
    aino.sees("Vastuuhenkilö: Aino")
    expect(aino.page.get_by_label("Vastuuhenkilö")).to_have_count(0)
    place.remove("Aino")
    expect(who.get_by_role("option")).to_have_count(3)
    who.select_option("Ilman vastuuhenkilöä")
    expect(who.get_by_role("option")).to_have_text(["Ilman vastuuhenkilöä", "Jorma"])


def test_notes_of_several_teams_name_theirs(two, place) -> None:
    jorma, _ = two
    home, place.team = place.team, f"{place.team} yö"
    place.server.add_team(place.team)
    jorma.join(place.code("supervisor"), "Jorma")
    note = jorma.page.get_by_role("article").filter(has_text="Lamppu käytävään")
    jorma.go("Taulu")
    jorma.page.get_by_label("Tiimi", exact=True).select_option(home)
    expect(note).to_be_visible()
    expect(note).not_to_contain_text(home)
    jorma.page.get_by_label("Tiimi", exact=True).select_option("Kaikki tiimit")
    expect(note).to_contain_text(f"Aino · {home}")
    jorma.page.get_by_role("searchbox").fill("lamppu")
    expect(note.filter(visible=True)).to_contain_text(f"Aino · {home}")

"""Two people, one card, no network: what both wrote is kept."""

import pytest
from playwright.sync_api import expect

BEFORE = "Yöllä käytävällä ei näe kulkea. Aamulla valo riittää hyvin."
OURS = "Yöllä käytävällä kompastuu kärryihin. Aamulla valo riittää hyvin."
THEIRS = "Yöllä käytävällä on aivan pimeää. Aamulla valo riittää hyvin."
ELSEWHERE = "Yöllä käytävällä ei näe kulkea. Aamulla valo riittää hyvin, talvellakin."


@pytest.fixture
def two(place):
    """Aino, the author, and Ville have the card open that she lets the team edit."""
    aino, ville = place.person("Aino"), place.person("Ville")
    aino.write_idea(f"Lamppu käytävään. {BEFORE}")
    aino.open_card("Lamppu käytävään")
    aino.edit_together(True)
    aino.everything_is_delivered()
    ville.open_card("Lamppu käytävään")
    expect(ville.button("Muokkaa")).to_be_visible()
    return aino, ville


def send_in_turn(*devices) -> None:
    for device in devices:
        device.online()
        device.everything_is_delivered()


def test_two_who_rewrite_one_sentence_keep_both_versions_and_settle_them(two) -> None:
    aino, ville = two
    for device, text in ((aino, OURS), (ville, THEIRS)):
        device.offline()
        device.edit(text)
    send_in_turn(aino, ville)

    for device in two:
        device.sees("Kaksi versiota säilytetty")
        device.press("Vertaa")
        choice = device.page.get_by_role("radiogroup", name="Kumpi jää lapulle?")
        expect(choice.get_by_role("radio").nth(0)).to_contain_text(OURS)
        expect(choice.get_by_role("radio").nth(1)).to_contain_text(THEIRS)
        device.press("Sulje")

    aino.press("Vertaa")
    aino.page.get_by_role("radio").nth(1).click()
    aino.press("Käytä valittua")
    for device in two:
        device.sees(THEIRS)
        device.sees_no("Kaksi versiota säilytetty")
        device.sees_no(OURS)


def test_both_versions_can_be_kept_one_after_the_other(two) -> None:
    aino, ville = two
    for device, text in ((aino, OURS), (ville, THEIRS)):
        device.offline()
        device.edit(text)
    send_in_turn(aino, ville)

    aino.press("Vertaa")
    aino.press("Pidä molemmat")
    for device in two:
        device.sees_no("Kaksi versiota säilytetty")
        device.sees(OURS)
        device.sees(THEIRS)


def test_edits_in_different_places_of_one_text_both_land(two) -> None:
    aino, ville = two
    for device, text in ((aino, OURS), (ville, ELSEWHERE)):
        device.offline()
        device.edit(text)
    send_in_turn(aino, ville)

    for device in two:
        device.sees("Yöllä käytävällä kompastuu kärryihin. Aamulla valo riittää hyvin, talvellakin.")
        device.sees_no("Kaksi versiota säilytetty")


def test_who_may_not_edit_any_more_is_refused_and_keeps_the_words(two) -> None:
    aino, ville = two
    ville.offline()
    ville.edit(THEIRS)
    aino.edit_together(False)
    aino.everything_is_delivered()
    ville.online()

    ville.page.get_by_role("link", name="1 vaatii huomiosi").first.click()
    ville.sees("Tätä kohtaa voi muuttaa vain toinen henkilö.")
    ville.sees(THEIRS)
    ville.page.reload()
    ville.sees(THEIRS)
    aino.sees(BEFORE)


def test_words_that_nobody_had_seen_bring_a_deleted_card_back(two) -> None:
    aino, ville = two
    ville.offline()
    ville.edit(THEIRS)
    aino.press("Ota pois")
    expect(aino.button("Ota pois")).to_have_count(0)
    aino.everything_is_delivered()
    ville.online()

    ville.everything_is_delivered()
    for device in two:
        device.open_card("Lamppu käytävään")
        device.sees(THEIRS)
        device.sees("Lappu palasi, koska joku kirjoitti siihen samaan aikaan.")


def test_a_deletion_that_had_not_seen_the_newest_words_is_not_carried_out(two) -> None:
    aino, ville = two
    aino.offline()
    aino.press("Ota pois")
    ville.edit(THEIRS)
    ville.everything_is_delivered()
    aino.online()

    for device in two:
        device.open_card("Lamppu käytävään")
        device.sees(THEIRS)


def test_the_text_that_was_kept_is_asked_about_again_when_it_was_rewritten_meanwhile(two) -> None:
    aino, ville = two
    for device, text in ((aino, OURS), (ville, THEIRS)):
        device.offline()
        device.edit(text)
    send_in_turn(aino, ville)

    ville.sees("Kaksi versiota säilytetty")
    ville.offline()
    ville.press("Vertaa")
    ville.press("Käytä valittua")
    ville.sees_no("Kaksi versiota säilytetty")
    aino.edit(ELSEWHERE)
    aino.everything_is_delivered()
    ville.online()

    for device in two:
        device.sees(ELSEWHERE)
        device.sees("Kaksi versiota säilytetty")

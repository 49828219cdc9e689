"""Thanks between people: privately, on a wall by two wishes, and away again by the receiver's hand (F11, H4, H9)."""

import re

from playwright.sync_api import expect

WORDS = "Jäit vartiksi auttamaan, kun kaksi kutsua soi."


def thank(device, whom: str, words: str = WORDS, *, on_wall: bool = False) -> None:
    device.go("Kiitos")
    form = device.page.get_by_role("form", name="Anna kiitos")
    form.get_by_role("button", name=whom).click()
    form.get_by_role("button", name="Rauhan tuoja").click()
    form.get_by_label("Mistä kiität?").fill(words)
    if on_wall:
        form.get_by_role("switch", name=re.compile("seinällä")).click()
    form.get_by_role("button", name="Lähetä kiitos").click()
    device.sees("Kiitos on tallessa")


def note(device, words: str = WORDS):
    return device.page.get_by_role("article").filter(has_text=words)


def test_f11_a_thanks_given_offline_reaches_its_receiver_and_nobody_else(place) -> None:
    aino, ville = place.person("Aino", kept=True), place.person("Ville")
    jorma = place.person("Jorma", "supervisor")
    aino.go("Kiitos")
    aino.sees("Ville")
    aino.offline()
    thank(aino, "Ville")
    aino.go("Tänään")
    waiting = aino.page.get_by_role("region", name="Odottaa tällä laitteella")
    expect(waiting.get_by_role("link", name=WORDS)).to_have_count(1)
    aino.close()

    aino.open("/kiitos")
    aino.online()
    aino.everything_is_delivered()

    ville.go("Kiitos")
    ville.sees("Aino kiittää sinua")
    ville.sees(WORDS)
    for other in (aino, jorma):
        other.go("Kiitos")
        other.sees_no(WORDS)
    aino.press("Antamasi kiitokset")
    aino.sees("Kiitit: Ville")
    aino.sees(WORDS)


def test_f11_a_thanks_removed_by_its_receiver_leaves_the_wall_everywhere(place) -> None:
    aino, ville = place.person("Aino"), place.person("Ville")
    jorma = place.person("Jorma", "supervisor")
    aino.go("Kiitos")
    aino.sees("Ville")
    thank(aino, "Ville", on_wall=True)
    jorma.go("Kiitos")
    ville.go("Kiitos")
    ville.press("Laita seinälle")
    for other in (aino, jorma):
        other.sees("Ville sai kiitoksen: Aino")

    ville.press("Poista")
    jorma.sees_no(WORDS)
    ville.press("Kumoa")
    jorma.sees("Ville sai kiitoksen: Aino")

    ville.offline()
    ville.press("Poista")
    expect(note(ville)).to_have_count(0)
    jorma.sees(WORDS)
    ville.online()

    for other in (aino, jorma, ville):
        other.sees_no(WORDS)


def test_f11_without_the_sender_s_wish_there_is_no_wall(place) -> None:
    aino, ville = place.person("Aino"), place.person("Ville")
    aino.go("Kiitos")
    aino.sees("Ville")
    thank(aino, "Ville")
    ville.go("Kiitos")
    ville.sees("Aino kiittää sinua")
    expect(ville.button("Laita seinälle")).to_have_count(0)


def test_f11_an_answer_goes_back_to_who_gave_the_thanks(place) -> None:
    aino, ville = place.person("Aino"), place.person("Ville")
    jorma = place.person("Jorma", "supervisor")
    aino.go("Kiitos")
    aino.sees("Ville")
    thank(aino, "Ville")
    ville.go("Kiitos")
    ville.press("Välitä eteenpäin")
    form = ville.page.get_by_role("form", name="Anna kiitos")
    form.get_by_role("button", name="Jorma").click()
    ville.press("Vastaa")
    ville.sees("Vastaat: Aino")
    expect(ville.field("Mistä kiität?")).to_have_value("")
    ville.field("Mistä kiität?").fill("Kiitos sinulle, mukava kuulla.")
    ville.go("Tänään")
    ville.go("Kiitos")
    ville.press("Vastaa")
    expect(ville.field("Mistä kiität?")).to_have_value("Kiitos sinulle, mukava kuulla.")
    ville.press("Lähetä kiitos")

    aino.sees("Ville vastasi kiitokseesi")
    aino.sees("Kiitos sinulle, mukava kuulla.")
    jorma.go("Kiitos")
    jorma.sees_no("mukava kuulla")


def test_h4_no_thanks_are_counted_and_nobody_is_listed_without(place) -> None:
    aino, ville = place.person("Aino"), place.person("Ville")
    jorma = place.person("Jorma", "supervisor")
    aino.go("Kiitos")
    aino.sees("Ville")
    for words in ("Ensimmäinen kiitos sinulle.", "Toinen kiitos sinulle.", "Kolmas kiitos sinulle."):
        thank(aino, "Ville", words)
    ville.go("Kiitos")
    ville.sees("Kolmas kiitos sinulle.")
    for device in (ville, aino, jorma):
        thanked = device.page.get_by_role("region", name="Vahvuuksia, joista sinua on kiitetty")
        for screen, part in (("Kiitos", device.page.locator("main")), ("Minä", thanked)):
            device.go(screen)
            shown = part.inner_text().replace(place.team, "").replace("Valitse enintään kolme", "")
            shown = re.sub(r"\d\d?\.\d\d", "", shown)
            assert not re.search(r"\b(3|kolme|eniten|vähiten)\b", shown, re.IGNORECASE)


def test_f11_whose_words_hang_on_a_wall_takes_them_down_too(place) -> None:
    aino, ville = place.person("Aino"), place.person("Ville")
    aino.go("Kiitos")
    aino.sees("Ville")
    thank(aino, "Ville", on_wall=True)
    ville.go("Kiitos")
    ville.press("Laita seinälle")
    aino.sees("Ville sai kiitoksen: Aino")
    note(aino).get_by_role("button", name="Ota pois").click()
    aino.sees_no(WORDS)
    aino.go("Tänään")
    aino.everything_is_delivered()
    aino.sees_no("Vaatii huomiosi")
    ville.sees_no("Ville sai kiitoksen: Aino")


def test_f11_words_that_are_for_no_wall_are_passed_on_to_persons_alone(place) -> None:
    aino, ville = place.person("Aino"), place.person("Ville")
    aino.go("Kiitos")
    aino.sees("Ville")
    thank(aino, "Ville")
    ville.go("Kiitos")
    expect(ville.button(place.team)).to_have_count(1)
    ville.press("Välitä eteenpäin")
    form = ville.page.get_by_role("form", name="Anna kiitos")
    expect(form.get_by_role("button", name="Aino")).to_have_count(1)
    expect(form.get_by_role("button", name=place.team)).to_have_count(0)
    expect(form.get_by_role("switch", name=re.compile("seinällä"))).to_have_count(0)
    expect(form.get_by_role("switch", name=re.compile("asiakkaan", re.IGNORECASE))).to_have_attribute(
        "aria-checked", "false"
    )

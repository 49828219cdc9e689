"""Who belongs to a team, and what stays with those who don't any more."""

from playwright.sync_api import expect


def test_a_removed_member_loses_the_space_but_not_their_words(place) -> None:
    jorma, ville = place.person("Jorma", "supervisor"), place.person("Ville")
    jorma.write_idea("Kello seinälle")
    ville.sees_on_board("Kello seinälle")
    ville.offline()
    ville.write_idea("Lamppu käytävään. Yöllä ei näe.")
    place.remove("Ville")
    ville.online()

    ville.page.get_by_role("link", name="1 vaatii huomiosi").first.click()
    ville.sees("Oikeutesi päättyi ennen kuin tämä saapui.")
    ville.sees("Lamppu käytävään")
    ville.sees("Yöllä ei näe.")
    ville.go("Taulu")
    ville.sees_no("Kello seinälle")
    ville.page.reload()
    ville.sees("1 vaatii huomiosi")
    ville.sees_no("Kello seinälle")
    jorma.sees_no("Lamppu käytävään")


def test_an_open_screen_loses_the_space_at_once(place) -> None:
    jorma, ville = place.person("Jorma", "supervisor"), place.person("Ville")
    jorma.write_idea("Kello seinälle")
    ville.sees_on_board("Kello seinälle")
    place.remove("Ville")
    ville.sees_no("Kello seinälle")


def test_who_leaves_a_team_loses_its_cards(place) -> None:
    ville = place.person("Ville")
    ville.write_idea("Kello seinälle")
    ville.everything_is_delivered()
    ville.go("Minä")
    ville.press("Lähde")
    ville.press("Lähde tiimistä")
    ville.go("Taulu")
    ville.sees_no("Kello seinälle")


def test_a_lost_cookie_costs_a_new_link_and_no_words(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    aino.context.clear_cookies()
    aino.page.reload()
    aino.write_idea("Lamppu käytävään")
    expect(aino.page.get_by_text("Kirjautumisesi on päättynyt")).to_be_visible()

    aino.join(place.code(person=place.number("Aino")), "Aino")
    aino.everything_is_delivered()
    jorma.sees_on_board("Lamppu käytävään")
    aino.sees_on_board("Lamppu käytävään")


def test_a_link_opens_where_the_way_in_is_open_already(place) -> None:
    glance = place.device()
    glance.visit("/liity")
    expect(glance.button("Kirjaudu palautuskoodilla")).to_be_visible()

    glance.visit(f"/liity#{place.code()}")

    glance.sees(f"Liity tiimiin {place.team}")


def test_looking_at_a_link_does_not_use_it_up(place) -> None:
    code = place.code()
    for _ in range(3):
        glance = place.device()
        glance.visit(f"/liity#{code}")
        glance.sees(f"Liity tiimiin {place.team}")
    place.device().join(code, "Aino")

"""Who was removed: their words are not lost, their copy is; and who goes by their own wish."""

from playwright.sync_api import expect

from server.forms import RemoveForm
from tests.conftest import join_with
from tests.e2e.keys import Authenticator
from tests.e2e.test_leading import admin_of
from tests.pens import Pen

WORDS = ("Lamppu käytävään", "Tuoli aulaan", "Kello seinälle")
DATABASES = "indexedDB.databases().then((all) => all.map((one) => one.name))"


def leave(place, name: str) -> None:
    """Somebody leaves the organisation, as whoever runs the server does it."""
    place.server.ask("people.remove", RemoveForm(place.number(name)), type(None))


def test_d44_d66_the_words_of_a_removed_phone_land_by_the_supervisor_s_hand(place) -> None:
    jorma, ville = place.person("Jorma", "supervisor"), place.person("Ville")
    jorma.write_idea("Penkki pihalle")
    ville.sees_on_board("Penkki pihalle")
    ville.offline()
    for words in WORDS:
        ville.write_idea(words)
    leave(place, "Ville")
    ville.online()

    ville.sees("Oikeutesi tällä laitteella on päättynyt")
    ville.sees("meni palvelimelle")
    ville.until(lambda: not any(name.startswith("v-p-") for name in ville.page.evaluate(DATABASES)))
    ville.page.reload()
    ville.sees("Oikeutesi tällä laitteella on päättynyt")
    ville.sees_no("Penkki pihalle")

    jorma.go("Tänään")
    jorma.page.reload()
    jorma.sees("Poistuneen kirjoituksia odottaa")
    jorma.page.get_by_role("link", name="Katso").click()
    for words in WORDS:
        jorma.sees(words)
    for words in WORDS[:2]:
        word = jorma.page.get_by_role("article").filter(has_text=words)
        expect(word.get_by_text("Ville, kirjoitettu")).to_be_visible()
        word.get_by_role("button", name="Ota taululle").click()
        expect(word).to_have_count(0)
    jorma.page.get_by_role("article").filter(has_text=WORDS[2]).get_by_role(
        "button", name="Jätä pois"
    ).click()
    jorma.sees_no("Poistuneen kirjoituksia odottaa")
    for words in WORDS[:2]:
        jorma.sees_on_board(words)
    jorma.sees_no(WORDS[2])
    note = jorma.page.get_by_role("article").filter(has_text=WORDS[0])
    expect(note.get_by_text("Ville")).to_be_visible()


def test_d11_what_could_not_be_delivered_stays_sealed_counted_and_goes_later(place) -> None:
    jorma, ville = place.person("Jorma", "supervisor"), place.person("Ville")
    ville.offline()
    ville.write_idea("Lamppu käytävään")
    leave(place, "Ville")
    ville.page.route("**/api/sealed", lambda route: route.abort())
    ville.online()
    ville.sees("Yksi kirjoitus odottaa täällä suljettuna")
    ville.page.reload()
    ville.sees("Yksi kirjoitus odottaa täällä suljettuna")
    ville.page.unroute("**/api/sealed")
    ville.page.reload()
    ville.sees("meni palvelimelle")
    jorma.page.reload()
    jorma.sees("Poistuneen kirjoituksia odottaa")


def test_d62_d66_words_of_who_left_the_team_long_ago_wait_and_their_author_sees_that(place) -> None:
    jorma, ville = place.person("Jorma", "supervisor"), place.person("Ville")
    number, elsewhere = place.number("Ville"), f"{place.team} toinen"
    ville.offline()
    ville.write_idea("Lamppu käytävään")
    place.remove("Ville")
    place.let_roles_have_ended(days=91)
    ville.context.clear_cookies()
    with ville.page.expect_response("**/api/sealed", timeout=30_000):
        ville.online()
        ville.page.reload()

    jorma.go("Tänään")
    jorma.page.reload()
    jorma.sees("Poistuneen kirjoituksia odottaa")
    jorma.go("Taulu")
    jorma.sees_no("Lamppu käytävään")
    place.server.add_team(elsewhere)
    ville.join(place.server.invite("staff", elsewhere, person=number), "Ville")
    ville.visit("/huomio")
    ville.sees("Kirjoituksiasi odottaa ratkaisua")
    own = ville.page.get_by_role("region", name="Kirjoituksiasi odottaa ratkaisua")
    expect(own.get_by_text("Lamppu käytävään")).to_be_visible()
    expect(own.get_by_role("button", name="Ota taululle")).to_have_count(0)


def test_d17_d44_signing_out_with_words_that_wait_says_so_and_sends_them(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    aino.page.route("**/api/sync", lambda route: route.abort())
    aino.network.block_live()
    aino.page.reload()
    aino.write_idea("Lamppu käytävään")
    aino.go("Minä")
    aino.press("Kirjaudu ulos tältä laitteelta")
    aino.sees("Yksi muutos ei ole vielä perillä")
    sheet = aino.page.get_by_role("alertdialog", name="Kirjaudutaanko ulos?")
    expect(sheet.get_by_role("button", name="Lähetä nyt")).to_be_visible()
    sheet.get_by_role("button", name="Kirjaudu ulos").click()
    jorma.sees_on_board("Lamppu käytävään")


def test_h6_the_author_is_told_that_a_card_was_hidden_and_asks_an_agent(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    agnes = place.person("Agnes", "agent")
    aino.write_idea("Lamppu käytävään")
    jorma.open_card("Lamppu käytävään")
    jorma.press("Piilota")
    jorma.page.get_by_role("radio", name="Muu syy").click()
    jorma.field("Kerro tarkemmin").fill("Kysytään ensin")
    jorma.press("Piilota lappu")
    aino.go("Tänään")
    aino.sees("Lappusi on piilotettu")
    aino.sees("Syy: Kysytään ensin")
    aino.page.get_by_role("link", name="Katso").click()
    aino.press("Pyydä muutosagenttia katsomaan")
    aino.sees("Pyyntö on lähetetty")
    aino.go("Tänään")
    aino.sees_no("Lappusi on piilotettu")
    agnes.go("Minä")
    agnes.page.reload()
    agnes.sees("Kirjoittaja pyytää sinua katsomaan piilotettua lappua")


def give_task(place, name: str, title: str = "Kello seinälle") -> None:
    """The supervisor Jorma puts an idea into somebody's hands, on another device of his."""
    pen = Pen(join_with(place.server, place.code("supervisor", place.number("Jorma")), "Jorma"))
    card = pen.idea(place.space, place.space, title=title)
    pen.write(place.space, "idea", {"stage": "trying", "owner": str(place.number(name))}, card)


def shows_in_history(device, words: str) -> None:
    """What happened to the idea that was given says so."""
    device.open_card("Kello seinälle")
    device.page.locator("summary", has_text="Historia").click()
    line = device.page.get_by_role("listitem").filter(has_text="Vastuuhenkilö").filter(has_text=words)
    expect(line).to_be_visible()


def test_who_leaves_chooses_who_goes_on_and_a_team_left_without_a_supervisor_is_told_of(place) -> None:
    jorma, timo, aino = place.person("Jorma", "supervisor"), place.person("Timo"), place.person("Aino")
    adele = admin_of(place)
    give_task(place, "Aino")
    aino.go("Minä")
    aino.press("Lähde")
    aino.sees("Vastuulla yksi keskeneräinen lappu")
    aino.page.get_by_label("Kuka jatkaa?").select_option("Timo")
    aino.press("Lähde tiimistä")
    aino.sees("Et ole enää tiimissä")
    shows_in_history(timo, "Aino")

    give_task(place, "Jorma", "Tuoli aulaan")
    jorma.go("Minä")
    jorma.press("Lähde")
    jorma.sees(f"{place.team} jää ilman lähiesihenkilöä")
    jorma.press("Lähde tiimistä")
    jorma.sees("Et ole enää tiimissä")
    timo.open_card("Tuoli aulaan")
    timo.sees("Ilman vastuuhenkilöä")
    adele.go("Minä")
    adele.sees(f"Tiimiltä {place.team} puuttuu lähiesihenkilö")


def test_deleting_the_account_says_what_happens_before_it_happens(place) -> None:
    jorma = place.person("Jorma", "supervisor")
    aino = place.device()
    Authenticator(aino)
    aino.join(place.code(), "Aino", passkey=True)
    aino.write_idea("Lamppu käytävään")
    aino.everything_is_delivered()
    give_task(place, "Aino")
    aino.go("Minä")
    aino.press("Poista tilini")
    sheet = aino.page.get_by_role("alertdialog", name="Poistetaanko tilisi?")
    expect(sheet.get_by_text("jäävät tiimeille")).to_be_visible()
    sheet.get_by_label("Kuka jatkaa?").select_option("Jorma")
    sheet.get_by_role("switch", name=place.team).click()
    sheet.get_by_role("button", name="Poista tili").click()
    expect(aino.page.get_by_role("heading", name="Tervetuloa Virtaamoon")).to_be_visible()
    aino.page.wait_for_url(f"{aino.url}/")
    aino.until(lambda: not any(name.startswith("v-p-") for name in aino.page.evaluate(DATABASES)))
    shows_in_history(jorma, "Aino")


def test_the_export_is_one_file_with_all_that_is_mine(place) -> None:
    aino = place.device()
    Authenticator(aino)
    aino.join(place.code(), "Aino", passkey=True)
    aino.write_idea("Lamppu käytävään")
    aino.everything_is_delivered()
    aino.go("Minä")
    with aino.page.expect_download() as download:
        aino.press("Lataa omat tietoni")
    assert download.value.suggested_filename.endswith(".zip")

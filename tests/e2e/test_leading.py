"""What leaders do on their screens: people and roles, teams and areas, lists, the log."""

import pytest
from playwright.sync_api import expect

from tests.conftest import join_with
from tests.e2e.keys import Authenticator
from tests.e2e.place import PHONE
from tests.e2e.test_screens import AXE, RUN_AXE, WIDER
from tests.pens import Pen


def admin_of(place, name="Adele", **options):
    """An administrator of the whole organisation, on a device with a passkey."""
    device = place.device(**options)
    Authenticator(device)
    device.join(place.server.invite("admin", None), name, passkey=True)
    return device


def open_team(device, team):
    device.go("Minä")
    device.page.get_by_role("link", name=f"Tiimi ja henkilöt {team}").click()
    expect(device.page.get_by_role("heading", name=team, level=1)).to_be_visible()


def open_tree(device):
    device.go("Minä")
    device.page.get_by_role("link", name="Palvelualueet, tiimit ja henkilöt").click()


def row(device, name):
    return device.page.get_by_role("listitem").filter(has=device.page.get_by_text(name, exact=True))


def sheet(device):
    return device.page.get_by_role("dialog")


def test_a_supervisor_gives_another_role_and_everybody_sees_it(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    open_team(jorma, place.team)
    jorma.press("Hallitse Aino")
    sheet(jorma).get_by_role("radio", name="Sisäinen kehittäjä").click()
    sheet(jorma).get_by_role("button", name="Vaihda rooli").click()

    expect(row(jorma, "Aino")).to_contain_text("sisäinen kehittäjä")
    aino.go("Minä")
    aino.sees("sisäinen kehittäjä")


def test_a_removed_member_is_out_at_once_and_the_words_stay(place) -> None:
    jorma, ville = place.person("Jorma", "supervisor"), place.person("Ville")
    ville.write_idea("Kello seinälle")
    jorma.sees_on_board("Kello seinälle")
    open_team(jorma, place.team)
    jorma.press("Hallitse Ville")
    jorma.press("Poista tiimistä")
    jorma.press("Poista")

    expect(row(jorma, "Ville")).to_have_count(0)
    ville.go("Taulu")
    ville.sees_no("Kello seinälle")
    jorma.sees_on_board("Kello seinälle")


def test_open_cards_go_to_somebody_else_and_their_history_shows_it(place) -> None:
    jorma, timo = place.person("Jorma", "supervisor"), place.person("Timo")
    place.person("Aino")
    pen = Pen(join_with(place.server, place.code("supervisor", place.number("Jorma")), "Jorma"))
    card = pen.idea(place.space, place.space, title="Lamppu käytävään")
    pen.write(place.space, "idea", {"stage": "trying", "owner": str(place.number("Aino"))}, card)
    open_team(jorma, place.team)
    jorma.press("Hallitse Aino")
    jorma.press("Poista tiimistä")
    jorma.sees("Vastuulla yksi keskeneräinen lappu")
    jorma.page.get_by_label("Kuka jatkaa?").select_option("Timo")
    jorma.press("Poista")

    expect(row(jorma, "Aino")).to_have_count(0)
    timo.open_card("Lamppu käytävään")
    timo.page.locator("summary", has_text="Historia").click()
    expect(timo.page.get_by_role("listitem").filter(has_text="Vastuuhenkilö")).to_contain_text("Jorma")


def test_who_is_sent_away_reads_nothing_more(place) -> None:
    aino, adele = place.person("Aino"), admin_of(place)
    open_tree(adele)
    adele.page.get_by_role("link", name=f"{place.team} 1 henkilö").click()
    adele.press("Hallitse Aino")
    adele.press("Poista organisaatiosta")
    adele.press("Poista")

    adele.sees("Ei vielä ketään")
    aino.until(lambda: aino.page.evaluate("fetch('/api/me').then((reply) => reply.status)") == 410)


def test_the_last_supervisor_stays_and_the_reason_is_said(place) -> None:
    place.person("Jorma", "supervisor")
    adele = admin_of(place)
    place.person("Aino")
    open_tree(adele)
    adele.page.get_by_role("link", name=f"{place.team} 2 henkilöä · Jorma").click()
    adele.press("Hallitse Jorma")
    adele.press("Poista tiimistä")
    adele.press("Poista")

    adele.sees("Tiimille on jäätävä lähiesihenkilö")


def test_somebody_moves_to_another_team_in_one_step(place) -> None:
    aino, adele = place.person("Aino"), admin_of(place)
    other = f"{place.team} toinen"
    place.server.add_team(other)
    open_tree(adele)
    adele.page.get_by_role("link", name=f"{place.team} 1 henkilö").click()
    adele.press("Hallitse Aino")
    adele.press("Siirrä toiseen tiimiin")
    sheet(adele).get_by_role("radio", name=other).click()
    sheet(adele).get_by_role("button", name="Siirrä").click()

    adele.sees("Aino on siirretty")
    aino.go("Minä")
    aino.sees(other)


def test_an_administrator_makes_an_area_and_a_team_and_renames_it(place) -> None:
    adele = admin_of(place)
    area = f"Alue {place.team}"
    open_tree(adele)
    adele.press("Lisää palvelualue")
    sheet(adele).get_by_label("Nimi", exact=True).fill(area)
    sheet(adele).get_by_role("button", name="Tallenna").click()
    adele.press(f"Lisää tiimi {area}")
    sheet(adele).get_by_label("Nimi", exact=True).fill(f"Lumme {place.team}")
    sheet(adele).get_by_role("button", name="Tallenna").click()
    adele.page.get_by_role("link", name=f"Lumme {place.team}").click()
    adele.sees(area)
    adele.press("Muuta nimeä")
    sheet(adele).get_by_label("Nimi", exact=True).fill(place.team)
    sheet(adele).get_by_role("button", name="Tallenna").click()
    expect(adele.page.get_by_role("heading", name=place.team, level=1)).to_be_visible()


def test_an_administrator_without_a_team_sees_their_own_initials(place) -> None:
    adele = admin_of(place)
    adele.go("Minä")
    expect(adele.page.locator(".me-head .who")).to_have_text("AD")


def test_a_new_name_of_a_team_is_seen_at_once(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    aino.go("Minä")
    open_team(jorma, place.team)
    jorma.press("Muuta nimeä")
    sheet(jorma).get_by_label("Nimi", exact=True).fill(f"Uusi {place.team}")
    sheet(jorma).get_by_role("button", name="Tallenna").click()

    aino.sees(f"Uusi {place.team}")


def test_an_invitation_for_a_role_is_shown_and_can_be_taken_back(place) -> None:
    jorma = place.person("Jorma", "supervisor")
    open_team(jorma, place.team)
    jorma.press("Kutsu")
    sheet(jorma).get_by_role("radio", name="Lähiesihenkilö").click()
    sheet(jorma).get_by_label("Kenelle?").fill("Sari")
    jorma.press("Tee linkki")
    link = jorma.page.get_by_label("Kutsulinkki", exact=True).input_value()
    jorma.press("Sulje")
    expect(row(jorma, "Sari")).to_contain_text("lähiesihenkilö")
    jorma.press("Peru Sari")
    jorma.sees("Kutsu on peruttu")

    glance = place.device()
    glance.visit(f"/liity#{link.partition('#')[2]}")
    glance.sees_no(f"Liity tiimiin {place.team}")


def test_a_code_is_read_out_and_typed(place) -> None:
    jorma = place.person("Jorma", "supervisor")
    open_team(jorma, place.team)
    jorma.press("Kutsu")
    sheet(jorma).get_by_label("Kenelle?").fill("Sari")
    jorma.press("Tee koodi, jonka voi lukea ääneen")
    code = sheet(jorma).locator(".spoken").inner_text()

    phone = place.device()
    phone.visit("/")
    phone.field("Kutsukoodi").fill(code.lower())
    phone.press("Jatka")
    phone.sees(f"Liity tiimiin {place.team}")


def test_a_new_link_brings_back_the_same_person(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    aino.write_idea("Lamppu käytävään")
    aino.everything_is_delivered()
    open_team(jorma, place.team)
    jorma.press("Hallitse Aino")
    jorma.press("Uusi linkki, kun laite on vaihtunut")
    link = jorma.page.get_by_label("Kutsulinkki", exact=True).input_value()

    phone = place.device()
    phone.join(link.partition("#")[2], "Aino")
    phone.sees_on_board("Lamppu käytävään")


LIST = (
    "Nimi;Tiimi;Rooli\r\nLiisa;{team};työntekijä\r\nKalle;Kuusi;\r\n;{team};\r\nÅsa;{team};lähiesihenkilö\r\n"
)


def test_a_list_tells_its_bad_lines_and_invites_by_the_good_ones(place) -> None:
    jorma = place.person("Jorma", "supervisor")
    open_team(jorma, place.team)
    jorma.page.get_by_role("link", name="Kutsu listalta").click()
    csv = LIST.format(team=place.team).encode("cp1252")
    file = {"name": "lista.csv", "mimeType": "text/csv", "buffer": csv}
    jorma.page.get_by_label("Valitse CSV-tiedosto").set_input_files(file)

    jorma.sees("2 riviä on korjattava")
    jorma.sees("Tiimiä ”Kuusi” ei ole")
    expect(jorma.page.get_by_role("listitem").filter(has_text="Nimi puuttuu.")).to_contain_text("4")
    jorma.press("Tee kutsut vain kelvollisille riveille (2)")
    jorma.sees("2 kutsua on valmiina")
    links = jorma.page.get_by_role("listitem").get_by_text("/liity#").all_inner_texts()
    place.device().join(links[1].partition("#")[2], "Åsa")
    assert place.number("Åsa")


def test_names_written_by_hand_are_a_list_too(place) -> None:
    jorma = place.person("Jorma", "supervisor")
    open_team(jorma, place.team)
    jorma.page.get_by_role("link", name="Kutsu listalta").click()
    jorma.field("Tai kirjoita tai liitä tähän").fill("Liisa\nKalle\n")
    jorma.press("Tarkista rivit")
    jorma.sees("2 riviä, kaikki kunnossa")
    jorma.press("Tee 2 kutsua")
    jorma.sees("2 kutsua on valmiina")


def test_d83_the_log_is_shown_by_days_to_administrators(place) -> None:
    adele = admin_of(place)
    open_tree(adele)
    adele.page.get_by_role("link", name="Tapahtumaloki").click()
    adele.sees("Kutsu tehtiin")
    adele.sees("tänään")


@pytest.mark.parametrize("lang", ["fi", "sv"])
@pytest.mark.parametrize("shape", [{"width": 1280, "height": 800}, PHONE, {"width": 320, "height": 640}])
def test_axe_finds_nothing_on_the_screens_of_leaders(place, lang, shape) -> None:
    adele = admin_of(place)
    place.person("Jorma", "supervisor")
    adele.page.set_viewport_size(shape)
    adele.visit("/mina")
    adele.page.get_by_role("radio", name={"fi": "Suomi", "sv": "Svenska"}[lang]).click()
    adele.page.wait_for_function("(lang) => document.documentElement.lang === lang", arg=lang)
    axe = AXE.read_text()
    found = []
    for path in ("/organisaatio", f"/tiimi/{place.space}", f"/kutsulista/{place.space}", "/tapahtumaloki"):
        adele.visit(path)
        adele.page.locator("main .panel").first.wait_for()
        if path.startswith("/tiimi"):
            adele.page.locator("main li button").first.click()
            sheet(adele).wait_for()
        adele.page.evaluate(axe)
        for scheme in ("light", "dark"):
            adele.page.emulate_media(color_scheme=scheme)
            found += [f"{path} {scheme} {one}" for one in adele.page.evaluate(RUN_AXE, {})]
        found += [f"{path} {one}" for one in adele.page.evaluate(WIDER)]
    assert not found, "\n".join(found)

"""One's own phone and computer: coming in, coming back, showing who one is, and letting go of a device."""

import re

from playwright.sync_api import expect

from tests.e2e.keys import Authenticator

HOMES = """async () => (await indexedDB.databases()).map((one) => one.name).filter((name) => /^v-p-/.test(name))"""


def with_a_passkey(place, name: str, role: str = "staff"):
    """Somebody who has made a passkey right after joining; and what holds it."""
    device = place.device()
    keys = Authenticator(device)
    device.join(place.code(role), name, passkey=True)
    return device, keys


def test_a_passkey_made_at_joining_opens_the_second_device(place) -> None:
    jorma, keys = with_a_passkey(place, "Jorma", "supervisor")
    jorma.write_idea("Kello seinälle")
    jorma.everything_is_delivered()
    desk = place.device()
    desk.visit("/")
    Authenticator(desk).take(keys)
    desk.press("Kirjaudu pääsyavaimella")
    desk.is_at_home("Jorma")
    desk.sees_on_board("Kello seinälle")

    jorma.go("Minä")
    jorma.sees("Kirjautuminen laitteella")


def test_an_authenticator_that_knows_nobody_lets_nobody_in(place) -> None:
    _, keys = with_a_passkey(place, "Jorma", "supervisor")
    thief = place.device()
    thief.visit("/")
    Authenticator(thief, verifies=False).take(keys)
    thief.press("Kirjaudu pääsyavaimella")
    thief.sees("Pääsyavainta ei saatu.")
    expect(thief.menu()).to_have_count(0)


def test_d32_inviting_asks_for_the_passkey_when_five_minutes_have_gone(place) -> None:
    jorma, _ = with_a_passkey(place, "Jorma", "supervisor")
    place.forget_proofs()
    jorma.go("Minä")
    jorma.press("Kutsu")
    jorma.press("Vahvista pääsyavaimella")
    link = jorma.page.get_by_label("Kutsulinkki", exact=True).input_value()
    place.device().join(link.partition("#")[2], "Aino")


def test_d36_no_button_speaks_of_passkeys_where_there_are_none(place) -> None:
    aino = place.device()
    aino.context.add_init_script("delete globalThis.PublicKeyCredential")
    aino.visit("/")
    expect(aino.field("Kutsukoodi")).to_be_visible()
    expect(aino.button("Kirjaudu pääsyavaimella")).to_have_count(0)
    aino.visit(f"/liity#{place.code()}")
    aino.page.reload()
    aino.field("Etunimesi").fill("Aino")
    aino.press("Liity")
    aino.is_at_home("Aino")


def test_d18_a_lost_cookie_costs_one_tap_and_no_words(place) -> None:
    jorma = place.person("Jorma", "supervisor")
    aino, _ = with_a_passkey(place, "Aino")
    aino.everything_is_delivered()
    aino.context.clear_cookies()
    aino.page.reload()
    aino.write_idea("Lamppu käytävään")
    aino.page.get_by_role("link", name="Kirjaudu uudelleen").click()
    aino.press("Kirjaudu pääsyavaimella")
    aino.is_at_home("Aino")
    aino.everything_is_delivered()
    jorma.sees_on_board("Lamppu käytävään")
    assert len(aino.page.evaluate(HOMES)) == 1


def test_d19_who_signs_out_and_in_again_goes_on_with_the_words_that_waited(place) -> None:
    jorma = place.person("Jorma", "supervisor")
    aino, _ = with_a_passkey(place, "Aino")
    aino.everything_is_delivered()
    aino.network.block_live()
    aino.context.clear_cookies()
    aino.page.reload()
    aino.write_idea("Lamppu käytävään")
    aino.go("Minä")
    aino.press("Kirjaudu ulos tältä laitteelta")
    aino.press("Kirjaudu ulos")
    expect(aino.button("Kirjaudu pääsyavaimella")).to_be_visible()
    aino.network.mend()
    aino.press("Kirjaudu pääsyavaimella")
    aino.is_at_home("Aino")
    aino.everything_is_delivered()
    jorma.sees_on_board("Lamppu käytävään")


def test_somebody_else_who_signs_in_here_sees_nothing_of_the_first(place) -> None:
    aino, _ = with_a_passkey(place, "Aino")
    aino.begin_idea("Lamppu käytävään, koska")
    aino.keeps_a_draft()
    aino.visit(f"/liity#{place.code()}")
    aino.context.clear_cookies()
    aino.field("Etunimesi").fill("Ville")
    aino.press("Liity")
    aino.leave_the_passkey_for_later("Ville")
    aino.is_at_home("Ville")
    aino.menu().get_by_role("button", name="Kirjaa uusi").click()
    expect(aino.field("Mitä ehdotat?")).to_have_value("")
    assert len(aino.page.evaluate(HOMES)) == 2


def test_d17_who_joins_over_words_that_wait_is_told_first_and_can_turn_back(place) -> None:
    jorma = place.person("Jorma", "supervisor")
    aino, _ = with_a_passkey(place, "Aino")
    aino.everything_is_delivered()
    aino.network.block_live()
    aino.page.route("**/api/sealed", lambda route: route.abort())
    aino.context.clear_cookies()
    aino.page.reload()
    aino.write_idea("Lamppu käytävään")
    aino.visit(f"/liity#{place.code()}")
    aino.sees("Yksi kirjoitus odottaa tällä laitteella")
    aino.press("Takaisin")
    aino.is_at_home("Aino")
    aino.go("Minä")
    aino.press("Kirjaudu ulos tältä laitteelta")
    aino.press("Kirjaudu ulos")
    expect(aino.button("Kirjaudu pääsyavaimella")).to_be_visible()

    aino.visit(f"/liity#{place.code()}")
    expect(aino.field("Etunimesi")).to_be_visible()
    aino.sees("Yksi kirjoitus odottaa tällä laitteella")
    aino.press("Takaisin")
    aino.network.mend()
    aino.press("Kirjaudu pääsyavaimella")
    aino.is_at_home("Aino")
    aino.everything_is_delivered()
    jorma.sees_on_board("Lamppu käytävään")
    aino.visit(f"/liity#{place.code()}")
    expect(aino.field("Etunimesi")).to_be_visible()
    aino.sees_no("odottaa tällä laitteella")


def test_d39_a_recovery_code_opens_a_new_device_once(place) -> None:
    aino, _ = with_a_passkey(place, "Aino")
    aino.go("Minä")
    aino.press("Tee palautuskoodit")
    codes = aino.page.get_by_role("list", name="Palautuskoodit").get_by_role("listitem")
    expect(codes).to_have_count(8)
    code = codes.first.inner_text()
    aino.press("Koodit ovat tallessa")
    aino.sees("8 koodia on käyttämättä.")

    new = place.device()
    new.visit("/")
    for expected in ("Myöhemmin", "Koodia ei tunneta"):
        new.press("Kirjaudu palautuskoodilla")
        new.field("Etunimesi").fill("Aino")
        new.field("Palautuskoodi").fill(code.lower())
        new.press("Kirjaudu")
        new.sees(expected)
        new = place.device()
        new.visit("/")
    aino.page.reload()
    aino.sees("Palautuskoodia käytettiin laitteella")
    aino.sees("7 koodia on käyttämättä.")


def test_d33_a_typed_code_brings_somebody_in(place) -> None:
    jorma, _ = with_a_passkey(place, "Jorma", "supervisor")
    form = {"space": place.space, "role": "staff", "kind": "typed"}
    code = jorma.page.evaluate(
        """async (form) => (await (await fetch('/api/invitations', {
          method: 'POST', body: JSON.stringify(form),
          headers: { 'X-Virtaamo': '1', 'Content-Type': 'application/json', Accept: 'application/json' },
        })).json()).code""",
        form,
    )
    aino = place.device()
    aino.visit("/")
    aino.field("Kutsukoodi").fill("lyhyt")
    aino.press("Jatka")
    aino.sees("Koodissa on kymmenen merkkiä. Tarkista se.")
    aino.field("Kutsukoodi").fill(f" {code.lower().replace('0', 'o').replace('1', 'l')} ")
    aino.press("Jatka")
    aino.field("Etunimesi").fill("Aino")
    aino.press("Liity")
    aino.leave_the_passkey_for_later("Aino")
    aino.is_at_home("Aino")


def test_a_lost_device_is_taken_out_of_use_from_another(place) -> None:
    aino, keys = with_a_passkey(place, "Aino")
    phone = place.device()
    phone.visit("/")
    Authenticator(phone).take(keys)
    phone.press("Kirjaudu pääsyavaimella")
    phone.is_at_home("Aino")
    phone.everything_is_delivered()
    phone.has_its_worker()
    phone.offline()
    phone.write_idea("Lamppu käytävään")

    aino.go("Minä")
    devices = aino.page.get_by_role("region", name="Laitteeni").get_by_role("listitem")
    expect(devices).to_have_count(2)
    devices.filter(has_not_text="Tämä laite").get_by_role("button", name="Muuta").click()
    aino.field("Laitteen nimi").fill("Vanha puhelin")
    aino.page.get_by_role("dialog").get_by_role("button", name="Tallenna").click()
    expect(devices.filter(has_text="Vanha puhelin")).to_have_count(1)
    devices.filter(has_text="Vanha puhelin").get_by_role("button", name="Muuta").click()
    aino.press("Poista käytöstä")
    expect(devices).to_have_count(1)
    aino.page.reload()
    aino.sees("Laite Vanha puhelin poistettiin käytöstä")

    phone.online()
    expect(phone.button("Kirjaudu pääsyavaimella")).to_be_visible()
    phone.until(lambda: phone.page.evaluate(HOMES) == [])
    phone.press("Kirjaudu pääsyavaimella")
    phone.is_at_home("Aino")


def test_the_last_way_in_is_not_given_up(place) -> None:
    aino, _ = with_a_passkey(place, "Aino")
    aino.go("Minä")
    ways = aino.page.get_by_role("region", name="Näin pääset sisään")
    ways.get_by_role("button", name=re.compile("^Poista")).click()
    aino.page.get_by_role("alertdialog").get_by_role("button", name="Poista", exact=True).click()
    aino.sees("Tämä on viimeinen tapasi päästä sisään.")

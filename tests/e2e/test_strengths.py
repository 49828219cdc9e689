"""Strength cards in browsers: sorted by hand, private, shared one by one, taken back; and the map of a team."""

from playwright.sync_api import expect

from tests.conftest import join_with
from tests.e2e.place import PHONE
from tests.pens import Pen

NOTE = "Näen pienet merkit iltakierroksella"
FEW = "Kartta tulee näkyviin, kun vähintään viisi"


def opens_strengths(device) -> None:
    device.go("Minä")
    device.page.get_by_role("link", name="Valitse ja järjestä vahvuuskortit").click()
    expect(device.page.get_by_role("heading", name="Vahvuuteni")).to_be_visible()


def chooses(device, name: str) -> None:
    device.press("Lisää kortti")
    device.page.get_by_role("dialog").get_by_role("button", name=name).click()
    # The card is there before its dialog is gone, which then takes the focus back.
    expect(device.page.get_by_role("dialog")).to_have_count(0)


def has_chosen(device, *names: str) -> None:
    items = device.page.get_by_role("region", name="Omat korttini").locator("ol > li .t")
    expect(items).to_have_text(names)


def test_b13_cards_are_chosen_and_sorted_by_hand_without_a_network_and_are_on_the_other_device(place) -> None:
    aino = place.person("Aino", viewport=PHONE)
    aino.network.cut()
    opens_strengths(aino)
    for name in ("Tarkka silmä", "Pilke silmässä", "Taitavat kädet"):
        chooses(aino, name)
    expect(aino.page.get_by_role("region", name="Omat korttini").locator("ol > li")).to_have_count(3)
    up = aino.page.get_by_role("button", name="Ylös Taitavat kädet")
    up.press("Enter")
    up.press("Enter")
    aino.sees("Taitavat kädet on nyt kohdassa 1.")
    wanted = "Taitavat kädet", "Tarkka silmä", "Pilke silmässä"
    has_chosen(aino, *wanted)
    aino.page.reload()
    expect(aino.page.get_by_role("region", name="Omat korttini").locator("ol > li")).to_have_count(3)
    has_chosen(aino, *wanted)
    aino.network.mend()
    aino.go("Tänään")
    aino.everything_is_delivered()


def test_b13_h1_a_card_is_private_until_it_is_shared_and_again_when_it_is_taken_back(place) -> None:
    jorma = place.person("Jorma", "supervisor")
    aino = place.person("Aino", viewport=PHONE)
    opens_strengths(aino)
    chooses(aino, "Tarkka silmä")
    aino.page.get_by_role("button", name="Avaa Tarkka silmä").click()
    aino.field("Näin se näkyy työssäni").fill(NOTE)
    aino.press("Tallenna")
    aino.go("Tänään")
    aino.everything_is_delivered()
    opens_strengths(jorma)
    jorma.sees(FEW)
    jorma.sees_no(NOTE)
    jorma.sees_no("Jaetut kortit")

    opens_strengths(aino)
    aino.page.get_by_role("button", name="Avaa Tarkka silmä").click()
    aino.press(f"Jaa tiimille {place.team}")
    aino.sees(f"Jaettu tiimille {place.team}")
    jorma.page.get_by_text("Jaetut kortit").click()
    jorma.sees(f"Aino: {NOTE}")
    jorma.sees(FEW)

    aino.press(f"Peru jako: {place.team}")
    aino.press("Sulje")
    expect(jorma.page.get_by_text(NOTE)).to_have_count(0)
    jorma.sees_no("Jaetut kortit")
    has_chosen(aino, "Tarkka silmä")


def test_b13_h4_five_who_share_make_a_map_in_words(place) -> None:
    aino = place.person("Aino")
    pens = [Pen(join_with(place.server, place.code(), f"Jäsen {n}")) for n in range(5)]
    for pen in pens[:4]:
        pen.write(place.space, "shared_strength", {"strength": "twinkle"})
    opens_strengths(aino)
    aino.sees("Jaetut kortit")
    aino.sees(FEW)
    pens[4].write(place.space, "shared_strength", {"strength": "twinkle"})
    pens[4].write(place.space, "shared_strength", {"strength": "asker"})
    aino.sees("Monella meistä")
    region = aino.page.get_by_role("region", name=f"Tiimin vahvuuskartta: {place.team}")
    expect(region.locator(".tag")).to_have_text(["Pilke silmässä", "Kysyjä"])
    assert not any(letter.isdigit() for letter in region.inner_text().replace(place.team, ""))

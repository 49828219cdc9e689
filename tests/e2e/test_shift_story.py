"""One day of a team: a relay over four shifts and a thanks, at one tablet and two phones without a network."""

import re

from playwright.sync_api import expect

from tests.e2e.device import Device
from tests.e2e.place import PHONE, Place
from tests.e2e.tablet_device import PIN, lock, shared_by, unlock
from tests.e2e.task_device import give_task, leave, open_task, take, write_leg
from tests.e2e.test_device_privacy import is_in
from tests.e2e.test_thanks import WORDS, thank

TITLE = "Hiljainen raportti kulkee"
MORNING, EVENING, NIGHT, LAST = "Aamulla sovittiin", "Illalla kokeiltiin", "Yöllä kysyttiin", "Oppi on"
BESIDE = "Yöllä kokeilin samaa"


def carry(device: Device, text: str, to: str = "Kuka vain", *, last: bool = False) -> None:
    """Take the baton and write a leg, all without a network."""
    device.sees("Vuorolta vuorolle")
    device.offline()
    take(device, TITLE)
    write_leg(device, text, to, last=last)


def come_back(device: Device) -> None:
    """The network is there again, and all arrives."""
    device.online()
    leave(device)


def chain_on(device: Device) -> list[str]:
    """The legs that a screen shows, in their order."""
    legs = device.page.get_by_role("list").filter(has_text=MORNING).locator("> li .said")
    return legs.all_inner_texts()


def test_f5_a13_three_people_at_a_tablet_and_two_phones_carry_four_legs_with_one_baton(place: Place) -> None:
    jorma = place.person("Jorma", "supervisor", viewport=PHONE)
    timo = place.person("Timo", viewport=PHONE)
    give_task(jorma, TITLE, relay=True)
    tablet, _ = shared_by(place, "Aino Aalto")

    unlock(tablet, "Aino A.", PIN)
    carry(tablet, MORNING, "Timo")
    come_back(tablet)
    timo.sees("Odottaa sinua")
    carry(timo, EVENING)
    come_back(timo)
    for device in (jorma, tablet):
        device.sees("Kuka vain voi jatkaa")

    carry(jorma, NIGHT)
    carry(tablet, BESIDE)
    come_back(jorma)
    tablet.online()
    tablet.sees("Jorma ehti ottaa viestikapulan ensin.")
    notes = tablet.page.get_by_role("region", name="Sivuhuomautukset")
    expect(notes).to_contain_text(BESIDE)
    expect(notes).not_to_contain_text(NIGHT)
    tablet.press("Selvä")
    tablet.sees_no("ehti ottaa viestikapulan ensin.")
    tablet.page.go_back()
    carry(tablet, LAST, last=True)
    come_back(tablet)

    for device in (jorma, timo):
        expect(device.page.get_by_role("heading", name="Vuorolta vuorolle")).to_have_count(0)
    for device in (jorma, timo, tablet):
        device.page.go_forward()
        device.sees("Viesti on perillä.")
        assert chain_on(device) == [MORNING, EVENING, NIGHT, LAST]
        expect(device.page.get_by_role("region", name="Sivuhuomautukset")).to_contain_text(BESIDE)


def test_f5_three_people_at_one_tablet_without_a_network_carry_four_legs_with_one_baton(place: Place) -> None:
    jorma = place.person("Jorma", "supervisor", viewport=PHONE)
    give_task(jorma, TITLE, relay=True)
    open_task(jorma, TITLE)
    tablet, _ = shared_by(place, "Aino Aalto", "Bete Berg", "Carl Ceder", kept=True)
    for tile in ("Aino A.", "Bete B.", "Carl C."):
        unlock(tablet, tile, PIN)
        tablet.sees("Vuorolta vuorolle")
        lock(tablet)
    tablet.offline()

    legs = [("Aino A.", MORNING), ("Bete B.", EVENING), ("Carl C.", NIGHT), ("Aino A.", LAST)]
    for count, (tile, text) in enumerate(legs):
        unlock(tablet, tile, PIN)
        tablet.sees("Vuorolta vuorolle")
        take(tablet, TITLE)
        if count:
            assert chain_on(tablet) == [said for _, said in legs[:count]]
        write_leg(tablet, text, "Kuka vain", last=text == LAST)
        lock(tablet)
    shut_in = tablet.profile
    jorma.sees("Kuka vain voi jatkaa")
    open_words = [
        text
        for path in shut_in.rglob("*")
        if path.is_file() and not path.is_symlink()
        for _, text in legs
        if is_in(text, path.read_bytes())
    ]
    assert open_words == []

    tablet.online()
    tablet.sees("Kaikki perillä")
    jorma.sees("Viesti on perillä.")
    assert chain_on(jorma) == [text for _, text in legs]
    expect(jorma.page.get_by_role("region", name="Sivuhuomautukset")).to_have_count(0)
    expect(jorma.page.get_by_text(MORNING)).to_have_count(1)
    unlock(tablet, "Bete B.", PIN)
    tablet.everything_is_delivered()
    tablet.sees_no("Vuorolta vuorolle")


def test_f11_h9_a_thanks_that_its_receiver_removes_is_on_no_wall_of_phones_or_tablet(place: Place) -> None:
    jorma = place.person("Jorma", "supervisor", viewport=PHONE)
    timo = place.person("Timo", viewport=PHONE)
    tablet, _ = shared_by(place, "Aino Aalto")
    unlock(tablet, "Aino A.", PIN)
    tablet.go("Kiitos")
    tablet.page.get_by_role("form", name="Anna kiitos").get_by_role("button", name="Timo").wait_for()
    tablet.offline()
    thank(tablet, "Timo", on_wall=True)
    jorma.go("Kiitos")
    timo.go("Kiitos")
    expect(timo.page.get_by_text(WORDS)).to_have_count(0)
    tablet.online()
    timo.press("Laita seinälle")
    for device in (jorma, tablet):
        device.sees(re.compile("Timo sai kiitoksen: Aino Aalto"))

    tablet.offline()
    lock(tablet)
    timo.press("Poista")
    jorma.sees_no(WORDS)
    tablet.online()
    unlock(tablet, "Aino A.", PIN)
    tablet.go("Kiitos")
    for device in (timo, jorma, tablet):
        device.sees_no(WORDS)

"""Pictures of a shared tablet: while nobody is at it, and on the way in."""

import re
from collections.abc import Callable

from tests.e2e.device import Device
from tests.e2e.place import Place
from tests.e2e.tablet_device import PIN, TABLET, approve, choose_pin, come, leader_of, lock, phone_of, unlock
from tests.e2e.tablet_device import enrolled as enrol

Shoot = Callable[[Device, str, str], None]
NAMES = ("Aino Lehtinen", "Mikael Rönn", "Sari Koskela", "Göran Åkerlund", "Leila Hassan")
NEW = re.compile("^(Uusi tällä laitteella|Ny på den här enheten)$")
BACK = re.compile("^(Vaihda henkilöä|Byt person)$")


def on_a_tablet(place: Place, shoot: Shoot) -> None:
    """Enrol a tablet, bring people there, and take every picture in Finnish; then the lock screen's in Swedish."""
    leader = leader_of(place)
    tablet = enrol(place, leader, "Koivu 2. krs", **TABLET)
    shoot(tablet, "tablet_enrolled", "fi")
    tablet.visit("/lukko")
    tablet.button("Uusi tällä laitteella").wait_for()
    shoot(tablet, "tablet_nobody", "fi")
    row = next(row for row in leader.get("/api/devices").json() if row["kind"] == "shared")
    assert leader.put(f"/api/devices/{row['id']}/wall/{place.space}", json={}).status_code == 204
    for name in NAMES:
        come(tablet, phone_of(place, name), PIN)
        lock(tablet)
    unlock(tablet, "Aino L.", PIN)
    shoot(tablet, "tablet_today", "fi")
    tablet.go("Minä")
    shoot(tablet, "tablet_me", "fi")
    tablet.offline()
    tablet.write_idea("Toinen nostovyö yövuoroon")
    lock(tablet)
    shoot(tablet, "tablet_waiting", "fi")
    tablet.online()
    tablet.visit("/lukko")
    _locked(tablet, shoot, "fi")
    tablet.press("Svenska")
    _locked(tablet, shoot, "sv")
    tablet.visit("/lukko")
    approve(tablet, phone_of(place, "Pirjo Niemi"), "Uusi tällä laitteella")
    tablet.field("PIN-koodi").wait_for()
    shoot(tablet, "tablet_new_pin", "fi")
    choose_pin(tablet, PIN)
    tablet.menu().wait_for()
    lock(tablet)
    tablet.page.get_by_role("link", name="Pudota lappu").click()
    tablet.page.get_by_role("textbox").first.wait_for()
    shoot(tablet, "tablet_drop", "fi")


def _locked(tablet: Device, shoot: Shoot, lang: str) -> None:
    tablet.button("Aino L.").wait_for()
    shoot(tablet, "tablet_lock", lang)
    tablet.press("Mikael R.")
    tablet.page.locator(".pin-two").wait_for()
    shoot(tablet, "tablet_pin", lang)
    tablet.page.get_by_role("button", name=BACK).click()
    tablet.page.get_by_role("button", name=NEW).click()
    tablet.page.locator("svg.qr").wait_for()
    shoot(tablet, "tablet_come", lang)
    tablet.page.get_by_role("button", name=BACK).click()
    tablet.page.locator(".wall-peek button").click()
    tablet.page.locator(".wall-lanes").wait_for()
    shoot(tablet, "tablet_wall", lang)
    tablet.page.locator(".locked-head button").first.click()

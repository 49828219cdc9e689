"""The board of a team on a locked tablet: who turns it on, and what whoever stands there reads (D-45)."""

import pytest
from playwright.sync_api import expect

from tests.e2e.place import PHONE
from tests.e2e.tablet_device import enrolled, leader_of
from tests.e2e.test_device_privacy import is_in
from tests.e2e.test_screens import AXE, RUN_AXE
from tests.pens import Pen


@pytest.fixture
def leader(place):
    return leader_of(place)


@pytest.fixture
def tablet(place, leader):
    return enrolled(place, leader)


def is_well_made(device):
    """Axe finds nothing to say."""
    device.page.evaluate(AXE.read_text())
    assert device.page.evaluate(RUN_AXE, {}) == []


def walls_of(tablet):
    return tablet.page.evaluate("fetch('/api/me').then((reply) => reply.json()).then((me) => me.walls)")


def test_d45_a_supervisor_turns_the_board_on_and_off_and_reads_who_then_sees_it(place, tablet) -> None:
    jorma = place.person("Jorma", "supervisor", viewport=PHONE)
    jorma.visit(f"/tiimi/{place.space}")
    jorma.press("Muuta Osasto 3")
    switch = jorma.page.get_by_role("switch", name="Näytä taulu lukitusnäytöllä")
    expect(switch).to_have_attribute("aria-checked", "false")
    jorma.sees("kuka tahansa laitteen luona voi lukea tiimin ideoiden otsikot ilman PIN-koodia")
    is_well_made(jorma)
    place.forget_proofs()

    switch.click()
    jorma.press("Vahvista pääsyavaimella")

    expect(switch).to_have_attribute("aria-checked", "true")
    assert walls_of(tablet) == [place.space]
    jorma.press("Sulje")
    jorma.press("Muuta Osasto 3")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
    assert walls_of(tablet) == []


def hang(tablet, leader, space):
    uuid = tablet.page.evaluate("fetch('/api/me').then((reply) => reply.json()).then((me) => me.device.id)")
    assert leader.put(f"/api/devices/{uuid}/wall/{space}", json={}).status_code == 204
    return uuid


def board_of(tablet):
    """What stands on the board, lane by lane."""
    lanes = tablet.page.locator(".wall .lane")
    return [[note.inner_text() for note in lane.locator("h3").all()] for lane in lanes.all()]


def databases(tablet):
    return tablet.page.evaluate("indexedDB.databases().then((all) => all.map(({ name }) => name).sort())")


@pytest.fixture
def aino(place):
    aino = place.person("Aino")
    aino.write_idea("Lamppu käytävään. Yöllä ei näe kulkea.")
    aino.write_idea("Hyllyt uuteen järjestykseen. Alimpaan ei yletä.")
    aino.everything_is_delivered()
    return aino


def test_d45_whoever_stands_at_a_locked_tablet_reads_titles_and_nothing_else(
    place, leader, tablet, aino
) -> None:
    tablet.visit("/")
    tablet.page.get_by_role("heading", name="Idealaatikko").wait_for()
    tablet.sees_no("Mitä taululla on?")
    assert databases(tablet) == ["v-device"]
    hang(tablet, leader, place.space)
    relay = {"team": place.space, "title": "Hiljainen raportti", "prompt": "Kokeilkaa.", "relay": True}
    assert Pen(leader).write(place.space, "task", relay).code < 2
    tablet.visit("/")
    tablet.sees("Mitä taululla on?")
    tablet.sees("Vuorolta vuorolle: 1 · odottaa jatkajaa")
    tablet.sees_no("Hiljainen raportti")
    counts = tablet.page.get_by_role("region", name="Mitä taululla on?").get_by_role("listitem")
    expect(counts.first).to_have_text("2Uusi")
    is_well_made(tablet)

    tablet.press("Katso taulua")

    expect(tablet.page.get_by_role("heading", name="Taulu", level=1)).to_be_focused()
    assert board_of(tablet) == [["Hyllyt uuteen järjestykseen", "Lamppu käytävään"], [], [], []]
    is_well_made(tablet)
    shown = tablet.page.locator("body").inner_text()
    assert [word for word in ("Aino", "kulkea", "yletä") if word in shown] == []
    assert tablet.page.locator("main a").count() == 0
    assert tablet.page.title() == "Virtaamo"
    assert databases(tablet) == ["v-device", "v-wall"]
    tablet.press("Lukitusnäyttöön")
    tablet.sees("Mitä taululla on?")


def test_d45_the_board_is_there_without_a_network_until_the_server_says_otherwise(
    place, leader, tablet, aino
) -> None:
    uuid = hang(tablet, leader, place.space)
    tablet.visit("/")
    tablet.sees("Mitä taululla on?")
    tablet.offline()
    tablet.visit("/")
    tablet.press("Katso taulua")
    assert board_of(tablet)[0] == ["Hyllyt uuteen järjestykseen", "Lamppu käytävään"]
    assert leader.delete(f"/api/devices/{uuid}/wall/{place.space}").status_code == 204
    tablet.online()
    tablet.page.get_by_role("heading", name="Idealaatikko").wait_for()
    tablet.sees_no("Mitä taululla on?")
    tablet.page.wait_for_function(
        "indexedDB.databases().then((all) => all.every(({ name }) => name !== 'v-wall'))"
    )


def test_d44_d45_a_tablet_that_was_removed_keeps_no_board(place, leader, tablet, aino) -> None:
    uuid = hang(tablet, leader, place.space)
    tablet.visit("/")
    tablet.sees("Mitä taululla on?")
    assert leader.delete(f"/api/devices/{uuid}").status_code == 204
    tablet.visit("/")
    tablet.page.get_by_role("status").filter(has_text="poistettu").first.wait_for()
    tablet.sees_no("Mitä taululla on?")
    assert databases(tablet) == ["v-device"]


def test_d15_d45_no_title_lies_open_in_the_profile_of_a_tablet(place, leader, aino) -> None:
    tablet = enrolled(place, leader, kept=True)
    hang(tablet, leader, place.space)
    tablet.visit("/")
    tablet.press("Katso taulua")
    assert "Lamppu käytävään" in board_of(tablet)[0]
    tablet.close()

    found = [
        f"{path.relative_to(tablet.profile)}: {word}"
        for path in tablet.profile.rglob("*")
        if path.is_file() and not path.is_symlink()
        for word in ("Lamppu käytävään", "Hyllyt uuteen")
        if is_in(word, path.read_bytes())
    ]

    assert found == []


def test_d45_a_board_that_nobody_touches_goes_back_to_the_lock_screen(place, leader, tablet, aino) -> None:
    hang(tablet, leader, place.space)
    tablet.page.clock.install()
    tablet.visit("/")
    tablet.press("Katso taulua")
    heading = tablet.page.get_by_role("heading", name="Taulu", level=1)
    tablet.page.clock.run_for(100_000)
    tablet.page.mouse.click(600, 300)
    tablet.page.clock.run_for(100_000)
    expect(heading).to_be_visible()
    tablet.page.clock.run_for(30_000)
    expect(heading).to_be_hidden()
    tablet.sees("Mitä taululla on?")

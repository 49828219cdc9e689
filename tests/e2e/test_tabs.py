"""Several tabs of one person: one syncs, all show the same, and nothing counts twice."""

import pytest
from playwright.sync_api import expect

from tests.e2e.device import Device

# Windows that tell each other nothing of who is here, as where one of them sleeps.
SILENT = """
  const post = BroadcastChannel.prototype.postMessage
  BroadcastChannel.prototype.postMessage = function (word) {
    if (!this.name.startsWith('windows/')) post.call(this, word)
  }
"""
NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })"


def second_tab(device: Device, path: str):
    """Another tab of the same browser, at an address."""
    page = device.new_tab()
    page.goto(device.url + path)
    return page


@pytest.mark.parametrize("locks", [True, False], ids=["one leads", "both send"])
def test_the_same_change_from_two_tabs_counts_once(place, locks) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    if not locks:
        aino.context.add_init_script(NO_LOCKS)
        aino.page.reload()
    jorma.write_idea("Kello seinälle")
    aino.open_card("Kello seinälle")
    aino.offline()
    aino.press("Meilläkin")
    aino.write_idea("Lamppu käytävään")
    other = second_tab(aino, "/mina")
    expect(other.get_by_role("button", name="Lähetä nyt")).to_be_visible()
    aino.online()
    other.get_by_role("button", name="Lähetä nyt").click()

    aino.everything_is_delivered()
    for page in (aino.page, other):
        expect(page.get_by_role("link", name="Kaikki perillä").first).to_be_visible()
    for device in (aino, jorma):
        device.sees_on_board("Lamppu käytävään")
        device.open_card("Kello seinälle")
        expect(device.page.get_by_role("button", name="Meilläkin 1")).to_be_visible()


def test_what_one_tab_writes_the_other_shows_without_a_network(place) -> None:
    aino = place.person("Aino")
    other = second_tab(aino, "/taulu")
    expect(other.get_by_role("heading", name="Taulu")).to_be_visible()
    aino.offline()
    aino.write_idea("Lamppu käytävään")
    expect(other.get_by_role("link", name="Lamppu käytävään")).to_be_visible()


def test_another_tab_takes_over_when_the_leader_is_closed(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    other = second_tab(aino, "/taulu")
    expect(other.get_by_role("link", name="Kaikki perillä").first).to_be_visible()
    aino.page.close()
    aino.page = other
    aino.write_idea("Lamppu käytävään")
    jorma.sees_on_board("Lamppu käytävään")
    aino.everything_is_delivered()


def test_d09_another_tab_takes_over_when_the_leader_sleeps_for_half_a_minute(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    leader, aino.page = aino.page, aino.new_tab()
    aino.page.clock.install()
    aino.visit("/taulu")
    aino.everything_is_delivered()
    aino.context.new_cdp_session(leader).send("Page.setWebLifecycleState", {"state": "frozen"})
    aino.write_idea("Lamppu käytävään")
    aino.page.clock.fast_forward("00:45")

    jorma.sees_on_board("Lamppu käytävään")
    aino.everything_is_delivered()


def comes_in(place, device: Device, name: str, script: str = "") -> None:
    """Somebody who is known here takes up an invitation in another tab of this browser."""
    page = device.new_tab()
    page.add_init_script(script)
    page.goto(f"{device.url}/liity#{place.code(person=place.number(name))}")
    page.get_by_role("button", name="Liity", exact=True).click()
    expect(page.get_by_role("heading", name=f", {name}", level=1)).to_be_visible()


def is_by(reader: Device, title: str, author: str, not_by: str) -> None:
    """Another reads who wrote a card."""
    reader.sees_on_board(title)
    reader.open_card(title)
    reader.sees(author)
    reader.sees_no(not_by)


def test_d14_d17_who_comes_in_on_a_browser_leaves_no_window_to_who_was_there(place) -> None:
    liisa, _, aino = (place.person(name) for name in ("Liisa", "Jorma", "Aino"))
    aino.page.route("**/api/sync", lambda route: route.abort())
    aino.network.block_live()
    aino.page.reload()
    aino.is_at_home("Aino")
    aino.write_idea("Lamppu käytävään")
    comes_in(place, aino, "Jorma")
    aino.is_at_home("Jorma")
    is_by(liisa, "Lamppu käytävään", "Aino", "Jorma")


def test_d14_no_word_goes_under_the_name_of_who_came_in_after_its_author(place) -> None:
    liisa, _, aino = (place.person(name) for name in ("Liisa", "Jorma", "Aino"))
    comes_in(place, aino, "Jorma", SILENT)
    aino.is_at_home("Aino")
    aino.offline()
    aino.write_idea("Lamppu käytävään")
    aino.online()
    aino.go("Minä")
    aino.sees("Et ole kirjautuneena")
    is_by(liisa, "Lamppu käytävään", "Aino", "Jorma")

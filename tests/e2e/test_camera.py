"""The camera inside the page, on a tablet (D-16); the browser has a camera that shows a moving picture."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import opener
from tests.e2e.tablet_device import PIN, come, enrolled, leader_of, phone_of


@pytest.fixture(scope="module")
def browse(whole_chromium):
    return opener(whole_chromium)


@pytest.fixture
def aino(place):
    """A tablet at which Aino is."""
    tablet = enrolled(place, leader_of(place))
    tablet.visit("/lukko")
    come(tablet, phone_of(place, "Aino Lahti"), PIN)
    return tablet


def test_d16_a_photo_is_taken_in_the_page_and_no_file_is_chosen(aino) -> None:
    aino.context.grant_permissions(["camera"], origin=aino.url)
    aino.begin_idea("Lamppu käytävään")
    expect(aino.page.locator("input[type=file]")).to_have_count(0)
    aino.press("Kuva")
    aino.sees("Kuva ei jää laitteen galleriaan.")
    aino.press("Ota kuva")
    aino.field("Mitä kuvassa on?").fill("Pimeä käytävä")
    aino.save_idea()
    aino.press("Valmis")
    aino.everything_is_delivered()
    aino.open_card("Lamppu käytävään")
    photo = aino.page.get_by_role("img", name="Pimeä käytävä")
    aino.until(lambda: photo.evaluate("(one) => one.naturalWidth ?? 0") > 0)

"""A tablet that a team shares, made through the app's own screens; its people's phones are only heard over HTTP."""

import httpx

from tests.authenticator import add_passkey
from tests.conftest import join_with
from tests.e2e.device import Device
from tests.e2e.place import Place

TABLET = {"viewport": {"width": 1280, "height": 800}, "has_touch": True, "is_mobile": True}


def leader_of(place: Place, name: str = "Liisa") -> httpx.Client:
    """Whoever leads the team, over HTTP; may enrol tablets, change and remove them."""
    client = join_with(place.server, place.code("supervisor"), name)
    add_passkey(client)
    return client


def enrolled(
    place: Place, leader: httpx.Client, name: str = "Osasto 3", *, strong: bool = False, **options: object
) -> Device:
    """A browser that has become a tablet of the team; nobody has a copy on it yet."""
    form = {"spaces": [place.space], "name": name, "strong_lock": strong}
    made = leader.post("/api/devices/codes", json=form)
    assert made.status_code == 201, made.text
    tablet = place.device(**{**TABLET, **options})
    tablet.visit(f"/laite#{made.json()['url'].partition('#')[2]}")
    tablet.press("Ota käyttöön")
    tablet.page.get_by_role("heading", name=f"{name} on nyt yhteislaite").wait_for()
    return tablet


def phone_of(place: Place, name: str) -> httpx.Client:
    """Somebody of the team, with a phone that is heard over HTTP and may approve copies."""
    client = join_with(place.server, place.code(), name)
    add_passkey(client)
    return client


def come(tablet: Device, phone: httpx.Client, pin: str, tile: str = "Uusi tällä laitteella") -> None:
    """Get onto the tablet: the phone approves what it asks, and a PIN is chosen. The person is in after that."""
    approve(tablet, phone, tile)
    choose_pin(tablet, pin)
    tablet.menu().wait_for()
    tablet.has_its_worker()


def approve(tablet: Device, phone: httpx.Client, button: str) -> None:
    """The phone approves what the tablet asks when this is pressed."""
    asks = "/api/devices/requests"
    with tablet.page.expect_response(lambda reply: reply.url.endswith(asks)) as told:
        tablet.press(button)
    asked = told.value.json()
    approved = phone.post("/api/devices/approve", json={"code": asked["code"], "number": asked["number"]})
    assert approved.status_code == 204, approved.text


def choose_pin(tablet: Device, pin: str) -> None:
    """The PIN for this tablet, twice."""
    tablet.field("PIN-koodi").fill(pin)
    tablet.field("PIN-koodi uudelleen").fill(pin)
    tablet.press("Ota PIN-koodi käyttöön")


def unlock(tablet: Device, tile: str, pin: str) -> None:
    """Tap a tile and a PIN of six digits; nothing more."""
    tablet.press(tile)
    type_pin(tablet, pin)
    tablet.menu().wait_for()


def type_pin(tablet: Device, pin: str) -> None:
    """Tap the keys of a PIN."""
    keys = tablet.page.get_by_role("group", name="PIN-koodi")
    for digit in pin:
        keys.get_by_role("button", name=digit, exact=True).click()


def lock(tablet: Device) -> None:
    """One tap; then nobody is here."""
    tablet.press("Lukitse")
    tablet.page.get_by_role("heading", name="Kuka olet?").wait_for()


PIN = "482913"


def shared_by(place: Place, *names: str, **options: object) -> tuple[Device, dict[str, httpx.Client]]:
    """A locked tablet on which each of these persons has a copy with the same PIN; and their phones."""
    tablet = enrolled(place, leader_of(place), **options)
    tablet.visit("/lukko")
    phones = {name: phone_of(place, name) for name in names}
    for phone in phones.values():
        come(tablet, phone, PIN)
        lock(tablet)
    return tablet, phones

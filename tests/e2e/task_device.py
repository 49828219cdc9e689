"""Tasks between workshops and the relay over shifts, through the app's own screens."""

from playwright.sync_api import expect

from tests.e2e.device import Device


def give_task(
    leader: Device, title: str, *, relay: bool = False, steps: str = "", to: str = "", waits: bool = False
) -> str:
    """A supervisor gives a task to the team, or to one person; gives its title."""
    leader.menu().get_by_role("button", name="Kirjaa uusi").click()
    leader.press("Anna välitehtävä")
    if to:
        leader.press(to)
    leader.field("Mitä tehdään?").fill(title)
    leader.field("Tehtävä").fill("Kokeilkaa kahdessa vuorossa ja kertokaa, mitä huomasitte.")
    leader.field("Miksi").fill("Raportti venyy")
    leader.field("Mihin mennessä?").fill("2030-11-21")
    if relay:
        leader.page.get_by_role("switch", name="Vuorovälitys").click()
    else:
        leader.field("Askeleet").fill(steps)
    leader.press("Anna tehtävä" if to else "Anna tiimille")
    expect(leader.page.get_by_role("heading", name=title, level=1)).to_be_visible()
    leader.page.go_back()
    if not waits:
        leader.everything_is_delivered()
    return title


def open_task(device: Device, title: str) -> None:
    """From Tänään, where what is to be done comes first."""
    device.page.get_by_role("link", name=title).click()
    expect(device.page.get_by_role("heading", name=title, level=1)).to_be_visible()


def leave(device: Device) -> None:
    """Back to Tänään, which says that all has arrived."""
    device.page.go_back()
    device.everything_is_delivered()


def take(device: Device, title: str) -> None:
    """Take the baton."""
    open_task(device, title)
    device.press("Ota viestikapula")
    device.sees("Viestikapula on sinulla")


def write_leg(device: Device, text: str, to: str = "Kuka vain", *, last: bool = False) -> None:
    """Write a leg and give the baton on."""
    device.field("Mitä teit tai huomasit?").fill(text)
    if not last:
        device.page.get_by_role("radio", name=to).click()
    device.press("Tämä oli viimeinen osuus" if last else "Siirrä seuraavalle")
    device.sees(text)

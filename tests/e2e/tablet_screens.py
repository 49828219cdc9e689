"""Screens and sheets about shared tablets: for who leads a team, for its people, for a tablet to be."""

import re
from collections.abc import Callable
from functools import cache
from typing import Protocol

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from tests.e2e.device import Device
from tests.e2e.place import Place
from tests.e2e.tablet_device import leader_of
from tests.tablets import Tablet

LANGUAGES = {"fi": "Suomi", "sv": "Svenska", "en": "English"}
NAME = "Käytävävalaistusosaston toimistohuone"


class Home(Protocol):
    """What these screens need of a team that is lived in."""

    @property
    def place(self) -> Place:
        """The team."""

    @property
    def lang(self) -> str:
        """The language at hand."""

    def say(self, key: str, **params: object) -> str:
        """A message in the language at hand."""


Screen = Callable[[Home, Device], None]


@cache
def _tablet(place: Place) -> tuple[Tablet, str]:
    """A tablet of the team with a copy of its leader's, and the code for one more."""
    leader = leader_of(place)
    tablet = Tablet(place.server, _code(place, leader))
    tablet.add(leader)
    return tablet, _code(place, leader)


def _code(place: Place, leader: httpx.Client) -> str:
    made = leader.post("/api/devices/codes", json={"spaces": [place.space], "name": NAME})
    url: str = made.json()["url"]
    return url.partition("#")[2]


def _scanned(device: Device, url: str) -> None:
    device.page.goto("about:blank")
    device.visit(url[url.index("/", 8) :])


# ---- who leads the team


def _tablets(home: Home, device: Device) -> None:
    _tablet(home.place)
    device.visit(f"/tiimi/{home.place.space}")
    device.button(f"{home.say('devices.open')} {NAME}").wait_for()


def _new_tablet(home: Home, device: Device) -> None:
    _tablets(home, device)
    device.press(home.say("tablets.add"))
    device.press(home.say("tablets.make"))


def _tablet_link(home: Home, device: Device) -> None:
    _new_tablet(home, device)
    device.field(home.say("join.device")).fill(NAME)
    device.press(home.say("tablets.make"))
    _prove(home, device)
    device.page.get_by_role("img", name=home.say("tablets.qr")).wait_for()


def _one_tablet(home: Home, device: Device) -> None:
    _tablets(home, device)
    device.press(f"{home.say('devices.open')} {NAME}")
    device.press(home.say("tablets.code_do"))
    _prove(home, device)
    device.page.locator(".spoken").wait_for()


def _prove(home: Home, device: Device) -> None:
    """Show who is there, if that is asked."""
    asked = device.button(home.say("proof.passkey"))
    asked.or_(device.page.locator(".spoken, .qr")).first.wait_for()
    if asked.is_visible():
        asked.click()


def _copy_end(home: Home, device: Device) -> None:
    _tablets(home, device)
    device.press(f"{home.say('devices.open')} {NAME}")
    device.page.get_by_role("button", name=re.compile(f"^{home.say('tablets.copy_end')} ")).first.click()


def _tablet_end(home: Home, device: Device) -> None:
    _tablets(home, device)
    device.press(f"{home.say('devices.open')} {NAME}")
    device.press(home.say("devices.revoke"))


# ---- its people, and a tablet to be


def _approve(home: Home, device: Device) -> None:
    asked = _tablet(home.place)[0].ask(ec.generate_private_key(ec.SECP256R1())).json()
    _scanned(device, asked["url"])
    device.page.get_by_role("group", name=home.say("approve.number")).wait_for()


def _approve_nothing(home: Home, device: Device) -> None:
    device.page.goto("about:blank")
    device.visit("/hyvaksy")
    device.page.get_by_text(home.say("approve.no_code")).wait_for()


def _enrol(home: Home, device: Device) -> None:
    _scanned(device, f"https://any/laite#{_tablet(home.place)[1]}")
    device.page.get_by_role("radio", name=LANGUAGES[home.lang]).click()
    device.button(home.say("tablet.enrol_do")).wait_for()


LEADER: tuple[Screen, ...] = (_tablets, _new_tablet, _tablet_link, _one_tablet, _copy_end, _tablet_end)
STAFF: tuple[Screen, ...] = (_approve, _approve_nothing)
GUEST: tuple[Screen, ...] = (_enrol,)

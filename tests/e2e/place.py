"""A team on a running server, and the devices of its people."""

import sqlite3
from collections.abc import Callable
from itertools import count
from pathlib import Path

from playwright.sync_api import BrowserContext

from server.forms import HeldForm, PersonLine, RemoveForm
from tests.conftest import Server
from tests.e2e.device import Device
from tests.e2e.keys import Authenticator
from tests.e2e.network import Network

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
Opener = Callable[..., BrowserContext]
_numbers = count(1)


class Place:
    """A fresh team for one test. `person` gives a device on which somebody has joined it."""

    def __init__(self, server: Server, browse: Opener, launch: Opener, folder: Path) -> None:
        self.server = server
        self.team = f"Koivu {next(_numbers)}"
        self.space = server.add_team(self.team)
        self.devices: list[Device] = []
        self._browse, self._launch, self._folder = browse, launch, folder

    def device(self, *, kept: bool = False, **options: object) -> Device:
        """A device where nobody has joined; a `kept` one has a profile on the disk and can be opened again."""
        network = Network()
        options = {"viewport": DESK, "proxy": {"server": network.url}, **options}
        profile = self._folder / f"profile-{len(self.devices)}"
        open_ = (lambda: self._launch(profile, **options)) if kept else (lambda: self._browse(**options))
        device = Device(open_, network, self.server.url)
        device.profile, device.is_kept = profile, kept
        self.devices.append(device)
        return device

    def person(self, name: str, role: str = "staff", **options: object) -> Device:
        """Somebody who has joined the team on a new device; whoever may invite has made a passkey."""
        device = self.device(**options)
        leads = role != "staff"
        if leads:
            Authenticator(device)
        device.join(self.code(role), name, passkey=leads)
        device.everything_is_delivered()
        if device.is_kept:
            # Chromium writes cookies to the disk half a minute late, or when it is closed.
            device.close()
            device.open("/")
            device.everything_is_delivered()
        return device

    def code(self, role: str = "staff", person: int | None = None) -> str:
        """An invitation to this team."""
        return self.server.invite(role, self.team, person=person)

    def number(self, name: str) -> int:
        """The number of somebody in the team."""
        people = self.server.ask("people.list", HeldForm(), list[PersonLine])
        (number,) = [one.person for one in people if (one.name, one.team) == (name, self.team)]
        return number

    def remove(self, name: str) -> None:
        """Remove somebody from the team, as whoever runs the server does."""
        self.server.ask("people.remove", RemoveForm(self.number(name), self.team), type(None))

    def forget_proofs(self) -> None:
        """More than five minutes have gone since anybody showed who they are."""
        with sqlite3.connect(self.server.folder / "virtaamo.db") as db:
            db.execute("UPDATE session SET proved_at = proved_at - 300001")

    def forget_copies(self) -> None:
        """The server knows no copy on a tablet any more, as after a restore from before they were made."""
        with sqlite3.connect(self.server.folder / "virtaamo.db") as db:
            db.execute("UPDATE device SET uuid = randomblob(16) WHERE kind = 'copy'")

    def let_roles_have_ended(self, days: int) -> None:
        """All roles that have ended did so some days earlier."""
        with sqlite3.connect(self.server.folder / "virtaamo.db") as db:
            db.execute("UPDATE grants SET until = until - ?", (days * 86_400_000,))

    def close(self) -> None:
        """Shut every device; what went wrong on one of them fails the test."""
        # What a device says when its network ends under it is no fault of its own.
        faults = [fault for device in self.devices for fault in device.faults]
        for device in self.devices:
            device.network.close()
            device.close()
        assert not faults, faults

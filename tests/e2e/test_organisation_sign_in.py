"""In with the organisation's account, by a certified provider (npm's oidc-provider) that runs beside the server."""

import json
import re
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.conftest import ROOT, START_S, Server
from tests.e2e.device import Device
from tests.e2e.place import Place

NAME = "Kehrävesi-tunnus"
SECRET = "a secret of the tests"
HOST = ("--host", "localhost")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


class Provider:
    """oidc-provider in a process of its own; `say` changes what it tells of an account from the next sign-in on."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._known: dict[str, object] = {}
        self._process: subprocess.Popen[str] | None = None

    def start(self, return_to: str) -> None:
        """Start it for one installation."""
        script = ROOT / "web" / "test" / "oidc-provider.mjs"
        command = [shutil.which("node"), script, str(self.port), return_to, self._folder]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "listening\n"

    def say(self, login: str, *groups: str) -> None:
        """An account, and the groups that it is in."""
        self._known[login] = {"name": login.title(), "groups": groups}
        (self._folder / "accounts.json").write_text(json.dumps(self._known))

    def stop(self) -> None:
        """It answers no more."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate(timeout=START_S)
            self._process = None


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """The provider, not started yet."""
    provider = Provider(tmp_path_factory.mktemp("provider"))
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def shared_server(
    initialised: Path, built: Path, provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that knows the provider; `wards` is the team Kuikka."""
    folder = tmp_path_factory.mktemp("organisation") / "data"
    shutil.copytree(initialised, folder)
    (folder / "virtaamo.toml").write_text('[oidc_groups]\nwards = { team = "Kuikka", role = "staff" }\n')
    chosen = {"ISSUER": provider.issuer, "CLIENT": "virtaamo", "SECRET": SECRET, "NAME": NAME}
    environ = {f"VIRTAAMO_OIDC_{name}": value for name, value in chosen.items()}
    running = Server(folder, {"VIRTAAMO_WEB": str(built), **environ}).start(*HOST)
    running.add_team("Kuikka")
    yield running
    running.close()


@pytest.fixture(autouse=True)
def running_provider(shared_server: Server, provider: Provider) -> Iterator[None]:
    """The provider answers at the beginning of each test."""
    provider.start(f"{shared_server.url}/kirjautunut")
    yield
    provider.stop()


def sign_in(device: Device, login: str) -> None:
    """Press the button and sign in at the provider."""
    device.press(f"Kirjaudu: {NAME}")
    at_provider(device, login)


def at_provider(device: Device, login: str) -> None:
    """Sign in on the provider's own pages."""
    device.page.get_by_placeholder("Enter any login").fill(login)
    device.page.get_by_placeholder("and password").fill("any")
    device.page.get_by_role("button", name="Sign-in").click()
    device.page.get_by_role("button", name="Continue").click()


def sign_out(device: Device) -> None:
    """Take the way out."""
    device.go("Minä")
    device.press("Kirjaudu ulos tältä laitteelta")
    device.press("Kirjaudu ulos")
    expect(device.button(f"Kirjaudu: {NAME}")).to_be_visible()


def test_d28_the_organisations_account_opens_and_closes_the_team_of_its_group(
    place: Place, provider: Provider
) -> None:
    provider.say("ville", "wards")
    place.team = "Kuikka"
    jorma, ville = place.person("Jorma"), place.device()
    jorma.write_idea("Kello seinälle")
    ville.visit("/")

    sign_in(ville, "ville")
    ville.press("En ole, aloitan uutena")

    ville.is_at_home("Ville")
    assert ville.page.url == f"{ville.url}/"
    ville.sees_on_board("Kello seinälle")
    ville.write_idea("Lamppu käytävään")
    ville.everything_is_delivered()
    jorma.sees_on_board("Lamppu käytävään")

    sign_out(ville)
    provider.say("ville")
    ville.press(f"Kirjaudu: {NAME}")
    ville.is_at_home("Ville")
    ville.go("Taulu")
    ville.sees_no("Kello seinälle")


def test_d28_whoever_has_been_here_comes_in_as_before_and_no_second_person_is_made(
    place: Place, provider: Provider
) -> None:
    provider.say("oid-8", "wards")
    aino = place.device()
    aino.visit("/")
    sign_in(aino, "oid-8")
    expect(aino.page.get_by_role("heading", name="Oletko käyttänyt Virtaamoa jo?")).to_be_visible()

    aino.page.get_by_role("link", name="Olen, kirjaudun kuten ennen").click()

    expect(aino.button("Kirjaudu palautuskoodilla")).to_be_visible()
    with sqlite3.connect(place.server.folder / "virtaamo.db") as db:
        assert db.execute("SELECT count(*) FROM person WHERE name = 'Oid-8'").fetchone() == (0,)


def test_d28_who_is_in_no_group_is_told_so_and_may_still_join_by_invitation(
    place: Place, provider: Provider
) -> None:
    provider.say("aino")
    aino = place.device()
    aino.visit("/")

    sign_in(aino, "aino")

    aino.sees("Tunnuksesi ei avaa täällä vielä mitään tiimiä")
    assert aino.page.url == f"{aino.url}/kirjautunut"
    aino.join(place.code(), "Aino")


def test_d28_who_turns_back_at_the_provider_is_told_that_nothing_changed(
    place: Place, provider: Provider
) -> None:
    provider.say("aino", "wards")
    aino = place.device()
    aino.visit("/")
    aino.press(f"Kirjaudu: {NAME}")

    aino.page.get_by_role("link", name=re.compile("Cancel")).click()

    expect(aino.page.get_by_role("heading", name="Kirjautuminen jäi kesken")).to_be_visible()
    aino.page.get_by_role("link", name="Muut tavat kirjautua").click()
    expect(aino.button("Kirjaudu palautuskoodilla")).to_be_visible()


def test_d32_who_has_joined_links_their_account_after_a_proof(place: Place, provider: Provider) -> None:
    provider.say("oid-7", "wards")
    jorma = place.person("Jorma", "supervisor")
    place.forget_proofs()
    jorma.go("Minä")
    jorma.press("Liitä tunnus")

    jorma.press("Vahvista pääsyavaimella")
    at_provider(jorma, "oid-7")

    jorma.sees("Pääset sisään myös organisaation tunnuksella")
    assert jorma.page.url == f"{jorma.url}/mina"
    jorma.sees("Organisaation tunnus on käytössä")
    other = place.device()
    other.visit("/")
    sign_in(other, "oid-7")
    other.is_at_home("Jorma")


def test_d28_while_the_provider_is_down_the_button_says_so_and_invitations_work(
    place: Place, provider: Provider
) -> None:
    provider.stop()
    place.server.stop()
    place.server.start(*HOST, port=place.server.port)  # what it remembers of the provider is gone
    aino = place.device()
    aino.visit("/")
    aino.press(f"Kirjaudu: {NAME}")

    aino.sees("Organisaation kirjautuminen ei juuri nyt vastaa")
    aino.join(place.code(), "Aino")

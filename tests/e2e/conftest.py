"""Devices in Debian's Chromium: one browser for each worker, a fresh context or profile for each device.

Where a profile goes with its test, it lives in Chromium's headless shell: the same engine and storage without the
parts around windows, for two thirds of the processor time. A profile that stays is the whole browser's.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from tests.conftest import ROOT, Server
from tests.e2e.place import Opener, Place
from tests.faults.ledger import pytest_configure

__all__ = ["pytest_configure"]

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SHELL = os.environ.get("CHROMIUM_SHELL", CHROMIUM)
FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]
LAUNCH = {"executable_path": CHROMIUM, "args": FLAGS, "chromium_sandbox": False}
AS_HERE = {"locale": "fi-FI", "timezone_id": "Europe/Helsinki", "reduced_motion": "reduce"}


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver of the browsers."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The one browser in which devices without a profile live."""
    browser = playwright.chromium.launch(**{**LAUNCH, "executable_path": SHELL})
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def whole_chromium(playwright: Playwright) -> Iterator[Browser]:
    """The same with the parts around windows: notifications and what asks for them."""
    browser = playwright.chromium.launch(**LAUNCH)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app as it was built, in a copy that nobody builds anew under the tests."""
    dist = Path(os.environ.get("VIRTAAMO_WEB", ROOT / "web" / "dist"))
    assert (dist / "sw.js").exists(), "the app is not built: node web/build.mjs"
    return Path(shutil.copytree(dist, tmp_path_factory.mktemp("built") / "dist"))


@pytest.fixture(scope="session")
def shared_server(
    initialised: Path, built: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server for all tests that only need a team of their own."""
    folder = tmp_path_factory.mktemp("shared") / "data"
    shutil.copytree(initialised, folder)
    # By its name: browsers make no passkeys for an address.
    running = Server(folder, {"VIRTAAMO_WEB": str(built)}).start("--host", "localhost")
    yield running
    running.close()


@pytest.fixture(scope="session")
def browse(chromium: Browser) -> Opener:
    """browse(**options) → a context whose profile goes with it."""
    return opener(chromium)


def opener(browser: Browser) -> Opener:
    """What opens a context in this browser."""
    return lambda **options: browser.new_context(**AS_HERE, **options)


@pytest.fixture(scope="session")
def launch(playwright: Playwright) -> Callable[..., BrowserContext]:
    """launch(profile, **options) → a browser of its own on a profile that stays."""
    return lambda profile, **options: playwright.chromium.launch_persistent_context(
        profile, **LAUNCH, **AS_HERE, **options
    )


@pytest.fixture
def place(shared_server: Server, browse: Opener, launch: Opener, tmp_path: Path) -> Iterator[Place]:
    """A fresh team, and its people's devices."""
    team = Place(shared_server, browse, launch, tmp_path)
    yield team
    team.close()

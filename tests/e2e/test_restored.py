"""The server's machine is lost and a backup restored, while real browsers are open (P8)."""

import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.conftest import Server
from tests.e2e.place import Opener, Place


@pytest.fixture
def own_place(
    initialised: Path, built: Path, tmp_path: Path, browse: Opener, launch: Callable[..., BrowserContext]
) -> Iterator[Place]:
    """A team on a server that may be destroyed."""
    shutil.copytree(initialised, tmp_path / "data")
    server = Server(tmp_path / "data", {"VIRTAAMO_WEB": str(built)}).start()
    place = Place(server, browse, launch, tmp_path)
    yield place
    place.close()
    server.close()


def test_what_the_backup_did_not_have_is_back_on_everybodys_board(own_place, tmp_path):
    place, server = own_place, own_place.server
    aino, timo = place.person("Aino"), place.person("Timo")
    aino.write_idea("Uusi lamppu")
    aino.everything_is_delivered()
    assert server.cli("backup", str(tmp_path / "one.backup")).returncode == 0
    aino.write_idea("Toinen kello")
    timo.sees_on_board("Toinen kello")
    timo.open_card("Toinen kello")
    timo.comment("Hyvä ajatus kelloksi")
    timo.everything_is_delivered()
    timo.offline()
    timo.write_idea("Kolmas tuoli")
    server.stop(signal.SIGKILL)
    key = server.kept_key()
    shutil.rmtree(server.folder)
    done = server.cli("restore", str(tmp_path / "one.backup"), *key)
    assert done.returncode == 0, done.stderr
    server.start(port=server.port)
    outi = place.person("Outi")
    outi.sees_on_board("Uusi lamppu")
    outi.sees_on_board("Toinen kello")
    timo.online()
    outi.sees_on_board("Kolmas tuoli")
    outi.open_card("Toinen kello")
    expect(outi.page.get_by_role("listitem").filter(has_text="Hyvä ajatus kelloksi")).to_have_count(1)
    for device in (aino, timo):
        device.everything_is_delivered()
        for title in ("Uusi lamppu", "Toinen kello", "Kolmas tuoli"):
            device.sees_on_board(title)

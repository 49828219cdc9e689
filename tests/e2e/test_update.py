"""A new version of the app waits for the person, and a wrong byte never gets in."""

import json
import shutil
from contextlib import suppress
from hashlib import sha256

import pytest
from playwright.sync_api import Error, expect

from tests.conftest import Server
from tests.e2e.place import Place

VERSION = "document.documentElement.dataset.version ?? 'first'"
LOOK_FOR_UPDATE = "navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => null)"
STATE = """navigator.serviceWorker.getRegistration().then((one) =>
  one.installing ? 'installing' : one.waiting ? 'waiting' : 'none')"""

HAS_TAKEN_OVER = "navigator.serviceWorker.getRegistration().then((one) => !one?.installing && !one?.waiting)"

CACHED = """navigator.serviceWorker.ready.then(() => caches.keys()).then(([name]) => caches.open(name))
  .then((cache) => cache.keys()).then((all) => all.length)"""


@pytest.fixture
def renewed(initialised, built, browse, launch, tmp_path):
    """A place whose server gets another build of the app when told: (place, publish)."""
    web = tmp_path / "web"
    shutil.copytree(built, web)
    shutil.copytree(initialised, tmp_path / "data")
    server = Server(tmp_path / "data", {"VIRTAAMO_WEB": str(web)}).start()
    place = Place(server, browse, launch, tmp_path)

    def publish(*, wrong_byte: bool = False) -> None:
        shell, worker = web / "index.html", web / "sw.js"
        old = shell.read_text()
        new = old.replace("<html ", '<html data-version="second" ')
        worker.write_text(worker.read_text().replace(digest(old), digest(new)))
        shell.write_text(new + (" " if wrong_byte else ""))

    publish.web = web
    yield place, publish
    place.close()
    server.close()


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]  # the half that the worker carries


def test_d13_d24_a_new_version_waits_until_the_words_are_put_aside(renewed) -> None:
    place, publish = renewed
    aino = place.person("Aino")
    aino.begin_idea("Lamppu käytävään, koska")
    publish()
    aino.page.evaluate(LOOK_FOR_UPDATE)
    aino.until(lambda: aino.page.evaluate(STATE) == "waiting")
    expect(aino.field("Mitä ehdotat?")).to_have_value("Lamppu käytävään, koska")
    aino.sees_no("Uusi versio on valmis.")
    assert aino.page.evaluate(VERSION) == "first"

    aino.press("Sulje, luonnos säilyy")
    aino.press("Päivitä")
    expect(aino.page.locator("html[data-version=second]")).to_be_attached()
    aino.menu().get_by_role("button", name="Kirjaa uusi").click()
    expect(aino.field("Mitä ehdotat?")).to_have_value("Lamppu käytävään, koska")


def test_d24_a_new_version_that_nobody_took_is_there_at_the_next_start(renewed) -> None:
    place, publish = renewed
    aino = place.person("Aino")
    publish()
    aino.page.evaluate(LOOK_FOR_UPDATE)
    aino.sees("Uusi versio on valmis.")
    aino.page.close()
    aino.page = aino.new_tab()
    # Where the old version still answers, its page goes over to the new one before it is whole.
    aino.page.goto(aino.url, wait_until="commit")
    expect(aino.page.locator("html[data-version=second]")).to_be_attached()
    aino.everything_is_delivered()


def test_d22_a_page_that_was_on_its_way_while_the_worker_took_over_gets_it_too(place: Place) -> None:
    aino, asked = place.device(), []
    late = aino.new_tab()
    late.route("**/lunasta", lambda route: asked.append(route))
    late.evaluate("url => location.assign(url)", f"{aino.url}/lunasta")
    aino.until(lambda: asked)
    aino.visit("/")
    aino.has_its_worker()

    asked[0].continue_()
    late.wait_for_url("**/lunasta")
    aino.has_its_worker(late)


def test_d21_a_version_with_one_wrong_byte_is_not_taken(renewed) -> None:
    place, publish = renewed
    aino = place.person("Aino")
    publish(wrong_byte=True)
    aino.page.evaluate(LOOK_FOR_UPDATE)
    aino.until(lambda: aino.page.evaluate(STATE) == "none")
    aino.page.reload()
    aino.everything_is_delivered()
    assert aino.page.evaluate(VERSION) == "first"
    aino.offline()
    aino.page.reload()
    aino.write_idea("Lamppu käytävään")


@pytest.mark.parametrize("harm", ["", "a wrong byte", "no pack"])
def test_d21_a_new_device_takes_the_app_in_one_pack_or_else_file_by_file(renewed, harm) -> None:
    place, publish = renewed
    (pack,) = (publish.web / "assets").glob("*.pack")
    if harm == "a wrong byte":
        pack.write_bytes(pack.read_bytes().replace(b"import", b"imp0rt", 1))
    elif harm:
        pack.unlink()
    aino = place.person("Aino")
    assert aino.page.evaluate(CACHED) == len(json.loads((publish.web / "assets.json").read_text())["assets"])
    by_itself = [path for path in aino.network.asked if path.startswith("GET /assets/")]
    assert (len(by_itself) > 100) == (harm == "no pack")
    aino.offline()
    aino.visit("/vahvuudet")
    expect(aino.page.get_by_role("heading", name="Vahvuuteni", level=1)).to_be_visible()
    aino.visit("/")
    aino.write_idea("Lamppu käytävään")


def test_d24_a_part_of_the_old_version_still_loads_until_the_reload(renewed) -> None:
    """The new version lies ready and the server has the old one's parts no more: what was never opened opens."""
    place, publish = renewed
    aino = place.person("Aino")
    publish()
    aino.page.evaluate(LOOK_FOR_UPDATE)
    aino.sees("Uusi versio on valmis.")
    shutil.rmtree(publish.web / "assets")
    aino.go("Minä")
    expect(aino.page.get_by_role("heading", name="Aino", level=1)).to_be_visible()
    assert aino.page.evaluate(VERSION) == "first"


def test_d27_the_way_out_of_a_bad_release_leaves_the_words_alone(renewed) -> None:
    place, publish = renewed
    aino = place.person("Aino")
    aino.offline()
    aino.write_idea("Lamppu käytävään")
    aino.online()
    aino.everything_is_delivered()
    aino.offline()
    aino.write_idea("Kello seinälle")
    aino.begin_idea("Kesken jäi")
    aino.keeps_a_draft()
    aino.press("Sulje, luonnos säilyy")
    good = (publish.web / "sw.js").read_bytes()
    shutil.copy(publish.web / "way-out.js", publish.web / "sw.js")

    aino.online()
    aino.page.evaluate(LOOK_FOR_UPDATE)
    # A worker that is asked for one page after the other hands over to nobody meanwhile.
    aino.until(lambda: aino.page.evaluate(HAS_TAKEN_OVER))
    aino.until(lambda: comes_from_the_network(aino))
    for title in ("Lamppu käytävään", "Kello seinälle"):
        aino.sees_on_board(title)
    aino.everything_is_delivered()

    (publish.web / "sw.js").write_bytes(good)
    aino.page.reload()
    aino.has_its_worker()
    aino.menu().get_by_role("button", name="Kirjaa uusi").click()
    expect(aino.field("Mitä ehdotat?")).to_have_value("Kesken jäi")


def comes_from_the_network(device) -> bool:
    """Whether a page is asked of the server, and not of what a worker keeps."""
    device.network.asked.clear()
    with suppress(Error):  # the page may be on its way anew already, since its worker has gone
        device.visit("/taulu")
    return "GET /taulu" in device.network.asked

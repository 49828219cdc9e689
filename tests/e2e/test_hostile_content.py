"""Hostile words on every screen, on paper and in every file that can be taken away: nothing runs and nothing moves."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page

from sync.protocol import Code
from tests.conftest import join_with
from tests.e2e.place import DESK, PHONE, Opener, Place
from tests.e2e.screens import Home, settle_in
from tests.e2e.test_screens import WIDER, everywhere
from tests.hostile import WORDS, faults_in_file
from tests.pens import Pen
from tests.routes import calls
from tests.unit.test_uploads import SCRIPT, picture, segment

TRAP = """(() => {
  globalThis.ranHere = []
  const note = (what) => (...said) => { globalThis.ranHere.push([what, ...said].join(' ').slice(0, 200)) }
  for (const name of ['ran', 'alert', 'confirm', 'prompt', 'open']) globalThis[name] = note(name)
  addEventListener('securitypolicyviolation', (event) => note('blocked')(event.violatedDirective, event.blockedURI))
})()"""
FOUND = """() => {
  const live = 'script:not([src]), iframe, object, embed, base, link[rel=import], form[action], ' +
    'meta[http-equiv]:not([http-equiv="Content-Security-Policy"]), ' +
    ['onerror', 'onload', 'onclick', 'onfocus', 'onmouseover', 'ontoggle'].map((name) => `[${name}]`).join(', ')
  const foreign = [...document.querySelectorAll('[href], [src]')]
    .map((one) => one.getAttribute('href') ?? one.getAttribute('src'))
    .filter((to) => !/^(blob:|https?:|[/#])/.test(to) && to !== '' || /^([/][/]|.*paha)/.test(to))
  const nodes = [...document.querySelectorAll(live)].map((one) => one.outerHTML.slice(0, 200))
  return [...globalThis.ranHere, ...nodes, ...foreign]
}"""
OPEN_ALL = "() => { for (const one of document.querySelectorAll('summary')) one.click() }"
RENAME = """async (name) => {
  const headers = { 'X-Virtaamo': '1', 'Content-Type': 'application/json' }
  return (await fetch('/api/me', { method: 'PATCH', headers, body: JSON.stringify({ name }) })).status
}"""
NAMES = ("<img/src=x/onerror=ran()>", '=HYPERLINK("http://paha.example")')


def trap(context: BrowserContext, page: Page) -> None:
    """Write down whatever runs or is blocked, from the first script of every page on."""
    context.add_init_script(TRAP)
    page.reload()


def fill(home: Home) -> list[bytes]:
    """Write every word into every place that takes words, as an author and as a supervisor; the ids of the ideas."""
    place = home.place
    author = Pen(join_with(place.server, place.code(), NAMES[0]))
    supervisor = Pen(join_with(place.server, place.code("supervisor"), NAMES[1]))
    photo = picture()
    sha = sha256(photo).hexdigest()
    author.client.put(f"/api/files/{sha}", content=photo, headers={"Content-Type": "image/jpeg"})
    return [write(author, supervisor, word, sha) for word in WORDS.values()]


def write(author: Pen, supervisor: Pen, word: str, sha: str) -> bytes:
    """One word in an idea, its answer, its reason, a comment and an observation."""
    team = author.space()
    card = author.idea(team, team, title=word[:80], text=f"{word}\n{word}", **{f"photos/{sha}": word})
    filled = word.ljust(10, ".")
    answer = {
        "size": "quick",
        "stage": "not_now",
        "reason": filled,
        "reply": [filled, None],
        "owner": word[:80],
    }
    assert supervisor.write(team, "idea", answer, card).code == Code.DONE
    for pen in (author, supervisor):
        assert pen.write(team, "comment", {"on": card, "text": word}).code == Code.DONE
        assert pen.write(team, "observation", {"team": team, "text": word.ljust(3, ".")}).code == Code.DONE
    return card


@pytest.fixture(scope="module")
def spoiled(shared_server, browse, launch, tmp_path_factory) -> Iterator[tuple[Home, list[bytes]]]:
    """A lived-in team whose people have hostile names and write nothing but hostile words: (home, ideas)."""
    place = Place(shared_server, browse, launch, tmp_path_factory.mktemp("spoiled"))
    home = settle_in(place)
    cards = fill(home)
    for device, name in ((home.aino, NAMES[0]), (home.jorma, NAMES[1])):
        trap(device.context, device.page)
        assert device.page.evaluate(RENAME, name) == 200
    for device in (home.guest, home.ville):
        trap(device.context, device.page)
    yield home, cards
    place.close()


@pytest.mark.parametrize("shape", [PHONE, DESK], ids=["phone", "desk"])
def test_nothing_runs_and_nothing_leaves_the_window_on_any_screen(spoiled, shape):
    home, _ = spoiled
    for device in (home.aino, home.jorma, home.guest, home.ville):
        device.page.set_viewport_size(shape)

    def look(page: Page) -> list[str]:
        return [*page.evaluate(FOUND), *page.evaluate(WIDER)]

    assert everywhere(home, look) == ""


def test_every_card_shows_its_words_and_nothing_else(spoiled):
    home, cards = spoiled
    page, found = home.jorma.page, []
    page.set_viewport_size(PHONE)
    for card, (name, word) in zip(cards, WORDS.items(), strict=True):
        home.jorma.visit(f"/kortti/{card.hex()}")
        page.get_by_role("heading", level=1).wait_for()
        page.evaluate(OPEN_ALL)
        title = page.get_by_role("heading", level=1).evaluate("(one) => one.textContent")
        if seen(title) != seen(word[:80]):
            found.append(f"{name}: its title is {title!r}")
        for media in ("screen", "print"):
            page.emulate_media(media=media)
            found += [f"{name} on {media}: {one}" for one in (*page.evaluate(FOUND), *page.evaluate(WIDER))]
        page.emulate_media(media="screen")
    assert found == []


def seen(text: str) -> str:
    """What a reader can tell apart: letters without the spaces around and between them."""
    return "".join(letter for letter in text if letter.isprintable() and not letter.isspace())


def test_what_is_saved_from_the_app_does_nothing_where_it_is_opened(spoiled, browse, tmp_path):
    home, _ = spoiled
    home.jorma.visit("/mina")
    with home.jorma.page.expect_download() as waited:
        home.jorma.press(home.say("export.do"))
    name = waited.value.suggested_filename
    waited.value.save_as(tmp_path / name)

    assert opened([(name, (tmp_path / name).read_bytes())], browse, tmp_path) == []


def test_pages_and_tables_of_every_call_do_nothing_where_they_are_opened(spoiled, browse, tmp_path):
    home, _ = spoiled
    assert opened(taken_away(home), browse, tmp_path) == []


def opened(files: Iterable[tuple[str, bytes]], browse: Opener, folder: Path) -> list[str]:
    """Open files as their owner would, pages in a browser; what is wrong with them."""
    context = browse()
    context.add_init_script(TRAP)
    page, faults = context.new_page(), []
    for name, content in unpacked(files):
        faults += [f"{name}: {one}" for one in faults_in_file(name, content)]
        if name.endswith(".html"):
            (folder / "page.html").write_bytes(content)
            page.goto((folder / "page.html").as_uri())
            faults += [f"{name}: {one}" for one in (*page.evaluate(FOUND), *page.evaluate(WIDER))]
    context.close()
    return faults


def unpacked(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """The files, and behind each archive what lies in it."""
    for name, content in files:
        yield name, content
        if name.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                yield from ((inner, archive.read(inner)) for inner in archive.namelist())


def taken_away(home: Home) -> Iterator[tuple[str, bytes]]:
    """Every file that a call gives, as an author and as those who lead."""
    endings = {"text/csv": "csv", "text/calendar": "ics", "application/zip": "zip"}
    place = home.place
    codes = [(place.code(), NAMES[0]), (place.code("supervisor"), NAMES[1])]
    codes += [(place.server.invite(role, None), NAMES[0]) for role in ("dev_lead", "admin")]
    for code, name in codes:
        client = join_with(place.server, code, name)
        for path in paths(place.space):
            reply = client.get(path)
            ending = endings.get(reply.headers.get("content-type", "").partition(";")[0])
            if reply.status_code == 200 and ending:
                yield f"{path}.{ending}", reply.content


def paths(space: int) -> list[str]:
    """What can be read by an address."""
    plain = [call.path for call in calls() if call.method == "GET" and call.path not in ("/api/live", "/")]
    return [*plain, *(f"{path}?space={space}" for path in plain)]


def test_d80_a_photo_with_a_page_in_its_colour_profile_is_a_picture_and_nothing_else(place, tmp_path: Path):
    """The one segment that may hold bytes of anybody's: served as a picture, in a sandbox, it stays one."""
    device = place.person("Aino")
    trap(device.context, device.page)
    photo = picture()
    spoiled = photo[:2] + segment(0xE2, b"ICC_PROFILE\0\1\1" + SCRIPT) + photo[2:]
    sha = sha256(spoiled).hexdigest()
    pen = Pen(join_with(place.server, place.code(), "Timo"))
    kept: httpx.Response = pen.client.put(
        f"/api/files/{sha}", content=spoiled, headers={"Content-Type": "image/jpeg"}
    )
    pen.idea(pen.space(), pen.space(), **{f"photos/{sha}": "Kuva"})

    assert kept.status_code == 204
    reply = device.page.goto(f"{device.url}/api/files/{sha}")
    assert reply is not None
    assert reply.status == 200
    assert device.page.evaluate("document.contentType") == "image/jpeg"
    assert device.page.evaluate("[...document.scripts].length") == 0
    ran = device.page.evaluate("globalThis.ranHere")
    assert [one for one in ran if not one.startswith("blocked style-src")] == []
    device.faults.clear()  # the sandbox holds off even the style of the browser's own page around a picture

"""Every screen: nothing for axe to find, in two languages and two themes; nothing too wide for the smallest phone."""

from dataclasses import dataclass

import pytest

from tests.conftest import ROOT
from tests.e2e.place import DESK, PHONE, Place
from tests.e2e.screens import LONG_NAME, SCREENS, settle_in

AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """async (rules) => {
  await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))
  const ends = (one) => one.effect.getComputedTiming().endTime < 10_000
  await Promise.all(document.getAnimations().filter(ends).map((one) => one.finished.catch(() => null)))
  const { violations } = await axe.run(document, { resultTypes: ['violations'], ...rules })
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(' | ')}`)
}"""
WIDER = """() => [document.documentElement, ...document.querySelectorAll('dialog[open]')]
  .filter((one) => one.scrollWidth > one.clientWidth)
  .flatMap((one) => [...one.querySelectorAll(':not(.vh)')]
    .filter((part) => part.getBoundingClientRect().right > one.getBoundingClientRect().right + 1)
    .map((part) => `${part.tagName}.${part.className}`).slice(0, 5).concat('scrolls'))"""

CLIPPED = """(name) => [...document.querySelectorAll('main *, dialog[open] *')]
  .filter((one) => one.textContent.includes(name) && !one.closest('.vh') && one.checkVisibility())
  .filter((one) => getComputedStyle(one).overflowX === 'hidden' || getComputedStyle(one).overflowX === 'clip')
  .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1)
  .map((one) => `clips a name: ${one.tagName}.${one.className}`)"""


@dataclass
class Narrow:
    """A small window, with the root's text this much larger."""

    width: int
    text: str


@pytest.fixture(scope="module")
def home(shared_server, browse, launch, tmp_path_factory):
    place = Place(shared_server, browse, launch, tmp_path_factory.mktemp("home"))
    yield settle_in(place)
    place.close()


def everywhere(home, look):
    """What `look` finds on each screen, a line for each."""
    found = []
    for who, screens in SCREENS.items():
        for screen in screens:
            device = getattr(home, who)
            screen(home, device)
            device.page.get_by_role("main").wait_for()
            if trouble := look(device.page):
                found.append(f"{who}{screen.__name__}: {trouble}")
    return "\n".join(found)


@pytest.mark.parametrize("lang", ["fi", "sv"])
@pytest.mark.parametrize("shape", [DESK, PHONE], ids=["desk", "phone"])
def test_axe_finds_nothing_on_any_screen(home, lang, shape) -> None:
    axe = AXE.read_text()
    for device in (home.aino, home.jorma, home.guest, home.ville):
        device.page.set_viewport_size(shape)

    def look(page):
        page.evaluate(axe)
        page.emulate_media(color_scheme="light")
        light = page.evaluate(RUN_AXE, {})
        page.emulate_media(color_scheme="dark")
        return light + page.evaluate(RUN_AXE, {"runOnly": ["color-contrast"]})

    assert not (found := everywhere(home.speak(lang), look)), found


@pytest.mark.parametrize("narrow", [Narrow(320, "100%"), Narrow(390, "200%")], ids=["320 px", "200 % text"])
def test_nothing_is_wider_than_the_window(home, narrow) -> None:
    for device in (home.aino, home.jorma, home.guest, home.ville):
        device.page.set_viewport_size({"width": narrow.width, "height": 640})

    def look(page):
        page.evaluate("(size) => { document.documentElement.style.fontSize = size }", narrow.text)
        return page.evaluate(WIDER) + page.evaluate(CLIPPED, LONG_NAME)

    assert not (found := everywhere(home.speak("fi"), look)), found

"""Between "Tallessa" and "Perillä" the browser may die and a reply may get lost: no word goes, none comes twice."""

from contextlib import suppress

import psutil
import pytest
from playwright.sync_api import expect


def kill_browser(device) -> None:
    """SIGKILL to every process of the device's browser at once, as when the battery falls out."""
    mine = [p for p in psutil.process_iter(["cmdline"]) if is_of(p, f"--user-data-dir={device.profile}")]
    family = {child for process in mine for child in process.children(recursive=True)} | set(mine)
    assert len(family) > 2
    for process in family:
        with suppress(psutil.NoSuchProcess):  # some end by themselves as soon as the first is gone
            process.kill()
    psutil.wait_procs(family, timeout=20)


def reaction(device, words: str):
    return device.page.get_by_role("region", name="Reaktiot").get_by_role("button", name=words)


def is_of(process: psutil.Process, flag: str) -> bool:
    return flag in (process.info["cmdline"] or ())


@pytest.mark.parametrize("trouble", ["cut", "lose_replies"])
def test_a_browser_killed_before_perilla_loses_nothing_and_doubles_nothing(place, trouble) -> None:
    jorma = place.person("Jorma", "supervisor")
    aino = place.person("Aino", kept=True)
    aino.write_idea("Kello seinälle")
    aino.everything_is_delivered()
    getattr(aino.network, trouble)()
    aino.write_idea("Lamppu käytävään. Yöllä ei näe.")
    if trouble == "lose_replies":
        jorma.sees_on_board("Lamppu käytävään")
    kill_browser(aino)

    aino.network.mend()
    aino.open("/taulu")
    aino.everything_is_delivered()
    for device in (aino, jorma):
        device.sees_on_board("Lamppu käytävään")
        device.open_card("Lamppu käytävään")
        device.sees("Yöllä ei näe.")


def lose_the_reply_to_a_mark(device, other) -> None:
    """The device's mark reaches the other, and the device never hears of it.

    Where a device that polls was just asking, it takes its line for dead and sends nothing: then again from the start.
    """
    for _ in range(3):
        device.network.lose_replies()
        device.press("Meilläkin")
        with suppress(AssertionError):
            return expect(reaction(other, "Meilläkin 1")).to_be_visible()
        device.network.mend()
        expect(reaction(other, "Meilläkin 1")).to_be_visible()
        device.everything_is_delivered()
        device.press("Meilläkin")
        expect(reaction(other, "Meilläkin 1")).to_be_hidden()
        device.everything_is_delivered()
    raise AssertionError("no mark arrived without a reply")


@pytest.mark.parametrize("live", [True, False], ids=["live", "post"])
def test_a_change_whose_reply_got_lost_is_sent_again_and_counts_once(place, live) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    jorma.write_idea("Lamppu käytävään")
    jorma.open_card("Lamppu käytävään")
    aino.open_card("Lamppu käytävään")
    if not live:
        aino.network.block_live()
    aino.comment("Hyvä idea.")
    aino.everything_is_delivered()
    lose_the_reply_to_a_mark(aino, jorma)

    aino.network.mend()
    aino.comment("Sama täällä.")
    aino.everything_is_delivered()
    for device in (aino, jorma):
        expect(device.page.get_by_role("listitem").filter(has_text="Sama täällä.")).to_have_count(1)
        expect(reaction(device, "Meilläkin 1")).to_be_visible()


def test_d13_a_half_written_idea_is_there_again_after_a_kill(place) -> None:
    aino = place.person("Aino", kept=True)
    aino.begin_idea("Lamppu käytävään, koska")
    aino.keeps_a_draft()
    kill_browser(aino)

    aino.open("/")
    aino.menu().get_by_role("button", name="Kirjaa uusi").click()
    expect(aino.field("Mitä ehdotat?")).to_have_value("Lamppu käytävään, koska")

"""One tablet through a night: the acceptance of shared tablets, four times slower and without a network."""

import re
import sqlite3

from playwright.sync_api import expect

from tests.e2e.tablet_device import come, enrolled, leader_of, lock, phone_of, type_pin, unlock
from tests.e2e.test_crash import kill_browser
from tests.e2e.test_drop_box import counts, drop, files_with, release

AINO, BETE, CECI, WRONG = "482913", "719264", "604915", "604917"
MARK, CONTROL = "Kvartsi", "Graniitti"
SLOWER = 4


def slow_down(tablet) -> None:
    """The processor of a cheap tablet."""
    session = tablet.context.new_cdp_session(tablet.page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def put_down(tablet) -> None:
    """Chromium writes cookies to the disk half a minute late, or when it is closed."""
    tablet.close()
    tablet.open("/lukko")
    slow_down(tablet)


def die(tablet) -> None:
    """The battery falls out, somebody looks at the disk, and puts it back."""
    kill_browser(tablet)
    assert files_with(tablet, MARK) == []
    tablet.open("/lukko")
    slow_down(tablet)
    tablet.sees("Kuka olet?")


def drop_here(tablet, text: str) -> None:
    """Words under no name, and back to the tiles."""
    drop(tablet, text)
    tablet.press("Koodi on muistissa")
    tablet.sees("Kuka olet?")


def lose_the_copy(tablet) -> None:
    """Ceci has forgotten the PIN: five wrong ones, with their waits, take what could be read."""
    tablet.press("Ceci C.")
    for left, wait in (("4 yritystä", 0), ("3 yritystä", 0), ("2 yritystä", 31_000)):
        type_pin(tablet, WRONG)
        tablet.sees(f"Vielä {left}")
        tablet.page.clock.fast_forward(wait)
    type_pin(tablet, WRONG)
    tablet.sees("Vielä yksi yritys")
    for _ in range(5):
        tablet.page.clock.fast_forward(25_000)
        tablet.page.mouse.click(5, 5)
    type_pin(tablet, WRONG)
    expect(tablet.page.get_by_role("heading", name="Kopiosi poistettiin tältä laitteelta")).to_be_visible()
    tablet.visit("/lukko")
    tablet.sees("Avaa uudelleen puhelimella")
    tablet.sees("5 odottaa lähetystä")


def waiting_drops(place) -> int:
    """What waits in the drop box of this team, for the hour at which it is shown."""
    with sqlite3.connect(place.server.folder / "virtaamo.db") as db:
        (count,) = db.execute("SELECT count(*) FROM dropped WHERE space = ?", (place.space,)).fetchone()
    return int(count)


def test_f1_f8_acceptance_every_word_of_a_night_arrives_under_its_author_or_under_nobody(place) -> None:
    leader = leader_of(place)
    tablet = enrolled(place, leader, kept=True)
    tablet.visit("/lukko")
    phones = {name: phone_of(place, name) for name in ("Aino Lahti", "Bete Berg", "Ceci Cederberg")}
    for phone, pin in zip(phones.values(), (AINO, BETE, CECI), strict=True):
        come(tablet, phone, pin)
        tablet.everything_is_delivered()
        lock(tablet)
    tablet.page.clock.install()
    tablet.visit("/lukko")
    tablet.until_later(10, lambda: counts(tablet)[1] > 1)
    put_down(tablet)

    tablet.offline()
    unlock(tablet, "Aino L.", AINO)
    tablet.write_idea(f"{MARK} Ainon")
    lock(tablet)
    die(tablet)
    unlock(tablet, "Bete B.", BETE)
    expect(tablet.page.get_by_text(f"{MARK} Ainon")).to_have_count(0)
    tablet.write_idea(f"{MARK} Beten")
    tablet.begin_idea(f"{MARK} Beten kesken")
    tablet.page.get_by_role("dialog").get_by_role("button", name="Lukitse").click()
    tablet.sees("Kuka olet?")
    unlock(tablet, "Ceci C.", CECI)
    tablet.write_idea(f"{MARK} Cecin")
    lock(tablet)
    drop_here(tablet, f"{MARK} nimetön")
    drop_here(tablet, f"{MARK} toinen nimetön")
    tablet.sees("5 odottaa lähetystä")
    die(tablet)
    tablet.page.clock.install()
    tablet.visit("/lukko")
    lose_the_copy(tablet)
    bete = phones["Bete Berg"]
    removed = leader.delete(f"/api/persons/{bete.me['person']}/grants/{place.space}")
    assert removed.status_code == 204, removed.text

    tablet.online()
    # Whoever heard of no change of the network tries once a minute; drops leave one by one, within ten.
    tablet.until_later(10, lambda: tablet.page.get_by_text("Kaikki perillä").is_visible())
    tablet.until_later(10, lambda: waiting_drops(place) == 2)

    release(place)

    dora = place.person("Dora", "supervisor")
    dora.go("Taulu")
    for words in ("Ainon", "Cecin"):
        expect(dora.page.get_by_role("link", name=f"{MARK} {words}", exact=True)).to_have_count(1)
    dora.open_card(f"{MARK} Ainon")
    dora.sees("Aino Lahti")
    dora.open_card(f"{MARK} Cecin")
    dora.sees("Ceci Cederberg")
    dora.go("Taulu")
    expect(dora.page.get_by_role("link", name=f"{MARK} Beten")).to_have_count(0)
    for whose, address in ((leader, f"/api/quarantine?space={place.space}"), (bete, "/api/quarantine")):
        assert whose.get(address).text.count(f"{MARK} Beten") == 1
    for words in ("nimetön", "toinen nimetön"):
        dora.open_card(f"{MARK} {words}")
        dora.sees(re.compile("^nimetön · "))

    tablet.page.evaluate(f"localStorage.setItem('control', '{CONTROL}')")
    tablet.close()
    assert files_with(tablet, CONTROL), "the search finds what lies open"
    assert files_with(tablet, MARK) == []

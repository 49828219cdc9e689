"""Bad networks: firewalls, guest networks' portals, and clocks that are wrong."""

import pytest
from playwright.sync_api import expect

SHIFTED_CLOCK = """(() => {
  const Real = Date
  const off = OFF
  globalThis.Date = class extends Real {
    constructor(...given) { if (given.length) super(...given); else super(Real.now() + off) }
    static now() { return Real.now() + off }
  }
})()"""
TWO_DAYS_MS = 2 * 24 * 3600 * 1000


def test_a_network_without_websockets_still_carries_words_both_ways(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    aino.network.block_live()
    aino.write_idea("Lamppu käytävään")
    aino.everything_is_delivered()
    jorma.sees_on_board("Lamppu käytävään")

    jorma.open_card("Lamppu käytävään")
    jorma.comment("Hyvä idea.")
    jorma.everything_is_delivered()
    aino.go("Minä")
    aino.press("Lähetä nyt")
    aino.open_card("Lamppu käytävään")
    aino.sees("Hyvä idea.")
    assert "POST /api/sync" in aino.network.asked


def test_d21_d23_a_portal_that_answers_everything_leaves_words_and_app_alive(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    aino.network.put_portal()
    aino.write_idea("Lamppu käytävään")
    aino.page.reload()
    aino.page.evaluate(
        "navigator.serviceWorker.getRegistration().then((one) => one.update()).catch(() => null)"
    )
    aino.page.reload()
    aino.sees_on_board("Lamppu käytävään")
    expect(aino.page.get_by_role("link", name="1 odottaa verkkoa").first).to_be_visible()

    aino.online()
    aino.page.reload()
    aino.everything_is_delivered()
    jorma.sees_on_board("Lamppu käytävään")


def test_a_join_behind_a_portal_says_that_a_network_is_needed(place) -> None:
    aino = place.device()
    aino.visit(f"/liity#{place.code()}")
    aino.field("Etunimesi").fill("Aino")
    aino.network.put_portal()
    aino.press("Liity")
    aino.sees("Tähän tarvitaan verkko. Kokeile uudelleen, kun yhteys palaa.")

    aino.network.mend()
    aino.press("Liity")
    aino.leave_the_passkey_for_later("Aino")
    aino.is_at_home("Aino")


@pytest.mark.parametrize("off", [TWO_DAYS_MS, -TWO_DAYS_MS], ids=["ahead", "behind"])
def test_a_clock_two_days_off_harms_nobody(place, off) -> None:
    jorma, sari = place.person("Jorma", "supervisor"), place.person("Sari", "supervisor")
    jorma.context.add_init_script(SHIFTED_CLOCK.replace("OFF", str(off)))
    jorma.page.reload()
    jorma.write_idea("Lamppu käytävään")
    jorma.everything_is_delivered()
    sari.open_card("Lamppu käytävään")
    jorma.open_card("Lamppu käytävään")

    first, last = (sari, jorma) if off < 0 else (jorma, sari)
    for device in (jorma, sari):
        device.offline()
    first.move("Kokeillaan")
    last.move("Käytössä")
    last.online()
    last.everything_is_delivered()
    first.online()
    first.everything_is_delivered()
    for device in (jorma, sari):
        device.go("Taulu")
        expect(device.lane("Käytössä").get_by_role("link", name="Lamppu käytävään")).to_be_visible()
        expect(device.lane("Kokeillaan").get_by_role("link")).to_have_count(0)


@pytest.mark.parametrize("off", [TWO_DAYS_MS, -TWO_DAYS_MS], ids=["ahead", "behind"])
def test_words_from_a_device_whose_clock_is_off_are_dated_today(place, off) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    aino.context.add_init_script(SHIFTED_CLOCK.replace("OFF", str(off)))
    aino.page.reload()
    aino.everything_is_delivered()
    aino.write_idea("Lamppu käytävään")
    aino.open_card("Lamppu käytävään")
    aino.comment("Yöllä ei näe.")
    aino.everything_is_delivered()

    for device in (jorma, aino):
        device.open_card("Lamppu käytävään")
        said = device.page.get_by_role("listitem").filter(has_text="Yöllä ei näe.")
        expect(said).to_contain_text("tänään")


def test_d26_the_worker_sends_what_waits_when_no_page_is_open(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    aino.offline()
    aino.write_idea("Lamppu käytävään")
    other = aino.context.new_page()
    cdp = aino.context.new_cdp_session(other)
    workers: list[dict[str, str]] = []
    cdp.on("ServiceWorker.workerRegistrationUpdated", lambda said: workers.extend(said["registrations"]))
    cdp.send("ServiceWorker.enable")
    aino.until(lambda: bool(workers))
    aino.page.close()
    aino.online()

    wake = {
        "origin": aino.url,
        "registrationId": workers[-1]["registrationId"],
        "tag": "send",
        "lastChance": False,
    }
    cdp.send("ServiceWorker.dispatchSyncEvent", wake)

    jorma.sees_on_board("Lamppu käytävään")
    aino.page = other
    aino.visit("/taulu")
    aino.everything_is_delivered()
    aino.sees_on_board("Lamppu käytävään")

"""Being woken, in a real browser: asked by a tap alone, a word without words, and the right card."""

import shutil

import pytest
from playwright.sync_api import expect

from tests.conftest import Server, join_with
from tests.e2e.conftest import opener
from tests.e2e.device import Device
from tests.e2e.place import Place
from tests.e2e.test_screens import AXE, RUN_AXE, WIDER
from tests.push import Browser, PushService
from tests.unit.test_live import Phone

PUSHING = {"VIRTAAMO_PUSH_CONTACT": "it@virtaamo.example", "VIRTAAMO_PUSH_LOOPBACK": "1"}
NEVER = {"start": 0, "end": 0, "days": [], "away": False, "silent": []}
# Headless browsers have no push service: this one is as the real one is to a page, and reached on this machine.
PUSH_MANAGER = """([endpoint, keys]) => {
  const kept = 'push'
  const isOn = () => caches.has(kept)
  const made = (key) => ({
    endpoint, options: { applicationServerKey: key },
    toJSON: () => ({ endpoint, keys }),
    unsubscribe: () => caches.delete(kept),
  })
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || Notification.permission !== 'granted') throw new DOMException('no', 'NotAllowedError')
    await caches.open(kept)
    return made(null)
  }
  PushManager.prototype.getSubscription = async () => ((await isOn()) ? made(null) : null)
}"""
UNASKED = """
  let permission = 'default'
  Object.defineProperty(Notification, 'permission', { get: () => permission })
  Notification.requestPermission = async () => { window.asked = true; return permission = 'denied' }
"""
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready
  const shown = await registration.getNotifications()
  return shown.map(({ title, body, data, lang }) => ({ title, body, data, lang }))
}"""
TOUCH = """async () => {
  const [notification] = await self.registration.getNotifications()
  const opened = new Promise((done) => {
    const { openWindow } = self.clients
    self.clients.openWindow = async (path) => { done(path); self.clients.openWindow = openWindow }
  })
  const event = new NotificationEvent('notificationclick', { notification })
  self.dispatchEvent(event)
  return Promise.race([opened, new Promise((done) => setTimeout(() => done('a window that is open'), 2000))])
}"""


@pytest.fixture(scope="module")
def browse(whole_chromium):
    return opener(whole_chromium)


@pytest.fixture
def service():
    running = PushService()
    yield running
    running.close()


@pytest.fixture(scope="module")
def pushing(tmp_path_factory, initialised, built):
    """A server that wakes browsers of a push service on this machine."""
    folder = tmp_path_factory.mktemp("pushing") / "data"
    shutil.copytree(initialised, folder)
    running = Server(folder, PUSHING | {"VIRTAAMO_WEB": str(built)}).start("--host", "localhost")
    yield running
    running.close()


@pytest.fixture
def place(pushing, browse, launch, tmp_path):
    """A team there."""
    made = Place(pushing, browse, launch, tmp_path)
    yield made
    made.close()


def with_push(device: Device, browser: Browser) -> None:
    """The device's browser has a push service, and its person lets Virtaamo notify."""
    keys = {name: browser.form[name] for name in ("p256dh", "auth")}
    device.context.add_init_script(f"({PUSH_MANAGER})({[browser.endpoint, keys]})")
    device.context.grant_permissions(["notifications"], origin=device.url)
    device.page.reload()


def deliver(device: Device, text: str) -> dict[str, str]:
    """What a push service does with a message; the one notice that the worker then shows."""
    line = device.context.new_cdp_session(device.page)
    seen: list[str] = []
    line.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: seen.extend(one["registrationId"] for one in event["registrations"]),
    )
    line.send("ServiceWorker.enable")
    device.until(lambda: bool(seen))
    message = {"origin": device.url, "registrationId": seen[-1], "data": text}

    shown: list[dict[str, str]] = []

    def shows() -> bool:
        """The app clears what is shown when it starts, so a word may have to come twice."""
        line.send("ServiceWorker.deliverPushMessage", message)
        shown[:] = device.page.evaluate(SHOWN)
        return bool(shown)

    device.until(shows)
    (one,) = shown
    return one


def somebody(server: Server, team: str, name: str) -> Phone:
    """A member of the team who writes by hand."""
    return Phone(server, join_with(server, server.invite(team=team), name=name))


def turn_on(device: Device) -> None:
    """Minä → Ilmoitukset."""
    device.go("Minä")
    switch = device.page.get_by_role("switch", name="Ilmoitukset tässä laitteessa")
    expect(switch).to_have_attribute("aria-checked", "false")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "true")


def stay_up(device: Device) -> None:
    """No quiet hours, so that the test runs by night too."""
    form = {"quiet": NEVER}
    device.page.evaluate(
        """(form) => fetch('/api/me', { method: 'PATCH', body: JSON.stringify(form),
        headers: { 'Content-Type': 'application/json', 'X-Virtaamo': '1' } }).then((reply) => reply.text())""",
        form,
    )


def test_d85_d92_a_comment_becomes_a_word_without_words_that_opens_its_card(place, service) -> None:
    aino, browser = place.person("Aino"), service.browser()
    with_push(aino, browser)
    aino.write_idea("Lamppu käytävään")
    aino.everything_is_delivered()
    turn_on(aino)
    stay_up(aino)
    aino.open_card("Lamppu käytävään")
    card = aino.page.url.rpartition("/")[2]
    timo = somebody(place.server, place.team, "Timo")
    on = {"on": (None, bytes.fromhex(card)), "text": (None, "Salainen ajatus")}
    assert timo.post([timo.change(on, kind="comment")]).verdicts[0].code == 0

    aino.go("Tänään")
    told = browser.read(service.next())
    assert told.card == card
    shown = deliver(aino, told.text)
    assert shown == {"title": "Sinulle on uutta", "body": "", "data": f"/kortti/{card}", "lang": "fi"}

    assert aino.context.service_workers[0].evaluate(TOUCH) == "a window that is open"
    expect(aino.page.get_by_role("heading", name="Lamppu käytävään", level=1)).to_be_visible()
    aino.sees("Salainen ajatus")
    aino.until(lambda: aino.page.evaluate(SHOWN) == [])


def test_d85_with_no_window_open_touching_opens_one(place, service) -> None:
    aino = place.person("Aino")
    with_push(aino, service.browser())
    aino.write_idea("Lamppu käytävään")
    aino.everything_is_delivered()
    aino.open_card("Lamppu käytävään")
    path = f"/kortti/{aino.page.url.rpartition('/')[2]}"
    deliver(aino, f'{{"s":{place.space},"c":"{path[8:]}"}}')
    worker = aino.context.service_workers[0]
    aino.page.goto("about:blank")
    aino.until(lambda: worker.evaluate("clients.matchAll().then((all) => all.length)") == 0)
    assert worker.evaluate(TOUCH) == path
    aino.visit(path)
    expect(aino.page.get_by_role("heading", name="Lamppu käytävään", level=1)).to_be_visible()


@pytest.mark.parametrize("text", ["", "no json", "[]", '{"s":1,"c":"../../evil"}', '{"c":7}'])
def test_d85_whatever_a_message_holds_there_is_a_word_and_no_strange_address(place, service, text) -> None:
    aino = place.person("Aino")
    with_push(aino, service.browser())
    shown = deliver(aino, text)
    assert (shown["title"], shown["data"]) == ("Sinulle on uutta", "/")


def test_d85_nobody_is_asked_before_they_tap_and_a_no_is_explained(place, service) -> None:
    aino = place.person("Aino")
    aino.context.add_init_script(UNASKED)
    with_push(aino, service.browser())
    aino.go("Minä")
    switch = aino.page.get_by_role("switch", name="Ilmoitukset tässä laitteessa")
    expect(switch).to_have_attribute("aria-checked", "false")
    assert aino.page.evaluate("window.asked") is None
    switch.click()
    aino.until(lambda: aino.page.evaluate("window.asked") is True)
    aino.sees("Selain estää ilmoitukset.")
    expect(switch).to_have_count(0)


def test_d85_hours_days_and_kinds_are_kept_by_the_server(place, service) -> None:
    aino = place.person("Aino")
    with_push(aino, service.browser())
    turn_on(aino)
    aino.field("Alkavat kello").fill("21:30")
    aino.field("Alkavat kello").blur()
    aino.press("su")
    aino.page.get_by_role("switch", name="Olen vapaalla").click()
    aino.page.get_by_role("switch", name="Kommentti lappuuni").click()
    quiet = {"start": 21 * 60 + 30, "end": 7 * 60, "days": [6], "away": True, "silent": ["comment"]}
    asked = "fetch('/api/me').then((reply) => reply.json()).then((me) => me.quiet)"
    aino.until(lambda: aino.page.evaluate(asked) == quiet)
    aino.page.reload()
    expect(aino.field("Alkavat kello")).to_have_value("21:30")
    expect(aino.button("su")).to_have_attribute("aria-pressed", "true")
    expect(aino.page.get_by_role("switch", name="Uusi idea odottaa vastaustani")).to_have_count(0)


HERE = "fetch('/api/push/key').then((reply) => reply.json()).then((key) => key.here)"
ENDS = """(endpoint) => fetch('/api/push/subscribe', { method: 'DELETE', body: JSON.stringify({ endpoint }),
  headers: { 'Content-Type': 'application/json', 'X-Virtaamo': '1' } }).then((reply) => reply.status)"""


def test_d89_at_every_start_the_server_is_told_what_the_browser_holds(place, service) -> None:
    aino, browser = place.person("Aino"), service.browser()
    with_push(aino, browser)
    turn_on(aino)
    known = aino.page.evaluate(HERE)
    assert known
    assert aino.page.evaluate(ENDS, browser.endpoint) == 204
    assert aino.page.evaluate(HERE) is None
    aino.page.reload()
    aino.until(lambda: aino.page.evaluate(HERE) == known)

    aino.page.evaluate("caches.delete('push')")  # the browser has let go of it
    aino.page.reload()
    aino.until(lambda: aino.page.evaluate("caches.has('push')") is True)


def test_d89_signing_out_ends_it_here_too(place, service) -> None:
    aino = place.person("Aino")
    with_push(aino, service.browser())
    turn_on(aino)
    aino.press("Kirjaudu ulos tältä laitteelta")
    aino.page.get_by_role("alertdialog").get_by_role("button", name="Kirjaudu ulos").click()
    aino.page.wait_for_url(f"{aino.url}/")
    aino.until(lambda: aino.page.evaluate("caches.has('push')") is False)


def test_d14_the_address_of_anothers_notice_opens_as_whoever_is_here_now(place, service) -> None:
    aino = place.person("Aino")
    with_push(aino, service.browser())
    aino.write_idea("Lamppu käytävään")
    aino.everything_is_delivered()
    aino.open_card("Lamppu käytävään")
    path = f"/kortti/{aino.page.url.rpartition('/')[2]}"
    aino.field("Kirjoita kommentti").fill("Ainon kesken")
    deliver(aino, f'{{"s":{place.space},"c":"{path[8:]}"}}')
    aino.context.clear_cookies()
    aino.visit(f"/liity#{place.code()}")
    aino.field("Etunimesi").fill("Ville")
    aino.press("Liity")
    aino.leave_the_passkey_for_later("Ville")
    aino.is_at_home("Ville")
    assert aino.page.evaluate(SHOWN) == []
    aino.visit(path)
    expect(aino.page.get_by_role("heading", name="Lamppu käytävään", level=1)).to_be_visible()
    expect(aino.page.get_by_label("Kirjoita kommentti")).to_have_value("")
    aino.comment("Villen sana")
    expect(aino.page.get_by_role("listitem").filter(has_text="Villen sana")).to_contain_text("Sinä")


def test_d85_where_no_phone_is_woken_the_app_says_so_and_works(
    shared_server, browse, launch, tmp_path
) -> None:
    place = Place(shared_server, browse, launch, tmp_path)
    aino = place.person("Aino")
    aino.go("Minä")
    aino.sees("Organisaatiosi ei ole ottanut ilmoituksia käyttöön.")
    aino.write_idea("Lamppu käytävään")
    aino.everything_is_delivered()
    place.close()


@pytest.mark.parametrize("lang", ["Suomi", "Svenska"])
def test_axe_finds_nothing_where_notifications_are_chosen_and_nothing_is_too_wide(
    place, service, lang
) -> None:
    aino = place.person("Aino", viewport={"width": 320, "height": 640})
    with_push(aino, service.browser())
    turn_on(aino)
    expect(aino.field("Alkavat kello")).to_be_visible()
    aino.page.get_by_role("radio", name=lang).click()
    aino.page.evaluate(AXE.read_text())
    for theme in ("light", "dark"):
        aino.page.emulate_media(color_scheme=theme)
        assert aino.page.evaluate(RUN_AXE, {}) == []
    assert aino.page.evaluate(WIDER) == []

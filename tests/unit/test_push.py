"""Being woken, from a change to a message that a browser can read; a real server, a push service that decrypts."""

import queue
import re
import shutil
import stat
import time
from hashlib import sha256

import pytest

from tests.conftest import Cookies, Server, join_with
from tests.push import PushService, check_signature
from tests.unit.test_live import Phone

CONTACT = "it@virtaamo.example"
PUSHING = {"VIRTAAMO_PUSH_CONTACT": CONTACT, "VIRTAAMO_PUSH_LOOPBACK": "1"}
NEVER = {"start": 0, "end": 0, "days": [], "away": False, "silent": []}  # no quiet hours
QUIET_S = 3  # longer than a message takes


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request) -> str:
    return request.param


@pytest.fixture
def service():
    running = PushService()
    yield running
    running.close()


@pytest.fixture(scope="module")
def one_on_sqlite(tmp_path_factory, initialised):
    yield from served(tmp_path_factory, initialised, {})


@pytest.fixture(scope="module")
def one_on_postgres(tmp_path_factory, postgres, installed):
    yield from served(
        tmp_path_factory, installed.folder, {"VIRTAAMO_DATABASE": postgres.borrow(installed.url)}
    )


def served(tmp_path_factory, made, environ):
    """A server that wakes browsers of a push service on this machine."""
    folder = tmp_path_factory.mktemp("woken") / "data"
    shutil.copytree(made, folder)
    running = Server(folder, PUSHING | environ).start()
    yield running
    running.close()


@pytest.fixture
def server(request, sort) -> Server:
    """One for all tests, with a team of the test's own."""
    running = request.getfixturevalue(f"one_on_{sort}")
    running.team = f"{request.node.name[:60]} {running.count()}"
    running.add_team()
    return running


@pytest.fixture
def aino(server, join) -> Phone:
    """Somebody without quiet hours."""
    return awake(server, join)


def awake(server, join, name="Aino", role="staff") -> Phone:
    phone = Phone(server, join(server, role, name=name))
    assert phone.client.patch("/api/me", json={"quiet": NEVER}).status_code == 200
    return phone


def subscribe(phone, browser) -> int:
    return phone.client.post("/api/push/subscribe", json=browser.form).status_code


def comment(phone, on, text="Hyvä!"):
    change = phone.change({"on": (None, on.card), "text": (None, text)}, kind="comment")
    (verdict,) = phone.post([change]).verdicts
    assert verdict.code == 0
    return change


def idea(phone, title="Lamppu käytävään"):
    made = phone.idea(title)
    assert phone.post([made]).verdicts[0].code == 0
    return made


def test_d85_d86_a_comment_on_my_card_is_a_sealed_word_of_its_number_alone(server, join, aino, service):
    browser, made = service.browser(), idea(aino)
    assert subscribe(aino, browser) == 204
    comment(awake(server, join, "Timo"), made, "Salainen ajatus")

    sent = service.next()
    told = browser.read(sent)
    assert (told.space, told.card) == (aino.team, made.card.hex())
    public = aino.client.get("/api/push/key").json()["public"]
    claims = check_signature(sent, public, service.url)
    assert claims["sub"] == f"mailto:{CONTACT}"
    assert (sent.headers["TTL"], sent.headers["Topic"]) == (str(12 * 3600), "virtaamo")
    assert sent.headers["Content-Encoding"] == "aes128gcm"
    assert "User-Agent" not in sent.headers


def test_d85_who_supervises_is_told_of_what_waits_for_an_answer_and_the_author_of_the_answer(
    server, join, aino, service
):
    jorma = awake(server, join, "Jorma", "supervisor")
    desk, phone = service.browser("desk"), service.browser("phone")
    subscribe(jorma, desk)
    subscribe(aino, phone)
    made = idea(aino)
    assert desk.read(service.next()).card == made.card.hex()

    sets = {
        "reply": (None, ["Kokeillaan heti maanantaina", None]),
        "size": (None, "quick"),
        "stage": ("new", "trying"),
    }
    (verdict,) = jorma.post([jorma.change(sets, made.card)]).verdicts
    assert verdict.code == 0, verdict
    assert phone.read(service.next()).card == made.card.hex()


def test_d85_nobody_is_told_of_their_own_doings_or_of_what_they_have_silenced(server, join, aino, service):
    timo = awake(server, join, "Timo")
    made, other = idea(aino), idea(timo)
    aino.client.patch("/api/me", json={"quiet": NEVER | {"silent": ["comment"]}})
    subscribe(aino, service.browser("aino"))
    browser = service.browser("timo")
    subscribe(timo, browser)
    comment(aino, made)
    comment(timo, made)
    comment(aino, other)

    assert browser.read(service.next()).card == other.card.hex()
    assert is_still(service)


def test_d85_within_half_an_hour_there_is_one_word(server, join, aino, service):
    browser, timo = service.browser(), awake(server, join, "Timo")
    subscribe(aino, browser)
    made = idea(aino)
    comment(timo, made)
    browser.read(service.next())
    comment(timo, made)
    assert is_still(service)


def test_d85_in_quiet_hours_nobody_is_woken_and_afterwards_once(server, join, aino, service):
    browser, timo = service.browser(), awake(server, join, "Timo")
    assert aino.client.patch("/api/me", json={"quiet": NEVER | {"away": True}}).json()["quiet"]["away"]
    subscribe(aino, browser)
    first, second = idea(aino), idea(aino, "Toinen")
    comment(timo, first)
    comment(timo, second)
    assert is_still(service)

    aino.client.patch("/api/me", json={"quiet": NEVER})
    assert browser.read(service.next())[:2] == (0, "")  # two cards: the app opens with what is new
    assert is_still(service)


def test_d88_an_endpoint_that_is_gone_is_forgotten(server, join, aino, service):
    service.status = 410
    subscribe(aino, service.browser())
    comment(awake(server, join, "Timo"), idea(aino))
    service.next()
    until(lambda: aino.client.get("/api/push/key").json()["here"] is None)


def test_d88_a_service_that_is_busy_is_left_alone_and_keeps_its_word(server, join, aino, service):
    service.status, service.headers = 503, {"Retry-After": "3600"}
    browser, before = service.browser(), fates(server, "later")
    subscribe(aino, browser)
    comment(awake(server, join, "Timo"), idea(aino))
    service.next()
    assert is_still(service)
    assert aino.client.get("/api/push/key").json()["here"] == digest(browser)
    until(lambda: fates(server, "later") == before + 1)


@pytest.mark.parametrize("sort", ["sqlite"], indirect=True)
def test_d88_a_service_that_refuses_us_is_told_to_the_admin_and_kept(server, join, aino, service):
    service.status = 403
    browser, before = service.browser(), fates(server, "refused")
    subscribe(aino, browser)
    comment(awake(server, join, "Timo"), idea(aino))
    service.next()
    until(lambda: fates(server, "refused") == before + 1)
    assert aino.client.get("/api/push/key").json()["here"] == digest(browser)
    said = server.cli("doctor").stdout
    assert "warn  Push services refuse" in said, said


@pytest.mark.parametrize("sort", ["sqlite"], indirect=True)
def test_d88_the_key_is_made_by_init_for_its_owner_alone_and_comes_with_the_backup(stopped, tmp_path):
    key = stopped.folder / "vapid"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    made = stopped.cli("backup", str(tmp_path / "one.backup"))
    assert made.returncode == 0, made.stderr
    other = Server(tmp_path / "restored")
    assert other.cli("restore", str(tmp_path / "one.backup"), *stopped.kept_key()).returncode == 0
    assert (other.folder / "vapid").read_bytes() == key.read_bytes()
    assert stat.S_IMODE((other.folder / "vapid").stat().st_mode) == 0o600


@pytest.mark.parametrize("sort", ["sqlite"], indirect=True)
def test_d88_the_doctor_looks_at_the_key_and_at_who_may_read_it(stopped):
    assert "ok    Phones are not woken: set VIRTAAMO_PUSH_CONTACT" in stopped.cli("doctor").stdout
    stopped.environ |= PUSHING
    assert "ok    Phones that wish it are woken" in stopped.cli("doctor").stdout
    (stopped.folder / "vapid").chmod(0o644)
    assert f"FAIL  Others than its owner may read {stopped.folder / 'vapid'}" in stopped.cli("doctor").stdout
    (stopped.folder / "vapid").unlink()
    assert "warn  There is no key for push" in stopped.cli("doctor").stdout


def test_d89_the_server_says_what_it_knows_of_this_browser(server, join, aino, service):
    browser, timo = service.browser(), Phone(server, join(server, name="Timo"))
    assert aino.client.get("/api/push/key").json()["here"] is None
    subscribe(aino, browser)
    assert aino.client.get("/api/push/key").json()["here"] == digest(browser)
    assert timo.client.get("/api/push/key").json()["here"] is None
    renewed = service.browser("renewed")
    subscribe(aino, renewed)
    assert aino.client.get("/api/push/key").json()["here"] == digest(renewed)
    assert (
        aino.client.request("DELETE", "/api/push/subscribe", json={"endpoint": renewed.endpoint}).status_code
        == 204
    )
    assert aino.client.get("/api/push/key").json()["here"] is None


def test_d89_signing_out_ends_the_subscription_of_that_session_alone(server, join, aino, service):
    phone, desk = service.browser("phone"), service.browser("desk")
    second = Phone(server, join_with(server, server.invite(person=aino.client.me["person"]), name=""))
    made = idea(aino)
    subscribe(aino, phone)
    subscribe(second, desk)
    assert aino.client.post("/api/logout", json={"waiting": 0}).status_code == 204
    comment(awake(server, join, "Timo"), made)
    assert desk.read(service.next()).card == made.card.hex()
    assert is_still(service)


def test_d89_a_browser_that_somebody_else_uses_now_is_theirs(server, join, aino, service):
    browser, timo = service.browser(), awake(server, join, "Timo")
    made = idea(aino)
    subscribe(aino, browser)
    subscribe(timo, browser)
    comment(timo, made)
    assert is_still(service)
    assert aino.client.get("/api/push/key").json()["here"] is None


@pytest.mark.parametrize("sort", ["sqlite"], indirect=True)
def test_d85_a_shared_device_is_never_woken(server, aino, service):
    aino.client.auth = Cookies(f"{aino.client.auth.cookie}; __Host-v_d=any")
    assert aino.client.get("/api/push/key").json()["error"] == "shared_device"
    reply = aino.client.post("/api/push/subscribe", json=service.browser().form)
    assert (reply.status_code, reply.json()["error"]) == (403, "shared_device")


@pytest.mark.parametrize("sort", ["sqlite"], indirect=True)
def test_d87_endpoints_of_nobody_we_know_are_refused(server, aino, service):
    form = service.browser().form | {"endpoint": "https://push.evil.example/x"}
    reply = aino.client.post("/api/push/subscribe", json=form)
    assert (reply.status_code, reply.json()["error"]) == (422, "endpoint_refused")
    for bad in ({"p256dh": "AAAA"}, {"auth": "AAAA"}, {"p256dh": "%%%"}):
        reply = aino.client.post("/api/push/subscribe", json=service.browser().form | bad)
        assert (reply.status_code, reply.json()["error"]) == (422, "invalid")


@pytest.mark.parametrize("sort", ["sqlite"], indirect=True)
def test_d85_without_push_all_else_is_as_it_was(stopped, join, service):
    stopped.start()
    stopped.add_team()
    aino = Phone(stopped, join(stopped))
    assert aino.client.get("/api/push/key").json() == {"public": None, "here": None}
    reply = aino.client.post("/api/push/subscribe", json=service.browser().form)
    assert (reply.status_code, reply.json()["error"]) == (422, "endpoint_refused")
    comment(aino, idea(aino))


@pytest.mark.parametrize("sort", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "bad", [{"start": 1440}, {"start": -1}, {"days": [7]}, {"silent": ["all"]}, {"start": "x"}]
)
def test_d85_quiet_hours_that_no_clock_shows_are_refused(server, aino, bad):
    assert aino.client.patch("/api/me", json={"quiet": NEVER | bad}).status_code in (400, 422)
    assert aino.client.get("/api/me").json()["quiet"] == NEVER


@pytest.mark.parametrize("sort", ["postgres"], indirect=True)
def test_d85_of_several_processes_one_sends(stopped, join, service):
    stopped.environ |= PUSHING
    server = stopped.start()
    server.add_team()
    others = [Server(server.folder, server.environ).start() for _ in range(2)]
    try:
        browser, aino, timo = service.browser(), awake(server, join), awake(server, join, "Timo")
        subscribe(aino, browser)
        made = idea(aino)
        clients = []
        for process in (server, *others):
            client = process.client()
            client.auth, client.me = timo.client.auth, timo.client.me
            clients.append(Phone(process, client))
        for phone in clients:
            comment(phone, made)
        browser.read(service.next())
        assert is_still(service)
    finally:
        for process in others:
            process.close()


def digest(browser) -> str:
    return sha256(browser.endpoint.encode()).hexdigest()


def fates(server, fate) -> float:
    with server.client() as client:
        (line,) = re.findall(rf'virtaamo_pushes_total{{fate="{fate}"}} (.+)', client.get("/metrics").text)
    return float(line)


def is_still(service) -> bool:
    """Whether nothing more is sent."""
    try:
        service.sent.get(timeout=QUIET_S)
    except queue.Empty:
        return True
    return False


def until(holds) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "it didn't come true soon"
        time.sleep(0.05)

"""The whole way: a real browser, TLS, Caddy or nginx as deploy/ sets them up, the server."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Playwright, expect

from server.routes.headers import ALWAYS, CONTENT_SECURITY, TRANSPORT
from tests.conftest import Installed, Server
from tests.e2e.conftest import AS_HERE, FLAGS, LAUNCH
from tests.e2e.place import Opener, Place
from tests.e2e.proxies import Certificate, Proxy, behind, free_port

SECRET = "kuivuri-karpalo"
TRIES = 30  # more than the devices of these tests need


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """Believed by the browser of this module."""
    return Certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def trusting(playwright: Playwright, certificate: Certificate) -> Iterator[Browser]:
    """A browser that believes the certificate as it would one that was bought."""
    believe = f"--ignore-certificate-errors-spki-list={certificate.pin}"
    browser = playwright.chromium.launch(**{**LAUNCH, "args": [*FLAGS, believe]})
    yield browser
    browser.close()


@pytest.fixture(scope="module", params=["caddy", "nginx"])
def proxy(
    request: pytest.FixtureRequest, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    """A proxy that is not started yet."""
    made = Proxy(request.param, tmp_path_factory.mktemp(request.param), certificate, free_port())
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(proxy: Proxy, initialised: Path, built: Path) -> Iterator[Server]:
    """A server with the proxy in front of it; its `url` is the proxy's."""
    shutil.copytree(initialised, proxy.folder / "data")
    environ = {"VIRTAAMO_WEB": str(built), "VIRTAAMO_RATE_ADDRESS": str(TRIES)}
    running = behind(proxy.folder / "data", environ, proxy.url)
    proxy.start(f"127.0.0.1:{running.port}")
    running.url = proxy.url
    yield running
    running.close()


@pytest.fixture
def browse(trusting: Browser) -> Opener:
    """A context that believes the certificate."""
    return lambda **options: trusting.new_context(**AS_HERE, **options)


@pytest.fixture
def place(server: Server, browse: Opener, tmp_path: Path) -> Iterator[Place]:
    """A fresh team whose people come through the proxy."""
    team = Place(server, browse, browse, tmp_path)
    yield team
    team.close()


@pytest.fixture(params=["caddy", "nginx"])
def pair(
    request: pytest.FixtureRequest,
    certificate: Certificate,
    built: Path,
    installed: Installed,
    database: str,
    tmp_path: Path,
) -> Iterator[list[Server]]:
    """Two processes on one PostgreSQL behind one proxy; the `url` of both is the proxy's."""
    proxy = Proxy(request.param, tmp_path, certificate, free_port())
    shutil.copytree(installed.folder, tmp_path / "data")
    environ = {"VIRTAAMO_WEB": str(built), "VIRTAAMO_DATABASE": database}
    both = [behind(tmp_path / "data", environ, proxy.url) for _ in range(2)]
    proxy.start(" ".join(f"127.0.0.1:{one.port}" for one in both))
    for one in both:
        one.url = proxy.url
    yield both
    proxy.close()
    for one in both:
        one.close()


def client(proxy: Proxy, address: str = "127.0.0.1") -> httpx.Client:
    """Somebody at an address of their own."""
    line = httpx.HTTPTransport(local_address=address, verify=proxy.trusting())
    headers = {"Origin": proxy.url, "X-Virtaamo": "1"}
    return httpx.Client(base_url=proxy.url, transport=line, headers=headers, timeout=30)


def test_the_main_job_works_through_it(place: Place) -> None:
    aino, jorma = place.person("Aino"), place.person("Jorma", "supervisor")
    jorma.go("Taulu")
    aino.offline()
    aino.page.reload()
    aino.write_idea("Kello seinälle")
    aino.online()

    aino.everything_is_delivered()
    expect(jorma.page.get_by_role("link", name="Kello seinälle", exact=True)).to_have_count(1)
    way = jorma.page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol")
    assert way == "h2"


def test_the_live_connection_goes_through_it(place: Place) -> None:
    aino = place.device()
    code = place.code()
    with aino.page.expect_websocket() as waited:
        aino.join(code, "Aino")
    socket = waited.value
    with socket.expect_event("framereceived"):
        aino.write_idea("Kello seinälle")
    address, _, _ = socket.url.partition("?")
    assert (address, socket.is_closed()) == (f"wss://{place.server.url[8:]}/api/live", False)


@pytest.mark.parametrize("path", ["/", "/sw.js", "/api/me", "/api/nothing", "/health"])
def test_every_header_arrives_once(proxy: Proxy, server: Server, path: str) -> None:
    with client(proxy) as somebody:
        reply = somebody.get(path)
    wanted = {name.decode(): value.decode() for name, value in (*ALWAYS, TRANSPORT)}
    wanted["content-security-policy"] = CONTENT_SECURITY
    assert {name: reply.headers.get_list(name) for name in wanted} == {n: [v] for n, v in wanted.items()}
    if path.startswith("/api"):
        assert reply.headers.get_list("cache-control") == ["no-store"]


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "/metrics?x=1", "/%6detrics", "//metrics"])
def test_nobody_reads_the_figures_through_it(proxy: Proxy, server: Server, path: str) -> None:
    with client(proxy) as somebody:
        assert "virtaamo_" not in somebody.get(path).text
    with httpx.Client() as here:
        assert "virtaamo_" in here.get(f"http://127.0.0.1:{server.port}/metrics").text


@pytest.mark.parametrize("name", ["caddy", "nginx"])
def test_who_asked_for_what_is_not_written_down_while_the_server_is_away(
    certificate: Certificate, tmp_path: Path, name: str
) -> None:
    proxy = Proxy(name, tmp_path, certificate, free_port()).start(f"127.0.0.1:{free_port()}")
    try:
        with client(proxy, "127.0.0.9") as somebody:
            assert somebody.get(f"/kalenteri/{SECRET}").status_code == 502
    finally:
        proxy.close()
    logs = [path.read_text(errors="replace") for path in tmp_path.rglob("*.log")]
    assert logs != []
    assert [log for log in logs if SECRET in log or "127.0.0.9" in log] == []


def test_the_address_that_is_counted_is_the_one_that_the_proxy_saw(proxy: Proxy, server: Server) -> None:
    def ask(address: str, says: str | None = None) -> int:
        forged = {"X-Forwarded-For": says, "X-Real-IP": says, "Forwarded": f"for={says}"} if says else {}
        with client(proxy, address) as somebody:
            return somebody.post("/api/join/look", json={"code": "A" * 22}, headers=forged).status_code

    assert 429 not in [ask("127.0.0.2", f"10.0.0.{n}") for n in range(TRIES)]
    assert ask("127.0.0.2", "10.0.0.99") == 429
    assert ask("127.0.0.3") != 429
    assert ask("127.0.0.3", "127.0.0.2") != 429


def test_a_photo_is_not_too_large_for_it(proxy: Proxy, server: Server) -> None:
    with client(proxy) as somebody:
        reply = somebody.put(
            f"/api/files/{'0' * 64}", content=b"x" * 1_500_000, headers={"Content-Type": "image/jpeg"}
        )
    assert (reply.status_code, reply.json()["error"]) == (401, "signed_out")


def test_two_processes_behind_it_are_one_board_and_one_may_die(
    pair: list[Server], browse: Opener, tmp_path: Path
) -> None:
    place = Place(pair[1], browse, browse, tmp_path)
    people = [place.person(name) for name in ("Aino", "Jorma", "Maija")]
    people[0].write_idea("Kello seinälle")
    for person in people:
        person.sees_on_board("Kello seinälle")

    pair[0].stop(signal.SIGKILL)
    people[1].write_idea("Lamppu käytävään")

    for person in people:
        person.everything_is_delivered()
        person.sees_on_board("Lamppu käytävään")
    place.close()

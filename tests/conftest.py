"""A real server on loopback for every test that asks for one, and people who have joined."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeVar

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server import control
from server.forms import InviteForm, LinkMade, TeamForm, TeamMade
from tests.authenticator import add_passkey
from tests.databases import OnPostgres, Sqlite
from tests.postgres import Postgres, name_of, ordinary_user
from tests.shards import split
from tests.town import Town, build, copy

T = TypeVar("T")
ROOT = Path(__file__).parent.parent
START_S = 30
CLI = (sys.executable, "-m", "server")


class Server:
    """A server process on a data folder of its own; `url` is what it printed."""

    def __init__(self, folder: Path, environ: dict[str, str] | None = None) -> None:
        self.folder = folder
        self.environ = {**os.environ, "VIRTAAMO_DATA": str(folder), "VIRTAAMO_RATE_ADDRESS": "100000"}
        self.log_file = folder.parent / f"{folder.name}.log"
        self.environ |= {"VIRTAAMO_RATE_DEVICE": "100000", **(environ or {})}
        self.url = ""
        self.port = 0
        self.team = "Koivu"
        self.program = CLI
        self.process: subprocess.Popen[str] | None = None
        self._counted = 0
        self._clients: list[httpx.Client] = []

    def start(self, *options: str, port: int = 0) -> "Server":
        """Start it on a free port, or on the one given; returns once it listens."""
        command = [*self.program, "serve", "--host", "127.0.0.1", "--port", str(port), *options]
        self._hang_up()
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environ,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        line = self.next_line()
        assert line.startswith("listening on "), f"the server said '{line}'; see {self.log_file}"
        self.url = line.split()[-1]
        self.port = int(self.url.rpartition(":")[2])
        return self

    def count(self) -> int:
        """1, 2, 3 …: tells the teams of tests apart."""
        self._counted += 1
        return self._counted

    def next_line(self) -> str:
        """The next line that it prints."""
        assert self.process is not None
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it by a signal; gives the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(timeout=START_S)
        self._hang_up()
        return code

    def _hang_up(self) -> None:
        """Listen no more to the process that there was."""
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()

    def close(self) -> None:
        """End what is still running and close what is still open."""
        for client in self._clients:
            client.close()
        if self.process is not None and self.process.poll() is None:
            self.stop(signal.SIGKILL)
        self._hang_up()

    def cli(self, *arguments: str, input: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command on the same data folder, with this on its standard input."""
        command = [*CLI, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=60, input=input
        )

    def kept_key(self) -> tuple[str, str]:
        """The key of its backups, kept beside the data folder: as the commands on backups want to hear it."""
        copy = self.folder.with_name(f"{self.folder.name}.key")
        if (self.folder / "backup.key").exists():
            shutil.copy(self.folder / "backup.key", copy)
        return "--key", str(copy)

    def ask(self, command: str, form: msgspec.Struct, answer: type[T]) -> T:
        """As `cli` does with a running server, without a process for it."""
        raw = control.ask(self.folder, command, msgspec.msgpack.encode(form))
        assert raw is not None, "no server runs"
        return msgspec.msgpack.decode(raw, type=answer)

    def add_team(self, name: str = "", area: str | None = None) -> int:
        """Make a team, the test's own if none is named; gives its space."""
        return self.ask("team.add", TeamForm(name or self.team, area), TeamMade).space

    def invite(
        self, role: str = "staff", team: str | None = "", uses: int = 1, person: int | None = None
    ) -> str:
        """Make an invitation, to the test's own team if none is named; gives its code."""
        where = self.team if team == "" else team
        return self.ask("invite", InviteForm(role, where, person, uses=uses), LinkMade).code

    def client(self) -> httpx.Client:
        """A device that nobody has joined on yet."""
        headers = {"Origin": self.url, "X-Virtaamo": "1", "Sec-Fetch-Site": "same-origin"}
        client = httpx.Client(base_url=self.url, headers=headers, timeout=30)
        self._clients.append(client)
        return client


class Installed(NamedTuple):
    """A data folder, and the address of its database."""

    folder: Path
    url: str


class Cookies(httpx.Auth):
    """Sends the session cookie as browsers do on loopback, where httpx wants https for a Secure one."""

    def __init__(self, cookie: str) -> None:
        self.cookie = cookie

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:
        """Add the cookie."""
        request.headers["Cookie"] = self.cookie
        yield request


def author_key() -> str:
    """A fresh author key, as a device sends it."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).decode().rstrip("=")


def join_with(server: Server, code: str, name: str = "Maija", lang: str = "fi") -> httpx.Client:
    """Take up an invitation on a new device; the client keeps the cookie, and `me`."""
    client = server.client()
    form = {"code": code, "name": name, "lang": lang, "device_name": "test", "sign_pub": author_key()}
    reply = client.post("/api/join", json=form)
    assert reply.status_code == 200, reply.text
    client.auth = Cookies(reply.headers["set-cookie"].split(";")[0])
    client.me = reply.json()
    return client


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after `virtaamo init`, to be copied."""
    folder = tmp_path_factory.mktemp("initialised") / "data"
    assert Server(folder).cli("init").returncode == 0
    return folder


@pytest.fixture(scope="session")
def installed(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The same with its database on PostgreSQL, to be borrowed."""
    folder, url = tmp_path_factory.mktemp("installed") / "data", postgres.make()
    assert Server(folder, {"VIRTAAMO_DATABASE": url}).cli("init").returncode == 0
    postgres.keep(url)
    return Installed(folder, url)


@pytest.fixture
def database(postgres: Postgres, installed: Installed) -> Iterator[str]:
    """The address of a database after `virtaamo init`."""
    url = postgres.borrow(installed.url)
    yield url
    postgres.give_back(url, installed.url)


@pytest.fixture(params=["sqlite"])
def sort(request: pytest.FixtureRequest) -> str:
    """The sort of database under a server; a module that wants both has a fixture of this name with both."""
    return request.param


def give_away(folder: Path) -> None:
    """Give a folder and all in it to an ordinary user; where we can't, we are one."""
    if os.geteuid() == 0:
        who = ordinary_user()
        for path in (folder, *folder.rglob("*")):
            os.chown(path, who.pw_uid, who.pw_gid, follow_symlinks=False)


@pytest.fixture
def ordinary() -> Iterator[Path]:
    """An empty folder that an ordinary user can reach: pytest's own are closed to everybody else."""
    with TemporaryDirectory(prefix="virtaamo-") as folder:
        give_away(Path(folder))
        yield Path(folder)


@pytest.fixture
def stopped(request: pytest.FixtureRequest, sort: str, tmp_path: Path) -> Iterator[Server]:
    """An installation that nobody serves."""
    if sort == "sqlite":
        shutil.copytree(request.getfixturevalue("initialised"), tmp_path / "data")
        server = Server(tmp_path / "data")
    else:
        shutil.copytree(request.getfixturevalue("installed").folder, tmp_path / "data")
        server = Server(tmp_path / "data", {"VIRTAAMO_DATABASE": request.getfixturevalue("database")})
    yield server
    server.close()


@pytest.fixture
def server(stopped: Server) -> Server:
    """A running server with one empty team, Koivu."""
    running = stopped.start()
    running.add_team()
    return running


@pytest.fixture(scope="session")
def one_server(tmp_path_factory: pytest.TempPathFactory, initialised: Path) -> Iterator[Server]:
    """One running server for all tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("one") / "data"
    shutil.copytree(initialised, folder)
    running = Server(folder).start()
    yield running
    running.close()


@pytest.fixture(scope="session")
def one_on_postgres(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, installed: Installed
) -> Iterator[Server]:
    """The same on PostgreSQL."""
    folder = tmp_path_factory.mktemp("one") / "data"
    shutil.copytree(installed.folder, folder)
    running = Server(folder, {"VIRTAAMO_DATABASE": postgres.borrow(installed.url)}).start()
    yield running
    running.close()


@pytest.fixture(scope="session")
def one_on_shards(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, installed: Installed
) -> Iterator[Server]:
    """The same with its hot tables split by space."""
    folder = tmp_path_factory.mktemp("one") / "data"
    shutil.copytree(installed.folder, folder)
    url = postgres.clone(name_of(installed.url))
    split(postgres, url)
    running = Server(folder, {"VIRTAAMO_DATABASE": url}).start()
    yield running
    running.close()


@pytest.fixture
def shared(request: pytest.FixtureRequest, sort: str) -> Server:
    """The one server, with a new team as the test's own."""
    place = {"sqlite": "one_server", "postgres": "one_on_postgres", "shards": "one_on_shards"}
    one_server = request.getfixturevalue(place[sort])
    one_server.team = f"{request.node.name[:60]} {one_server.count()}"
    one_server.add_team()
    return one_server


@pytest.fixture
def join() -> Callable[..., httpx.Client]:
    """join(server, role, team, name) → the client of a new person who has joined; who leads has a passkey too."""

    def joined(server, role="staff", team="", name="Maija") -> httpx.Client:
        client = join_with(server, server.invite(role, team), name)
        if role != "staff":
            client.authenticator = add_passkey(client)
        return client

    return joined


@pytest.fixture
def live_sql(request: pytest.FixtureRequest, shared: Server, sort: str) -> Callable[[str], None]:
    """Runs statements on the database of the one server, beside it."""

    def run(statement: str) -> None:
        if sort == "sqlite":
            with closing(sqlite3.connect(shared.folder / "virtaamo.db", timeout=10)) as db, db:
                db.execute(statement)
        else:
            postgres = request.getfixturevalue("postgres")
            postgres.sql(statement, name_of(shared.environ["VIRTAAMO_DATABASE"]))

    return run


@pytest.fixture
def sql(request: pytest.FixtureRequest, sort: str, tmp_path: Path) -> Callable[[str], None]:
    """Runs statements on the database of a server that is stopped."""

    def run(statement: str) -> None:
        if sort == "sqlite":
            with sqlite3.connect(tmp_path / "data" / "virtaamo.db") as db:
                db.execute(statement)
            db.close()
        else:
            postgres, url = (request.getfixturevalue(name) for name in ("postgres", "database"))
            postgres.sql(statement, name_of(url))

    return run


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A private PostgreSQL of this test process."""
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A database with people and teams, made once; tests work on copies."""
    return build(Sqlite(tmp_path_factory.mktemp("county") / "county.db"))


@pytest.fixture(scope="session")
def county_on_postgres(postgres: Postgres) -> Town:
    """The same on PostgreSQL."""
    made = build(OnPostgres(postgres, postgres.make()))
    made.db.kill()
    postgres.keep(made.db.where)
    return made


@pytest.fixture(scope="session")
def county_on_shards(postgres: Postgres) -> Town:
    """The same with its hot tables split by space."""
    made = build(OnPostgres(postgres, postgres.make()))
    made.db.kill()
    split(postgres, made.db.where)
    postgres.keep(made.db.where)
    return made


@pytest.fixture(params=["sqlite", "postgres", "shards"])
def any_county(request: pytest.FixtureRequest) -> Town:
    """The county on each sort of database."""
    place = {"sqlite": "county", "postgres": "county_on_postgres", "shards": "county_on_shards"}
    return request.getfixturevalue(place[request.param])


@pytest.fixture
def town(any_county: Town, tmp_path: Path) -> Iterator[Town]:
    """A copy of the county, once for each sort of database."""
    copied = copy(any_county, tmp_path / "town.db")
    yield copied
    copied.db.discard()

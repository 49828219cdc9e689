"""The command line: what scripts rely on."""

import json
import shutil
import signal
import socket
import subprocess
import time

import msgspec
import pytest

from server.doctor import wal_reset_warning
from tests.conftest import CLI, Server, join_with


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request):
    return request.param


on_sqlite = pytest.mark.parametrize("sort", ["sqlite"], indirect=True)


def printed(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def one_line(done):
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_init_is_idempotent(stopped):
    before = (stopped.folder / "secret").read_bytes()

    assert stopped.cli("init").returncode == 0
    assert (stopped.folder / "secret").read_bytes() == before


def test_team_and_invite_print_what_scripts_read(stopped):
    team = printed(stopped.cli("team", "add", "Koivu", "--json"))
    link = printed(stopped.cli("invite", "--team", "Koivu", "--role", "staff", "--uses", "5", "--json"))

    assert team["name"] == "Koivu"
    assert set(link) == {"url", "code", "until"}
    assert link["url"] == f"http://127.0.0.1:8000/liity#{link['code']}"
    assert len(link["code"]) == 22


def test_commands_reach_the_running_server_and_work_without_one(server):
    running = printed(server.cli("invite", "--team", "Koivu", "--role", "staff", "--json"))
    assert running["url"].startswith(server.url)
    person = join_with(server, running["code"]).me["person"]
    listed = printed(server.cli("people", "list", "--json"))
    assert listed == [{"person": person, "name": "Maija", "space": 2, "team": "Koivu", "role": "staff"}]
    server.stop()

    removed = server.cli("people", "remove", "--person", str(person), "--team", "Koivu")
    assert removed.returncode == 0
    assert printed(server.cli("people", "list", "--json"))[0]["role"] is None


@on_sqlite
def test_the_control_socket_is_its_owners_alone(server):
    assert (server.folder / "control.sock").stat().st_mode & 0o077 == 0


def test_a_long_data_path_works_too(tmp_path, initialised):
    folder = tmp_path / ("very-long-name-" * 8) / "data"
    shutil.copytree(initialised, folder)
    server = Server(folder).start()
    try:
        assert server.add_team() == 2
    finally:
        server.close()


def test_serve_ends_cleanly_on_sigterm(server):
    assert server.stop(signal.SIGTERM) == 0


def test_sigterm_with_open_connections_ends_within_a_few_seconds(server, join):
    client = join(server)
    client.get("/api/me")
    started = time.monotonic()

    assert server.stop(signal.SIGTERM) == 0
    assert time.monotonic() - started < 8


@on_sqlite
def test_a_port_in_use_is_said_in_one_line(stopped):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        assert f"Port {port} on 127.0.0.1 is in use" in one_line(stopped.cli("serve", "--port", port))


@on_sqlite
def test_two_servers_on_one_data_folder_are_refused(server):
    assert "Another process holds the data folder" in one_line(server.cli("serve", "--port", "0"))


@on_sqlite
def test_a_data_folder_that_cannot_be_made_is_said_in_one_line(stopped, tmp_path):
    (tmp_path / "file").write_text("")
    stopped.environ["VIRTAAMO_DATA"] = str(tmp_path / "file" / "data")

    assert "can't be written" in one_line(stopped.cli("serve", "--port", "0"))
    assert "no data folder" in one_line(stopped.cli("team", "add", "Koivu"))


@on_sqlite
def test_an_unknown_setting_is_said_in_one_line(stopped):
    stopped.environ["VIRTAAMO_COLOUR"] = "red"

    assert "VIRTAAMO_COLOUR is not a setting" in one_line(stopped.cli("init"))


@on_sqlite
def test_options_that_cannot_be_used_are_all_said_at_once_with_the_settings(stopped):
    stopped.environ["VIRTAAMO_URL"] = "https://[bad"

    done = stopped.cli("serve", "--port", "99999", "--host", "")

    assert (done.returncode, done.stdout) == (1, "")
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["VIRTAAMO_URL", "--host", "--port"]


@on_sqlite
def test_what_is_refused_is_said_in_words(stopped):
    assert "(team)" in one_line(stopped.cli("invite", "--team", "Nowhere", "--role", "staff"))
    assert "(team)" in one_line(stopped.cli("invite", "--role", "staff"))
    assert stopped.cli("invite", "--role", "king").returncode == 2


@on_sqlite
@pytest.mark.parametrize(
    "command",
    [
        ("quarantine", "show", "99999999999999999999"),
        ("people", "remove", "--person", "-1"),
        ("invite", "--team", "Koivu", "--role", "staff", "--uses", "0"),
    ],
    ids=lambda command: command[0],
)
def test_a_number_that_cannot_be_is_wrong_usage(stopped, command):
    done = stopped.cli(*command)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@on_sqlite
def test_a_team_needs_a_name(stopped):
    assert "(name)" in one_line(stopped.cli("team", "add", " "))
    assert "(name)" in one_line(stopped.cli("team", "add", "x" * 81))


@on_sqlite
def test_a_file_that_is_no_database_is_said_in_one_line(stopped):
    (stopped.folder / "virtaamo.db").write_bytes(b"no database" * 1_000)

    for command in (("people", "list"), ("serve", "--port", "0"), ("migrate",)):
        assert "can't be read as a database" in one_line(stopped.cli(*command))
    assert "can't be read as a database" in stopped.cli("doctor").stdout


@on_sqlite
def test_a_server_that_ends_before_it_answers_is_said_in_one_line(stopped):
    with socket.socket(socket.AF_UNIX) as line:
        line.bind(str(stopped.folder / "control.sock"))
        line.listen()
        asked = subprocess.Popen(
            [*CLI, "people", "list"], env=stopped.environ, stderr=subprocess.PIPE, text=True
        )
        line.accept()[0].close()
        _, said = asked.communicate(timeout=60)

    assert (asked.returncode, said.count("\n")) == (1, 1)
    assert "did not answer" in said


def test_demo_fills_an_empty_installation_once(stopped):
    assert stopped.cli("demo").returncode == 0
    assert "There are people already" in one_line(stopped.cli("demo"))
    people = printed(stopped.cli("people", "list", "--json"))
    assert len({line["person"] for line in people}) == 44


def test_demo_links_bring_aino_and_jorma(stopped):
    assert stopped.cli("demo").returncode == 0
    stopped.start("--demo-links")
    links = [stopped.next_line().strip() for _ in range(2)]

    names = [join_with(stopped, line.rpartition("#")[2], name="").me["name"] for line in links]

    assert names == ["Aino", "Jorma"]


@pytest.mark.parametrize(
    ("version", "is_bad"),
    [((3, 40, 1), True), ((3, 44, 6), False), ((3, 50, 6), True), ((3, 50, 7), False), ((3, 51, 2), True)],
)
def test_versions_with_the_wal_reset_bug_are_named(version, is_bad):
    assert bool(wal_reset_warning(version)) is is_bad


def test_help_names_every_command():
    shown = subprocess.run([*CLI, "--help"], capture_output=True, text=True, check=True).stdout

    for verb in ("init", "team", "invite", "serve", "migrate", "demo", "doctor", "quarantine", "people"):
        assert f"\n    {verb}" in shown


def test_quarantine_shows_everything_but_words_and_judges_again(server, join):
    client = join(server)
    comment = [
        b"heldrun0" + bytes(4),
        2,
        bytes(15) + b"\1",
        "comment",
        1,
        0,
        {"text": [None, "salaiset sanat"]},
    ]
    sync = msgspec.msgpack.encode([1, None, 0, {}, [comment], 1])
    client.post("/api/sync", content=sync, headers={"Content-Type": "application/x-msgpack"})

    [held] = printed(server.cli("quarantine", "list", "--json"))
    shown = server.cli("quarantine", "show", str(held["id"]))

    assert held["person"] == client.me["person"]
    assert (held["space"], held["kind"], held["reason"]) == (2, "comment", "no_card")
    assert "comment" in shown.stdout
    assert "lands by itself together with the card" in shown.stdout
    assert printed(server.cli("quarantine", "show", str(held["id"]), "--json"))["what_to_do"]
    assert "salaiset" not in shown.stdout
    assert printed(server.cli("quarantine", "replay", str(held["id"]), "--json"))["verdict"] == "held"
    assert "(id)" in one_line(server.cli("quarantine", "show", "99"))
    assert "1  held no_card" in server.cli("quarantine", "replay", "--reason", "no_card").stdout
    assert "nothing is in" in server.cli("quarantine", "replay", "--reason", "unknown_kind").stdout
    assert [one["verdict"] for one in printed(server.cli("quarantine", "replay", "--all", "--json"))] == [
        "held"
    ]
    assert "(reason)" in one_line(server.cli("quarantine", "replay", "--reason", "because"))
    assert server.cli("quarantine", "replay").returncode == 2

"""What stands in deploy/ and docs/admin.md: looked at by the tools of its own, and compared with the program."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import msgspec
import pytest

from server.__main__ import parser
from server.metrics import Metrics
from server.settings import PREFIX, SettingError, Settings, read_settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
ADMIN = ROOT / "docs" / "admin.md"
SYSTEMD = os.environ.get("SYSTEMD", "systemd-analyze")
MOST_EXPOSED = 1.5  # of 10; systemd's own word for it is OK
PAGES = [*sorted(DEPLOY.iterdir()), ADMIN]


def say(*command: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def blocks(page: Path) -> str:
    """What stands in the page's indented blocks."""
    return "\n".join(line[4:] for line in page.read_text().splitlines() if line.startswith("    "))


def test_the_container_file_is_as_its_linter_wants_it() -> None:
    say(Path(sys.executable).parent / "hadolint", DEPLOY / "Containerfile")


def test_the_container_file_copies_what_is_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(.*) \S+$", (DEPLOY / "Containerfile").read_text(), flags=re.M)
    names = [name for line in copied for name in line.split()]
    assert [name for name in names if not (ROOT / name).exists()] == []
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert [name for name in names if not any(fnmatch(name, one) for one in let_in)] == []
    assert names != []


def test_the_unit_is_one_that_systemd_understands(tmp_path) -> None:
    for name in ("virtaamo.service", "virtaamo-postgresql.conf"):
        text = (DEPLOY / name).read_text()
        place = tmp_path / (
            "virtaamo.service" if name.endswith("service") else "virtaamo.service.d/postgresql.conf"
        )
        place.parent.mkdir(exist_ok=True)
        place.write_text(text.replace("/opt/virtaamo/.venv/bin/virtaamo", shutil.which("true") or ""))
    assert say(SYSTEMD, "verify", tmp_path / "virtaamo.service") == ""


def test_the_unit_is_as_narrow_as_it_was() -> None:
    told = say(SYSTEMD, "security", "--offline=true", DEPLOY / "virtaamo.service")
    (exposed,) = re.findall(r"Overall exposure level for virtaamo.service: ([\d.]+)", told)
    assert float(exposed) <= MOST_EXPOSED


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_that_is_named_exists(page) -> None:
    known = {PREFIX + field.name.upper() for field in msgspec.structs.fields(Settings)}
    assert set(re.findall(r"VIRTAAMO_[A-Z_]+", page.read_text())) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_line_for_the_settings_file_can_be_read(page, tmp_path) -> None:
    lines = re.findall(r'^(?:#  |   ) *(\w+ = (?:".*"|\d+|true|false)) *$', page.read_text(), flags=re.M)
    (tmp_path / "some.toml").write_text("\n".join(lines))
    try:
        read_settings({"VIRTAAMO_CONFIG": str(tmp_path / "some.toml")})
    except SettingError as wrong:
        pytest.fail(str(wrong))


def test_the_short_command_takes_the_service_s_settings(tmp_path) -> None:
    text = (DEPLOY / "virtaamo.sh").read_text()
    for old, new in (
        ("/opt/virtaamo/.venv/bin/virtaamo", f"{sys.executable} -m server"),
        ("/etc/virtaamo/virtaamo.toml", f"{tmp_path}/virtaamo.toml"),
        ("$(id -un)", "virtaamo"),
    ):
        assert text.count(old) > 0
        text = text.replace(old, new)
    (tmp_path / "virtaamo").write_text(text)
    shutil.copy(DEPLOY / "virtaamo.toml", tmp_path)
    done = subprocess.run(
        ["sh", tmp_path / "virtaamo", "settings"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert f"VIRTAAMO_BACKUP_KEEP=28  (backup_keep in {tmp_path}/virtaamo.toml)" in done.stdout, done.stderr


def test_every_command_that_is_named_exists() -> None:
    named = [line for line in blocks(ADMIN).splitlines() if line.startswith("virtaamo ")]
    named += [line for page in PAGES for line in re.findall(r"[`/](virtaamo [a-z][^`\n]*)", page.read_text())]
    for line in named:
        try:
            parser().parse_args(shlex.split(line.partition(" < ")[0])[1:])
        except SystemExit:
            pytest.fail(line)
    assert "virtaamo serve --workers 2" in named


def test_the_page_for_admins_names_every_figure_and_no_other() -> None:
    text = Metrics().text().decode()
    exposed = set(re.findall(r"^# TYPE (virtaamo_\w+)", text, flags=re.M))
    named = set(re.findall(r"`(virtaamo_\w+)`", ADMIN.read_text()))
    assert named == exposed


def test_no_proxy_writes_down_who_asked_for_what() -> None:
    servers = (DEPLOY / "nginx.conf").read_text().split("\nserver {")[1:]
    for line in ("access_log off;", "error_log /var/log/nginx/virtaamo.log alert;"):
        assert [line in one for one in servers] == [True] * len(servers)
    # No site has a log; the program's own is left without errors of the server behind.
    logs = re.findall(r"^\s*log\b[^}]*}", (DEPLOY / "Caddyfile").read_text(), flags=re.M)
    assert [log.split() for log in logs] == [["log", "default", "{", "exclude", "http.log.error", "}"]]

"""Backups: whole while people write, verified before they count, put back as a new life."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import threading
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import msgspec
import pyrage
import pytest
from PIL import Image

from server import age, backup_key, schedule
from server.backup import Source, make, restore, verify
from server.refusals import Stop
from server.scratch import PREFIX
from server.settings import Settings, read_settings
from server.store.backups import Backup
from sync import PROTOCOL
from sync.protocol import Change, Code, Sync, Synced, encode
from tests.conftest import ROOT, Server, join_with

NOW = 1_795_000_000_000
HOUR = 3_600_000
MSGPACK = {"Content-Type": "application/x-msgpack", "Accept": "application/x-msgpack"}


class Writer:
    """A device that writes ideas, one after another, and knows which are acknowledged."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.client = join_with(server, server.invite())
        self.team = next(space for space, _, kind, _ in self.client.me["grants"] if kind == "team")
        self.acknowledged: list[bytes] = []
        self._run = os.urandom(8)

    def write(self, number: int, **more: object) -> None:
        """Make one idea."""
        card = number.to_bytes(16)
        sets = {"team": self.team, "title": f"Idea {number}", **more}
        at = NOW + number
        change = Change(
            self._run + number.to_bytes(4),
            self.team,
            card,
            "idea",
            at,
            0,
            {n: (None, v) for n, v in sets.items()},
        )
        synced = self.sync([change])
        assert [v.code for v in synced.verdicts] == [Code.DONE]
        self.acknowledged.append(card)

    def sync(self, changes: list[Change] | None = None, epoch: bytes | None = None) -> Synced:
        """One exchange that asks for the team from the start."""
        raws = [msgspec.Raw(encode(change)) for change in changes or []]
        body = encode(Sync(PROTOCOL, epoch, 0, {self.team: 0}, raws, 1))
        headers = MSGPACK | {"Origin": self.server.url}
        reply = self.client.post(f"{self.server.url}/api/sync", content=body, headers=headers)
        assert reply.status_code == 200, reply.text
        return msgspec.msgpack.decode(reply.content, type=Synced)

    def upload(self, photo: bytes) -> str:
        """Send a photo; gives its name."""
        name = sha256(photo).hexdigest()
        headers = {"Content-Type": "image/jpeg", "Origin": self.server.url}
        reply = self.client.put(f"{self.server.url}/api/files/{name}", content=photo, headers=headers)
        assert reply.status_code < 300, reply.text
        return name


def jpeg(colour: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, "JPEG")
    return out.getvalue()


def settings_of(server: Server) -> Settings:
    return read_settings({k: v for k, v in server.environ.items() if k.startswith("VIRTAAMO")})


def in_clear(file: Path, folder: Path) -> Path:
    """A backup as older versions made it, opened with the key of a data folder."""
    clear = file.with_name(f"{file.name}.clear")
    secret = backup_key.read(folder / backup_key.FILE)
    with file.open("rb") as source, clear.open("wb") as target:
        pyrage.decrypt_io(source, target, [pyrage.x25519.Identity.from_str(secret)])
    return clear


def cards_in(file: Path, folder: Path, data: Path) -> set[bytes]:
    """The ideas in a backup."""
    with tarfile.open(in_clear(file, data)) as tar:
        tar.extract("virtaamo.db", folder, filter="data")
    connection = sqlite3.connect(folder / "virtaamo.db")
    try:
        return {row[0] for row in connection.execute("SELECT id FROM card WHERE kind = 'idea'")}
    finally:
        connection.close()


@pytest.fixture
def writer(server: Server) -> Writer:
    return Writer(server)


def test_a_backup_made_while_people_write_holds_all_that_was_acknowledged_before(writer, tmp_path):
    writer.write(1)
    stop = threading.Event()

    def go_on() -> None:
        for number in range(2, 10_000):
            if stop.is_set():
                return
            writer.write(number)

    busy = threading.Thread(target=go_on)
    busy.start()
    try:
        for n in range(3):
            before = set(writer.acknowledged)
            done = writer.server.cli("backup", str(tmp_path / f"{n}.backup"))
            assert done.returncode == 0, done.stderr
            assert before <= cards_in(tmp_path / f"{n}.backup", tmp_path / f"out{n}", writer.server.folder)
    finally:
        stop.set()
        busy.join()
    assert len(writer.acknowledged) > 3, "nobody wrote meanwhile"


def test_a_backup_is_for_its_owner_alone_and_takes_nobodys_place(writer, tmp_path):
    file = tmp_path / "one.backup"
    assert writer.server.cli("backup", str(file)).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600
    first = file.read_bytes()
    refused = writer.server.cli("backup", str(file))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert file.read_bytes() == first
    assert writer.server.cli("backup", str(file), "--replace").returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {"data", "data.log", "one.backup"}


def test_photos_come_along_and_those_that_have_not_arrived_are_named(writer, tmp_path):
    arrived, unnamed = writer.upload(jpeg("red")), writer.upload(jpeg("blue"))
    writer.write(1, **{f"photos/{arrived}": "Pöytä", f"photos/{'ab' * 32}": "Tuoli"})
    file = tmp_path / "one.backup"
    assert writer.server.cli("backup", str(file)).returncode == 0
    checked, _ = verify(settings_of(writer.server), Source(file))
    assert (checked.photos, checked.awaited) == (2, 1)
    writer.server.stop()
    key = writer.server.kept_key()
    shutil.rmtree(writer.server.folder)
    assert writer.server.cli("restore", str(file), *key).returncode == 0
    assert writer.server.cli("verify", str(file)).returncode == 0
    kept = {path.name for path in (writer.server.folder / "files").glob("??/*")}
    assert kept == {arrived, unnamed}


class Kept:
    """An installation that nobody serves, and a backup of it."""

    def __init__(self, server: Server, file: Path) -> None:
        self.server, self.file = server, file
        self.settings = settings_of(server)

    def verify(self) -> None:
        """Look at the backup as `virtaamo verify` does."""
        verify(self.settings, Source(self.file))


@pytest.fixture(scope="module")
def kept_once(tmp_path_factory, initialised) -> Kept:
    folder = tmp_path_factory.mktemp("kept")
    shutil.copytree(initialised, folder / "data")
    server = Server(folder / "data").start()
    server.add_team()
    writer = Writer(server)
    writer.write(1, **{f"photos/{writer.upload(jpeg('red'))}": "Pöytä"})
    server.stop()
    kept = Kept(server, folder / "one.backup")
    make(kept.settings, kept.file, NOW)
    return kept


@pytest.fixture
def kept(kept_once, tmp_path) -> Kept:
    """A copy of both, to be broken."""
    shutil.copytree(kept_once.server.folder, tmp_path / "data", ignore=shutil.ignore_patterns("*.sock"))
    shutil.copy(kept_once.file, tmp_path / "one.backup")
    return Kept(Server(tmp_path / "data"), tmp_path / "one.backup")


@pytest.fixture(params=["encrypted", "in the clear"])
def either(kept, request) -> Kept:
    """The backup as it is, and as older versions made it."""
    if request.param == "in the clear":
        in_clear(kept.file, kept.server.folder).replace(kept.file)
    return kept


def end_of(content: bytes) -> int:
    """Where a backup could end: what follows in the clear is the tar's own padding."""
    return len(content) if content.startswith(age.HEAD) else content.rindex(b"awaited") + 12


def test_a_flipped_bit_is_found_wherever_it_lies(either):
    content = either.file.read_bytes()
    end = end_of(content)
    for at in (*range(0, end, end // 40), end - 1):
        flipped = bytearray(content)
        flipped[at] ^= 4
        either.file.write_bytes(flipped)
        with pytest.raises(Stop):
            either.verify()


def test_a_cut_backup_does_not_verify(either):
    content = either.file.read_bytes()
    end = end_of(content) - 12
    for size in (0, 1, 30, 100, 511, 512, *range(1_000, end, end // 20), end):
        either.file.write_bytes(content[:size])
        with pytest.raises(Stop):
            either.verify()


def test_what_is_joined_to_a_backup_is_found(kept):
    kept.file.write_bytes(kept.file.read_bytes() + b"more")
    with pytest.raises(Stop, match="cut or changed"):
        kept.verify()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("UPDATE space SET count = count + 1 WHERE kind = 'team'", "says 5 cards"),
        ("UPDATE card SET seq = seq + 1 WHERE kind = 'idea'", "sum"),
        ("UPDATE space SET head = 0 WHERE kind = 'team'", "beyond its head"),
        ("DELETE FROM person", "names one that isn't there"),
        ("UPDATE alembic_version SET version_num = '9999'", "9999"),
        ("UPDATE photo SET sha = x'00'", "photo 00 is missing"),
    ],
)
def test_a_database_that_contradicts_itself_is_no_backup(kept, fault, said):
    forge(in_clear(kept.file, kept.server.folder).replace(kept.file), fault)
    with pytest.raises(Stop, match=said):
        kept.verify()


def test_verify_says_in_one_line_what_is_wrong(kept):
    assert kept.server.cli("verify", str(kept.file)).returncode == 0
    kept.file.write_bytes(kept.file.read_bytes()[:5_000])
    for name in ("one.backup", "none"):
        done = kept.server.cli("verify", str(kept.file.with_name(name)))
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def forge(file: Path, fault: str) -> None:
    """Change the database in a backup so that its checksums still fit."""
    folder = file.parent / "forged"
    with tarfile.open(file) as tar:
        names = tar.getnames()
        tar.extractall(folder, filter="data")
    connection = sqlite3.connect(folder / "virtaamo.db")
    with connection:
        connection.execute(fault)
    connection.close()
    manifest = msgspec.json.decode((folder / "manifest.json").read_bytes())
    manifest["members"]["virtaamo.db"] = sha256((folder / "virtaamo.db").read_bytes()).hexdigest()
    (folder / "manifest.json").write_bytes(msgspec.json.encode(manifest))
    with tarfile.open(file, "w") as tar:
        for name in names:
            tar.add(folder / name, name)


def test_nothing_is_restored_over_an_installation_or_beside_a_running_server(writer, tmp_path):
    writer.write(1)
    file = tmp_path / "one.backup"
    assert writer.server.cli("backup", str(file)).returncode == 0
    writer.write(2)
    beside = writer.server.cli("restore", str(file), "--replace")
    assert (beside.returncode, beside.stderr.count("\n")) == (1, 1)
    assert len(writer.sync().frames) == 1
    writer.server.stop()
    assert writer.server.cli("restore", str(file)).returncode == 1
    before = {path.name: path.read_bytes() for path in writer.server.folder.glob("virtaamo.db")}
    assert writer.server.cli("restore", str(file), "--replace").returncode == 0
    aside = writer.server.folder / "before-1"
    assert {path.name: path.read_bytes() for path in aside.glob("virtaamo.db")} == before
    assert (aside / "secret").read_bytes() == (writer.server.folder / "secret").read_bytes()


def test_a_backup_that_is_no_good_leaves_the_installation_as_it_was(kept):
    kept.file.write_bytes(kept.file.read_bytes()[:5_000])
    before = sorted(path.name for path in kept.server.folder.iterdir())
    assert kept.server.cli("restore", str(kept.file), "--replace").returncode == 1
    assert sorted(path.name for path in kept.server.folder.iterdir()) == before


@pytest.mark.parametrize("step", ["_put_aside", "_take_along"])
def test_a_restore_that_fails_leaves_everything_as_it_was(kept, monkeypatch, step):
    def fails(*given: object) -> None:
        raise OSError(28, "No space left on device")

    folder = kept.server.folder
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    monkeypatch.setattr(f"server.backup.{step}", fails)
    with pytest.raises(Stop, match="No space"):
        restore(kept.settings, Source(kept.file), os.urandom, replace=True)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_restore_begins_a_new_life(writer, tmp_path):
    """New epoch, grants told anew, and numbers given out since the backup given to nobody else."""
    writer.write(1)
    old = writer.sync()
    file = tmp_path / "one.backup"
    assert writer.server.cli("backup", str(file)).returncode == 0
    team, person = (
        writer.server.add_team("Leppä"),
        join_with(writer.server, writer.server.invite()).me["person"],
    )
    writer.server.stop()
    assert writer.server.cli("restore", str(file), "--replace").returncode == 0
    writer.server.start(port=writer.server.port)
    new = writer.sync(epoch=old.epoch)
    assert new.epoch != old.epoch
    assert new.grants.version > old.grants.version
    others = {writer.server.add_team("Kuusi"), writer.server.add_team("Mänty")}
    joined = [join_with(writer.server, writer.server.invite()).me["person"] for _ in range(2)]
    assert min(others) > team + 100
    assert min(joined) > person + 100
    assert joined[1] == joined[0] + 1


def test_what_a_verified_backup_holds_is_stable(writer, tmp_path):
    writer.write(1)
    assert writer.sync().stable == {}, "nothing is backed up"
    head = msgspec.msgpack.decode(writer.sync().frames[0])[2]
    assert writer.server.cli("backup", str(tmp_path / "one.backup")).returncode == 0
    writer.write(2)
    assert writer.sync().stable == {writer.team: head}
    other = (
        join_with(writer.server, writer.server.invite(team="Leppä"), "Outi") if add(writer, "Leppä") else None
    )
    writer.client = other
    assert writer.sync().stable == {writer.team: 0}, "whoever may not read a space learns nothing of it"


def add(writer: Writer, team: str) -> int:
    return writer.server.add_team(team)


def test_a_backup_of_another_life_makes_nothing_stable(writer, tmp_path):
    from server.forms import VerifiedForm
    from server.refusals import Refused

    with pytest.raises(Refused):
        writer.server.ask(
            "backup.verified", VerifiedForm(b"8 bytes.", [(writer.team, 99)], NOW, 1), type(None)
        )
    assert writer.sync().stable == {}


def test_scheduled_backups_are_made_by_the_server_and_the_oldest_go(tmp_path, initialised):
    shutil.copytree(initialised, tmp_path / "data")
    server = Server(tmp_path / "data", {"VIRTAAMO_BACKUP_EVERY_HOURS": "1", "VIRTAAMO_BACKUP_KEEP": "2"})
    folder = tmp_path / "data" / "backups"
    folder.mkdir()
    for n in range(3):
        (folder / f"virtaamo-2020-01-0{n + 1}T000000Z.backup").write_bytes(b"old")
    (folder / "virtaamo-2020-01-09T000000Z.backup.part").write_bytes(b"half")
    server.start()
    try:
        server.add_team()
        writer = Writer(server)
        made = lambda: [p for p in folder.glob("virtaamo-*.backup") if p.stat().st_size > 10]  # noqa: E731
        wait_for(lambda: made() and len(list(folder.glob("virtaamo-*"))) == 2)
        (new,) = made()
        verify(settings_of(server), Source(new))
        writer.write(1)
        wait_for(lambda: writer.team in writer.sync().stable)
    finally:
        server.close()


def wait_for(holds) -> None:
    for _ in range(600):
        if holds():
            return
        threading.Event().wait(0.1)
    raise AssertionError("it never came true")


def test_a_backup_that_does_not_verify_takes_nobodys_place(kept):
    good = kept.file.read_bytes()
    connection = sqlite3.connect(kept.server.folder / "virtaamo.db")
    with connection:
        connection.execute("UPDATE space SET head = 0")
    connection.close()
    with pytest.raises(Stop, match="beyond its head"):
        make(kept.settings, kept.file, NOW, replace=True)
    assert kept.file.read_bytes() == good
    assert {path.name for path in kept.file.parent.iterdir()} == {"data", "one.backup"}


def test_a_backup_that_can_not_be_made_lets_no_older_one_go(tmp_path, initialised):
    environ = {"VIRTAAMO_DATA": str(initialised), "VIRTAAMO_BACKUP_FOLDER": str(tmp_path)}
    settings = read_settings({**environ, "VIRTAAMO_BACKUP_KEEP": "1"})
    old = tmp_path / "virtaamo-2020-01-01T000000Z.backup"
    old.write_bytes(b"old")
    (tmp_path / "virtaamo-2020-01-02T000000Z.backup").write_bytes(b"old")
    with pytest.raises(Stop), schedule.next_copy(settings, NOW):
        raise Stop("no room")
    assert old.exists()
    with schedule.next_copy(settings, NOW), pytest.raises(Stop), schedule.next_copy(settings, NOW):
        pass


def test_no_clock_decides_which_backup_is_the_oldest(tmp_path, initialised):
    environ = {"VIRTAAMO_DATA": str(initialised), "VIRTAAMO_BACKUP_FOLDER": str(tmp_path)}
    settings = read_settings({**environ, "VIRTAAMO_BACKUP_KEEP": "2"})
    for number, now in enumerate((NOW, NOW + 400 * 24 * HOUR, NOW - 400 * 24 * HOUR)):
        with schedule.next_copy(settings, now) as path:
            path.write_text(str(number))
    assert sorted(path.read_text() for path in tmp_path.glob("*.backup")) == ["1", "2"]


def test_a_backup_is_due_when_the_last_is_old_or_of_a_time_to_come():
    last = Backup(NOW, NOW, 1)
    assert not schedule.is_due(last, 24, NOW + 23 * HOUR)
    assert schedule.is_due(last, 24, NOW + 24 * HOUR)
    assert schedule.is_due(last, 24, NOW - 48 * HOUR)
    assert not schedule.is_due(None, 0, NOW)


KILLED_AT = """
import os, signal, sys
from server import archive, backup, dumps
from server.__main__ import main
def dies(*args, **kwargs): os.kill(os.getpid(), signal.SIGKILL)
{patch}
sys.exit(main())
"""
BACKUP_POINTS = {
    "while the database is copied": "dumps.SqliteDump.facts = dies",
    "before the first member": "archive.Writer.add = dies",
    "before the photos": "archive.Writer.add_bytes = dies",
    "before the manifest": "archive.Writer.finish = dies",
    "before it has its name": "backup.give_name = dies",
    "before it is verified": "backup.verify = dies",
}
RESTORE_POINTS = {
    "while it is unpacked": "backup._look = dies",
    "before the old is put aside": "backup._put_aside = dies",
    "before the new has its place": "dumps.SqliteDump.put_back = dies",
    "after it": "backup.sync_folder = dies",
}


def run_until_killed(server: Server, patch: str, *command: str) -> None:
    program = [sys.executable, "-c", KILLED_AT.format(patch=patch), *command]
    killed = subprocess.run(program, cwd=ROOT, env=server.environ, capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr


@pytest.mark.parametrize("patch", BACKUP_POINTS.values(), ids=BACKUP_POINTS)
def test_a_killed_backup_leaves_the_older_ones_and_no_half_one(patch, kept):
    folder = kept.server.folder / "backups"
    folder.mkdir()
    first = shutil.copy(kept.file, folder / "virtaamo-2020-01-01T000000Z.backup")
    run_until_killed(kept.server, patch, "backup")
    for file in folder.glob("*.backup"):
        verify(kept.settings, Source(file))
    assert first in folder.glob("*.backup")
    assert kept.server.cli("backup").returncode == 0
    assert not [path for path in folder.iterdir() if path.suffix != ".backup" and path.name != ".lock"]
    assert list(kept.server.folder.glob(f"{PREFIX}*")) == [], "what lay in the clear is swept"


@pytest.mark.parametrize("patch", RESTORE_POINTS.values(), ids=RESTORE_POINTS)
def test_a_killed_restore_loses_nothing_and_can_be_run_again(patch, kept):
    database = (kept.server.folder / "virtaamo.db").read_bytes()
    run_until_killed(kept.server, patch, "restore", "--replace", str(kept.file))
    assert database in {path.read_bytes() for path in kept.server.folder.rglob("virtaamo.db")}
    assert kept.server.cli("restore", "--replace", str(kept.file)).returncode == 0
    assert database in {path.read_bytes() for path in kept.server.folder.rglob("virtaamo.db")}
    make(kept.settings, kept.file.with_name("two.backup"), NOW)


def test_an_older_version_is_brought_up_to_date_when_it_is_restored(tmp_path):
    """What `backup` of the first version would have made."""
    from tests.unit.test_migrations import upgrade

    upgrade(tmp_path / "old.db", "0001")
    connection = sqlite3.connect(tmp_path / "old.db")
    with connection:
        connection.execute("INSERT INTO meta VALUES ('epoch', x'0102030405060708')")
    connection.close()
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.move(tmp_path / "old.db", folder / "virtaamo.db")
    (folder / "secret").write_bytes(b"s" * 32)
    make(read_settings({"VIRTAAMO_DATA": str(folder)}), tmp_path / "old.backup", NOW)
    server = Server(folder)
    key = server.kept_key()
    shutil.rmtree(folder)
    assert server.cli("restore", str(tmp_path / "old.backup"), *key).returncode == 0
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []
    server.start()
    server.close()

"""Backups are encrypted with a key that lies outside them (H1, D-49): who has the file alone has nothing."""

import io
import shutil
import tarfile

import pyrage
import pytest

from server import age, backup_key, scratch
from server.backup import Source, make, verify
from server.refusals import Stop
from server.settings import read_settings
from tests.conftest import Server
from tests.unit.test_backup import NOW, Writer, in_clear, jpeg, settings_of

WORDS = "Hiljainen havainto aamuvuorosta"


@pytest.fixture
def writer(server: Server) -> Writer:
    return Writer(server)


@pytest.fixture
def stopped(tmp_path, initialised) -> Server:
    """An installation that nobody serves."""
    shutil.copytree(initialised, tmp_path / "data")
    return Server(tmp_path / "data")


def marks(server: Server) -> dict[str, str]:
    """What `virtaamo doctor` says of the key of the backups."""
    lines = server.cli("doctor").stdout.splitlines()
    return {
        line[6:]: line[:5].strip()
        for line in lines
        if "backup" in line and "key" in line and "verified" not in line
    }


def test_h1_d49_a_backup_has_no_word_and_no_secret_and_opens_with_its_key_alone(writer, tmp_path):
    photo = jpeg("red")
    writer.write(1, **{"text": WORDS, f"photos/{writer.upload(photo)}": "Pöytä"})
    data, file = writer.server.folder, tmp_path / "one.backup"
    assert writer.server.cli("backup", str(file)).returncode == 0
    secrets = [(data / name).read_bytes() for name in ("secret", "vapid")]
    secrets += [key.read_bytes() for key in (data / "keys").iterdir()]
    content = file.read_bytes()
    for part in (WORDS.encode(), b"Idea 1", b"SQLite format", b"manifest", photo, *secrets):
        assert part not in content
    clear = in_clear(file, data).read_bytes()
    for part in (WORDS.encode(), b"Idea 1", photo, *secrets):
        assert part in clear, "what was looked for is in there"
    assert backup_key.read(data / "backup.key").encode() not in clear
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(content, [pyrage.x25519.Identity.generate()])


def test_d49_the_key_is_made_by_init_for_its_owner_alone_and_is_in_no_backup(stopped, tmp_path):
    key = stopped.folder / "backup.key"
    assert key.stat().st_mode & 0o777 == 0o600
    before = key.read_bytes()
    again = stopped.cli("init")
    assert (again.returncode, key.read_bytes()) == (0, before)
    assert str(key) in again.stdout
    assert "without it no backup opens" in again.stdout
    assert before.decode().splitlines()[-1] not in again.stdout
    assert stopped.cli("backup", str(tmp_path / "one.backup")).returncode == 0
    with tarfile.open(in_clear(tmp_path / "one.backup", stopped.folder)) as tar:
        assert not [name for name in tar.getnames() if "backup" in name]


@pytest.mark.parametrize("kind", ["none", "other", "nonsense"])
def test_d49_without_the_right_key_nothing_is_touched(stopped, tmp_path, kind):
    file, given = tmp_path / "one.backup", tmp_path / "given.key"
    assert stopped.cli("backup", str(file)).returncode == 0
    if kind == "other":
        backup_key.write(given, age.generate())
    if kind == "nonsense":
        given.write_bytes(b"\xff\xfe AGE-SECRET-KEY-1QQQ\n")
    before = {path: path.stat().st_mtime_ns for path in stopped.folder.rglob("*")}
    for command in (["verify"], ["restore", "--replace"]):
        done = stopped.cli(*command, str(file), "--key", str(given))
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    lock = stopped.folder / "lock"
    after = {path: path.stat().st_mtime_ns for path in stopped.folder.rglob("*")}
    assert {**after, lock: 0} == {**before, lock: 0}


def test_d49_a_new_machine_opens_it_with_the_kept_key_which_is_its_own_then(stopped, tmp_path):
    file, other = tmp_path / "one.backup", Server(tmp_path / "other")
    assert stopped.cli("backup", str(file)).returncode == 0
    _, kept = stopped.kept_key()
    refused = other.cli("restore", str(file))
    assert (refused.returncode, "--key" in refused.stderr) == (1, True)
    assert other.cli("verify", str(file), "--key", kept).returncode == 0
    assert other.cli("restore", str(file), "--key", kept).returncode == 0
    assert backup_key.read(other.folder / "backup.key") == backup_key.read(stopped.folder / "backup.key")
    assert (other.folder / "backup.key").stat().st_mode & 0o777 == 0o600
    assert other.cli("backup", str(tmp_path / "two.backup")).returncode == 0
    assert stopped.cli("verify", str(tmp_path / "two.backup")).returncode == 0


def test_d49_the_key_that_a_restored_one_takes_the_place_of_is_kept_aside(stopped, tmp_path):
    other = Server(tmp_path / "other")
    assert other.cli("init").returncode == 0
    own = (other.folder / "backup.key").read_bytes()
    assert stopped.cli("backup", str(tmp_path / "one.backup")).returncode == 0
    done = other.cli("restore", str(tmp_path / "one.backup"), "--replace", *stopped.kept_key())
    assert done.returncode == 0, done.stderr
    assert (other.folder / "before-1" / "backup.key").read_bytes() == own
    assert (other.folder / "backup.key").read_bytes() != own


def test_a_backup_of_an_older_version_in_the_clear_is_verified_and_restored(stopped, tmp_path):
    assert stopped.cli("backup", str(tmp_path / "one.backup")).returncode == 0
    old = in_clear(tmp_path / "one.backup", stopped.folder)
    other = Server(tmp_path / "other")
    verified = other.cli("verify", str(old))
    assert (verified.returncode, "not encrypted" in verified.stdout) == (0, True)
    assert other.cli("restore", str(old)).returncode == 0
    assert stopped.cli("restore", str(old), "--replace").returncode == 0
    own = (stopped.folder / "backup.key").read_bytes()
    assert own, "the key stays where the backup brings none"
    assert other.cli("backup", str(tmp_path / "two.backup")).returncode == 0
    assert age.is_encrypted(tmp_path / "two.backup")


def test_d49_doctor_asks_for_a_copy_until_somebody_says_that_there_is_one(stopped):
    assert list(marks(stopped).values()) == ["warn"]
    assert stopped.cli("backup-key", "--kept").returncode == 0
    assert marks(stopped) == {"Somebody keeps a copy of the key that opens the backups.": "ok"}
    (stopped.folder / "backup.key").chmod(0o644)
    assert "FAIL" in {line[:4] for line in stopped.cli("doctor").stdout.splitlines()}
    backup_key.write(stopped.folder / "backup.key", age.generate())
    assert list(marks(stopped).values()) == ["warn"], "nobody has a copy of this one"


def test_d49_a_key_that_was_lost_is_asked_back_and_never_made_anew(stopped, tmp_path):
    key = stopped.folder / "backup.key"
    key.unlink()
    assert list(marks(stopped).values()) == ["warn"]
    make(settings_of(stopped), tmp_path / "one.backup", NOW)
    assert key.stat().st_mode & 0o777 == 0o600, "an older installation gets its key with its next backup"
    assert stopped.cli("backup-key", "--kept").returncode == 0
    key.unlink()
    assert list(marks(stopped).values()) == ["FAIL"]
    with pytest.raises(Stop, match="put it back"):
        make(settings_of(stopped), tmp_path / "two.backup", NOW)
    assert not key.exists()
    key.write_text("nothing")
    key.chmod(0o600)
    assert list(marks(stopped).values()) == ["FAIL"]


def test_nothing_of_a_backup_lies_in_the_clear_in_the_folder_where_it_is_made(stopped, tmp_path, monkeypatch):
    folder, seen = tmp_path / "elsewhere", []
    folder.mkdir()

    def look(*given):
        seen.append({path.name for path in folder.iterdir()})
        return verify(*given)

    monkeypatch.setattr("server.backup.verify", look)
    make(settings_of(stopped), folder / "one.backup", NOW)
    assert seen == [{"one.backup.part"}]
    assert [path.name for path in folder.iterdir()] == ["one.backup"]
    assert list(stopped.folder.glob(f"{scratch.PREFIX}*")) == []


def test_the_next_start_sweeps_what_was_left_in_the_clear_but_not_what_is_in_use(stopped):
    left = stopped.folder / f"{scratch.PREFIX}left"
    left.mkdir()
    with scratch.room(stopped.folder) as room:
        assert not left.exists()
        left.mkdir()
        scratch.sweep(stopped.folder)
        assert room.exists()
        assert left.exists()
    stopped.start()
    stopped.close()
    assert not left.exists()


def test_a_backup_is_verified_where_there_is_no_installation(tmp_path):
    """`verify` works on a machine that has no installation: the copy in the clear lies in the system's own place."""
    settings = read_settings({"VIRTAAMO_DATA": str(tmp_path / "none")})
    (tmp_path / "one.backup").write_bytes(b"nonsense")
    with pytest.raises(Stop, match="cut or changed"):
        verify(settings, Source(tmp_path / "one.backup"))
    assert not (tmp_path / "none").exists()


def test_what_fails_while_a_stream_is_encrypted_is_told():
    class Full(io.RawIOBase):
        def write(self, part: bytes) -> int:
            raise OSError(28, "No space left on device")

    public = age.public_of(age.generate())
    with pytest.raises(OSError, match="No space"), age.encrypting(Full(), public) as plain:
        for _ in range(40):
            plain.write(bytes(age.CHUNK))
    with pytest.raises(Stop, match="mine"), age.encrypting(io.BytesIO(), public) as plain:
        plain.write(b"half")
        raise Stop("mine")


def test_a_stream_is_never_whole_in_memory():
    size, secret, file = 16 * age.CHUNK, age.generate(), io.BytesIO()
    with age.encrypting(file, age.public_of(secret)) as plain:
        plain.write(bytes(size))
        assert file.tell() > size // 2, "most of it has passed through by then"
    source = io.BytesIO(file.getvalue())
    with age.decrypting(source, secret) as plain:
        assert plain.read(100) == bytes(100)
        assert source.tell() < size // 2, "most of it has not been asked for yet"
        while plain.read(age.CHUNK):
            pass

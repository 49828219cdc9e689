"""Backups of an installation on PostgreSQL: by its own programs, to the same promises."""

import shutil

import pytest
from msgspec import structs

from server import dumps_postgres
from server.backup import Source, make, verify
from server.refusals import Stop
from server.settings import read_settings
from tests.conftest import Server
from tests.postgres import name_of
from tests.unit.test_backup import NOW, Writer, jpeg


@pytest.fixture
def writer(postgres, tmp_path):
    """A device on a server whose database is nobody else's."""
    url = postgres.make()
    server = Server(tmp_path / "data", {"VIRTAAMO_DATABASE": url})
    server.url_of_database = url
    assert server.cli("init").returncode == 0
    server.start()
    server.add_team()
    yield Writer(server)
    server.close()


def backed_up(writer, file):
    done = writer.server.cli("backup", str(file))
    assert done.returncode == 0, done.stderr
    return file


def test_a_backup_comes_back_as_a_new_life(writer, tmp_path):
    photo = writer.upload(jpeg("red"))
    writer.write(1, **{f"photos/{photo}": "Pöytä"})
    old = writer.sync()
    file = backed_up(writer, tmp_path / "one.backup")
    assert writer.sync().stable[writer.team] >= 1
    writer.write(2)
    team = writer.server.add_team("Leppä")
    beside = writer.server.cli("restore", str(file), "--replace")
    assert (beside.returncode, beside.stderr.count("\n")) == (1, 1)
    writer.server.stop()
    assert writer.server.cli("restore", str(file)).returncode == 1
    done = writer.server.cli("restore", str(file), "--replace")
    assert done.returncode == 0, done.stderr
    kept = dumps_postgres.ask(
        writer.server.url_of_database, "SELECT count(*) FROM before_1.card WHERE kind = 'idea'"
    )
    assert kept == "2"
    writer.server.start(port=writer.server.port)
    new = writer.sync(epoch=old.epoch)
    assert new.epoch != old.epoch
    assert new.grants.version > old.grants.version
    assert writer.server.add_team("Kuusi") > team + 100
    assert writer.client.get(f"/api/files/{photo}").status_code == 200
    writer.write(3)
    backed_up(writer, tmp_path / "two.backup")


def test_a_backup_goes_into_an_empty_database(writer, postgres, tmp_path):
    writer.write(1)
    file = backed_up(writer, tmp_path / "one.backup")
    writer.server.stop()
    elsewhere = Server(tmp_path / "elsewhere", {"VIRTAAMO_DATABASE": postgres.make()})
    key = writer.server.kept_key()
    done = elsewhere.cli("restore", str(file), *key)
    assert done.returncode == 0, done.stderr
    assert elsewhere.cli("restore", str(file)).returncode == 1
    assert "Koivu" in elsewhere.start().cli("people", "list").stdout
    elsewhere.close()


FAULTS = {
    "UPDATE space SET count = count + 1 WHERE kind = 'team'": "says",
    "UPDATE space SET head = 0 WHERE kind = 'team'": "beyond its head",
    "UPDATE alembic_version SET version_num = '9999'": "9999",
    "DELETE FROM meta WHERE key = 'epoch'": "no database of this program",
}


def test_what_contradicts_itself_or_was_cut_is_found_and_changes_nothing(writer, postgres, tmp_path):
    writer.write(1)
    writer.server.stop()
    url = writer.server.url_of_database
    settings = read_settings({"VIRTAAMO_DATA": str(tmp_path), "VIRTAAMO_DATABASE": url})
    for fault, said in FAULTS.items():
        other = structs.replace(settings, database=postgres.clone(name_of(url)))
        dumps_postgres.ask(other.database, fault)
        with pytest.raises(Stop, match=said):
            make(other, tmp_path / "one.backup", NOW)
        assert not (tmp_path / "one.backup").exists()
    dumps_postgres.dump(url, tmp_path / "whole")
    content = (tmp_path / "whole").read_bytes()
    dumps_postgres.tally(tmp_path / "whole")
    for part in (0, 100, len(content) // 2, len(content) - 100):
        (tmp_path / "cut").write_bytes(content[:part])
        with pytest.raises(Stop):
            dumps_postgres.tally(tmp_path / "cut")
    with pytest.raises(Stop):  # in the midst of the transaction
        dumps_postgres.load(tmp_path / "cut", url, b"8 bytes.", "before_1")
    assert dumps_postgres.ask(url, "SELECT count(*) FROM public.card WHERE kind = 'idea'") == "1"
    assert dumps_postgres.ask(url, "SELECT to_regnamespace('before_1') IS NULL") == "t"


def test_a_backup_goes_back_into_its_own_sort_of_database(writer, tmp_path):
    file = backed_up(writer, tmp_path / "one.backup")
    done = Server(tmp_path / "other").cli("restore", str(file), *writer.server.kept_key())
    assert done.returncode == 1
    assert "VIRTAAMO_DATABASE" in done.stderr
    settings = read_settings({k: v for k, v in writer.server.environ.items() if k.startswith("VIRTAAMO")})
    checked, _ = verify(settings, Source(file))
    assert checked.made_at > NOW
    shutil.rmtree(tmp_path / "other")

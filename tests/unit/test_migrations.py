"""A file of an older version is brought up to date with all that lies in it."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from msgspec import msgpack
from sqlalchemy import create_engine

from server import schema
from server.refusals import Stop
from server.schema import MIGRATIONS, NewerDatabase, migrate
from tests.postgres import name_of

DAY_S = 86_400
A_SPACE = """INSERT INTO space (id, kind, name, standing, head, floor, logged, count, sum)
    VALUES (7, 'team', x'80', 0, 0, 0, 0, 0, 0)"""
NEXT_VERSION = """
from alembic import op
revision, down_revision = "9000", "{before}"
def upgrade():
    op.execute("UPDATE card SET made = made")
    {does}
"""
CHANGE = [b"r" * 12, 7, b"c" * 16, "comment", 1, 0, {"on": [None, b"i" * 16], "text": [None, "Hyvä!"]}]


def upgrade(file: Path, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with create_engine(f"sqlite:///{file}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)


def body(**cells: object) -> bytes:
    return msgpack.encode([{name: [value, 5, 1, 1] for name, value in cells.items()}, [0, 0, 0]])


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A file of the first version: an idea, a comment on it, a hidden one, a stub; and a comment that is held."""
    file = tmp_path / "virtaamo.db"
    upgrade(file, "0001")
    cards = {
        b"i" * 16: ("idea", body(title="Lamppu")),
        b"c" * 16: ("comment", body(on=b"i" * 16, text="Hyvä!")),
        b"h" * 16: ("idea", body(title="Ovi", gone=["withdrawn", ""])),
        b"r" * 16: ("idea", body(title="Ovi", gone=None)),
        b"s" * 16: ("comment", body(moved=[9, b"n" * 16])),
    }
    connection = sqlite3.connect(file)
    for seq, (id_, (kind, cells)) in enumerate(cards.items(), start=1):
        connection.execute("INSERT INTO card VALUES (7, ?, ?, ?, 1, 5, 0, ?)", (id_, seq, kind, cells))
    for number, (kind, held) in enumerate((("comment", msgpack.encode(CHANGE)), ("", b"\xc1")), start=1):
        row = (number, 1, 1, 7, b"c" * 16, kind, "no_card", 5, bytes([number]), held)
        connection.execute("INSERT INTO quarantine VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    connection.commit()
    connection.close()
    return file


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(file)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_comments_name_their_card_after_the_second_version(first: Path) -> None:
    migrate(first)
    assert rows(first, "SELECT id, hangs FROM card WHERE hangs IS NOT NULL") == [(b"c" * 16, b"i" * 16)]
    assert rows(first, "SELECT id, hangs FROM quarantine ORDER BY id") == [(1, b"i" * 16), (2, None)]


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """next_version(statement) → the program knows one more version, whose migration does this."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))

    def know(does: str) -> None:
        text = NEXT_VERSION.format(before=schema.versions()[-1], does=does)
        (folder / "versions" / "9000_next.py").write_text(text)
        monkeypatch.setattr(schema, "MIGRATIONS", folder)

    return know


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ('op.execute("INSERT INTO nothing VALUES (1)")', "OperationalError"),
        ("raise ValueError('Merkkisana')", "ValueError"),
        ("op.execute(\"DELETE FROM card WHERE kind = 'comment'\")", "rows are missing in card"),
        ('op.execute("UPDATE space SET parent = 4711")', "rows name others"),
    ],
)
def test_a_migration_that_fails_leaves_the_file_as_it_was(
    first: Path, next_version, does: str, said: str
) -> None:
    migrate(first)
    newest = schema.version_of(first)
    with closing(sqlite3.connect(first)) as database, database:
        database.execute(A_SPACE)
    next_version(does)
    before = first.read_bytes()

    with pytest.raises(Stop, match=said) as stop:
        migrate(first)

    assert first.read_bytes() == before
    assert sorted(path.name for path in first.parent.glob("virtaamo.*")) == [
        f"virtaamo.before-{newest}",
        "virtaamo.before-9000",
        "virtaamo.db",
    ]
    assert "Merkkisana" not in str(stop.value)


def test_a_migration_that_loses_rows_is_taken_back_on_postgres(postgres, next_version) -> None:
    url = postgres.make()
    migrate(url)
    newest = schema.version_of(url)
    postgres.sql("INSERT INTO meta VALUES ('kept', 'x')", name_of(url))
    postgres.sql(A_SPACE.replace("x'80', 0", "'x', false"), name_of(url))
    next_version('op.execute("DELETE FROM meta"); op.execute("DELETE FROM space")')

    with pytest.raises(Stop, match="rows are missing in space"):
        migrate(url)

    assert schema.version_of(url) == newest
    assert postgres.sql("SELECT count(*) FROM meta WHERE key = 'kept'", name_of(url)) == "1"
    assert postgres.sql("SELECT id FROM space", name_of(url)) == "7"


def test_the_copy_from_before_a_migration_goes_after_thirty_days(first: Path, next_version) -> None:
    migrate(first)
    next_version("pass")
    migrate(first)
    old, young = sorted(first.parent.glob("virtaamo.before-*"))
    made_s = int(young.stat().st_mtime)
    os.utime(old, (made_s - 20 * DAY_S, made_s - 20 * DAY_S))

    assert schema.drop_old_copies(first, (made_s + 5 * DAY_S) * 1000) == 0
    assert schema.drop_old_copies(first, (made_s + 11 * DAY_S) * 1000) == 1
    assert (old.exists(), young.exists(), first.exists()) == (False, True, True)


def test_what_a_killed_trial_has_left_is_not_read_by_the_next(first: Path, next_version) -> None:
    next_version("pass")
    for left in ("virtaamo.trial", "virtaamo.trial-wal", "virtaamo.trial-shm"):
        first.with_name(left).write_bytes(b"left")

    assert migrate(first)

    assert schema.version_of(first) == "9000"
    assert not list(first.parent.glob("*.trial*"))


def test_a_migration_that_goes_well_goes_on_after_its_trial(first: Path, next_version) -> None:
    next_version('op.execute("UPDATE card SET made = made + 1")')

    assert migrate(first)

    assert schema.version_of(first) == "9000"
    assert not list(first.parent.glob("*.trial*"))
    assert rows(first, "SELECT DISTINCT made FROM card") == [(6,)]


def test_a_full_disk_is_said_before_anything_is_begun(first: Path, monkeypatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(10, 9, 1))

    with pytest.raises(Stop, match="MB of free disk"):
        migrate(first)

    assert schema.version_of(first) == "0001"


def test_a_database_of_a_newer_version_is_refused_and_left_alone(first: Path) -> None:
    migrate(first)
    with closing(sqlite3.connect(first)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    before = first.read_bytes()

    with pytest.raises(NewerDatabase, match="has version 9999"):
        migrate(first)

    assert first.read_bytes() == before


def test_a_hidden_card_has_its_whole_thirty_days_from_the_second_version_on(first: Path) -> None:
    migrate(first)
    ((id_, since),) = rows(first, "SELECT id, gone FROM card WHERE gone IS NOT NULL")
    assert id_ == b"h" * 16
    assert since > 1_700_000_000_000, "not the device's time, which may lie years back"

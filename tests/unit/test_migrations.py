"""A file of an older version is brought up to date with all that lies in it."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from msgspec import msgpack
from sqlalchemy import create_engine

from server.schema import MIGRATIONS, migrate

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


def test_a_hidden_card_has_its_whole_thirty_days_from_the_second_version_on(first: Path) -> None:
    migrate(first)
    ((id_, since),) = rows(first, "SELECT id, gone FROM card WHERE gone IS NOT NULL")
    assert id_ == b"h" * 16
    assert since > 1_700_000_000_000, "not the device's time, which may lie years back"

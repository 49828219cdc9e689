"""In a pause SQLite's log is folded into the file, and written over; it is emptied where words have been removed."""

import asyncio

import pytest
from sqlalchemy import text

from server import db as db_module
from server.db import Database, Transaction


def note(txn: Transaction, word: str) -> None:
    txn.connection.execute(text("INSERT INTO note VALUES (:word)"), {"word": word})


def make(txn: Transaction) -> None:
    txn.connection.execute(text("CREATE TABLE note (word TEXT)"))


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(db_module, "PAUSE_S", 0.01)
    return tmp_path / "tidy.db"


async def after_pauses(file, removes: bool) -> tuple[int, int, bytes]:
    """Sizes of the log after one pause and after a second, with a write before each; and what is in it then."""
    log, db = file.with_name(f"{file.name}-wal"), Database(file)
    await db.open()
    await db.write(make)
    await db.write(note, "ensimmäinen")
    await asyncio.sleep(0.2)
    first = log.stat().st_size
    await db.write(note, "toinen")
    if removes:
        db.empty_log()
    await asyncio.sleep(0.2)
    try:
        return first, log.stat().st_size, log.read_bytes()
    finally:
        await db.close()


def test_the_log_is_written_over_after_a_pause(file):
    first, second, _ = asyncio.run(after_pauses(file, removes=False))
    assert first == second > 0


def test_the_log_is_emptied_after_words_were_removed(file):
    first, second, left = asyncio.run(after_pauses(file, removes=True))
    assert first > second == 0
    assert left == b""

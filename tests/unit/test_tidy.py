"""In a pause SQLite's log is folded into the file, and written over; it is emptied where words have been removed."""

import asyncio
import shutil
import sqlite3

import pytest
from sqlalchemy import text

from server import db as db_module
from server.db import Database, Transaction
from server.db_sqlite import WAL_BYTES


def note(txn: Transaction, word: str) -> None:
    txn.connection.execute(text("INSERT INTO note VALUES (:word)"), {"word": word})


def make(txn: Transaction) -> None:
    txn.connection.execute(text("CREATE TABLE note (word TEXT)"))


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setattr(db_module, "PAUSE_S", 0.01)
    return tmp_path / "tidy.db"


async def after_pauses(file, removes: bool) -> tuple[int, bytes]:
    """The size of the log after one pause, and its bytes after a second, with a write before each."""
    log, db = file.with_name(f"{file.name}-wal"), Database(file)
    await db.open()
    await db.write(make)
    await db.write(note, "ensimmäinen")
    await asyncio.sleep(0.3)
    size = log.stat().st_size
    await db.write(note, "toinen")
    if removes:
        db.empty_log()
    await asyncio.sleep(0.3)
    try:
        return size, log.read_bytes()
    finally:
        await db.close()


def test_the_log_has_its_full_size_after_a_pause_and_is_written_over(file):
    size, left = asyncio.run(after_pauses(file, removes=False))
    assert size == len(left) == WAL_BYTES
    assert b"toinen" in left


def test_nothing_is_left_in_the_log_after_words_were_removed(file):
    size, left = asyncio.run(after_pauses(file, removes=True))
    assert size == len(left) == WAL_BYTES
    assert b"toinen" not in left
    assert b"ensimm" not in left


async def write_and_copy(file, to) -> None:
    """Write before and after a pause, and copy the files as they lie there when the power goes."""
    db = Database(file)
    await db.open()
    await db.write(make)
    await asyncio.sleep(0.3)
    for word in ("yksi", "kaksi"):
        await db.write(note, word)
        for end in ("", "-wal"):
            shutil.copy(f"{file}{end}", f"{to}{end}")
    await db.close()


def test_what_was_written_over_an_old_log_is_there_after_a_power_cut(file, tmp_path):
    asyncio.run(write_and_copy(file, tmp_path / "copy.db"))
    left = sqlite3.connect(tmp_path / "copy.db")
    words = [word for (word,) in left.execute("SELECT word FROM note ORDER BY rowid")]
    assert (words, left.execute("PRAGMA integrity_check").fetchone()) == (["yksi", "kaksi"], ("ok",))
    left.close()

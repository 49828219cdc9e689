"""The power goes at any write of the database: what was acknowledged is on the disk, and the file is sound."""

import re
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.conftest import Server
from tests.faults.disk_log import SYNC, Disk, doings
from tests.faults.phone import Phone, until

FILES = ("virtaamo.db", "virtaamo.db-wal")
WORD = re.compile(rb"[a-z]+\d+x\d+")
WRITES = 24


class Recording(NamedTuple):
    """What a server wrote, what lay there before, and up to where in the log which words had been acknowledged."""

    log: Path
    before: tuple[bytes, bytes]
    acknowledged: list[tuple[int, set[str]]]

    def owed(self, end: int) -> set[str]:
        """The words that had been acknowledged by a moment."""
        return set().union(*(words for at, words in self.acknowledged if at <= end))


def test_every_acknowledged_word_is_there_after_a_power_cut_at_any_write(breakable, words, tmp_path) -> None:
    server, phones, recording = recorded(breakable, tmp_path)
    chance, states, sample = Random(4), 0, None
    for files, owed in cuts(recording, chance):
        states += 1
        texts = words_in(files, tmp_path / "cut")
        assert texts is not None, "the file is not sound"
        assert not owed - texts, f"state {states}: {len(owed - texts)} words are gone"
        if owed and chance.random() < 0.02:
            sample = files
    assert states > 10 * WRITES
    lay(sample, server.folder)
    server.start(port=server.port)
    for phone in phones:
        phone.outbox = list(phone.all)  # what it still holds, and what its echo offers
        phone.exchange(server)
    words([w for p in phones for w in p.saved], phones[0].texts(server))


def test_a_disk_that_lies_about_its_syncs_is_found_out(breakable, words, tmp_path) -> None:
    """The test above can fail: the same recording on a disk whose syncs do nothing has lost words."""
    _, phones, recording = recorded(breakable, tmp_path)
    lost: set[str] = set()
    for files, owed in cuts(recording, Random(4), keeps_promises=False):
        lost |= owed - (words_in(files, tmp_path / "cut") or set())
    assert lost
    words([w for p in phones for w in p.saved], recording_texts(recording, tmp_path))


def recorded(breakable, tmp_path: Path) -> tuple[Server, list[Phone], Recording]:
    """Two people write, with pauses in which the log is folded into the file; then the server is killed."""
    log = tmp_path / "disk.log"
    server = breakable(environ={"DISK_LOG": str(log), "PAUSE_S": "0.2"})
    before = read(server.folder)
    server.start()
    server.add_team()
    phones = [Phone(server, "Aino"), Phone(server, "Timo")]
    acknowledged, folded = [], foldings(log)
    for number in range(WRITES):
        phone = phones[number % 2]
        phone.write()
        phone.exchange(server)
        acknowledged.append((log.stat().st_size, set(phone.acknowledged)))
        if number % 8 == 7:
            until(lambda seen=folded: foldings(log) > seen)
            folded = foldings(log)
    server.stop(signal.SIGKILL)
    server.environ = {name: value for name, value in server.environ.items() if name != "DISK_LOG"}
    return server, phones, Recording(log, before, acknowledged)


def foldings(log: Path) -> int:
    """How often the write-ahead log was folded into the file."""
    return sum(doing.sort == SYNC and doing.which == 0 for doing in doings(log))


def cuts(
    recording: Recording, chance: Random, keeps_promises: bool = True
) -> Iterator[tuple[tuple[bytes, bytes], set[str]]]:
    """What a cut after each doing may leave, and the words that have to be in it."""
    disk, seen = Disk(recording.before, keeps_promises), set()
    for doing in doings(recording.log):
        disk.do(doing)
        owed = recording.owed(doing.end)
        for files in disk.after_cut(chance):
            if (hash(files), len(owed)) not in seen:
                seen.add((hash(files), len(owed)))
                yield files, owed


def recording_texts(recording: Recording, tmp_path: Path) -> list[str]:
    """What the files hold when all of it got through."""
    disk = Disk(recording.before)
    for doing in doings(recording.log):
        disk.do(doing)
    *_, whole = disk.after_cut(Random(0))
    return [" ".join(words_in(whole, tmp_path / "whole") or ())]


def read(folder: Path) -> tuple[bytes, bytes]:
    """Both files as they are."""
    return tuple((folder / name).read_bytes() if (folder / name).exists() else b"" for name in FILES)


def lay(files: tuple[bytes, bytes], folder: Path) -> None:
    """Make these the files of a data folder."""
    folder.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        (folder / f"{FILES[0]}-shm").unlink()
    for name, content in zip(FILES, files, strict=True):
        (folder / name).write_bytes(content)


def words_in(files: tuple[bytes, bytes], folder: Path) -> set[str] | None:
    """The words that stand both on cards and in the log; nothing when SQLite finds the file unsound."""
    lay(files, folder)
    try:
        with closing(sqlite3.connect(folder / FILES[0])) as connection:
            if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return None
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            found = [
                b" ".join(row[0] or b"" for row in connection.execute(f"SELECT body FROM {table}"))
                for table in ("card", "change")
                if table in tables
            ] or [b"", b""]
    except sqlite3.DatabaseError:
        return None
    finally:
        shutil.rmtree(folder)
    on_cards, in_log = ({word.decode() for word in WORD.findall(text)} for text in found)
    return on_cards & in_log

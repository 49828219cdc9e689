"""A verified backup that could not be reported: the oldest go all the same, and the report alone is repeated."""

import asyncio
import shutil
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from server import control, schedule
from server.db import Database
from server.refusals import Refused, Stop
from server.settings import Settings, read_settings
from server.store.backups import Backup, last_backup
from server.store.spaces import set_meta
from server.verbs import backups

NOW = 1_795_000_000_000
HOUR = 3_600_000


@pytest.fixture
def settings(tmp_path: Path, initialised: Path) -> Settings:
    """An installation that keeps two backups."""
    shutil.copytree(initialised, tmp_path / "data")
    environ = {"VIRTAAMO_DATA": str(tmp_path / "data"), "VIRTAAMO_BACKUP_FOLDER": str(tmp_path / "copies")}
    return read_settings({**environ, "VIRTAAMO_BACKUP_KEEP": "2", "VIRTAAMO_BACKUP_EVERY_HOURS": "1"})


@pytest.fixture
def no_rest(monkeypatch) -> list[float]:
    """The pauses that would have been."""
    pauses: list[float] = []
    monkeypatch.setattr(backups, "rest", pauses.append)
    return pauses


@pytest.fixture(autouse=True)
def as_nice_as_before(monkeypatch) -> None:
    monkeypatch.setattr("os.nice", lambda _: None)


def back_up(settings: Settings) -> int:
    return backups.run_backup(settings, Namespace(file=None, replace=False, json=False))


def report(settings: Settings, file: Path) -> int:
    return backups.run_verify(settings, Namespace(file=str(file), key=None, report=True, json=False))


def copies(settings: Settings) -> list[Path]:
    return sorted(settings.backups.glob("*.backup"))


def last(settings: Settings) -> Backup | None:
    """What the database knows of backups."""

    async def read() -> Backup | None:
        db = Database(settings.stored_in)
        await db.open()
        try:
            return await db.read(last_backup)
        finally:
            await db.close()

    return asyncio.run(read())


def test_the_oldest_go_though_no_report_arrives(settings, no_rest) -> None:
    for _ in range(4):
        with control.hold(settings.data), pytest.raises(Stop, match=r"is whole.*verify .*--report"):
            back_up(settings)
    assert [number(copy) for copy in copies(settings)] == [3, 4]
    assert no_rest[:5] == [*backups.PAUSES_S, 0]
    assert last(settings) is None, "nothing is claimed that nobody noted"


def test_the_report_alone_is_repeated_until_it_arrives(settings, monkeypatch) -> None:
    with ExitStack() as held:
        held.enter_context(control.hold(settings.data))
        pauses: list[float] = []

        def rest(pause_s: float) -> None:
            pauses.append(pause_s)
            if len(pauses) == 2:
                held.close()

        monkeypatch.setattr(backups, "rest", rest)
        assert back_up(settings) == 0
    assert pauses == [1, 3]
    (copy,) = copies(settings)
    noted = last(settings)
    assert noted is not None
    assert noted.bytes == copy.stat().st_size


def test_a_backup_is_reported_by_hand_once_it_is_read_again(settings, no_rest) -> None:
    with control.hold(settings.data), pytest.raises(Stop):
        back_up(settings)
    (copy,) = copies(settings)
    assert report(settings, copy) == 0
    noted = last(settings)
    assert noted is not None
    assert noted.at < noted.verified_at
    copy.write_bytes(copy.read_bytes()[:-1])
    with pytest.raises(Stop):
        report(settings, copy)


def test_a_report_that_is_refused_is_not_repeated(settings, no_rest) -> None:
    assert back_up(settings) == 0
    (copy,) = copies(settings)

    async def begin_anew() -> None:
        db = Database(settings.stored_in)
        await db.open()
        try:
            await db.write(set_meta, "epoch", b"another.")
        finally:
            await db.close()

    asyncio.run(begin_anew())
    with pytest.raises(Refused):
        report(settings, copy)
    assert no_rest == []


def number(copy: Path) -> int:
    return int(copy.name.split("-")[1])


def make(copy: Path) -> None:
    copy.write_bytes(b"whole")


class Told(Exception):
    """Enough has been seen."""


def test_the_server_makes_no_backup_oftener_than_asked_where_none_is_noted(settings, monkeypatch) -> None:
    at, ran = NOW, []

    async def child(verb: str, *rest: str) -> None:
        nonlocal at
        if len(ran) == 7:
            raise Told
        *options, file = rest
        ran.append((verb, *options, number(Path(file))))
        make(Path(file))
        at += HOUR // 3
        raise Stop("the server did not answer")

    monkeypatch.setattr(schedule, "_in_child", child)
    monkeypatch.setattr(schedule, "LOOK_S", 0)

    async def run() -> None:
        db = Database(settings.stored_in)
        await db.open()
        try:
            await schedule.keep_copies(settings, db, lambda: at)
        finally:
            await db.close()

    with capture_logs() as logs, pytest.raises(Told):
        asyncio.run(run())
    say_again = ("verify", "--report")
    assert ran[:3] == [("backup", 1), (*say_again, 1), (*say_again, 1)]
    assert ran[3:] == [("backup", 2), (*say_again, 2), (*say_again, 2), ("backup", 3)]
    assert {line["event"] for line in logs} == {"a verified backup was not noted"}
    assert [number(copy) for copy in copies(settings)] == [2, 3]

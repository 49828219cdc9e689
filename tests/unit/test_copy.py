"""An installation goes from SQLite to PostgreSQL: whole, once, and on from where it was cut short."""

import asyncio
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from server.store import copies
from tests.conftest import ROOT, Server
from tests.e2e.killable import light
from tests.postgres import name_of

PAGES = 2
"""So many pages are copied before each kill."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the demo county."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    assert Server(folder).cli("demo").returncode == 0
    return folder


@pytest.fixture
def moved(demo: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(demo, tmp_path / "data"))


def rows_of(url: str, postgres) -> dict[str, int]:
    names = [table.name for table in copies.TABLES]
    name = name_of(url)
    return {n: int(postgres.sql(f"SELECT count(*) FROM {n}", name)) for n in names}


def test_everything_arrives_and_the_server_goes_on_there(moved: Path, postgres) -> None:
    url = postgres.make()
    here = Server(moved)
    done = here.cli("copy", "--to", url)
    assert done.returncode == 0, done.stderr
    assert "copied and compared" in done.stdout
    again = here.cli("copy", "--to", url)
    assert again.returncode == 1
    assert "this installation already" in again.stderr
    left = here.cli("init")
    assert left.returncode == 1
    assert "set VIRTAAMO_DATABASE" in left.stderr
    before = here.cli("people", "list", "--json").stdout
    there = Server(moved, {"VIRTAAMO_DATABASE": url}).start()
    try:
        assert there.cli("people", "list", "--json").stdout == before
        made = there.add_team("Uusi tiimi")
        assert made > 0
    finally:
        there.close()


def test_who_goes_on_with_the_file_after_all_begins_a_new_life_there(moved: Path, postgres) -> None:
    here = Server(moved)
    assert here.cli("copy", "--to", postgres.make()).returncode == 0
    epoch = epoch_of(moved)
    assert here.cli("anew").returncode == 0
    assert here.cli("init").returncode == 0
    assert epoch_of(moved) != epoch


def epoch_of(folder: Path) -> bytes:
    with closing(sqlite3.connect(folder / "virtaamo.db")) as database:
        return bytes(database.execute("SELECT value FROM meta WHERE key = 'epoch'").fetchone()[0])


def cut_short(moved: Path, url: str, pages: int) -> bool:
    """Copy on, and be killed after so many pages more; whether that many were left."""
    light(moved, "copy", pages + 1)
    command = [sys.executable, "-m", "tests.e2e.killable", "copy", "--to", url]
    done = subprocess.run(
        command, cwd=ROOT, env=Server(moved).environ, stdout=subprocess.DEVNULL, check=False
    )
    assert done.returncode in (0, -signal.SIGKILL)
    return done.returncode != 0


def test_a_copy_that_was_killed_goes_on_where_it_stopped(moved: Path, postgres) -> None:
    url = postgres.make()
    times = 0
    while cut_short(moved, url, PAGES):
        times += 1
        unfinished = Server(moved, {"VIRTAAMO_DATABASE": url}).cli("init")
        assert unfinished.returncode == 1
        assert "virtaamo copy" in unfinished.stderr
    assert times > 2
    assert rows_of(url, postgres) == counted(moved)


def counted(folder: Path) -> dict[str, int]:
    from server.db import Database

    async def run() -> dict[str, int]:
        db = Database(folder / "virtaamo.db")
        await db.open()
        try:
            return {table.name: await db.read(copies.count, table) for table in copies.TABLES}
        finally:
            await db.close()

    return asyncio.run(run())


def test_a_row_that_differs_is_told_and_the_copy_is_no_installation(moved: Path, postgres) -> None:
    url = postgres.make()
    here = Server(moved)
    assert cut_short(moved, url, 1)
    while rows_of(url, postgres)["card"] == 0:
        assert cut_short(moved, url, 1)
    name = name_of(url)
    postgres.sql("UPDATE card SET made = made + 1 WHERE id = (SELECT id FROM card LIMIT 1)", name)
    done = here.cli("copy", "--to", url)
    assert done.returncode == 1
    assert "The copy of card differs in the spaces" in done.stderr
    assert Server(moved, {"VIRTAAMO_DATABASE": url}).cli("init").returncode == 1


def test_no_copy_while_a_server_holds_the_folder_or_to_something_else(
    moved: Path, tmp_path: Path, postgres
) -> None:
    here = Server(moved).start()
    try:
        assert "end it first" in here.cli("copy", "--to", postgres.make()).stderr
    finally:
        here.close()
    assert "is no address of PostgreSQL" in here.cli("copy", "--to", "sqlite:///x").stderr
    other = Server(tmp_path / "other", {"VIRTAAMO_DATABASE": postgres.make()})
    assert other.cli("init").returncode == 0
    told = here.cli("copy", "--to", other.environ["VIRTAAMO_DATABASE"])
    assert "another installation" in told.stderr
    assert told.returncode == 1

"""`kill -9` at every named point and before every single statement: nothing acknowledged goes, nothing comes twice."""

import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path

import brotli
import httpx
import msgspec
import pytest

from server import schema
from sync.protocol import Frame
from tests.conftest import ROOT, Server
from tests.e2e.killable import POINTS, is_lit, light
from tests.faults.phone import Phone, replica_of, texts_on

NEW_VERSION = '''"""A version of the future: it rewrites what lies there."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "{before}"


def upgrade() -> None:
    op.create_table("future", sa.Column("space", sa.Integer), sa.Column("card", sa.LargeBinary))
    op.execute("INSERT INTO future SELECT space, id FROM card")
    op.add_column("card", sa.Column("future", sa.Integer))
    op.execute("UPDATE card SET future = seq")
    op.create_index("future_card", "future", ["card"])
'''
MOST = 80
MOST_IN_TWO = 2 * MOST  # a migration is tried on a copy first


def has_died(server: Server) -> None:
    """It was killed; another one takes its place on the same port."""
    assert server.process.wait(timeout=30) == -signal.SIGKILL
    server.process.stdout.close()
    server.start(port=server.port)


@pytest.mark.parametrize("stored_in", ["sqlite", "postgres"])
def test_at_every_named_point_of_the_transaction(breakable, words) -> None:
    server = breakable().start()
    server.add_team()
    aino = Phone(server, "Aino")
    for point in POINTS:
        aino.write(say=f"kill: {point}")
        with pytest.raises(httpx.TransportError):
            aino.exchange(server)
        has_died(server)
        aino.exchange(server)
    words(aino.saved, aino.texts(server))


def test_before_any_statement_of_the_transaction(breakable, words) -> None:
    server = breakable().start()
    server.add_team()
    aino = Phone(server, "Aino")
    for number in range(1, MOST):
        aino.write()
        light(server.folder, "accept", number)
        try:
            aino.exchange(server)
        except httpx.TransportError:
            has_died(server)
            aino.exchange(server)
        else:
            break
    assert is_lit(server.folder), "it never got through"
    assert number > 8
    words(aino.saved, aino.texts(server))


def test_before_any_statement_that_renews_a_snapshot(breakable, words) -> None:
    server = breakable().start()
    server.add_team()
    aino = Phone(server, "Aino")
    for number in range(1, MOST):
        aino.write()
        aino.exchange(server)
        forget_snapshots(server)
        light(server.folder, "snapshot", number)
        try:
            snapshot_of(server, aino)
        except httpx.TransportError:
            has_died(server)
        else:
            break
    assert is_lit(server.folder), "it never got through"
    assert number > 2
    whole = snapshot_of(server, aino)
    assert whole.board() == aino.board(server).board()
    words(aino.saved, texts_on(whole))


def forget_snapshots(server: Server) -> None:
    connection = sqlite3.connect(server.folder / "virtaamo.db")
    with connection:
        connection.execute("DELETE FROM snapshot")
    connection.close()


def snapshot_of(server: Server, phone: Phone):
    """A replica made of the stored snapshot alone."""
    reply = phone.client.get(f"{server.url}/api/spaces/{phone.team}/snapshot", headers={"Accept": "*/*"})
    assert reply.status_code == 200
    raw = reply.content
    with_body = raw if reply.headers.get("content-encoding") is None else decoded(raw)
    return replica_of(phone.team, [with_body])


def decoded(raw: bytes) -> bytes:
    """The client has undone brotli already where it knows how."""
    try:
        msgspec.msgpack.decode(raw, type=Frame)
    except msgspec.DecodeError:
        return brotli.decompress(raw)
    return raw


@pytest.fixture
def future(tmp_path: Path) -> Path:
    """The migrations of a later version, which has one more."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = NEW_VERSION.format(before=schema.versions()[-1])
    (folder / "versions" / "9999_future.py").write_text(text)
    return folder


def test_before_any_statement_of_a_migration(breakable, future, words, tmp_path) -> None:
    old = breakable().start()
    old.add_team()
    aino = Phone(old, "Aino")
    for _ in range(10):
        aino.write()
        aino.exchange(old)
    old.stop()
    after_trial = 0
    for number in range(1, MOST_IN_TWO, 2):
        copied = tmp_path / f"data-{number}"
        shutil.copytree(old.folder, copied, ignore=shutil.ignore_patterns("control.sock"))
        server = breakable(copied, {"FUTURE_MIGRATIONS": str(future)})
        light(copied, "migrate", number)
        if migrated(server) == 0:
            break
        after_trial += (copied / "virtaamo.before-9999").exists() and not list(copied.glob("*.trial*"))
        assert migrated(server) == 0, server.log_file.read_text()
        stored = bodies_after_migration(server)
        assert all(word.encode() in stored for word in aino.acknowledged)
    assert number > 8
    assert after_trial > 4, "the real migration, after the copy's, was not killed"
    server.start(port=old.port)
    words(aino.saved, aino.texts(server))


def test_before_any_statement_of_the_first_start(breakable, words, tmp_path) -> None:
    for number in range(1, MOST_IN_TWO, 8):
        (tmp_path / f"data-{number}").mkdir()
        server = breakable(tmp_path / f"data-{number}")
        light(server.folder, "migrate", number)
        if migrated(server) == 0:
            break
        assert migrated(server) == 0, server.log_file.read_text()
    else:
        pytest.fail("it never got through")
    assert number > 8
    server.start()
    server.add_team()
    aino = Phone(server, "Aino")
    aino.write()
    words(aino.saved, aino.texts(server))


def migrated(server: Server) -> int:
    """Run `virtaamo migrate` as a process; its exit code."""
    with server.log_file.open("ab") as log:
        command = [*server.program, "migrate"]
        return subprocess.run(
            command, cwd=ROOT, env=server.environ, stderr=log, timeout=60, check=False
        ).returncode


def bodies_after_migration(server: Server) -> bytes:
    """What the cards hold, all of them in the new version."""
    connection = sqlite3.connect(server.folder / "virtaamo.db")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    rows = connection.execute("SELECT body, future = seq FROM card").fetchall()
    connection.close()
    assert all(is_new for _, is_new in rows)
    return b"".join(body for body, _ in rows)

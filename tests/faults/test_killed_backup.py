"""`kill -9` before every step of a backup: there is a whole one or none, and the old one."""

import signal
import subprocess

import pytest

from tests.conftest import ROOT, Server
from tests.e2e.killable import light
from tests.faults.phone import Phone

MOST = 60


@pytest.mark.parametrize("stored_in", ["sqlite", "postgres"])
def test_a_killed_backup_is_no_backup_and_leaves_the_old_one(
    breakable, words, stored_in, request, tmp_path
) -> None:
    server = breakable().start()
    server.add_team()
    aino = Phone(server, "Aino")
    aino.write()
    aino.exchange(server)
    old = tmp_path / "old.tar"
    assert backed_up(server, old) == 0
    for number in range(1, MOST, 2):
        aino.write()
        aino.exchange(server)
        light(server.folder, "backup", number)
        made = tmp_path / f"backup-{number}.tar"
        if backed_up(server, made) == 0:
            break
        assert not made.exists() or server.cli("verify", str(made)).returncode == 0
    assert number > 4
    assert server.cli("verify", str(old)).returncode == 0
    server.stop(signal.SIGKILL)

    elsewhere = {}
    if stored_in == "postgres":
        elsewhere["VIRTAAMO_DATABASE"] = request.getfixturevalue("postgres").make()
    again = Server(tmp_path / "restored", elsewhere)
    restored = again.cli("restore", str(made), *server.kept_key())
    assert restored.returncode == 0, restored.stderr
    again.start(port=server.port)
    try:
        words(aino.acknowledged, aino.texts(again))
    finally:
        again.close()


def backed_up(server: Server, to) -> int:
    """Run `virtaamo backup` beside the running server; its exit code."""
    with server.log_file.open("ab") as log:
        command = [*server.program, "backup", str(to)]
        done = subprocess.run(command, cwd=ROOT, env=server.environ, stderr=log, timeout=60, check=False)
    assert done.returncode in (0, -signal.SIGKILL), server.log_file.read_text()[-600:]
    return done.returncode

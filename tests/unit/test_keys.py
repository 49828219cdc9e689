"""The server's keys: prepared until a verified backup holds them, active, retired, destroyed (D-65)."""

import asyncio
import os

import pytest

from server import keyring, keys
from server.checkup import Seen, of_database
from server.db import Database
from server.forms import KeyLine, Watching
from server.keys import ACTIVE_MS, RETIRED_MS, WAIT_MS
from server.settings import Settings
from server.store import server_keys
from tests.changes import DAY
from tests.sealing import Phone, deliver, states


@pytest.fixture
def house(town, tmp_path):
    """The town's database as the server opens it, with a folder for keys."""
    return House(town, tmp_path)


class House:
    def __init__(self, town, folder):
        self.town, self.folder = town, folder

    def tend(self):
        """What the server does every hour."""

        async def run():
            self.town.db.kill()
            db = Database(self.town.db.where)
            await db.open()
            try:
                await keys.tend(self.folder, db, self.town.now)
            finally:
                await db.close()

        asyncio.run(run())

    def states(self):
        return {key.kid: key.state for key in self.town.db.write(server_keys.keys)}

    def back_up(self):
        held = [bytes.fromhex(file.name) for file in keyring.files(self.folder)]
        self.town.db.write(keys.note_backup, held, self.town.now)


def test_d65_the_first_key_is_active_at_once_and_its_owner_s_alone(house):
    house.tend()
    house.tend()
    ((kid, state),) = house.states().items()
    assert state == "active"
    (file,) = keyring.files(house.folder)
    assert file.name == kid.hex()
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert keyring.private_half(house.folder, kid) is not None


def test_d65_the_next_key_waits_for_a_verified_backup(house):
    house.tend()
    (first,) = house.states()
    house.town.now += ACTIVE_MS
    house.tend()
    ((second, _),) = [(kid, s) for kid, s in house.states().items() if kid != first]
    assert house.states() == {first: "active", second: "prepared"}
    house.back_up()
    assert house.states() == {first: "retired", second: "active"}


def test_d65_without_a_backup_the_next_key_waits_for_seven_days(house):
    house.tend()
    (first,) = house.states()
    house.town.now += ACTIVE_MS
    house.tend()
    house.town.now += WAIT_MS - DAY
    house.tend()
    assert house.states()[first] == "active"
    house.town.now += DAY
    house.tend()
    assert house.states()[first] == "retired"
    assert sorted(house.states().values()) == ["active", "retired"]


def test_d65_a_retired_key_opens_for_as_long_as_old_devices_are_heard(house):
    house.tend()
    (first,) = house.states()
    house.town.now += ACTIVE_MS
    house.tend()
    house.back_up()
    house.town.now += RETIRED_MS - DAY
    house.tend()
    assert keyring.private_half(house.folder, first) is not None
    house.town.now += DAY
    house.tend()
    assert first not in house.states()
    assert keyring.private_half(house.folder, first) is None


def test_d65_devices_are_offered_the_active_key_and_the_one_that_follows(house):
    house.tend()
    house.town.now += ACTIVE_MS
    house.tend()
    house.back_up()
    house.town.now += ACTIVE_MS
    house.tend()
    offered = house.town.db.write(keys.offered)
    assert [key.state for key in offered] == ["active", "prepared"]


@pytest.mark.parametrize(
    ("here", "is_kept", "mark", "words"),
    [
        (True, True, "ok", "A verified backup holds"),
        (True, False, "warn", "No verified backup holds"),
        (False, True, "FAIL", "is not in"),
    ],
)
def test_d65_doctor_checks_the_keys_against_folder_and_backup(tmp_path, here, is_kept, mark, words):
    kid = keyring.make(tmp_path)[0].hex() if here else "00" * 8
    told = Watching(0, None, keys=[KeyLine(kid, "active", 0, is_kept)])
    findings = of_database(Settings(data=tmp_path), Seen(told, 1.0), 0)
    assert [finding.mark for finding in findings if words in finding.text] == [mark]


def test_d65_a_backup_holds_the_keys_and_a_restore_opens_what_was_sealed_later(server, tmp_path):
    file = tmp_path / "one.backup"
    phone = Phone(server, server.invite())
    assert server.cli("backup", str(file)).returncode == 0
    assert "A verified backup holds the keys" in server.cli("doctor").stdout
    record = phone.seal(phone.idea("Ennen palautusta suljettu"), phone.key())
    server.stop()
    for key in keyring.files(server.folder):
        key.unlink()
    assert server.cli("restore", str(file), "--replace").returncode == 0
    assert len(keyring.files(server.folder)) == 1
    server.start()
    assert states(deliver(server.client(), [record])) == ["stored"]

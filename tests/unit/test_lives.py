"""A backup may be restored more than once: each life of the database is another (docs/protocol.md P6, P8)."""

from server.people import Seat, add_team, grant
from server.store.backups import Backup, begin_anew
from server.store.people import grants_of
from tests.town import copy

TAKEN = Backup(1, 1, 1)


def life(town, file, epoch, team):
    """What a life gives out anew: the version of a person's grants after one more, and the next team's number."""
    restored = copy(town, file)
    restored.db.write(begin_anew, epoch, TAKEN)
    number = restored.db.write(add_team, {"fi": "Uusi"}, None, restored.now)
    outi = restored.people["outi"].number
    restored.db.write(grant, outi, Seat(restored.spaces[team], "staff"), restored.now)
    version = restored.db.write(grants_of, outi).version
    restored.db.discard()
    return number, version


def test_two_lives_from_one_backup_give_out_no_number_twice(town, tmp_path):
    """A device that was told its grants in the first one is told those of the second, and its words go nowhere else."""
    first = life(town, tmp_path / "first.db", b"\x11" * 8, "koivu")
    second = life(town, tmp_path / "second.db", b"\x22" * 8, "pihlaja")
    assert first[0] != second[0]
    assert first[1] != second[1]

"""One change that is nested too deep doesn't take the others of its `Sync` with it (promise P7)."""

import msgspec
import pytest

from server.refusals import Refused
from server.routes.sync import Exchange
from sync.protocol import Change, Code, Sync, decode_change, decode_sync, decode_value, encode
from sync.split import split_sync
from tests.changes import IDEA
from tests.unit.test_vectors import FOLDER

DEEP = (
    b"\x97\xc4\x0c123456789012\x03\xc4\x10"
    + IDEA
    + b"\xa4idea\x01\x00\x81\xa1x\x92\xc0"
    + b"\x91" * 5_000
    + b"\xc0"
)
GOOD = encode(Change(b"123456789013", 3, IDEA, "idea", 1, 0, {"title": ("a", "b")}))


def sync_of(*raws):
    return b"\x96\x01\xc0\x07\x81\x03\x11" + bytes([0x90 | len(raws)]) + b"".join(raws) + b"\x2a"


def read(body):
    return Exchange(None, None, None).read(body)


def test_a_change_too_deep_is_cut_out_and_its_neighbours_are_read():
    sync = read(sync_of(GOOD, DEEP, GOOD))
    assert (sync.version, sync.epoch, sync.grants, sync.cursors, sync.sent) == (1, None, 7, {3: 17}, 42)
    assert [bytes(raw) for raw in sync.changes] == [GOOD, DEEP, GOOD]


def test_it_is_held_alone(town):
    town.idea()
    title = encode(town.change("aino", {"title": ("Lamppu käytävään", "Uusi")}))
    verdicts = town.deliver([("aino", bytes(raw)) for raw in read(sync_of(title, DEEP)).changes])
    assert [v.code for v in verdicts] == [Code.DONE, Code.HELD]


@pytest.mark.parametrize("body", [sync_of(DEEP)[:-3], b"\x94" + sync_of(DEEP)[1:], b"\x91" * 5_000, DEEP])
def test_what_is_no_sync_is_refused(body):
    with pytest.raises(Refused):
        read(body)


def test_every_sync_of_the_vectors_is_cut_like_it_is_decoded():
    for _, _, packed, _, _ in decode_value((FOLDER / "syncs.msgpack").read_bytes()):
        assert split_sync(packed) == decode_sync(packed)
        assert all(decode_change(raw) for raw in split_sync(packed).changes)


def test_every_value_of_the_vectors_is_cut_where_it_ends():
    for name, _, packed, _, canonical in decode_value((FOLDER / "values.msgpack").read_bytes()):
        if canonical is not None:
            assert [bytes(r) for r in split_sync(sync_of(packed, GOOD)).changes] == [packed, GOOD], name


def test_a_newer_program_s_elements_are_passed_over():
    longer = encode([1, None, 0, {}, [], 9, "uutta", [1.5]])
    assert split_sync(longer) == msgspec.msgpack.decode(longer, type=Sync)

"""The shared vectors, read and written by Python; web/test/vectors.test.ts reads the same files."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from sync.protocol import Change, Frame, Sync, Synced, decode_value, encode

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "tests" / "vectors"
TYPES = {"values": None, "changes": Change, "syncs": Sync, "frames": Frame, "replies": Synced}


def read(name: str, packed: bytes) -> object:
    """What the bytes say, as plain arrays: values as they are, messages with their known elements."""
    if TYPES[name] is None:
        return decode_value(packed)
    message = msgspec.msgpack.decode(packed, type=TYPES[name])
    if name == "syncs":
        listed = [read("changes", bytes(raw)) for raw in message.changes]
        message = msgspec.structs.replace(message, changes=[])
        return [*decode_value(encode(message))[:4], listed, message.sent]
    plain = decode_value(encode(message))
    if name == "replies":
        plain[5] = [read("frames", bytes(raw)) for raw in message.frames]
    return plain


@pytest.mark.parametrize("name", TYPES)
def test_bytes_read_as_the_vectors_say(name):
    for label, _, packed, plain, canonical in decode_value((FOLDER / f"{name}.msgpack").read_bytes()):
        if canonical is None:
            with pytest.raises((msgspec.DecodeError, UnicodeDecodeError, RecursionError)):
                read(name, packed)
        else:
            assert encode(read(name, packed)) == encode(plain), label


@pytest.mark.parametrize("name", TYPES)
def test_plain_values_are_written_as_the_vectors_say(name):
    for label, _, packed, plain, canonical in decode_value((FOLDER / f"{name}.msgpack").read_bytes()):
        assert (encode(plain) == packed) == (canonical is True), label


def test_there_are_enough_vectors():
    assert sum(len(decode_value((FOLDER / f"{name}.msgpack").read_bytes())) for name in TYPES) >= 500


def test_the_vectors_are_fresh():
    command = [sys.executable, ROOT / "tools" / "gen_vectors.py", "--check"]
    assert subprocess.run(command, check=False).returncode == 0

"""Snapshots: which stored bytes a device may still be given (docs/protocol.md sections 1 and 3)."""

import pytest

from server.store import frames
from server.store.frames import frames_after, keep_snapshot, stored_snapshot, whole_frame
from server.store.moves import Move, move
from tests.changes import NOW
from tests.town import SECRET

GONE = {"gone": (None, ["client_data", "nimi"])}


@pytest.fixture
def kept(town):
    """A town with an idea, and a snapshot of its team that shows it."""
    town.idea(text="Asiakkaan nimi")
    space = town.spaces["koivu"]
    upto, frame = town.db.write(whole_frame, space)
    town.db.write(keep_snapshot, space, upto, bytes(frame), NOW)
    return town


def snapshot(town):
    return town.db.write(stored_snapshot, town.spaces["koivu"])


def test_a_snapshot_serves_while_only_words_came_after_it(kept):
    before = snapshot(kept)
    assert kept.send("aino", {"title": ("Lamppu käytävään", "Lamppu")}).code == 0
    assert snapshot(kept) == before is not None


def test_a_snapshot_that_shows_a_hidden_card_is_not_served(kept):
    assert kept.send("jorma", GONE, base=100).code == 0
    assert snapshot(kept) is None


def test_a_snapshot_that_shows_a_card_moved_away_is_not_served(kept):
    asked = Move(
        kept.people["aino"].number, (kept.spaces["koivu"], b"i" * 16), kept.spaces["org"], NOW, SECRET
    )
    kept.db.write(move, asked, lambda: b"m" * 16)
    assert snapshot(kept) is None


def test_a_card_that_was_shown_again_doesn_t_stand_in_the_way(kept):
    kept.send("jorma", GONE, base=100)
    kept.send("jorma", {"gone": (GONE["gone"][1], None)}, base=100)
    assert snapshot(kept) is not None


def test_a_snapshot_is_not_served_when_the_next_frame_would_be_too_large(kept, monkeypatch):
    monkeypatch.setattr(frames, "MAX_MESSAGE_BYTES", 300)
    assert snapshot(kept) is not None
    kept.send("aino", {"text": ("Asiakkaan nimi", "sana " * 100)})
    assert snapshot(kept) is None


def test_frames_that_don_t_fit_into_one_message_are_fetched_as_snapshots(kept, monkeypatch):
    cursors = {kept.spaces["koivu"]: 0, kept.spaces["leppa"]: 0, kept.spaces["org"]: 0}
    frames_of_all, _ = kept.db.write(frames_after, cursors)
    sizes = [len(bytes(frame)) for frame in frames_of_all.values()]
    monkeypatch.setattr(frames, "MAX_MESSAGE_BYTES", sum(sizes) - 1)
    sent, behind = kept.db.write(frames_after, cursors)
    assert (len(sent), len(behind)) == (2, 1)

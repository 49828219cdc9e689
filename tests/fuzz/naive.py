"""What the fuzz runs are held against: a merge that keeps the value with the later time, as many systems do."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from sync.laws import Outcome, Write, meet
from sync.protocol import Code, Refusal


def last_writer_wins(write: Write) -> Outcome | Refusal:
    """The later device clock wins, whatever the writer had seen; the other value is gone."""
    cell = write.cell
    if write.field.is_tally:
        return meet(write)
    if cell is None or write.at > cell.at:
        return Outcome(write.now, Code.DONE, cell is None or cell.value != write.now)
    return Outcome(cell.value, Code.STALE, False)


@contextmanager
def naive_merge() -> Iterator[None]:
    """The server merges naively meanwhile."""
    with patch("sync.merge.meet", last_writer_wins), patch("sync.merge.seen", lambda was, now, held: False):
        yield

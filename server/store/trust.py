"""The time that retention goes by, and since when what is hidden or held is counted (docs/decisions/0015)."""

from msgspec import Struct, msgpack
from sqlalchemy import update

from server.db import Transaction
from server.store.people import DAY_MS
from server.store.spaces import meta_of, set_meta
from server.tables import meta

KEY = "retention"
ROUND_MS = DAY_MS
TRUST_MS = 2 * DAY_MS  # of time that may have passed between two rounds; a clock that leaps is not believed


class Trust(Struct, array_like=True):
    """When the last round began by the server's clock, the time that it went by, and the latest such time (ms)."""

    begun: int
    trusted: int
    latest: int = 0

    def __post_init__(self) -> None:
        self.latest = max(self.latest, self.trusted)  # older versions didn't note it


def claim(txn: Transaction, now: int) -> int | None:
    """Begin a round if one is due, for all processes; gives the time that retention goes by, in milliseconds.

    It follows the clock by two days a round at most, so that a clock which is a year ahead removes nothing early.
    It goes back with the clock at once. `latest` does so by two days a round: a clock that was a year back for an
    hour is believed again when it is right, and one that was right is not held up for long by an earlier leap.
    """
    held = meta_of(txn, KEY)
    if held is None:
        set_meta(txn, KEY, msgpack.encode(Trust(now, now)))
        return now
    last = msgpack.decode(held, type=Trust)
    if last.begun <= now < last.begun + ROUND_MS:
        return None
    trusted = min(now, max(last.trusted + TRUST_MS, last.latest))
    begun = msgpack.encode(Trust(now, trusted, last.latest - TRUST_MS))
    mine = update(meta).where(meta.c.key == KEY, meta.c.value == held)
    is_mine = txn.connection.execute(mine.values(value=begun)).rowcount
    return trusted if is_mine else None


def counts_from(txn: Transaction, now: int) -> int:
    """From when a grace time counts that begins now: by the clock, but from no day before what retention trusted.

    Else all of it would be over at once for what was hidden while the clock was behind. To the day: a drop's moment is
    nobody's to know (D-70), and the time of a round would tell on which side of it that was.
    """
    held = meta_of(txn, KEY)
    latest = msgpack.decode(held, type=Trust).latest if held is not None else 0
    return max(now, latest // DAY_MS * DAY_MS)

"""A `Sync` taken apart by hand: for one with a change that is nested too deep to be read as a whole (P7)."""

from msgspec import DecodeError, Raw
from msgspec.structs import replace

from sync.protocol import Sync, decode_sync

# By the first byte of a value: its length, or how many bytes say a length and what comes on top of that length.
LENGTH = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2}
LENGTH |= {0xD2: 4, 0xD3: 8, 0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17}
SIZED = {0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0), 0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1)}
SIZED |= {0xD9: (1, 0), 0xDA: (2, 0), 0xDB: (4, 0)}
ITEMS = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}  # bytes that say how many, values for each
ELEMENTS, CHANGES = 6, 4


def split_sync(body: bytes) -> Sync:
    """Read a `Sync` whose changes may be nested as deep as they like; they are only cut apart. Raises DecodeError."""
    count, at = _array(body, 0)
    starts = [at]
    for _ in range(min(count, ELEMENTS)):
        starts.append(_end(body, starts[-1]))
    if len(starts) <= CHANGES + 1:
        raise DecodeError("too few elements")
    before, after = body[at : starts[CHANGES]], body[starts[CHANGES + 1] : starts[-1]]
    listed, at = _array(body, starts[CHANGES])
    raws = []
    for _ in range(listed):
        end = _end(body, at)
        raws.append(Raw(body[at:end]))
        at = end
    whole = bytes([0x90 | len(starts) - 1]) + before + b"\x90" + after
    return replace(decode_sync(whole), changes=raws)


def _array(body: bytes, at: int) -> tuple[int, int]:
    first = body[at] if at < len(body) else 0
    if 0x90 <= first <= 0x9F:
        return first & 15, at + 1
    if first not in (0xDC, 0xDD):
        raise DecodeError("not an array")
    width = ITEMS[first][0]
    return int.from_bytes(body[at + 1 : at + 1 + width]), at + 1 + width


def _end(body: bytes, at: int) -> int:
    """Where the value that starts here ends. Every step reads a byte, so there are no more steps than bytes."""
    values = 1
    while values and at < len(body):
        first, at, values = body[at], at + 1, values - 1
        if first in LENGTH:
            at += LENGTH[first]
        elif first in SIZED:
            width, more = SIZED[first]
            at += width + more + int.from_bytes(body[at : at + width])
        elif first in ITEMS:
            width, each = ITEMS[first]
            values += each * int.from_bytes(body[at : at + width])
            at += width
        elif 0x80 <= first <= 0x9F:
            values += (first & 15) * (2 if first < 0x90 else 1)
        elif 0xA0 <= first <= 0xBF:
            at += first & 31
        elif first == 0xC1:
            raise DecodeError("a byte that is never used")
    if values or at > len(body):
        raise DecodeError("ends too early")
    return at

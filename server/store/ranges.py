"""Whole numbers as ranges: [[first, last], …], in order and apart from each other, as MessagePack."""

from bisect import bisect_right
from collections.abc import Iterable

import msgspec

Ranges = list[tuple[int, int]]
_decode = msgspec.msgpack.Decoder(Ranges).decode


def unpack(packed: bytes | None) -> Ranges:
    """The ranges of what is stored; nothing stored is none."""
    return _decode(packed) if packed else []


def pack(ranges: Ranges) -> bytes:
    """As it is stored."""
    return msgspec.msgpack.encode(ranges)


def holds(ranges: Ranges, number: int) -> bool:
    """Whether a number lies in one of the ranges.

    >>> holds([(1, 3), (7, 7)], 3), holds([(1, 3), (7, 7)], 4)
    (True, False)
    """
    at = bisect_right(ranges, number, key=lambda one: one[0])
    return at > 0 and number <= ranges[at - 1][1]


def joined(ranges: Ranges, numbers: Iterable[int]) -> Ranges:
    """The ranges with these numbers in them.

    >>> joined([(1, 3), (7, 7)], [4, 9, 6, 2])
    [(1, 4), (6, 7), (9, 9)]
    """
    found: Ranges = []
    for first, last in sorted([*ranges, *((number, number) for number in numbers)]):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found

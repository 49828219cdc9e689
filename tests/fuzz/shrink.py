"""Cuts a failing script down: what is left fails in the same way, and nothing of it can be spared.

Source: A. Zeller, R. Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 28(2), 2002.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def shrink(script: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """The shortest part of a failing script that this finds: no single step of it can be left out.

    >>> shrink(range(100), lambda part: 17 in part and 60 in part)
    [17, 60]
    """
    left, size = list(script), max(1, len(script) // 2)
    while size:
        start, before = len(left), len(left)
        while start > 0:  # from the end: what comes last is needed least
            start = max(0, start - size)
            part = left[:start] + left[start + size :]
            if part and fails(part):
                left = part
        if size > 1 or len(left) == before:
            size = min(size, len(left)) // 2
    return left

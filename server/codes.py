"""Codes of invitations and of recovery: drawn, folded as people type them, and hashed (docs/devices.md D-29, D-33).

A link's code is 128 random bits, of which the database holds SHA-256. A code that is typed has 50 bits: it is held as
HMAC under the installation's secret, which no copy of the database holds, and its first letters find it.
"""

import hmac
from collections.abc import Callable
from hashlib import sha256

from msgspec import Struct

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: nothing that is read as something else
LOOKS_LIKE = str.maketrans("OIL", "011", " -\u2010\u2011\u2013\t")
TYPED, FRONT, FOR_TABLET = 10, 4, 8
DRAWN_BYTES = 7


class Sought(Struct, frozen=True):
    """A code as the database knows it; `front` is what finds one that was typed, nil for a link's."""

    hash: bytes
    front: bytes | None = None


def typed_code(draw: Callable[[int], bytes]) -> str:
    """A fresh code of 10 letters to be typed.

    >>> typed_code(lambda size: bytes(size))
    '0000000000'
    """
    bits = int.from_bytes(draw(DRAWN_BYTES))
    return "".join(LETTERS[bits >> 5 * place & 31] for place in range(TYPED))


def fold(text: str) -> str:
    """A code as it was made, however it was typed.

    >>> fold("abcde-f0oil")
    'ABCDEF0011'
    """
    return text.upper().translate(LOOKS_LIKE)


def shown(code: str) -> str:
    """A code in two groups, easier to read out and to type.

    >>> shown("ABCDEF0011")
    'ABCDE-F0011'
    """
    return f"{code[:5]}-{code[5:]}"


def is_typed(text: str) -> bool:
    """Whether this can be a code that is typed; a link's is longer.

    >>> is_typed("abcde f0oil"), is_typed("a" * 22), is_typed("abcde-f00iu")
    (True, False, False)
    """
    folded = fold(text)
    return len(folded) == TYPED and set(folded) <= set(LETTERS)


def sought(secret: bytes, text: str) -> Sought:
    """What to look for in the database for the code of an invitation."""
    if not is_typed(text):
        return of_link(text)
    folded = fold(text)
    return Sought(keyed(secret, "code", folded), keyed(secret, "front", folded[:FRONT])[:16])


def tablet_code(draw: Callable[[int], bytes]) -> str:
    """A fresh code of 8 letters, good for one person on one tablet (D-42)."""
    return typed_code(draw)[:FOR_TABLET]


def sought_on_tablet(secret: bytes, text: str) -> Sought:
    """What to look for in the database for such a code."""
    folded = fold(text)
    return Sought(keyed(secret, "tablet", folded), keyed(secret, "tablet front", folded[:FRONT])[:16])


def of_link(text: str) -> Sought:
    """The same for a code that is known to stand in a link."""
    return Sought(sha256(text.strip().encode("utf-8", "replace")).digest())


def keyed(secret: bytes, use: str, text: str) -> bytes:
    """The keyed hash of a text for one use, 32 bytes."""
    return hmac.digest(secret, f"{use}\0{text}".encode("utf-8", "replace"), "sha256")

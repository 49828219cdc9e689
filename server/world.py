"""What comes from outside and is handed to whoever needs it: the time, chance, the address, the secret."""

from collections.abc import Callable

from msgspec import Struct

Millis = int  # an instant, milliseconds UTC
Draw = Callable[[int], bytes]  # random bytes


class World(Struct, frozen=True):
    """One moment of the world around the server; `url` is the address that links carry."""

    now: Millis
    draw: Draw
    url: str
    secret: bytes

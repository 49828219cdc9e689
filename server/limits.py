"""Token buckets: how often a device, an address or the target of a code may be tried (docs/devices.md D-82)."""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

MAX_BUCKETS = 20_000


class Rate(NamedTuple):
    """So many tries, which fill again evenly over the window."""

    allowed: int
    window_ms: int


class Bucket(NamedTuple):
    """The tries left, and since when it has filled (ms)."""

    left: float
    since: int


def take_one(held: Bucket | None, rate: Rate, now: int) -> tuple[Bucket, int]:
    """The bucket after one more try, and 0 when there was one, otherwise the seconds to wait for the next.

    >>> take_one(None, Rate(2, 60_000), now=0)
    (Bucket(left=1.0, since=0), 0)
    >>> take_one(Bucket(0.0, 0), Rate(2, 60_000), now=15_000)
    (Bucket(left=0.5, since=15000), 15)
    """
    full = float(rate.allowed)
    passed = 0 if held is None else max(0, now - held.since)  # a clock set back fills nothing
    left = full if held is None else min(full, held.left + passed * full / rate.window_ms)
    if left < 1:
        return Bucket(left, now), max(1, round((1 - left) * rate.window_ms / full / 1000))
    return Bucket(left - 1, now), 0


class Limits:
    """Buckets of this process, by key."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def take(self, key: str, rate: Rate, now: int) -> int:
        """Take one try; 0 when there was one, otherwise the seconds to wait for the next.

        >>> limits, rate = Limits(), Rate(1, 60_000)
        >>> limits.take("a", rate, now=0), limits.take("a", rate, now=15_000), limits.take("a", rate, now=60_000)
        (0, 45, 0)
        """
        held, wait_s = take_one(self._buckets.get(key), rate, now)
        if key not in self._buckets and len(self._buckets) >= MAX_BUCKETS:
            self._buckets.pop(next(iter(self._buckets)))
        self._buckets[key] = held
        return wait_s

    def give(self, key: str, rate: Rate) -> None:
        """Give a try back: it was none that counts."""
        held = self._buckets.get(key)
        if held is not None:
            self._buckets[key] = held._replace(left=min(float(rate.allowed), held.left + 1))


def address_key(host: str) -> str:
    """One caller's address: IPv4 as it is, IPv6 by its /64 network.

    >>> address_key("2001:db8::7"), address_key("::ffff:192.0.2.1"), address_key("192.0.2.1")
    ('2001:db8::/64', '192.0.2.1', '192.0.2.1')
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        four = address.ipv4_mapped  # all of the old addresses are one network of the new
        return str(four or ip_network((address, 64), strict=False))
    return host

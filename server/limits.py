"""Token buckets in the process: how often a device or an address may try (docs/devices.md D-82)."""

from ipaddress import IPv6Address, ip_address, ip_network

MAX_BUCKETS = 20_000


class Limits:
    """Buckets by key; each holds `allowed` tries and fills again evenly over `window_ms`."""

    def __init__(self, window_ms: int) -> None:
        self._window_ms = window_ms
        self._buckets: dict[str, tuple[float, int]] = {}

    def take(self, key: str, allowed: int, now: int) -> int:
        """Take one try; 0 when there was one, otherwise the seconds to wait for the next.

        >>> limits = Limits(window_ms=60_000)
        >>> limits.take("a", 1, now=0), limits.take("a", 1, now=15_000), limits.take("a", 1, now=60_000)
        (0, 45, 0)
        """
        left, since = self._buckets.get(key, (float(allowed), now))
        left = min(float(allowed), left + (now - since) * allowed / self._window_ms)
        if left < 1:
            self._buckets[key] = (left, now)
            return max(1, round((1 - left) * self._window_ms / allowed / 1000))
        if len(self._buckets) >= MAX_BUCKETS:
            self._buckets.pop(next(iter(self._buckets)))
        self._buckets[key] = (left - 1, now)
        return 0


def address_key(host: str) -> str:
    """One caller's address: IPv4 as it is, IPv6 by its /64 network.

    >>> address_key("2001:db8::7"), address_key("192.0.2.1")
    ('2001:db8::/64', '192.0.2.1')
    """
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return host

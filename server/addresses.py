"""What an address in the settings must be like, and its origin. Nothing is asked of the network."""

from ipaddress import ip_network
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def origin(url: str) -> str:
    """The origin of a URL as browsers write it: no path, no default port.

    >>> origin("https://Virtaamo.example:443/x")
    'https://virtaamo.example'
    """
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, default) else "")


def is_issuer(url: str) -> bool:
    """Whether this can be trusted to say who somebody is: one organisation's, and not in the clear.

    >>> is_issuer("https://login.example/realms/care"), is_issuer("http://login.example")
    (True, False)
    >>> is_issuer("https://login.microsoftonline.com/common/v2.0")
    False
    """
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    is_shared = bool({"common", "organizations", "consumers"} & set(parts.path.split("/")))
    return is_safe and bool(parts.hostname) and not (is_shared or parts.query or parts.fragment)


def is_network(text: str) -> bool:
    """Whether this is an address or a network, and not all the world.

    >>> is_network("10.0.0.0/8"), is_network("*"), is_network("0.0.0.0/0")
    (True, False, False)
    """
    try:
        return ip_network(text).prefixlen > 0
    except ValueError:
        return False

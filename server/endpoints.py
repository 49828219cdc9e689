"""Which addresses a browser may name as its push service: those of the known services and no others (D-87).

The whole address has to fit one pattern, so that no two readers of it can disagree on where it leads.
"""

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address

from msgspec import Struct

MAX_LENGTH = 2_000
SERVICES = re.compile(
    r"fcm\.googleapis\.com|([a-z0-9-]{1,63}\.){1,8}(push\.services\.mozilla\.com|push\.apple\.com|notify\.windows\.com)"
)
_PATH = r"(?P<target>/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*(\?[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?)"
ADDRESS = re.compile(r"https://(?P<host>[a-z0-9]([a-z0-9.-]*[a-z0-9])?)" + _PATH)
LOOPBACK = re.compile(
    r"(?P<scheme>https?)://(?P<host>127\.0\.0\.1|localhost):(?P<port>[1-9][0-9]{0,4})" + _PATH
)
HTTPS = 443


class Endpoint(Struct, frozen=True):
    """An address that may be written to, in its parts; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """As the key's signature names it."""
        is_usual = (self.scheme, self.port) == ("https", HTTPS)
        return f"{self.scheme}://{self.host}" + ("" if is_usual else f":{self.port}")


class Allowed(Struct, frozen=True):
    """What an installation allows besides the known services: exact hosts, and this machine in a test."""

    hosts: Collection[str] = ()
    loopback: bool = False

    def endpoint(self, address: str) -> Endpoint | None:
        """An address in its parts; nothing where it is not allowed.

        >>> Allowed().endpoint("https://fcm.googleapis.com/fcm/send/x").host
        'fcm.googleapis.com'
        >>> Allowed().endpoint("https://fcm.googleapis.com.evil.example/x") is None
        True
        """
        if len(address) > MAX_LENGTH:
            return None
        if self.loopback and (here := LOOPBACK.fullmatch(address)) and int(here["port"]) < 65536:
            return Endpoint(here["scheme"], here["host"], int(here["port"]), here["target"])
        found = ADDRESS.fullmatch(address)
        if found is None or not (SERVICES.fullmatch(found["host"]) or found["host"] in self.hosts):
            return None
        return Endpoint("https", found["host"], HTTPS, found["target"])

    def address(self, text: str) -> bool:
        """Whether a host's address may be connected to: it is public, or this machine's own in a test.

        >>> [Allowed().address(text) for text in ("8.8.8.8", "10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1")]
        [True, False, False, False]
        """
        try:
            found = ip_address(text)
        except ValueError:
            return False
        if self.loopback and found.is_loopback:
            return True
        return _is_public(found)


class Offered(Struct, frozen=True):
    """What a browser may have: the installation's public key, nothing where it wakes nobody, and which endpoints."""

    public: str | None
    allowed: Allowed


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Addresses that hide another one inside them are no way out either."""
    if isinstance(address, IPv6Address) and (
        address.ipv4_mapped or address.sixtofour or address.teredo or address.packed[:4] == b"\0\x64\xff\x9b"
    ):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)

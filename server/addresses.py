"""What an address in the settings must be like, and its origin. Nothing is asked of the network."""

from ipaddress import ip_address, ip_network
from re import compile
from urllib.parse import SplitResult, parse_qs, urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SITE = compile(r"https?://[^\s/?#@\\]+/*")
NAME = compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
# Of obstore's, those that keep anything: what lies in `memory:` is gone at the next start.
STORES = ("s3", "s3a", "gs", "az", "adl", "azure", "abfs", "abfss", "http", "https", "file")


def origin(url: str) -> str:
    """The origin of a URL as browsers write it: no path, no default port.

    >>> origin("https://Virtaamo.example:443/x")
    'https://virtaamo.example'
    """
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, default) else "")


def is_site(url: str) -> bool:
    """Whether this is the address of a whole site: scheme, host and perhaps a port, and nothing behind them.

    >>> is_site("https://ideas.example/"), is_site("http://[::1]:8000")
    (True, True)
    >>> is_site("https://ideas.example/app"), is_site("https://x:99999"), is_site("https://ideas..example")
    (False, False, False)
    """
    parts = _parts(url)
    return parts is not None and bool(SITE.fullmatch(url)) and _is_name_or_number(parts.hostname or "")


def is_host(text: str) -> bool:
    """Whether this is the name or the number of a machine, without a port.

    >>> is_host("0.0.0.0"), is_host("::1"), is_host("localhost")
    (True, True, True)
    >>> is_host("localhost:8000"), is_host("[::1]"), is_host(" ")
    (False, False, False)
    """
    try:
        ip_address(text)
    except ValueError:
        return bool(NAME.fullmatch(text)) and _is_name_or_number(text)
    return True


def is_database(url: str) -> bool:
    """Whether this names a database on a PostgreSQL server, on one of several hosts or behind a socket.

    >>> is_database("postgresql://user@db/virtaamo"), is_database("postgresql:///virtaamo?host=/run/postgresql")
    (True, True)
    >>> is_database("postgresql://user@db"), is_database("postgresql://db:abc/v"), is_database("mysql://db/v")
    (False, False, False)
    """
    try:
        parts = urlsplit(url)
        ports = [urlsplit(f"//{host}").port for host in parts.netloc.rpartition("@")[2].split(",")]
    except ValueError:
        return False
    is_named = bool(parts.path.strip("/")) or bool({"dbname", "database"} & parse_qs(parts.query).keys())
    return url.startswith(("postgresql://", "postgres://")) and is_named and 0 not in ports


def is_store(url: str) -> bool:
    """Whether photos can be kept there: an address that obstore knows, with a bucket, a host or a folder.

    >>> is_store("s3://bucket/photos"), is_store("file:///srv/photos")
    (True, True)
    >>> is_store("ftp://host/photos"), is_store("s3://"), is_store("photos")
    (False, False, False)
    """
    parts = _parts(url)
    if parts is None or parts.scheme not in STORES or "://" not in url:
        return False
    return bool(parts.path.strip("/") if parts.scheme == "file" else parts.hostname)


def is_issuer(url: str) -> bool:
    """Whether this can be trusted to say who somebody is: one organisation's, and not in the clear.

    >>> is_issuer("https://login.example/realms/care"), is_issuer("http://login.example")
    (True, False)
    >>> is_issuer("https://login.microsoftonline.com/common/v2.0"), is_issuer("https://login.example:abc")
    (False, False)
    """
    parts = _parts(url)
    if parts is None:
        return False
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


def _parts(url: str) -> SplitResult | None:
    """The parts of an address; nothing where it is none, or its port can't be one."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _is_name_or_number(host: str) -> bool:
    """Whether somebody could look this up: a name has no part that is empty or too long."""
    try:
        return bool(host.encode("idna"))
    except UnicodeError:
        return False

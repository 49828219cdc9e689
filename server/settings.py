"""One frozen Struct, read once at start; an unknown VIRTAAMO_* variable stops it (docs/settings.md)."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

PREFIX = "VIRTAAMO_"


class Settings(Struct, frozen=True):
    """Everything that an installation may choose; each field is the variable VIRTAAMO_<FIELD>."""

    data: Path = Path("data")
    url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    database: str = ""
    files: str = ""
    web: Path = Path(__file__).parent.parent / "web" / "dist"
    proxies: str = ""
    log: str = "plain"
    openapi: bool = False
    rate_minutes: int = 10
    rate_device: int = 10
    rate_address: int = 120

    @property
    def database_file(self) -> Path:
        """Where the SQLite file lies."""
        return self.data / "virtaamo.db"

    @property
    def served_url(self) -> str:
        """Where the server itself is reached; a server on every address is called localhost."""
        host = "localhost" if self.host in ("0.0.0.0", "::") else self.host
        return origin(f"http://{f'[{host}]' if ':' in host else host}:{self.port}")

    @property
    def public_url(self) -> str:
        """The address that links carry, without a slash at the end."""
        return (self.url or self.served_url).rstrip("/")

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins that may write: the public address and the one that `serve` prints."""
        return origin(self.public_url), self.served_url

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that may be asked for, as the Host header names them."""
        return tuple(urlsplit(known).netloc for known in self.origins)


class SettingError(ValueError):
    """A setting that can't be used; the message names it and says what to write."""


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read every VIRTAAMO_* variable; an unknown name or an unusable value is a SettingError.

    >>> read_settings({"VIRTAAMO_PORT": "8100", "HOME": "/"}).port
    8100
    """
    given = {name[len(PREFIX) :].lower(): text for name, text in environ.items() if name.startswith(PREFIX)}
    known = {field.name: field.type for field in msgspec.structs.fields(Settings)}
    for name in given:
        if name not in known:
            raise SettingError(f"{PREFIX}{name.upper()} is not a setting. docs/settings.md lists them all.")
    values = {name: _value(name, known[name], text) for name, text in given.items()}
    return _checked(msgspec.structs.replace(Settings(), **values))


def origin(url: str) -> str:
    """The origin of a URL as browsers write it: no path, no default port.

    >>> origin("https://Virtaamo.example:443/x")
    'https://virtaamo.example'
    """
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, default) else "")


def _value(name: str, wanted: object, text: str) -> object:
    if wanted is Path:
        return Path(text)
    if wanted is bool:
        if text.lower() not in ("0", "1", "true", "false", "yes", "no"):
            raise SettingError(f"{PREFIX}{name.upper()} is '{text}'; write 1 or 0.")
        return text.lower() in ("1", "true", "yes")
    if wanted is int:
        if not text.isascii() or not text.isdigit():
            raise SettingError(f"{PREFIX}{name.upper()} is '{text}'; write a whole number.")
        return int(text)
    return text


def _checked(settings: Settings) -> Settings:
    if settings.url and not settings.url.startswith(("https://", "http://")):
        raise SettingError(
            f"VIRTAAMO_URL is '{settings.url}'; write the whole address, as https://ideas.example."
        )
    if settings.database:
        raise SettingError("VIRTAAMO_DATABASE is reserved: this version keeps everything in VIRTAAMO_DATA.")
    if settings.log not in ("plain", "json"):
        raise SettingError(f"VIRTAAMO_LOG is '{settings.log}'; write plain or json.")
    if not 0 <= settings.port < 65536:
        raise SettingError(f"VIRTAAMO_PORT is {settings.port}; write a number from 1 to 65535.")
    return settings

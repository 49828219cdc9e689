"""One frozen Struct, read once at start from the environment and one TOML file (docs/settings.md).

What is wrong stops the start, every fault named in one go. Where both name a setting, the environment wins.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Struct

from server.addresses import is_database, is_host, is_issuer, is_network, is_site, is_store, origin
from server.forms import ORG_ROLES, TEAM_ROLES
from server.groups import Groups, groups_of

PREFIX = "VIRTAAMO_"
FILE_NAME = "virtaamo.toml"
NO_OPTIONS: Mapping[str, str] = MappingProxyType({})
SECRET_SETTINGS = ("metrics_token", "oidc_secret")
MAIL = re.compile(r"[A-Za-z0-9._%+-]+@([a-z0-9-]+\.)+[a-z]{2,}")
HOST = re.compile(r"([a-z0-9-]+\.)+[a-z]{2,}")
SECRET_PARTS = re.compile(r"(//[^/@:]*:).+(?=@)|([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&]+")


class Settings(Struct, frozen=True):
    """Everything that an installation may choose; each field is the variable VIRTAAMO_<FIELD>."""

    config: Path = Path()  # the TOML file; virtaamo.toml in the data folder where none is named
    data: Path = Path("data")
    url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    database: str = ""
    files: str = ""
    web: Path = Path(__file__).parent.parent / "web" / "dist"
    proxies: str = ""
    log: str = "plain"
    metrics_token: str = ""
    openapi: bool = False
    backup_every_hours: int = 0  # 0: only when somebody says `virtaamo backup`
    backup_keep: int = 7
    backup_folder: Path = Path()  # `backups` in the data folder where none is named
    rate_minutes: int = 10
    rate_device: int = 10
    rate_address: int = 120
    rate_code: int = 5
    rp_id: str = ""  # the domain that passkeys are made for; that of the public address where none is named
    oidc_issuer: str = ""  # organisation sign-in is off without one
    oidc_client: str = ""
    oidc_secret: str = ""
    oidc_name: str = ""
    oidc_scopes: str = "openid profile"
    oidc_claim: str = "groups"
    oidc_groups: Groups = {}
    oidc_days: int = 30

    push_contact: str = ""  # no phone is woken without one
    push_hosts: str = ""
    push_loopback: bool = False
    time_zone: str = "Europe/Helsinki"
    report_url: str = ""  # where misconduct is reported, which the drop box is not for (D-72)

    @property
    def database_file(self) -> Path:
        """Where the SQLite file lies."""
        return self.data / "virtaamo.db"

    @property
    def stored_in(self) -> Path | str:
        """The SQLite file, or the address of the PostgreSQL database."""
        return self.database or self.database_file

    @property
    def file(self) -> Path:
        """The TOML file, whether it is there or not."""
        return self.data / FILE_NAME if self.config == Path() else self.config

    @property
    def backups(self) -> Path:
        """The folder for scheduled backups."""
        return self.data / "backups" if self.backup_folder == Path() else self.backup_folder

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
    def relying_party(self) -> str:
        """The domain that passkeys are made for."""
        return self.rp_id or urlsplit(self.public_url).hostname or ""

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins that may write: the public address and the one that `serve` prints."""
        return origin(self.public_url), self.served_url

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that may be asked for, as the Host header names them."""
        return tuple(urlsplit(known).netloc for known in self.origins)

    @property
    def push_services(self) -> tuple[str, ...]:
        """The hosts of push services that are allowed besides the known ones."""
        return tuple(part.strip() for part in self.push_hosts.split(",") if part.strip())

    @property
    def proxy_networks(self) -> tuple[str, ...]:
        """The proxies that are believed, one by one."""
        return tuple(part.strip() for part in self.proxies.split(",") if part.strip())


class SettingError(ValueError):
    """Settings that can't be used; the message names each, one a line, and says what to write."""


class Found(Struct, frozen=True):
    """A setting as it was found; `place` says where, for people: VIRTAAMO_PORT, or port in a file."""

    value: object
    place: str


FIELDS = {field.name: field.type for field in msgspec.structs.fields(Settings)}
Check = tuple[str, Callable[[Settings], bool], str]
CHECKS: tuple[Check, ...] = (  # each of one setting alone
    (
        "url",
        lambda s: not s.url or is_site(s.url),
        "write scheme, host and at most a port, as https://ideas.example",
    ),
    ("host", lambda s: is_host(s.host), "write an address of this machine, as 127.0.0.1"),
    ("port", lambda s: 0 <= s.port < 65536, "write a number from 1 to 65535, or 0 for a free one"),
    (
        "database",
        lambda s: not s.database or is_database(s.database),
        "write postgresql://user@host/name, or leave it out: then SQLite keeps everything in VIRTAAMO_DATA",
    ),
    (
        "files",
        lambda s: not s.files or is_store(s.files),
        "write an address that obstore knows, as s3://bucket/photos, or leave it out",
    ),
    ("web", lambda s: s.web.is_dir(), "write a folder that is there, as the build of the app leaves it"),
    (
        "proxies",
        lambda s: all(map(is_network, s.proxy_networks)),
        "write the addresses or networks of your proxies, as 127.0.0.1, 10.0.0.0/8",
    ),
    ("log", lambda s: s.log in ("plain", "json"), "write plain or json"),
    (
        "metrics_token",
        lambda s: not s.metrics_token or (len(s.metrics_token) >= 16 and s.metrics_token.isascii()),
        "write at least 16 letters and numbers, as `openssl rand -hex 16` prints them",
    ),
    ("backup_keep", lambda s: s.backup_keep > 0, "write a whole number above 0"),
    (
        "push_contact",
        lambda s: not s.push_contact or bool(MAIL.fullmatch(s.push_contact)),
        "write a mail address that somebody reads, as it@org.example",
    ),
    (
        "push_hosts",
        lambda s: all(map(HOST.fullmatch, s.push_services)),
        "write the hosts of your push services, as push.org.example, with commas between",
    ),
    (
        "report_url",
        lambda s: not s.report_url or s.report_url.startswith(("https://", "http://", "mailto:")),
        "write the address of your channel for reports, as https://reports.example or mailto:reports@org.example",
    ),
    ("time_zone", lambda s: is_zone(s.time_zone), "write the name of a time zone, as Europe/Helsinki"),
    ("rate_minutes", lambda s: s.rate_minutes > 0, "write a whole number above 0"),
    ("rate_device", lambda s: s.rate_device > 0, "write a whole number above 0"),
    ("rate_address", lambda s: s.rate_address > 0, "write a whole number above 0"),
    ("rate_code", lambda s: s.rate_code > 0, "write a whole number above 0"),
    (
        "oidc_issuer",
        lambda s: not s.oidc_issuer or is_issuer(s.oidc_issuer),
        "write the issuer of one organisation as its discovery page has it, as https://login.example/realms/care",
    ),
    ("oidc_scopes", lambda s: "openid" in s.oidc_scopes.split(), "write openid and what else is needed"),
    ("oidc_claim", lambda s: bool(s.oidc_claim), "write the name of the claim that lists groups, as groups"),
    (
        "oidc_groups",
        lambda s: all(seat.fits for seat in s.oidc_groups.values()),
        f"with a team the role is one of {', '.join(TEAM_ROLES)}, otherwise one of {', '.join(ORG_ROLES)}",
    ),
    ("oidc_days", lambda s: 0 < s.oidc_days <= 400, "write a whole number from 1 to 400"),
)
TOGETHER: tuple[Check, ...] = (  # each of a setting beside another
    (
        "rp_id",
        lambda s: not s.rp_id or _is_above(s.rp_id, s),
        "write the host of VIRTAAMO_URL, or a domain above it, as org.example",
    ),
    (
        "oidc_issuer",
        lambda s: not s.oidc_issuer or bool(s.oidc_client),
        "set VIRTAAMO_OIDC_CLIENT too: what the provider calls this installation",
    ),
)


def read_settings(environ: Mapping[str, str], options: Mapping[str, str] = NO_OPTIONS) -> Settings:
    """Read every VIRTAAMO_* variable and the TOML file; `options` of the command line win.

    Whatever is wrong is named in one SettingError, also a variable that an option overrules: other commands read it.

    >>> read_settings({"VIRTAAMO_PORT": "8100", "HOME": "/"}).port
    8100
    """
    found: dict[str, Found] = {}
    wrong = ""
    try:
        found = read_places(environ)
        settings_of(found)
    except SettingError as error:
        wrong = str(error)
    said = {name: Found(text, f"--{name}") for name, text in options.items()}
    settings, faults = _judged(found | said, CHECKS if wrong else (*CHECKS, *TOGETHER))
    if lines := [line for line in (wrong, *(fault for fault in faults if fault not in wrong)) if line]:
        raise SettingError("\n".join(lines))
    return settings


def read_places(environ: Mapping[str, str]) -> dict[str, Found]:
    """What was set, by lower-case name, with the place where; a file that can't be read is a SettingError.

    That one names also what is wrong with the variables, as far as it can be known without the file.
    """
    given = {
        name[len(PREFIX) :].lower(): Found(text, name)
        for name, text in environ.items()
        if name.startswith(PREFIX)
    }
    named = given.get("config")
    file = Path(str(named.value)) if named else _data_folder(given) / FILE_NAME
    try:
        return _of_file(file, is_wanted=named is not None) | given
    except SettingError as unreadable:
        _, faults = _judged(given, CHECKS)
        raise SettingError("\n".join([str(unreadable), *faults])) from None


def settings_of(found: Mapping[str, Found]) -> Settings:
    """Settings from what was found; every unknown name and unusable value goes into one SettingError."""
    settings, faults = _judged(found, (*CHECKS, *TOGETHER))
    if faults:
        raise SettingError("\n".join(faults))
    return settings


def _judged(found: Mapping[str, Found], checks: Sequence[Check]) -> tuple[Settings, list[str]]:
    """Settings from what can be used of it, and what is wrong with the rest, one sentence each."""
    faults = [f"{one.place} is not a setting; docs/settings.md lists them all." for one in _unknown(found)]
    values: dict[str, object] = {}
    for name, one in found.items():
        if name in FIELDS:
            try:
                values[name] = _value(FIELDS[name], one.value)
            except ValueError as wanted:
                faults.append(f"{one.place} is {_shown(name, one.value)}; write {wanted}.")
    settings = msgspec.structs.replace(Settings(), **values)
    for name, holds, advice in checks:
        if name in values and not holds(settings):
            faults.append(f"{found[name].place} is {_shown(name, found[name].value)}; {advice}.")
    return settings, faults


def effective(found: Mapping[str, Found]) -> list[tuple[str, str, str]]:
    """Every setting as (variable, value without secrets, where it comes from)."""
    settings = settings_of(found)
    return [
        (
            PREFIX + name.upper(),
            without_secrets(name, _plain(getattr(settings, name))),
            found[name].place if name in found else "default",
        )
        for name in FIELDS
        if name != "config" or name in found
    ]


def without_secrets(name: str, text: str) -> str:
    """A setting's value as it may be shown: tokens and the password of an address are left out.

    >>> without_secrets("database", "postgresql://virtaamo:secret@db/virtaamo")
    'postgresql://virtaamo:…@db/virtaamo'
    """
    if name in SECRET_SETTINGS:
        return "…" if text else ""
    return SECRET_PARTS.sub(lambda part: f"{part[1] or part[2]}…", text)


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name.

    >>> is_zone("Europe/Mariehamn"), is_zone("Europe/Atlantis"), is_zone("")
    (True, False, False)
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_above(domain: str, settings: Settings) -> bool:
    """Whether the public address lies in this domain; one that can't be used is named by its own check."""
    try:
        host = urlsplit(settings.public_url).hostname
    except ValueError:
        return True
    return host is None or f".{host}".endswith(f".{domain}")


def _data_folder(given: Mapping[str, Found]) -> Path:
    return Path(str(given["data"].value)) if "data" in given else Settings().data


def _of_file(file: Path, is_wanted: bool) -> dict[str, Found]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError) and not is_wanted:
            return {}
        raise SettingError(
            f"The settings file {file} can't be read ({error.strerror}): put it there, or let its reader in."
        ) from None
    except ValueError as error:
        raise SettingError(f"{file} is not TOML: {error}. Write lines as: port = 8000") from None
    if "data" in table and not is_wanted:
        raise SettingError(
            f"data in {file} is where that file lies itself; set VIRTAAMO_DATA, or name the file by VIRTAAMO_CONFIG."
        )
    return {name: Found(value, f"{name} in {file}") for name, value in table.items()}


def _unknown(found: Mapping[str, Found]) -> list[Found]:
    """Names that are no setting; a file can't say where it lies itself."""
    return [one for name, one in found.items() if name not in FIELDS or one.place.startswith("config in ")]


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


def _shown(name: str, value: object) -> str:
    text = value if isinstance(value, str) else str(value)
    return f"'{without_secrets(name, text)}'" if isinstance(value, str) else text


def _value(wanted: object, given: object) -> object:
    """A value of the wanted type from a variable's text or a file's value; ValueError says what to write."""
    if wanted == FIELDS["oidc_groups"]:
        return groups_of(given)
    if wanted is bool:
        text = str(given).lower()
        if text not in ("0", "1", "true", "false", "yes", "no"):
            raise ValueError("1 or 0")
        return text in ("1", "true", "yes")
    if wanted is int:
        text = str(given)
        if isinstance(given, bool) or not text.isascii() or not text.isdigit():
            raise ValueError("a whole number")
        return int(text)
    if not isinstance(given, str):
        raise ValueError("text between quotation marks")
    return Path(given) if wanted is Path else given

"""What `virtaamo doctor` learns by asking: of the running server or the database, and of the public address."""

import asyncio
import socket
import ssl
from statistics import median
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from server import control, keyring
from server.addresses import LOOPBACK
from server.app import open_database, world
from server.archive import PUSH_KEY
from server.commands import perform
from server.db import UNAVAILABLE
from server.forms import HeldForm, Watching
from server.refusals import Refused, Stop
from server.settings import Settings

TRIES = 5
SLOW_MS = 25
OLDEST_POSTGRES = 140_000
HOUR_MS = 3_600_000
WEEK_HOURS = 7 * 24
CERTIFICATE_DAYS = 14
CONNECT_S = 5


class Finding(Struct, frozen=True):
    """Something that was looked at: `mark` is ok, warn or FAIL."""

    mark: str
    text: str


class Seen(Struct, frozen=True):
    """What the database tells, and how long a write took until it was on disk, in the median."""

    told: Watching
    write_ms: float


def ask_database(settings: Settings) -> Seen | Finding:
    """Write a few times, through the server where one runs; a Finding where that fails."""
    try:
        return asyncio.run(_ask(settings))
    except control.DataInUse:
        text = f"Somebody holds {settings.data} and doesn't answer: look at the server's log, or end that process."
    except (Stop, Refused, *UNAVAILABLE) as error:
        words = str(error) if isinstance(error, Stop) else type(error).__name__
        text = f"The database can't be written ({words}): look at disk space, rights and the server's log."
    return Finding("FAIL", text)


async def _ask(settings: Settings) -> Seen:
    loop = asyncio.get_running_loop()
    form = msgspec.msgpack.encode(HeldForm())
    times, answer = [], control.ask(settings.data, "watch", form)
    if answer is None:
        with control.held_alone(settings):
            async with open_database(settings) as db:
                for _ in range(TRIES):
                    began = loop.time()
                    answer = await db.write(perform, "watch", form, world(settings))
                    times.append(loop.time() - began)
    else:
        for _ in range(TRIES):
            began = loop.time()
            answer = control.ask(settings.data, "watch", form)
            times.append(loop.time() - began)
    if answer is None:
        raise Stop("the server has just ended")
    return Seen(msgspec.msgpack.decode(answer, type=Watching), median(times) * 1000)


def of_database(settings: Settings, seen: Seen, now: int) -> list[Finding]:
    """What there is to say of a database that answers."""
    told = seen.told
    findings = [_speed(seen.write_ms), _backup(settings, told, now), _quarantine(told.held)]
    if told.set_back_at is not None:
        findings.append(_set_back())
    findings.append(_keys(settings, told))
    findings += _passkeys(settings, told)
    findings.append(_push(settings, told.unwoken))
    return [_postgres(told), *findings] if settings.database else findings


def _speed(write_ms: float) -> Finding:
    text = f"A write is on disk after {write_ms:.1f} ms"
    if write_ms > SLOW_MS:
        return Finding(
            "warn", f"{text}: put the database on a local SSD, or look for what else uses the disk."
        )
    return Finding("ok", f"{text}.")


def _backup(settings: Settings, told: Watching, now: int) -> Finding:
    if told.backup_at is None:
        return Finding(
            "warn",
            "There is no verified backup: set VIRTAAMO_BACKUP_EVERY_HOURS, or run `virtaamo backup FILE`.",
        )
    hours = (now - told.backup_at) // HOUR_MS
    if hours > 2 * settings.backup_every_hours if settings.backup_every_hours else hours > WEEK_HOURS:
        return Finding(
            "warn",
            f"The last verified backup is {hours} hours old: look at the log, run `virtaamo backup FILE`.",
        )
    return Finding("ok", f"The last verified backup is {hours} hours old.")


def _keys(settings: Settings, told: Watching) -> Finding:
    """A key whose private half is lost makes unreadable what devices have sealed with it (D-65)."""
    here = {file.name for file in keyring.files(settings.data)}
    lost = [key.kid for key in told.keys if key.kid not in here]
    if lost:
        where = settings.data / keyring.FOLDER
        return Finding(
            "FAIL",
            f"The private half of the server's key {lost[0]} is not in {where}: take it from a backup.",
        )
    bare = [key.kid for key in told.keys if not key.is_kept]
    if bare:
        return Finding(
            "warn", f"No verified backup holds the server's key {bare[0]}: run `virtaamo backup FILE`."
        )
    if not told.keys:
        return Finding("warn", "There is no key for sealed words yet: start the server, which makes one.")
    return Finding("ok", "A verified backup holds the keys for sealed words.")


def _passkeys(settings: Settings, told: Watching) -> list[Finding]:
    """A passkey belongs to a domain for ever: under another one it opens nothing (D-34)."""
    if not told.passkeys:
        return []
    if told.party == settings.relying_party:
        return [Finding("ok", f"{told.passkeys} passkeys were made for {told.party}.")]
    return [
        Finding(
            "FAIL",
            f"{told.passkeys} passkeys were made for {told.party} and open nothing at {settings.relying_party}: set "
            f"VIRTAAMO_RP_ID to {told.party}, or give them up with `virtaamo doctor --new-domain`.",
        )
    ]


def _push(settings: Settings, unwoken: int) -> Finding:
    if not settings.push_contact:
        return Finding(
            "ok", "Phones are not woken: set VIRTAAMO_PUSH_CONTACT to a mail address if they are to be."
        )
    if not (settings.data / PUSH_KEY).is_file():
        return Finding(
            "warn",
            f"There is no key for push in {settings.data}: take it from a backup, or start the server.",
        )
    if unwoken:
        return Finding(
            "warn",
            f"Push services refuse what we send to {unwoken} browsers: look at VIRTAAMO_PUSH_CONTACT and the clock.",
        )
    return Finding("ok", "Phones that wish it are woken, and no push service refuses us.")


def _quarantine(held: int) -> Finding:
    if held:
        return Finding(
            "warn", f"In quarantine: {held}. Nothing is lost: look with `virtaamo quarantine list`."
        )
    return Finding("ok", "Nothing is in quarantine.")


def _set_back() -> Finding:
    return Finding(
        "FAIL",
        "Devices have seen more than the database holds: it was set back without `virtaamo restore`. Stop every "
        "server; restore a verified backup that is newer than this state, or run `virtaamo anew` if there is none.",
    )


def _postgres(told: Watching) -> Finding:
    name = f"PostgreSQL {told.version // 10_000}.{told.version % 10_000}"
    if not told.is_durable:
        return Finding(
            "FAIL", f"{name} runs with fsync or full_page_writes off: a power cut loses words. Set them on."
        )
    if told.version < OLDEST_POSTGRES:
        return Finding(
            "warn", f"{name} is older than those we test with: update to {OLDEST_POSTGRES // 10_000}."
        )
    return Finding("ok", f"{name} answers.")


def certificate(url: str, now: int) -> Finding:
    """Whether browsers will believe who answers at the public address, and for how long."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    if parts.scheme != "https":
        return Finding("ok" if name in LOOPBACK else "warn", "There is no TLS to look at without https.")
    try:
        line = socket.create_connection((name, parts.port or 443), timeout=CONNECT_S)
        with line, ssl.create_default_context().wrap_socket(line, server_hostname=name) as secured:
            ends = str((secured.getpeercert() or {}).get("notAfter", ""))
    except ssl.SSLCertVerificationError as error:
        return Finding(
            "FAIL", f"Browsers won't believe {url} ({error.verify_message}): renew its certificate."
        )
    except UnicodeError:
        return Finding("FAIL", f"There can be no host of the name {name}: write another VIRTAAMO_URL.")
    except OSError as error:
        return Finding("warn", f"{url} can't be reached from here ({error}): try it from another machine.")
    days = (int(ssl.cert_time_to_seconds(ends)) * 1000 - now) // (24 * HOUR_MS)
    if days < CERTIFICATE_DAYS:
        return Finding("warn", f"The certificate of {url} ends in {days} days: renew it.")
    return Finding("ok", f"The certificate of {url} is good for {days} days.")

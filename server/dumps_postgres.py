"""The database part of a backup on PostgreSQL: its own pg_dump and pg_restore, in the custom format."""

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from msgspec import Struct, field

from server.db import Stored
from server.refusals import Stop
from sync.protocol import SUM_MODULUS

DUMP = "virtaamo.dump"
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/local/pgsql/bin")
COPY = re.compile(rb"COPY public\.(\w+) \(([^)]*)\) FROM stdin;")
CHUNK = 1 << 20
QUIET = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1")
ASIDE = "ALTER SCHEMA public RENAME TO {aside};\n"
EMPTY = "DROP SCHEMA IF EXISTS public;\n"  # refused where anything lies in it
# Should the rest of the restore be cut short, devices still know that this is another life.
NEW_LIFE = """
UPDATE public.meta SET value = '\\x{epoch}' WHERE key = 'epoch';
UPDATE public.person SET grants_version = grants_version + 1000;
"""


class Count(Struct):
    """What the rows of one space add up to."""

    cards: int = 0
    sum: int = 0
    last: int = 0
    logged: int = 0


class Tally(Struct):
    """What was found in the rows of a dump, table by table."""

    version: str = ""
    epoch: bytes = b""
    spaces: dict[int, dict[str, int]] = field(default_factory=dict)
    counts: dict[int, Count] = field(default_factory=dict)
    photos: set[str] = field(default_factory=set)
    rows: Counter[str] = field(default_factory=Counter)

    def of(self, space: int) -> Count:
        """The count of a space."""
        return self.counts.setdefault(space, Count())


def dump(url: Stored, to: Path) -> None:
    """Copy a database that is in use, as it was at one moment. Raises Stop."""
    options = ("--format=custom", "--no-owner", "--no-privileges", "--schema=public", f"--file={to}")
    run("pg_dump", *options, str(url))
    with to.open("rb") as copied:
        os.fsync(copied.fileno())


def tally(file: Path) -> Tally:
    """Read every row of a dump. Raises Stop where it can't be read to its end."""
    found = Tally()
    script = Program("pg_restore", "--no-owner", "--file=-", str(file))
    for table, columns, line in _rows(script.out):
        found.rows[table] += 1
        if table in READERS:
            READERS[table](found, dict(zip(columns, line.rstrip(b"\n").split(b"\t"), strict=True)))
    script.end()
    if not found.version or not found.epoch:
        raise Stop(f"{file.name} in the backup is no database of this program, or it is damaged.")
    return found


def faults(found: Tally) -> Iterator[str]:
    """Where the rows contradict each other."""
    for number, said in found.spaces.items():
        has = found.of(number)
        if (said["count"], said["sum"]) != (has.cards, has.sum % SUM_MODULUS):
            yield (
                f"space {number} says {said['count']} cards and sum {said['sum']},"
                f" and has {has.cards} and {has.sum % SUM_MODULUS}"
            )
        if has.last > said["head"] or has.logged > said["logged"]:
            yield f"space {number} has rows beyond its head"
    for number in found.counts.keys() - found.spaces.keys():
        yield f"there are rows of space {number}, which isn't there"


def load(file: Path, url: str, epoch: bytes, aside: str) -> None:
    """Put a dump back in one transaction: all of it or nothing. `aside` names a schema for what lies there, or is ''.

    Raises Stop.
    """
    script = Program("pg_restore", "--no-owner", "--no-privileges", "--file=-", str(file))
    into = Program("psql", *QUIET, "--single-transaction", "--file=-", url)
    try:
        into.feed.write((ASIDE.format(aside=aside) if aside else EMPTY).encode())
        shutil.copyfileobj(script.out, into.feed, CHUNK)
        script.end()
        into.feed.write(NEW_LIFE.format(epoch=epoch.hex()).encode())
    except BrokenPipeError:  # psql has given up: it says why
        pass
    except BaseException:
        into.kill()  # before it can commit
        raise
    finally:
        script.kill()
    into.end()


def ask(url: str, query: str) -> str:
    """The answer to a small question. Raises Stop."""
    return run("psql", *QUIET, "--tuples-only", "--no-align", f"--command={query}", url).strip()


def run(name: str, *options: str) -> str:
    """Run one of PostgreSQL's programs; what it printed. Raises Stop with what it said."""
    program = Program(name, *options)
    printed = program.out.read()
    program.end()
    return printed.decode()


class Program:
    """One of PostgreSQL's programs at work: `feed` is its input, `out` what it prints."""

    def __init__(self, name: str, *options: str) -> None:
        self._complaints = TemporaryFile()  # noqa: SIM115  # closed in `_close`
        pipe = subprocess.PIPE
        command = [str(_find(name)), *options]
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._complaints)
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("a process without pipes")
        self.feed: IO[bytes] = self._process.stdin
        self.out: IO[bytes] = self._process.stdout

    def end(self) -> None:
        """Wait for it. Raises Stop with what it said."""
        with suppress(BrokenPipeError):
            self.feed.close()
        self.out.read()
        code = self._process.wait()
        self._complaints.seek(0)
        words = self._complaints.read().decode(errors="replace").strip().splitlines()
        self._close()
        if code:
            raise Stop(f"PostgreSQL says: {words[0] if words else f'it ended with {code}'}")

    def kill(self) -> None:
        """End it now, whatever it does; harmless when it has ended."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self) -> None:
        for file in (self.feed, self.out, self._complaints):
            with suppress(BrokenPipeError):
                file.close()


def _find(name: str) -> Path:
    """The newest of that name: an older pg_dump refuses a newer server."""
    found = [path for place in PLACES for path in Path("/").glob(f"{place[1:]}/{name}")]
    if found:
        return max(found, key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))])
    if on_path := shutil.which(name):
        return Path(on_path)
    raise Stop(f"There is no {name}: install PostgreSQL's client programs (Debian: postgresql-client).")


def _rows(script: IO[bytes]) -> Iterator[tuple[str, list[str], bytes]]:
    """Table, columns and line of every row in a script of COPY commands."""
    table, columns = "", [""]
    for line in script:
        if not table:
            if begins := COPY.match(line):
                table = begins[1].decode()
                columns = [name.strip('" ') for name in begins[2].decode().split(",")]
        elif line == b"\\.\n":
            table = ""
        else:
            yield table, columns, line


Row = Mapping[str, bytes]


def _hex(value: bytes) -> str:
    """Bytes as COPY writes them: two backslashes, x, and hexadecimal."""
    return value[3:].decode()


def _version(found: Tally, row: Row) -> None:
    found.version = row["version_num"].decode()


def _meta(found: Tally, row: Row) -> None:
    if row["key"] == b"epoch":
        found.epoch = bytes.fromhex(_hex(row["value"]))


def _space(found: Tally, row: Row) -> None:
    found.spaces[int(row["id"])] = {name: int(row[name]) for name in ("head", "logged", "count", "sum")}


def _card(found: Tally, row: Row) -> None:
    space, seq = int(row["space"]), int(row["seq"])
    count = found.of(space)
    count.last = max(count.last, seq)
    if row["kind"]:
        count.cards += 1
        count.sum += seq


def _change(found: Tally, row: Row) -> None:
    count = found.of(int(row["space"]))
    count.logged = max(count.logged, int(row["n"]))


def _photo(found: Tally, row: Row) -> None:
    found.photos.add(_hex(row["sha"]))


READERS: Mapping[str, Callable[[Tally, Row], None]] = {
    "alembic_version": _version,
    "meta": _meta,
    "space": _space,
    "card": _card,
    "change": _change,
    "photo": _photo,
}

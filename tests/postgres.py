"""A private PostgreSQL for one test process: on a Unix socket in a temporary folder, gone when the tests end."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/local/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
)
SETTINGS = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_connections": "150",
    "shared_buffers": "64MB",
    "max_wal_size": "2GB",
    "log_min_messages": "warning",
}
START_S = 60
# A clone takes PostgreSQL ten times as long as putting the rows back.
KEEP = """
CREATE SCHEMA kept;
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name);
    END LOOP;
END $$;
"""
PUT_BACK = """
SET session_replication_role = replica;
DO $$ DECLARE name text; counter record; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
        EXECUTE format('DELETE FROM public.%I', name);
        EXECUTE format('INSERT INTO public.%I SELECT * FROM kept.%I', name, name);
    END LOOP;
    FOR counter IN SELECT c.relname AS name, t.relname AS owner FROM pg_class c
        JOIN pg_depend d ON d.objid = c.oid AND d.deptype = 'a' JOIN pg_class t ON t.oid = d.refobjid
        WHERE c.relkind = 'S' AND EXISTS (SELECT FROM pg_tables WHERE schemaname = 'kept' AND tablename = t.relname)
        AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attname = 'id') LOOP
        EXECUTE format('SELECT setval(%L, greatest(max(id), 1), max(id) IS NOT NULL) FROM public.%I',
            counter.name, counter.owner);
    END LOOP;
END $$;
"""


class NoPostgres(Exception):
    """There is none to start; the message says what to install."""


def binaries() -> Path:
    """The folder with initdb and postgres, the newest that there is."""
    found = [p.parent for place in PLACES for p in Path("/").glob(f"{place[1:]}/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    found = [p for p in found if (p / "postgres").exists() and (p / "pg_ctl").exists()]
    if not found:
        raise NoPostgres("The tests need PostgreSQL's server. On Debian: sudo apt install postgresql")
    return max(found, key=lambda p: [int(n) for n in re.findall(r"\d+", str(p))])


def as_ordinary_user(command: Sequence[str | Path]) -> list[str]:
    """The command; PostgreSQL refuses root, who runs it as somebody without rights."""
    plain = [str(part) for part in command]
    if os.geteuid() != 0:
        return plain
    who = ordinary_user()
    return ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups", "--", *plain]


def ordinary_user() -> pwd.struct_passwd:
    """Somebody without rights on this machine."""
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("PostgreSQL can't run as root, and there is neither a user postgres nor nobody.")


class Postgres:
    """The server; `make` and `clone` give the address of a database."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="virtaamo-pg-"))
        self.bin = binaries()
        self._counted = 0
        self._free: dict[str, list[str]] = {}
        if os.geteuid() == 0:
            who = ordinary_user()
            os.chown(self.folder, who.pw_uid, who.pw_gid)
        self._run(
            "initdb", "-D", self.folder / "data", "-U", "virtaamo", "-A", "trust", "-E", "UTF8", "--no-sync"
        )
        self.start()

    def _run(self, program: str, *options: str | Path) -> None:
        done = subprocess.run(
            as_ordinary_user([self.bin / program, *options]),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=START_S * 2,
        )
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [f"-c {name}='{value}'" for name, value in SETTINGS.items()]
        told = " ".join([*options, f"-c unix_socket_directories='{self.folder}'"])
        log = self.folder / "log"
        self._run(
            "pg_ctl", "start", "-w", "-t", str(START_S), "-D", self.folder / "data", "-o", told, "-l", log
        )

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` ends its connections, `immediate` is a crash."""
        self._run("pg_ctl", "stop", "-w", "-m", mode, "-D", self.folder / "data")

    def close(self) -> None:
        """Stop it and leave nothing behind."""
        postmaster = self.folder / "data" / "postmaster.pid"
        if postmaster.exists():
            os.kill(int(postmaster.read_text().splitlines()[0]), signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name: str) -> str:
        """The address of a database."""
        return f"postgresql://virtaamo@/{name}?host={quote(str(self.folder), safe='/')}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement; gives what psql prints."""
        command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", statement]
        return subprocess.run(
            [self.bin / command[0], *command[1:]], check=True, capture_output=True, text=True, timeout=START_S
        ).stdout.strip()

    def make(self) -> str:
        """A new empty database."""
        return self.clone("template1")

    def clone(self, template: str) -> str:
        """A new database that is a copy of another, to which nobody is connected."""
        self._counted += 1
        name = f"d{self._counted}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def keep(self, url: str) -> None:
        """From now on the database is a template: its rows are kept beside it, for `borrow`."""
        self.sql(KEEP, name_of(url))

    def borrow(self, template: str) -> str:
        """A database as the template was when it was kept: one that was given back, or else a clone."""
        free = self._free.setdefault(template, [])
        if not free:
            return self.clone(name_of(template))
        url = free.pop()
        self.sql(PUT_BACK, name_of(url))
        return url

    def give_back(self, url: str, template: str) -> None:
        """A borrowed database is needed no more; whoever is connected is thrown out."""
        self.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(url)}'")
        self._free.setdefault(template, []).append(url)


def name_of(url: str) -> str:
    """The name of a database in its address."""
    return url.partition("/?")[0].partition("?")[0].rpartition("/")[2]


if __name__ == "__main__":
    server = Postgres()
    print(server.make(), flush=True)
    try:
        sys.stdin.read()
    finally:
        server.close()

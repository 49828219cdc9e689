"""`make bench-scale`: one county at the change of shifts, on loopback, with SQLite and with PostgreSQL.

10,000 people in 600 spaces. 1,000 devices keep a live socket; a third of all devices come online within a minute,
each with five changes that wait. The server runs on one core (its PostgreSQL too), the load on the other.

.venv/bin/python tests/bench/scale.py [--people N] [--only sqlite,postgres,two] [--write]
"""

import argparse
import asyncio
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil
from websockets.asyncio.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from sync import PROTOCOL  # noqa: E402
from sync.protocol import Change, Frame, Sync, Synced, encode  # noqa: E402
from tests.bench.county import Resident, build  # noqa: E402
from tests.bench.report import Figure, machine, put_into  # noqa: E402
from tests.postgres import Postgres  # noqa: E402

PEOPLE, SPACES, SOCKETS, MINUTE_S, PENDING = 10_000, 600, 1_000, 60, 5
NEW_DEVICES = 100
GOAL_MS = 100
SERVER_CORE, LOAD_CORE = {0}, {1}
SETTLE_S = 3
WORDS = ("lamppu", "käytävään", "yövuoro", "lomake", "hissi", "palaute", "perehdytys", "rauha", "siisti")
decode_synced = msgspec.msgpack.Decoder(Synced).decode
decode_frame = msgspec.msgpack.Decoder(Frame).decode


class Burst:
    """What the devices saw: milliseconds until the acknowledgement, and until others had the change."""

    def __init__(self, url: str) -> None:
        self.url, self.epoch = url, b""
        self.sent_at: dict[bytes, float] = {}
        self.acknowledged: list[float] = []
        self.seen: list[float] = []
        self.changes = 0

    def connect(self, who: Resident) -> connect:
        """A live connection of a device."""
        address = self.url.replace("http", "ws") + "/api/live"
        headers = {"Cookie": who.cookie}
        return connect(
            address, origin=self.url, additional_headers=headers, max_size=2_000_000, compression=None
        )

    async def listen(self, who: Resident, ready: asyncio.Semaphore) -> None:
        """Keep a socket and note when cards come by."""
        async with self.connect(who) as socket:
            await socket.send(encode(Sync(PROTOCOL, self.epoch, who.grants, who.cursors, [], 1)))
            async for message in socket:
                synced = decode_synced(message)
                if synced.sent:
                    ready.release()
                for raw in synced.frames if not synced.sent else ():
                    self.note(raw)

    def note(self, raw: msgspec.Raw) -> None:
        """A frame has come to somebody else."""
        now = time.perf_counter()
        for row in decode_frame(raw).rows:
            if row.card in self.sent_at:
                self.seen.append((now - self.sent_at[row.card]) * 1000)

    async def learn_epoch(self, who: Resident) -> None:
        """Ask as a device that has never synced; all others stand where the county was when it was made."""
        async with self.connect(who) as socket:
            await socket.send(encode(Sync(PROTOCOL, None, who.grants, {}, [], 1)))
            self.epoch = await answered(socket, 0)

    async def come_online(self, who: Resident) -> None:
        """Connect with changes that wait, and stay until they are acknowledged."""
        async with self.connect(who) as socket:
            changes = [idea(who, number) for number in range(1, PENDING + 1)]
            raws = [msgspec.Raw(encode(change)) for change in changes]
            started = time.perf_counter()
            self.sent_at |= dict.fromkeys((change.card for change in changes), started)
            await socket.send(encode(Sync(PROTOCOL, self.epoch, who.grants, who.cursors, raws, 1)))
            await answered(socket, len(changes))
            self.acknowledged.append((time.perf_counter() - started) * 1000)
            self.changes += len(changes)


async def answered(socket: ClientConnection, count: int) -> bytes:
    """Wait for the verdicts; all must be acceptances. Gives the epoch."""
    while True:
        synced = decode_synced(await socket.recv())
        if synced.sent:
            assert len(synced.verdicts) == count
            assert all(verdict.code <= 1 for verdict in synced.verdicts), synced.verdicts
            return synced.epoch


def idea(who: Resident, number: int) -> Change:
    """A new idea of a person's team."""
    text = " ".join(random.choices(WORDS, k=20))
    fields = {"team": (None, who.team), "title": (None, text[:60]), "text": (None, text)}
    id_ = who.person.to_bytes(8) + number.to_bytes(4)
    return Change(id_, who.team, os.urandom(16), "idea", time.time_ns() // 1_000_000, 0, fields)


@contextmanager
def served(folder: Path, database: str, workers: int) -> Iterator[tuple[str, psutil.Process]]:
    """A server on its core; gives its address and its process."""
    environ = {**os.environ, "VIRTAAMO_DATA": str(folder), "VIRTAAMO_DATABASE": database}
    environ |= {"VIRTAAMO_RATE_ADDRESS": "10000000", "VIRTAAMO_RATE_DEVICE": "10000000"}
    command = [sys.executable, "-m", "server", "serve", "--port", "0", "--host", "127.0.0.1"]
    command += ["--workers", str(workers)] if workers > 1 else []
    with (folder / "bench.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=log, text=True, preexec_fn=pinned
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("listening on "), line
        yield line.split()[-1], psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def pinned() -> None:
    """Stay on the server's core."""
    os.sched_setaffinity(0, SERVER_CORE)


def family(process: psutil.Process) -> list[psutil.Process]:
    """A server and its workers."""
    return [process, *process.children(recursive=True)]


def cpu_s(processes: list[psutil.Process]) -> float:
    """Seconds of processor time so far."""
    return sum(p.cpu_times().user + p.cpu_times().system for p in processes)


def memory_mb(processes: list[psutil.Process]) -> float:
    """What they hold of memory and share with nobody."""
    return sum(p.memory_full_info().uss for p in processes) / 1e6


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def measure(name: str, url: str, process: psutil.Process, people: list[Resident]) -> list[Figure]:
    """Connect the listeners, let the burst come, read new devices."""
    burst, server = Burst(url), family(process)
    listeners, others = people[:SOCKETS], people[SOCKETS:]
    await burst.learn_epoch(others[-1])
    before_mb, before_s = memory_mb(server), cpu_s(server)
    ready = asyncio.Semaphore(0)
    tasks = []
    for start in range(0, len(listeners), 20):
        tasks += [asyncio.create_task(burst.listen(who, ready)) for who in listeners[start : start + 20]]
        for _ in listeners[start : start + 20]:
            await asyncio.wait_for(ready.acquire(), 30)
    socket_kb = (memory_mb(server) - before_mb) * 1000 / len(listeners)
    socket_ms = (cpu_s(server) - before_s) * 1000 / len(listeners)

    coming = random.Random(4).sample(others[:-1], len(people) // 3)
    began, before_s = time.perf_counter(), cpu_s(server)
    arrivals = []
    for number, who in enumerate(coming):
        await asyncio.sleep(max(0.0, began + number * MINUTE_S / len(coming) - time.perf_counter()))
        arrivals.append(asyncio.create_task(burst.come_online(who)))
    await asyncio.gather(*arrivals)
    taken_s, burst_cpu_s = time.perf_counter() - began, cpu_s(server) - before_s
    await asyncio.sleep(SETTLE_S)
    for task in tasks:
        task.cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in done), "a listener was cut off"

    acknowledged, seen = burst.acknowledged, burst.seen
    return [
        Figure(f"{name}: changes a second while a third came online", burst.changes / taken_s),
        Figure(f"{name}: acknowledgement p50, ms", percentile(acknowledged, 0.5)),
        Figure(f"{name}: acknowledgement p99, ms", percentile(acknowledged, 0.99), GOAL_MS),
        Figure(f"{name}: on other devices p50, ms", percentile(seen, 0.5)),
        Figure(f"{name}: on other devices p99, ms", percentile(seen, 0.99)),
        Figure(
            f"{name}: server CPU for 1,000 changes with their connections, s",
            burst_cpu_s * 1000 / burst.changes,
        ),
        Figure(f"{name}: memory of an open socket, kB", socket_kb),
        Figure(f"{name}: server CPU to open a socket, ms", socket_ms),
        Figure(f"{name}: server CPU for a new device, ms", await new_devices(burst, server, others)),
    ]


async def new_devices(burst: Burst, server: list[psutil.Process], people: list[Resident]) -> float:
    """Milliseconds of processor time to give a device with nothing on it everything that it may read."""
    import httpx

    before_s = cpu_s(server)
    async with httpx.AsyncClient(base_url=burst.url) as client:
        for who in people[:NEW_DEVICES]:
            for space in who.cursors:
                reply = await client.get(f"/api/spaces/{space}/snapshot", headers={"Cookie": who.cookie})
                assert reply.status_code == 200, reply.text
    return (cpu_s(server) - before_s) * 1000 / NEW_DEVICES


def run(only: list[str], folder: Path, count: int) -> list[Figure]:
    """Build the county once, and let each way of serving have its own copy."""
    print(f"making a county of {count:,} people", flush=True)
    people = build(folder / "county", count, SPACES)
    os.sched_setaffinity(0, LOAD_CORE)
    figures = []
    for name in only:
        with stored(name, folder) as (place, database):
            workers = 2 if name == "two" else 1
            with served(place, database, workers) as (url, process):
                for figure in asyncio.run(measure(NAMES[name], url, process, people)):
                    print(figure.line(), flush=True)
                    figures.append(figure)
    return figures


NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL, 1 process", "two": "PostgreSQL, 2 processes"}


@contextmanager
def stored(name: str, folder: Path) -> Iterator[tuple[Path, str]]:
    """A copy of the county in a data folder, or in a database that `virtaamo copy` has filled."""
    place = Path(shutil.copytree(folder / "county", folder / name))
    if name == "sqlite":
        yield place, ""
        return
    os.sched_setaffinity(0, SERVER_CORE)
    server = Postgres()
    os.sched_setaffinity(0, LOAD_CORE)
    try:
        url = server.make()
        environ = {**os.environ, "VIRTAAMO_DATA": str(place)}
        command = [sys.executable, "-m", "server", "copy", "--to", url]
        subprocess.run(command, cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)
        yield place, url
    finally:
        server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="One county at the change of shifts")
    parser.add_argument("--people", type=int, default=PEOPLE, help="how many people (10,000)")
    parser.add_argument("--only", default=",".join(NAMES), help="some ways of serving: " + ",".join(NAMES))
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="virtaamo-scale-") as made:
        found = run(given.only.split(","), Path(made), given.people)
    if given.write:
        lines = "\n".join(f"| {f.what} | {f.goal()} | {f.shown()} |" for f in found)
        put_into("scale", f"{machine()}; make bench-scale.\n\n| | goal | |\n|---|--:|--:|\n{lines}")

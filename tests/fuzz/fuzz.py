"""`make fuzz N=… SEED=… DB=sqlite|postgres|both`: the protocol's promises under all faults at once.

A failing run prints a shortest script that breaks the same promise, and writes it to a file; `make fuzz REPLAY=file`
takes its steps again and says at which one the promise breaks. MERGE=naive shows what the last writer would win.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

from msgspec.structs import replace

from tests import databases
from tests.fuzz.databases import Database, Postgres, Sqlite
from tests.fuzz.episode import Arena, Drawn, Figures, load_script, play, save_script
from tests.fuzz.ledger import Broken
from tests.fuzz.naive import naive_merge
from tests.fuzz.shrink import shrink
from tests.fuzz.steps import Step
from tests.postgres import Postgres as Server
from tests.town import build

EPISODE_STEPS = 1_000
TOLD_EVERY = 50  # episodes
SCRIPTS = Path("build/fuzz")


class Failed(Exception):
    """An episode has failed: `script` is what was done until then."""

    def __init__(self, fault: BaseException, script: list[Step]) -> None:
        super().__init__(str(fault))
        self.sort, self.script = sort_of(fault), script


def sort_of(fault: BaseException) -> str:
    """The promise that was broken, or the sort of a plain error."""
    return fault.sort if isinstance(fault, Broken) else type(fault).__name__


@contextmanager
def arena_on(name: str) -> Iterator[Arena]:
    """A county on a database of its own, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="virtaamo-fuzz-") as folder:
        if name == "sqlite":
            county = build(databases.Sqlite(Path(folder) / "county.db"))
            county.db.kill()
            yield Arena(county, Sqlite(Path(folder) / "fuzz.db"))
            return
        server = Server()
        try:
            county = build(databases.OnPostgres(server, server.make()))
            yield Arena(county, Postgres(server, county))
        finally:
            server.close()


def run(arena: Arena, seed: int, steps: int, tell: bool = False) -> Figures:
    """So many steps, in episodes. Raises Failed."""
    total, episode = Figures(), 0
    while total.steps < steps:
        script: list[Step] = []
        drawn = Drawn(f"{seed}:{episode}", min(EPISODE_STEPS, steps - total.steps))
        try:
            total.add(play(arena, drawn, script))
        except Exception as fault:
            raise Failed(fault, script) from fault
        episode += 1
        if tell and episode % TOLD_EVERY == 0:
            print(told(arena.db, seed, total), flush=True)
    return total


def told(db: Database, seed: int, total: Figures) -> str:
    """The figures in one line."""
    kept = total.saved - total.lost
    parts = [f"{db.name}: seed {seed}", f"{total.steps:,} steps", f"words saved {total.saved:,}"]
    parts += [f"kept {kept:,} ({100 * kept / max(1, total.saved):.2f} %)", f"forks {total.forks:,}"]
    parts += [f"leaks {total.leaks}", f"evicted with a device {total.evicted}", f"purged {total.purged}"]
    parts += [f"server killed {total.deaths:,} times", f"restored {total.restores:,} times"]
    return " · ".join(parts)


def fails_like(arena: Arena, sort: str, script: Sequence[Step]) -> bool:
    """Whether a script breaks this promise."""
    try:
        play(arena, script, [])
    except Exception as fault:
        return sort_of(fault) == sort
    return False


def shortest(arena: Arena, failed: Failed) -> list[Step]:
    """The shortest script that fails in the same way."""
    if not fails_like(arena, failed.sort, failed.script):
        return failed.script
    return shrink(failed.script, lambda part: fails_like(arena, failed.sort, part))


def replay(arena: Arena, file: Path) -> int:
    """Take a script's steps, looking at everything after each."""
    script: list[Step] = []
    try:
        play(replace(arena, look_every=1), load_script(file), script)
    except Broken as broken:
        print(f"{arena.db.name}: step {script[-1].n} {script[-1].name}: {broken}")
        return 1
    print(f"{arena.db.name}: {len(script)} steps, every promise holds")
    return 0


def fuzz(name: str, seed: int, steps: int, is_naive: bool) -> int:
    """Run, and say what came of it; 1 where a promise was broken."""
    with arena_on(name) as arena, naive_merge() if is_naive else nullcontext():
        began = time.monotonic()
        try:
            total = run(replace(arena, is_strict=not is_naive), seed, steps, tell=True)
        except Failed as failed:
            print(f"{arena.db.name}: seed {seed}: {failed}\nlooking for the shortest script …", flush=True)
            small = shortest(arena, failed)
            file = SCRIPTS / f"{name}-{seed}.jsonl"
            save_script(small, file)
            print(f"{file.read_text()}{len(small)} steps; again by: make fuzz DB={name} REPLAY={file}")
            return 1
        took = time.monotonic() - began
        print(f"{told(arena.db, seed, total)} · {total.steps / took:,.0f} steps a second", flush=True)
        return int(total.lost > 0)


def main() -> int:
    """As the environment says."""
    asked = os.environ.get
    seed = int(asked("SEED") or int.from_bytes(os.urandom(4)))
    names = ("sqlite", "postgres") if (asked("DB") or "both") == "both" else (asked("DB") or "",)
    if script := asked("REPLAY"):
        with arena_on(names[0]) as arena:
            return replay(arena, Path(script))
    steps, is_naive = int(asked("N") or 20_000), asked("MERGE") == "naive"
    return max([fuzz(name, seed, steps, is_naive) for name in names])


if __name__ == "__main__":
    sys.exit(main())

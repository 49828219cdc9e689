"""`make check`: every check that needs no running server; all of them run, then the failed ones are named."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import bootstrap

GENERATORS = ["gen_types", "gen_vectors", "gen_messages"]


def commands() -> Iterator[tuple[str, Path, list[str | Path]]]:
    """(name, folder, command) in the order in which they are shown."""
    python, web = str(bootstrap.PYTHON), bootstrap.ROOT / "web"
    bins = web / "node_modules" / ".bin"
    yield "format", bootstrap.ROOT, [python, "-m", "ruff", "format", "--check", "-q", "."]
    yield "lint", bootstrap.ROOT, [python, "-m", "ruff", "check", "-q", "."]
    yield "types", bootstrap.ROOT, [python, "-m", "mypy", "--no-error-summary"]
    yield "web types", web, [bins / "tsc", "--noEmit"]
    yield "web lint", web, [bins / "biome", "ci", "--colors=off", "."]
    yield "layers", bootstrap.ROOT, [python, "-m", "pytest", "-q", "tests/test_layers.py"]
    yield "rules", bootstrap.ROOT, [python, "tools/rules.py", "--check"]
    for name in GENERATORS:
        yield name, bootstrap.ROOT, [python, f"tools/{name}.py", "--check"]
    yield "duplicates", bootstrap.ROOT, [bins / "jscpd", "--config", "web/jscpd.json", "."]
    yield "contrast", web, ["node", "contrast.mjs"]
    yield "budgets", web, ["node", "build.mjs", "--strict"]
    yield "licences", bootstrap.ROOT, [python, "tools/licences.py"]
    yield "known holes", bootstrap.ROOT, [python, "tools/audit.py"]


def check() -> int:
    """Run all; print what a failed one said."""
    bootstrap.make_python(dev=True)
    bootstrap.install_web()
    env = bootstrap.node_env()
    failed = []
    for name, folder, command in commands():
        began = time.monotonic()
        done = subprocess.run([str(c) for c in command], cwd=folder, env=env, capture_output=True, text=True)
        took = f"{time.monotonic() - began:.1f} s"
        print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name} ({took})", flush=True)
        for line in done.stdout.splitlines():
            if done.returncode == 0 and line.startswith("note: "):
                print(f"       {line.removeprefix('note: ')}", flush=True)
        if done.returncode:
            failed.append(name)
            print((done.stdout + done.stderr).rstrip(), flush=True)
    if failed:
        raise bootstrap.Stop(f"{len(failed)} failed: {', '.join(failed)}")
    return 0


if __name__ == "__main__":
    sys.exit(bootstrap.main(check))

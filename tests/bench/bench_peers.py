"""`make bench-peers`: the harness of tests/bench/peers on ours and on Hocuspocus, in one run, as one table.

    .venv/bin/python tests/bench/bench_peers.py [--reps 3] [--only w1,w3] [--all] [--write]

`--all` installs and runs every peer (about an hour); `--write` puts the table into docs/performance.md.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.bundles import bundle_sizes  # noqa: E402
from tests.bench.peer_table import table  # noqa: E402
from tests.bench.report import machine, put_into  # noqa: E402
from tools.bootstrap import node_env, npm  # noqa: E402

HARNESS = ROOT / "tests/bench/peers"
WORK = ROOT / "build/peers"
WORKLOADS = ("w1", "w2", "w3", "w4", "w5", "w6")
NAMES = {
    "Virtaamo": "virtaamo",
    "Hocuspocus": "hocuspocus",
    "Automerge": "automerge",
    "PouchDB": "pouchdb",
    "TinyBase": "tinybase-sqlite",
    "Jazz": "jazz",
}  # as the harness calls their results
PACKAGES = (
    "@hocuspocus/server@4.7",
    "@hocuspocus/extension-sqlite@4.7",
    "@hocuspocus/provider@4.7",
    "yjs@13",
    "y-indexeddb",
    "ws",
)
PACKAGE = {
    "name": "peer-hocuspocus",
    "private": True,
    "version": "1.0.0",
    "type": "module",
    "allowScripts": {"better-sqlite3": True},
}


def main(given: argparse.Namespace) -> None:
    """Install, run, print."""
    env = {**node_env(), "WORKDIR": str(WORK), "PEER_PROJECT": str(ROOT)}
    if given.all:
        run([HARNESS / "setup.sh"], env)  # first: it must not install into a folder that is only linked
    install(env)
    if given.all:
        run([HARNESS / "run-all.sh"], env)
    only = given.only.split(",")
    drive(env, "hocuspocus", given.reps, [w for w in only if w != "w5"])
    if (
        "w5" in only
    ):  # raw sockets for both, so that the servers are measured and not fifty replicas in one process
        drive({**env, "THIN": "1"}, "hocuspocus", given.reps, ["w5"], "--merge")
    drive(env, "virtaamo", given.reps, only)
    run(["node", HARNESS / "bundle.mjs"], env)
    names = {name: file for name, file in NAMES.items() if given.all or file in ("virtaamo", "hocuspocus")}
    text = table({name: result(file) for name, file in names.items()}, sizes(env))
    print(text)
    if given.write:
        command = f"make bench-peers, median of {given.reps}"
        put_into("all peers" if given.all else "peers", f"{machine()}; {command}.\n\n{text}")


def install(env: Mapping[str, str]) -> None:
    """The peer and its bundler in WORK, and our client as one file for Node."""
    hocuspocus = WORK / "hocuspocus"
    if not (hocuspocus / "node_modules/yjs").exists():
        hocuspocus.mkdir(parents=True, exist_ok=True)
        (hocuspocus / "package.json").write_text(json.dumps(PACKAGE))
        run([*npm(env), "install", "--no-audit", "--no-fund", *PACKAGES], env, hocuspocus)
    (WORK / "virtaamo").mkdir(exist_ok=True)
    (WORK / "tools").mkdir(exist_ok=True)
    if not (WORK / "tools/node_modules").exists():
        (WORK / "tools/node_modules").symlink_to(ROOT / "web/node_modules")
    run(["node", "build.mjs", "--peer"], env, ROOT / "web")


def drive(env: Mapping[str, str], peer: str, reps: int, only: Sequence[str], *options: str) -> None:
    """Run some workloads of the harness on one peer."""
    if only:
        run(
            ["node", HARNESS / "drive.mjs", peer, "--reps", str(reps), "--only", ",".join(only), *options],
            env,
        )


def result(peer: str) -> dict[str, object]:
    """What the harness has measured of a peer."""
    return json.loads((WORK / "results" / f"{peer}.json").read_text())


def sizes(env: Mapping[str, str]) -> dict[str, float]:
    """W7: the clients, gzip kB."""
    bundles = json.loads((WORK / "results/bundle.json").read_text())
    theirs = {name: bundles.get(file.partition("-")[0]) for name, file in NAMES.items()}
    measured = {name: bundle["gz"] / 1000 for name, bundle in theirs.items() if bundle}
    return {**measured, "Virtaamo": bundle_sizes(env)["sync client"][0]}


def run(command: Sequence[object], env: Mapping[str, str], cwd: Path = ROOT) -> None:
    """Run a program; its output goes to the log, where `tail -f` finds it."""
    with (WORK.parent / "bench-peers.log").open("ab") as log:
        words = [str(word) for word in command]
        print("…", " ".join(word.replace(f"{ROOT}{os.sep}", "") for word in words), flush=True)
        done = subprocess.run(words, cwd=cwd, env=env, stdout=log, stderr=log)
    if done.returncode:
        sys.exit(f"it failed; the whole story is in {log.name.replace(f'{ROOT}{os.sep}', '')}")


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Virtaamo beside its peers")
    parser.add_argument("--reps", type=int, default=3, help="repetitions of each workload (3)")
    parser.add_argument("--only", default=",".join(WORKLOADS), help="some workloads: w1,w2")
    parser.add_argument("--all", action="store_true", help="every peer of the harness, about an hour")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    return parser.parse_args()


if __name__ == "__main__":
    main(options())

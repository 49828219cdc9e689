"""`make bench`: the figures of docs/performance.md that need no other system.

.venv/bin/python tests/bench/bench.py [--only sizes,merge,store,growth,retention,kept,browser,ward] [--write]
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.report import Figure, as_table, machine, put_into


def sizes() -> list[Figure]:
    """What a browser loads."""
    from tests.bench.bundles import bundle_sizes
    from tools.bootstrap import node_env

    return [Figure(f"{what}, kB gzip", kb, most) for what, (kb, most) in bundle_sizes(node_env()).items()]


def merge() -> list[Figure]:
    """The worst merges of long texts."""
    from tests.bench.words import BOUND_MS, milliseconds, worst_texts

    taken = {name: milliseconds(*texts) for name, texts in worst_texts().items()}
    worst = max(taken, key=lambda name: taken[name])
    return [Figure(f"merge of 10,000 characters, the worst ({worst}), ms", taken[worst], BOUND_MS)]


def store() -> list[Figure]:
    """The store beside SQLite alone."""
    from tests.bench.store import figures

    return figures()


def growth() -> list[Figure]:
    """The store after a long history, beside itself at the start."""
    from tests.bench.growth import figures

    return figures()


def retention() -> list[Figure]:
    """How long tidying keeps writers waiting."""
    from tests.bench.tidying import figures

    return figures()


def kept() -> list[Figure]:
    """Words kept under faults."""
    from tests.bench.kept import lines

    return [
        Figure(f"words kept, {name}, % (last-writer-wins {theirs:.0f})", ours, 100, least=True)
        for name, ours, theirs in lines()
    ]


def browser() -> list[Figure]:
    """Real browsers."""
    from tests.bench.browser import figures

    return figures()


def ward() -> list[Figure]:
    """A tablet of thirty people."""
    from tests.bench.ward import figures

    return figures()


PARTS: dict[str, Callable[[], list[Figure]]] = {
    part.__name__: part for part in (sizes, merge, store, growth, retention, kept, browser, ward)
}


def main(only: list[str], write: bool) -> None:
    """Measure and print, part by part."""
    found: list[Figure] = []
    for name in only:
        for figure in PARTS[name]():
            print(figure.line(), flush=True)
            found.append(figure)
    if write:
        put_into("own", f"{machine()}; make bench.\n\n{as_table(found)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Virtaamo's own figures")
    parser.add_argument("--only", default=",".join(PARTS), help="some parts: " + ",".join(PARTS))
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    given = parser.parse_args()
    main(given.only.split(","), given.write)

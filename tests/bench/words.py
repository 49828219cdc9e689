"""How long the worst merges of 10,000 characters take. Run by `make bench`: python -m tests.bench.words"""

import random
from time import perf_counter

from sync.diff import MOST_COMPARED
from sync.words import merge_words

CHARACTERS = 10_000
BOUND_MS = 50


def worst_texts() -> dict[str, tuple[str, str, str]]:
    """Name triples of texts that tire a merge: was, cell and now, each of 10,000 characters."""
    chance = random.Random(10_000)
    distinct = [f"{n:03x}" for n in range(16**3)]
    chance.shuffle(distinct)
    half = distinct[:MOST_COMPARED]
    cut = CHARACTERS // 4
    few = [" ".join(chance.choices(["aaa", "bbb", "ccc", "ddd", "eee"], k=cut)) for _ in range(3)]
    letters = [" ".join(chance.choices("abcde", k=CHARACTERS // 2)) for _ in range(3)]
    rewritten = ["".join(chance.choices("aeiouklmnstv ", k=CHARACTERS)) for _ in range(3)]
    shuffled = [" ".join(chance.sample(half, cut)) for _ in range(3)]
    return {
        "fully rewritten": tuple(rewritten),
        "in another order": tuple(shuffled),
        "in reverse": (" ".join(half), " ".join(half[::-1]), shuffled[0]),
        "five words at random": tuple(few),
        "five letters at random": tuple(letters),
        "one word only": ("aaa " * cut, "aaa " * (cut - 1), "aaa " * (cut - 2)),
    }


def milliseconds(was: str, cell: str, now: str) -> float:
    """Time one merge: the best of five, since the machine does other things as well."""
    times = []
    for _ in range(5):
        start = perf_counter()
        merge_words(was, cell, now)
        times.append((perf_counter() - start) * 1000)
    return min(times)


def main() -> None:
    """Print the milliseconds of each kind, and the worst beside the bound."""
    taken = {name: milliseconds(*texts) for name, texts in worst_texts().items()}
    for name, ms in taken.items():
        print(f"merge of 10,000 characters, {name}: {ms:.1f} ms")
    print(f"merge of 10,000 characters, worst: {max(taken.values()):.1f} ms (bound {BOUND_MS} ms)")


if __name__ == "__main__":
    main()

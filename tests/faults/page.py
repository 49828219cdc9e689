"""Put the figures of the last runs into docs/faults.md: python -m tests.faults.page"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from tests.faults.ledger import PAGE, RECORD, ROOT

BEGIN, END = "<!-- words -->\n", "<!-- /words -->\n"
TESTS = ROOT / "tests"


def table(record: dict[str, list[int]]) -> str:
    """A part for each file of tests, in its own words; a row for each test with its figures."""
    parts = [BEGIN]
    for path in dict.fromkeys(test.partition("::")[0] for test in sorted(record)):
        rows = {t.partition("::")[2]: kept for t, kept in sorted(record.items()) if t.startswith(f"{path}::")}
        parts += [
            f"\n**{purpose(TESTS / path)}** (`tests/{path}`)\n\n| fault | words saved | words kept |\n|---|---|---|\n"
        ]
        parts += [f"| {said(name)} | {saved} | {kept} |\n" for name, (saved, kept) in rows.items()]
    saved, kept = (sum(pair[i] for pair in record.values()) for i in (0, 1))
    return "".join(
        [*parts, f"\nIn all {saved} words were saved and {kept} kept: {100 * kept / saved:.2f} %.\n\n", END]
    )


def purpose(path: Path) -> str:
    """The first sentence of a file of tests."""
    return (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n\n")[0].rstrip(".")


def said(name: str) -> str:
    """A test's name as a sentence, without the rules that it keeps."""
    plain, _, case = re.sub("^test_(d[0-9][0-9]_)*", "", name).partition("[")
    sentence = plain.replace("_", " ")
    return sentence[0].upper() + sentence[1:] + (f": {case.rstrip(']')}" if case else "")


def counting_tests() -> Iterator[str]:
    """Every test that counts words, as `file::name`."""
    for path in (*TESTS.glob("faults/test_*.py"), TESTS / "e2e" / "test_browser_faults.py"):
        for node in ast.parse(path.read_text()).body:
            if (
                isinstance(node, ast.FunctionDef)
                and node.name.startswith("test")
                and "words" in [a.arg for a in node.args.args]
            ):
                yield f"{path.relative_to(TESTS)}::{node.name}"


def main() -> None:
    """Write the page's table; tests that are no more leave the record."""
    known = set(counting_tests())
    record = {
        test: pair for test, pair in json.loads(RECORD.read_text()).items() if test.partition("[")[0] in known
    }
    page = PAGE.read_text()
    before, after = page.partition(BEGIN)[0], page.partition(END)[2]
    PAGE.write_text(before + table(record) + after)


if __name__ == "__main__":
    main()

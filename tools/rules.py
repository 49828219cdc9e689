"""Names the rules that promise a test and have none: **T:** in docs/devices.md, H1 to H9 in docs/domain.md.

A test keeps a rule when its name carries the number: `test_d33_…` or `test_h6_…` in Python, a title with `D-33` or `H6`
in TypeScript. `--check` fails where one is missing; those of LATER are told and fail nothing.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LATER = {
    "H2": "pulses",
}
PROMISED = re.compile(r"^- \*\*(D-\d\d)\*\* .*\*\*T:\*\*", re.M)
HARD = re.compile(r"^- (H\d) ", re.M)
KNOWN = re.compile(r"^- \*\*(D-\d\d)\*\*", re.M)
IN_PYTHON = re.compile(r"(?<=_)(d\d\d|h\d)(?=_|$)")
TITLE = re.compile(r"""\btest\(\s*(['"`])(.*?)\1""", re.S)
IN_TITLE = re.compile(r"\b(D-\d\d|H\d)\b")


def main(is_check: bool) -> int:
    """Say what is missing, one line a rule; what comes later stands last, as notes."""
    devices = (ROOT / "docs" / "devices.md").read_text(encoding="utf-8")
    domain = (ROOT / "docs" / "domain.md").read_text(encoding="utf-8")
    hard, tested = HARD.findall(domain), set(tested_rules())
    promised = [*PROMISED.findall(devices), *hard]
    missing = [rule for rule in promised if rule not in tested and rule not in LATER]
    unknown = sorted(tested - {*KNOWN.findall(devices), *hard})
    for rule in missing:
        print(f"{rule} has no test that names it")
    for rule in unknown:
        print(f"{rule} is named by a test and is no rule")
    later = [f"{rule} ({LATER[rule]})" for rule in promised if rule in LATER and rule not in tested]
    print(f"note: tested by number: {len(promised) - len(missing) - len(later)} of {len(promised)} rules")
    if later:
        print(f"note: later: {', '.join(later)}")
    return 1 if is_check and (missing or unknown) else 0


def tested_rules() -> Iterator[str]:
    """The number of every rule that the name of a test carries."""
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for number in IN_PYTHON.findall(node.name):
                    yield number.upper() if number[0] == "h" else f"D-{number[1:]}"
    for path in sorted((ROOT / "web" / "test").glob("*.test.ts*")):
        for _, title in TITLE.findall(path.read_text(encoding="utf-8")):
            yield from IN_TITLE.findall(title)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))

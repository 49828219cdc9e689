"""Sizes of what a browser loads, as the build prints them."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "web"
LINE = re.compile(r"^(?P<what>[a-z ]+): (?P<kb>[\d.]+) kB gzip of (?P<most>[\d.]+)", re.M)


def bundle_sizes(env: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    """Build the app; what, its gzip kB, and how many it may have."""
    built = subprocess.run(
        ["node", "build.mjs"], cwd=WEB, env=dict(env), capture_output=True, text=True, check=True
    )
    return {
        found["what"]: (float(found["kb"]), float(found["most"])) for found in LINE.finditer(built.stdout)
    }

"""Where the figures go: docs/performance.md, between the marks of their section, with the day and the machine."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parents[2] / "docs/performance.md"


class Figure(NamedTuple):
    """What was measured, and the bound it should stay under (or, when `least`, not under); none for a mere fact."""

    what: str
    value: float
    bound: float | None = None
    least: bool = False

    def shown(self) -> str:
        """The value, marked where the bound was missed."""
        digits = 0 if self.value >= 100 else 1 if self.value >= 10 else 2
        missed = self.bound is not None and (
            self.value < self.bound if self.least else self.value > self.bound
        )
        return f"{self.value:,.{digits}f}{' ✗' if missed else ''}"

    def goal(self) -> str:
        """The bound in words."""
        return "" if self.bound is None else f"{'≥' if self.least else '≤'} {self.bound:,.10g}"

    def line(self) -> str:
        """One line to print."""
        return f"{self.what}: {self.shown()}" + (f"  (goal {self.goal()})" if self.goal() else "")


def as_table(figures: Sequence[Figure]) -> str:
    """Markdown."""
    rows = [f"| {figure.what} | {figure.goal()} | {figure.shown()} |" for figure in figures]
    return "\n".join(["| | goal | |", "|---|--:|--:|", *rows])


def machine() -> str:
    """The day, and the machine in general words."""
    day = datetime.now(UTC).date()
    load = os.getloadavg()[1]
    return (
        f"{day}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, load {load:.1f}"
    )


def put_into(section: str, text: str) -> None:
    """Replace what stands between `<!-- section -->` and `<!-- /section -->`."""
    page = PAGE.read_text()
    before, _, rest = page.partition(f"<!-- {section} -->\n")
    _, _, after = rest.partition(f"<!-- /{section} -->")
    PAGE.write_text(f"{before}<!-- {section} -->\n{text}\n<!-- /{section} -->{after}")

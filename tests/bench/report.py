"""Where the figures go: docs/performance.md, between the marks of their section, with the day and the machine."""

import os
import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs/performance.md"


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

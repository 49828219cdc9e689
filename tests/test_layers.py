"""The shape of docs/style.md §1: imports point down, each power has one door. To bend it, change a table."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Rows from the top: a module imports its own and those below. Doors: only these may import it, or name it.
PYTHON = (
    "__main__ | verbs | serve workers | app doctor checkup | routes templates | commands control copying "
)
PYTHON += "demo demo_strengths demo_tasks demo_thanks backup schedule archive dumps dumps_postgres "
PYTHON += "| organisation seats rosters people "
PYTHON += "calendars passkeys "
PYTHON += "ceremonies joining recovery sessions tries oidc directory photos retention late sealed keys "
PYTHON += "leaving parting export reviews drops tablets approval unlock walls "
PYTHON += "| snapshots metrics | intake rehearsal neighbours fanout waking reminders courier webpush "
PYTHON += "| store | schema | tables db | "
PYTHON += "db_sqlite db_postgres | transaction | statements statements_postgres | t refusals limits "
PYTHON += "settings addresses groups world forms "
PYTHON += "keyring age scratch backup_key envelope quiet endpoints codes works traces"
WEB = "main sw way-out | ui | thanks | intents session app-lock t share waking sending drafts drop "
WEB += "precache | engine | link"
WEB += " | outbox replica drafts"
WEB += " | disk disk-memory vault passkey | clock codec msgpack gzip bytes send-tag | gen"
PURE = "sync msgspec collections dataclasses difflib enum functools hashlib itertools re struct typing"
PYTHON_DOORS = {
    r"sqlalchemy|aiosqlite|asyncpg|alembic": "store schema tables db transaction statements",
    r"litestar": "serve app routes",
    r"obstore": "photos",
    r"prometheus_client": "metrics",
    r"webauthn": "passkeys",
    r"icalendar": "calendars",
    r"pyrage": "age",
    r"pywebpush|py_vapid": "webpush",
    r"httpcore": "courier",
    r"authlib|joserfc|httpx2": "oidc",
    r"time|random|uuid|secrets": "app",
}
WEB_DOORS = {
    r"\bindexedDB\b": "disk",
    r"\bcrypto\.subtle\b": "vault drop/code",
    r"PublicKeyCredential|navigator\.credentials": "passkey",
    r"\bfetch\(|new WebSocket\(": "link precache sw drop/start",
    r"Date\.now\(|new Date\(\)|setTimeout\(|setInterval\(": "clock",
    r"Math\.random\(|getRandomValues\(|randomUUID\(": "clock",
    r"localStorage": "ui/look",
    r"innerHTML|\beval\(|sessionStorage|sendBeacon|\bas any\b|\benum \w+ \{": "",
}
PYTHON_FILES = [p for side in ("sync", "server") for p in sorted((ROOT / side).rglob("*.py"))]
WEB_FILES = [p for p in sorted((ROOT / "web/src").rglob("*.ts*")) if not p.name.endswith(".d.ts")]


def row(table: str, name: str) -> int:
    """How far down a module or folder stands; one that stands nowhere has to be put into the table first."""
    return next(i for i, names in enumerate(table.split("|")) if name in names.split())


def imports(path: Path) -> list[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    whole = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    return whole + [f"{n.module}.{a.name}" for n in nodes if isinstance(n, ast.ImportFrom) for a in n.names]


@pytest.mark.parametrize("path", PYTHON_FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_python_imports_point_down_and_use_the_doors(path: Path) -> None:
    side, own = path.relative_to(ROOT).with_suffix("").parts[:2]
    for name in imports(path):
        if side == "sync":
            assert name.split(".")[0] in PURE.split(), f"sync imports {name}"
        elif name.startswith("server."):
            assert row(PYTHON, own) <= row(PYTHON, name.split(".")[1]), f"{own} imports {name}"
        for module, allowed in PYTHON_DOORS.items():
            room = own.partition("_")[0]
            assert room in allowed.split() or not re.match(rf"({module})\b", name), f"{own} imports {name}"


@pytest.mark.parametrize("path", WEB_FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_web_imports_point_down_and_use_the_doors(path: Path) -> None:
    own = (whole := path.relative_to(ROOT / "web/src").with_suffix("")).parts[0]
    text = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", path.read_text(), flags=re.S)
    for target in re.findall(r"""(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]""", text):
        name = (path.parent / target).resolve().relative_to(ROOT / "web/src").parts[0].split(".")[0]
        assert own == "gen" or row(WEB, own) <= row(WEB, name), f"{own} imports {name}"
    for power, allowed in WEB_DOORS.items():
        assert {own, str(whole)} & {*allowed.split()} or not re.search(power, text), f"{whole} uses {power}"

"""Secrets are looked up by their hash or compared in constant time, and lie nowhere in plain (docs/devices.md D-29)."""

import ast
import re
import stat
from pathlib import Path

import pytest

from tests.conftest import ROOT, Server, join_with
from tests.e2e.test_device_privacy import is_in

SERVER = sorted((ROOT / "server").rglob("*.py"))
SECRET = re.compile(
    r"(?<![a-z])(token|secret|pepper|mac|hmac|digest|hexdigest|signature|nonce|password|proof)s?$"
)
PLAIN = {  # comparisons of what is no secret: file, and the side that looks like one
    "server/photos.py": "sha256(photo).hexdigest()",
    "server/store/accept.py": "known.digest",  # whether a change came before with other words
}


def names_of(node: ast.expr) -> list[str]:
    """The last name of whatever is compared: of `a.b.token` it is `token`, of `digest(x)` it is `digest`."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return [name for part in node.elts for name in names_of(part)]
    if isinstance(node, ast.Call):
        return names_of(node.func)
    if isinstance(node, ast.Attribute):
        return [node.attr]
    return [node.id] if isinstance(node, ast.Name) else []


def compared(tree: ast.AST) -> list[ast.Compare]:
    """Every `==`, `!=`, `in` and `not in` with a side that is called like a secret."""
    equal = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(isinstance(op, equal) for op in node.ops)
        and any(
            SECRET.search(name.lower()) and not name.isupper()
            for side in (node.left, *node.comparators)
            for name in names_of(side)
        )
    ]


def is_emptiness(node: ast.Compare) -> bool:
    """Whether it is compared with a word that stands in the code: nothing that anybody could guess at."""
    return any(isinstance(side, ast.Constant) for side in (node.left, *node.comparators))


def is_lookup(node: ast.Compare) -> bool:
    """Whether a column is compared inside a statement, where an index finds it by its hash."""
    sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
    return any(re.search(r"(^|\.)c\.\w+$|^[a-z]\.\w+$", side) for side in sides)


@pytest.mark.parametrize("path", SERVER, ids=lambda path: str(path.relative_to(ROOT)))
def test_d29_no_secret_is_compared_by_its_letters(path: Path):
    name = str(path.relative_to(ROOT))

    found = [
        ast.unparse(node)
        for node in compared(ast.parse(path.read_text()))
        if not is_emptiness(node)
        and not (is_lookup(node) and name.startswith("server/store/"))
        and PLAIN.get(name, "nothing") not in ast.unparse(node)
    ]

    assert found == []


@pytest.mark.parametrize(
    "bad",
    ["token == given", "if x.secret != y: pass", "hmac.digest(k, m, 'sha256') == given", "code in tokens"],
)
def test_such_a_comparison_is_found(bad):
    assert [node for node in compared(ast.parse(bad)) if not is_emptiness(node)]


def test_d29_what_is_compared_goes_through_one_function():
    """`compare_digest` is imported from hmac or secrets, and nothing makes one of its own."""
    using = [path for path in SERVER if "compare_digest" in path.read_text()]

    assert using
    assert all(
        re.search(r"from hmac import.*compare_digest|hmac\.compare_digest", p.read_text()) for p in using
    )


def test_d29_tokens_and_codes_lie_nowhere_in_plain(server: Server):
    code = server.invite(uses=2)
    client = join_with(server, code)
    secrets = [code, client.auth.cookie.partition("=")[2]]
    assert all(len(secret) >= 22 for secret in secrets)
    server.stop()

    found = [
        f"{path.relative_to(server.folder)}: {secret}"
        for path in [*server.folder.rglob("*"), server.log_file]
        if path.is_file()
        for secret in secrets
        if is_in(secret, path.read_bytes())
    ]

    assert found == []


def test_d29_what_lies_beside_the_database_is_for_its_owner_alone(server: Server):
    """Nobody else looks into the folder; a file that leaves it, but for those of SQLite, is closed by itself."""
    inside = [path for path in server.folder.rglob("*") if path.is_file() and "virtaamo.db" not in path.name]
    inside = [path for path in inside if path.stat().st_size]  # a lock has nothing to tell

    open_ones = [
        f"{path} {stat.filemode(path.stat().st_mode)}"
        for path in (server.folder, *inside)
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]

    assert inside
    assert open_ones == []


def test_logs_have_no_secret_even_where_a_request_is_refused(server: Server):
    client = join_with(server, server.invite())
    token = client.auth.cookie.partition("=")[2]
    client.get(f"/api/nowhere?token={token}")
    client.post("/api/join", json={"code": "B" * 22})
    client.patch("/api/me", content=b"{" + token.encode(), headers={"Content-Type": "application/json"})
    server.stop()

    log = server.log_file.read_text()

    assert token not in log
    assert "B" * 22 not in log

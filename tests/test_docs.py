"""The documentation knows everything that travels or can be set: compared with the code, so that it stays true."""

import re
from pathlib import Path

import msgspec
import pytest

from server.refusals import STATUS
from server.settings import PREFIX, Settings
from sync import protocol
from sync.cards import KINDS
from sync.kinds import LawName
from sync.protocol import HELD, Change, Code, Frame, Grants, Hello, Refusal, Row, Sync, Synced, Verdict

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "protocol.md").read_text()
MESSAGES = (Change, Sync, Synced, Grants, Verdict, Frame, Row, Hello)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda m: m.__name__)
def test_every_message_has_its_fields_in_order(message):
    (line,) = re.findall(rf"^{message.__name__} *= \[(.*)\]$", PAGE, flags=re.M)
    documented = re.findall(r"(\w+): ", re.sub(r"\[[^\]]*\]|\{[^}]*\}", "x", line))
    assert documented == [field.name for field in msgspec.structs.fields(message)]


def test_every_message_of_the_code_is_among_them():
    structs = {v for v in vars(protocol).values() if isinstance(v, type) and issubclass(v, msgspec.Struct)}
    assert structs - {msgspec.Struct} == set(MESSAGES)


@pytest.mark.parametrize("code", Code, ids=lambda c: c.name)
def test_every_code_is_explained(code):
    assert f"| {code.value} | `{code.name.lower()}` |" in PAGE


@pytest.mark.parametrize("reason", Refusal, ids=str)
def test_every_reason_is_explained_where_it_belongs(reason):
    refused, held = PAGE.split("Reasons of holding:")
    assert f"| `{reason}` |" in (held if reason in HELD else refused.split("Reasons of a refusal:")[1])


@pytest.mark.parametrize("name", [n for n in vars(protocol) if n.startswith("MAX_") or n == "SUM_MODULUS"])
def test_every_limit_is_there_with_its_value(name):
    assert f"| `{name}` | {getattr(protocol, name)} |" in PAGE


@pytest.mark.parametrize("error", STATUS)
def test_every_error_is_there_with_its_status(error):
    assert f"| `{error}` | {STATUS[error]} |" in PAGE


@pytest.mark.parametrize("law", LawName, ids=str)
def test_every_law_is_explained(law):
    assert f"| `{law}` |" in PAGE


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_field_is_in_the_list_of_kinds(kind):
    page = (DOCS / "kinds.md").read_text()
    section = page.split(f"\n## {kind}\n")[1].split("\n## ")[0]
    assert all(f"| `{field.name}` | {field.law.name} |" in section for field in KINDS[kind].fields.values())


@pytest.mark.parametrize("field", [f.name for f in msgspec.structs.fields(Settings)])
def test_every_setting_is_explained(field):
    assert f"| `{PREFIX}{field.upper()}` |" in (DOCS / "settings.md").read_text()


def test_no_page_names_a_place_of_the_workshop():
    pages = [page for page in DOCS.rglob("*.md") if re.search(r"(?<!\w)/(work|tmp|home)/", page.read_text())]
    assert pages == []

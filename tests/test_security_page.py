"""docs/security.md answers every rule of docs/devices.md and every ASVS requirement of levels 1 and 2, once."""

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "security.md").read_text()
# OWASP ASVS 5.0.0, levels 1 and 2: section → its requirements.
WANTED = {
    "1.1": "1 2",
    "1.2": "1 2 3 4 5 6 7 8 9",
    "1.3": "1 2 3 4 5 6 7 8 9 10 11",
    "1.4": "1 2 3",
    "1.5": "1 2",
    "2.1": "1 2 3",
    "2.2": "1 2 3",
    "2.3": "1 2 3 4",
    "2.4": "1",
    "3.2": "1 2",
    "3.3": "1 2 3 4",
    "3.4": "1 2 3 4 5 6",
    "3.5": "1 2 3 4 5",
    "3.7": "1 2",
    "4.1": "1 2 3",
    "4.2": "1",
    "4.3": "1 2",
    "4.4": "1 2 3 4",
    "5.1": "1",
    "5.2": "1 2 3",
    "5.3": "1 2",
    "5.4": "1 2 3",
    "6.1": "1 2 3",
    "6.2": "1 2 3 4 5 6 7 8 9 10 11 12",
    "6.3": "1 2 3 4",
    "6.4": "1 2 3 4",
    "6.5": "1 2 3 4 5",
    "6.6": "1 2 3",
    "6.8": "1 2 3 4",
    "7.1": "1 2 3",
    "7.2": "1 2 3 4",
    "7.3": "1 2",
    "7.4": "1 2 3 4 5",
    "7.5": "1 2",
    "7.6": "1 2",
    "8.1": "1 2",
    "8.2": "1 2 3",
    "8.3": "1",
    "8.4": "1",
    "9.1": "1 2 3",
    "9.2": "1 2 3 4",
    "10.1": "1 2",
    "10.2": "1 2",
    "10.3": "1 2 3 4",
    "10.4": "1 2 3 4 5 6 7 8 9 10 11",
    "10.5": "1 2 3 4 5",
    "10.6": "1 2",
    "10.7": "1 2 3",
    "11.1": "1 2",
    "11.2": "1 2 3",
    "11.3": "1 2 3",
    "11.4": "1 2 3 4",
    "11.5": "1",
    "11.6": "1",
    "12.1": "1 2 3",
    "12.2": "1 2",
    "12.3": "1 2 3 4",
    "13.1": "1",
    "13.2": "1 2 3 4 5",
    "13.3": "1 2",
    "13.4": "1 2 3 4 5",
    "14.1": "1 2",
    "14.2": "1 2 3 4",
    "14.3": "1 2 3",
    "15.1": "1 2 3",
    "15.2": "1 2 3",
    "15.3": "1 2 3 4 5 6 7",
    "16.1": "1",
    "16.2": "1 2 3 4 5",
    "16.3": "1 2 3 4",
    "16.4": "1 2 3",
    "16.5": "1 2 3",
    "17.1": "1",
    "17.2": "1 2 3 4",
    "17.3": "1 2",
}
ANSWERS = {"yes", "partly", "no", "–", "later"}
ROW = re.compile(r"^\| ([\d., –]+) \| ([^|]+) \| (.+) \|$", re.M)
RULE = re.compile(r"^\| (D-[^|]+) \| ([^|]+) \| (.+) \|$", re.M)


def requirements() -> list[str]:
    """All of them in their order, as 1.1.1."""
    return [f"{section}.{number}" for section, numbers in WANTED.items() for number in numbers.split()]


def spread(cell: str) -> list[str]:
    """What a cell names: one, several, or all from one to another."""
    order = requirements()
    found = []
    for part in cell.split(", "):
        first, _, last = part.partition("–")
        found += order[order.index(first) : order.index(last or first) + 1]
    return found


def test_every_requirement_is_answered_once():
    assert [one for cell, _, _ in ROW.findall(PAGE) for one in spread(cell)] == requirements()


def test_every_answer_is_one_of_those_explained_and_says_how_or_why():
    rows = [*ROW.findall(PAGE), *RULE.findall(PAGE)]

    assert {answer for _, answer, _ in rows} <= ANSWERS
    assert [cell for cell, _, how in rows if len(how.strip()) < 3 and how.strip() != "none"] == []


def test_every_rule_of_devices_is_there_once():
    rules = re.findall(r"^- \*\*(D-\d\d)\*\*", (DOCS / "devices.md").read_text(), re.M)
    told = []
    for cell, _, _ in RULE.findall(PAGE):
        for part in cell.split(", "):
            first, _, last = part.partition(" to ")
            told += rules[rules.index(first) : rules.index(last or first) + 1]

    assert sorted(told) == sorted(rules)


def test_every_row_of_the_threat_table_is_answered():
    rows = re.search(r"## 15\. Threats\n\n.*?\n\|[-|]+\n(.*)", (DOCS / "devices.md").read_text(), re.S)[1]
    who = [line.split("|")[1].strip() for line in rows.splitlines() if line.startswith("|")]

    assert [one for one in who if f"\n| {one} | " not in PAGE] == []

"""Words saved and words kept, written down by every test of a fault: in build/faults.json and at the end of a run."""

import fcntl
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
RECORD = ROOT / "build" / "faults.json"
PAGE = ROOT / "docs" / "faults.md"
PLUGIN = "words-kept"


class Words:
    """What one test saved, and what of it is still there when the fault has passed."""

    def __init__(self, test: str) -> None:
        self.test = test
        self.saved = self.kept = 0

    def __call__(self, saved: Iterable[str], texts: Iterable[str]) -> None:
        """Count the saved words that are in these texts. Fails when one is missing, or is there twice."""
        wanted = list(saved)
        assert len(wanted) == len(set(wanted)) > 0
        there = Counter(word for text in texts for word in text.split())
        self.saved += len(wanted)
        self.kept += sum(word in there for word in wanted)
        missing = [word for word in wanted if word not in there]
        assert not missing, f"{len(missing)} of {len(wanted)} words are gone: {missing[:8]}"
        doubled = [word for word in wanted if there[word] > 1]
        assert not doubled, f"{len(doubled)} words are there twice: {doubled[:8]}"


@pytest.fixture
def words(request: pytest.FixtureRequest, record_property) -> Iterator[Words]:
    """words(saved, texts): see `Words`. A test that saved none has shown nothing, so it fails."""
    test = request.node.nodeid.partition("tests/")[2]
    counted = Words(test)
    yield counted
    record_property("words", [counted.saved, counted.kept])
    with _locked() as record:
        record[test] = [counted.saved, counted.kept]
    assert counted.saved > 0, "no word was at stake"


@contextmanager
def _locked() -> Iterator[dict[str, list[int]]]:
    """The record, held against the other workers."""
    RECORD.parent.mkdir(exist_ok=True)
    with RECORD.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
        yield record
        partial = RECORD.with_suffix(".part")
        partial.write_text(json.dumps(record, indent=0, sort_keys=True))
        partial.replace(RECORD)


class Summary:
    """Prints the figures of this run, also when workers ran the tests."""

    def pytest_terminal_summary(self, terminalreporter) -> None:
        """One line a test, then all."""
        reports = [r for rs in terminalreporter.stats.values() for r in rs if hasattr(r, "user_properties")]
        found = {
            r.nodeid: dict(r.user_properties)["words"] for r in reports if "words" in dict(r.user_properties)
        }
        if not found:
            return
        terminalreporter.section("words kept")
        for test, (saved, kept) in sorted(found.items()):
            terminalreporter.line(f"{saved:6} saved {kept:6} kept  {test.partition('tests/')[2]}")
        saved, kept = (sum(pair[i] for pair in found.values()) for i in (0, 1))
        terminalreporter.line(f"{saved:6} saved {kept:6} kept  in all: {100 * kept / max(saved, 1):.2f} %")


def pytest_configure(config: pytest.Config) -> None:
    """Let a conftest.py import this."""
    if not config.pluginmanager.has_plugin(PLUGIN):
        config.pluginmanager.register(Summary(), PLUGIN)

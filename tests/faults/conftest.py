"""Servers that can be broken, and the record of words kept."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Server
from tests.faults.devices import Engines, bundle
from tests.faults.ledger import pytest_configure, words

__all__ = ["pytest_configure", "words"]


@pytest.fixture
def stored_in() -> str:
    """Which database `breakable` gives its servers; a test that has it as a parameter runs on both."""
    return "sqlite"


@pytest.fixture
def breakable(
    tmp_path: Path, initialised: Path, stored_in: str, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Server]]:
    """breakable(folder, environ) → a server, not yet started, whose program obeys tests/e2e/killable.py."""
    made: list[Server] = []

    def make(folder: Path = tmp_path / "data", environ: dict[str, str] | None = None) -> Server:
        if stored_in == "postgres":
            shutil.copytree(request.getfixturevalue("installed").folder, folder)
            environ = {**(environ or {}), "VIRTAAMO_DATABASE": request.getfixturevalue("database")}
        elif not folder.exists():
            shutil.copytree(initialised, folder)
        server = Server(folder, environ)
        server.program = (sys.executable, "-m", "tests.e2e.killable")
        made.append(server)
        return server

    yield make
    for server in made:
        server.close()


@pytest.fixture(scope="session")
def engine_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """tests/faults/engine.ts, bundled for Node."""
    return bundle(Path(__file__).parent / "engine.ts", tmp_path_factory.mktemp("engine") / "engine.mjs")


@pytest.fixture
def engines(engine_program: Path) -> Iterator[Engines]:
    """A Node process for this test's devices."""
    running = Engines(engine_program)
    yield running
    running.close()

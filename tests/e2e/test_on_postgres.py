"""The main job, merging and bad networks in the browser, with everything on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Installed, Server
from tests.e2e.place import Opener, Place
from tests.e2e.test_main_job import (
    test_a_link_leads_into_the_team,
    test_an_idea_written_offline_reaches_the_other_device,
)
from tests.e2e.test_merging import (
    test_two_who_rewrite_one_sentence_keep_both_versions_and_settle_them,
    test_words_that_nobody_had_seen_bring_a_deleted_card_back,
    two,
)

__all__ = [
    "test_a_link_leads_into_the_team",
    "test_an_idea_written_offline_reaches_the_other_device",
    "test_two_who_rewrite_one_sentence_keep_both_versions_and_settle_them",
    "test_words_that_nobody_had_seen_bring_a_deleted_card_back",
    "two",
]


@pytest.fixture
def shared_server(installed: Installed, database: str, built: Path, tmp_path: Path) -> Iterator[Server]:
    """A server whose database is on PostgreSQL, in the place of the one that the other tests share."""
    shutil.copytree(installed.folder, tmp_path / "data")
    environ = {"VIRTAAMO_WEB": str(built), "VIRTAAMO_DATABASE": database}
    running = Server(tmp_path / "data", environ).start("--host", "localhost")  # passkeys
    yield running
    running.close()


@pytest.fixture
def place(shared_server: Server, browse: Opener, launch: Opener, tmp_path: Path) -> Iterator[Place]:
    """A fresh team there."""
    team = Place(shared_server, browse, launch, tmp_path)
    yield team
    team.close()

"""A short run of the fuzz machine on both databases, and proofs that it can fail (docs/fuzz.md)."""

from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from sync import laws
from sync.laws import Outcome, Write
from tests.databases import OnPostgres
from tests.fuzz import fuzz
from tests.fuzz.databases import Postgres, Sqlite
from tests.fuzz.episode import Arena, Drawn, load_script, play, save_script
from tests.fuzz.fuzz import Failed, fails_like, run, shortest
from tests.fuzz.naive import naive_merge
from tests.fuzz.steps import Step
from tests.postgres import Postgres as Server
from tests.town import Town, build

STEPS = {"sqlite": 3_000, "postgres": 500}


@pytest.fixture(scope="module")
def on_sqlite(county: Town, tmp_path_factory: pytest.TempPathFactory) -> Arena:
    county.db.kill()
    return Arena(county, Sqlite(tmp_path_factory.mktemp("fuzz") / "fuzz.db"))


@pytest.fixture
def on_postgres(postgres: Server) -> Iterator[Arena]:
    county = build(OnPostgres(postgres, postgres.make()))
    yield Arena(county, Postgres(postgres, county))


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_every_word_is_kept_and_none_leaks_under_all_faults_at_once(
    request: pytest.FixtureRequest, name: str, record_property: Callable[[str, object], None]
) -> None:
    total = run(request.getfixturevalue(f"on_{name}"), 1, STEPS[name])
    for figure in ("steps", "saved", "lost", "forks", "leaks"):
        record_property(figure, getattr(total, figure))
    assert (total.lost, total.leaks) == (0, 0)
    assert total.saved > STEPS[name] // 10
    assert total.deaths > 0


def test_last_writer_wins_loses_words(on_sqlite: Arena) -> None:
    with naive_merge():
        assert run(replace(on_sqlite, is_strict=False), 1, 1_500).lost > 0


def forgetful(write: Write, cell: laws.Cell) -> Outcome:
    """A planted defect: what loses against a concurrent title is kept nowhere."""
    kept = HONEST[write.field.law.name](write, cell)
    return Outcome(kept.value, kept.code, kept.wrote) if write.name == "title" else kept


HONEST = dict(laws.LAWS)


def first_failure(arena: Arena) -> Failed:
    """The first of some short runs that fails."""
    for seed in range(20):
        try:
            run(arena, seed, 250)
        except Failed as failed:
            return failed
    raise AssertionError("none fails")


def test_a_failing_run_shrinks_to_a_script_that_replays_it(on_sqlite: Arena, tmp_path: Path) -> None:
    file = tmp_path / "script.jsonl"
    with patch.dict(laws.LAWS, dict.fromkeys(laws.LAWS, forgetful)):
        failed = first_failure(on_sqlite)
        script = shortest(on_sqlite, failed)
        save_script(script, file)
        assert failed.sort == "lost"
        assert len(script) < 12
        assert fuzz.replay(on_sqlite, file) == 1
        spared = [script[:i] + script[i + 1 :] for i in range(len(script))]
        assert not any(fails_like(on_sqlite, "lost", part) for part in spared)
    assert fuzz.replay(on_sqlite, file) == 0


def test_a_leak_is_seen(on_sqlite: Arena) -> None:
    """The planted defect: whoever asks may read."""
    everything = dict.fromkeys(range(1, 40))
    with (
        patch("server.store.frames.readable_spaces", lambda txn, person: everything),
        pytest.raises(Failed, match="leak"),
    ):
        run(on_sqlite, 1, 2_000)


def test_the_same_seed_takes_the_same_steps(on_sqlite: Arena) -> None:
    scripts: list[list[Step]] = [[], []]
    for script in scripts:
        play(on_sqlite, Drawn("7:0", 300), script)
    assert scripts[0] == scripts[1]


def test_scripts_are_files(tmp_path: Path) -> None:
    script = [Step(3, "make", {"device": 1, "where": "team", "on": True})]
    save_script(script, tmp_path / "a" / "script.jsonl")
    assert load_script(tmp_path / "a" / "script.jsonl") == script

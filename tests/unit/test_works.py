"""Works beside the requests: one that breaks is told of, counted and begun again, until the server stops."""

import asyncio
import re
from collections.abc import Awaitable, Callable

from structlog.testing import capture_logs

from server import snapshots
from server.db import Database
from server.fanout import Fanout
from server.metrics import Metrics
from server.snapshots import Snapshots
from server.store import frames
from server.works import Work, keep_going, working
from tests.town import Town

SECRET_WORDS = "Ainon sana"


class Breaking:
    """Breaks so many times, then does its work and is done."""

    def __init__(self, times: int, error: Callable[[], BaseException] = lambda: ValueError(SECRET_WORDS)):
        self.left, self._error, self.is_done = times, error, False

    async def run(self) -> None:
        if self.left:
            self.left -= 1
            raise self._error()
        self.is_done = True


def go(breaking: Breaking, rest: Callable[[float], Awaitable[None]] | None = None) -> tuple[list[dict], int]:
    """Run it to its end; what the log has, and how often it was counted."""
    counted: list[None] = []

    async def at_once(_: float) -> None:
        return

    with capture_logs() as logs:
        asyncio.run(keep_going(Work("trial", breaking.run, lambda: counted.append(None)), rest or at_once))
    return logs, len(counted)


def test_a_work_that_breaks_twice_is_begun_again_and_done() -> None:
    breaking = Breaking(2)
    logs, counted = go(breaking)
    assert breaking.is_done
    assert counted == 2
    assert [(line["work"], line["kind"], line["log_level"]) for line in logs] == [
        ("trial", "ValueError", "error")
    ] * 2
    assert logs[0]["at"][-1].startswith("test_works.py:")


def test_the_log_has_no_words_of_an_error() -> None:
    logs, _ = go(Breaking(1))
    assert SECRET_WORDS not in str(logs)


def test_of_tasks_that_fail_together_the_error_itself_is_named() -> None:
    logs, _ = go(Breaking(1, lambda: ExceptionGroup("two tasks", [KeyError("a"), OSError("b")])))
    assert logs[0]["kind"] == "KeyError"


def test_a_work_goes_on_though_something_that_it_waited_for_was_cancelled() -> None:
    breaking = Breaking(1, asyncio.CancelledError)
    _, counted = go(breaking)
    assert (breaking.is_done, counted) == (True, 1)


def test_pauses_grow_to_a_minute() -> None:
    pauses: list[float] = []

    async def note(pause_s: float) -> None:
        pauses.append(pause_s)

    go(Breaking(9), note)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_stop_ends_a_work_that_runs_and_one_that_pauses() -> None:
    async def story() -> None:
        begun = asyncio.Event()

        async def runs() -> None:
            begun.set()
            await asyncio.Event().wait()

        broken = Breaking(1)
        before = asyncio.all_tasks()
        with working(Work(run.__name__, run, lambda: None) for run in (runs, broken.run)):
            tasks = asyncio.all_tasks() - before
            await begun.wait()
        done, _ = await asyncio.wait(tasks, timeout=5)
        assert done == tasks
        assert all(task.cancelled() for task in tasks)
        assert not broken.is_done

    with capture_logs():
        asyncio.run(story())


def test_snapshots_are_renewed_though_a_look_at_them_broke(town: Town, monkeypatch) -> None:
    town.idea()
    looks = iter([RuntimeError("once"), RuntimeError("twice")])
    real = frames.stale_snapshots

    def breaks(*args: object) -> object:
        for error in looks:
            raise error
        return real(*args)

    monkeypatch.setattr(frames, "stale_snapshots", breaks)
    monkeypatch.setattr(snapshots, "LOOK_S", 0.01)
    monkeypatch.setattr(snapshots, "QUIET_MS", 0)
    metrics = Metrics()

    async def story() -> None:
        town.db.kill()
        db = Database(town.db.where)
        await db.open()
        try:
            kept = Snapshots(db, Fanout(b"epoch001", lambda: town.now))
            work = Work("snapshots", kept.keep_fresh, metrics.failures_of("snapshots"))
            assert 'failures_total{work="snapshots"} 0.0' in metrics.text().decode()
            going = asyncio.create_task(keep_going(work, lambda _: asyncio.sleep(0)))
            for _ in range(2_000):
                if await db.read(frames.stored_snapshot, town.spaces["koivu"]) is not None:
                    break
                await asyncio.sleep(0.01)
            going.cancel()
            await asyncio.wait([going])
        finally:
            await db.close()

    with capture_logs() as logs:
        asyncio.run(story())
    assert [line["kind"] for line in logs] == ["RuntimeError"] * 2
    assert 'virtaamo_work_failures_total{work="snapshots"} 2.0' in metrics.text().decode()


def test_every_work_of_a_server_is_counted_from_its_start(server) -> None:
    text = server.client().get("/metrics").text
    works = set(re.findall(r'virtaamo_work_failures_total{work="(\w+)"} 0.0', text))
    assert works >= {"keys", "retention", "drops", "figures", "snapshots", "backups"}

"""The server's figures in the form that Prometheus reads; the only import of prometheus_client.

No person, team or space is in a label or a name: who wrote when is nobody's figure. Times are seconds.
"""

import os
import shutil
from collections import Counter as Count
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from msgspec import Struct

from server.store.acceptance import Arrival
from sync.protocol import Code, Verdict

SHARED = (
    "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client itself reads it, when it is imported for the first time
)
GROUP_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
SHORT_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
AGES_S = (1, 10, 60, 600, 3_600, 8 * 3_600, 86_400, 7 * 86_400, 30 * 86_400, 90 * 86_400)
FATES = ("sent", "gone", "refused", "later")  # of a message to a push service
UNKNOWN = float("nan")  # what a gauge shows where there is nothing to measure


class Now(Struct):
    """What is looked up when the figures are asked for; ages in seconds."""

    waiting: int
    connections: int
    frames: int
    pokes: int
    held: float
    late: float
    late_s: float
    backup_s: float


Mode = Literal["livesum", "livemostrecent"]
GAUGES: tuple[
    tuple[str, str, str, Mode], ...
] = (  # field, name, what it is, and what it is of several processes together
    ("waiting", "waiting_changes", "Changes offered and not yet answered", "livesum"),
    ("connections", "connections", "Open live connections", "livesum"),
    ("held", "held_changes", "Changes in quarantine", "livemostrecent"),
    ("late", "late_snapshots", "Snapshots that are to be renewed", "livemostrecent"),
    (
        "late_s",
        "snapshot_age_seconds",
        "How long the longest of these has waited; 0 where none does",
        "livemostrecent",
    ),
    (
        "backup_s",
        "backup_age_seconds",
        "Age of the newest verified backup; NaN where there is none",
        "livemostrecent",
    ),
)


def share(folder: Path) -> None:
    """Let the processes that are forked from here on add up their figures in this folder, whose old ones go.

    To be called before this process has figures of its own.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    os.environ[SHARED] = str(folder)


class Metrics:
    """Counts while the server works; `text` gives everything as Prometheus wants it, for all processes together."""

    def __init__(self) -> None:
        import prometheus_client  # only now: from here on it knows whether figures are shared
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
        from prometheus_client.multiprocess import MultiProcessCollector

        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # it is untyped
        self.content_type = prometheus_client.CONTENT_TYPE_LATEST
        self.is_shared = SHARED in os.environ
        self._latest = prometheus_client.generate_latest
        registry = CollectorRegistry()
        self._all = CollectorRegistry() if self.is_shared else registry
        if self.is_shared:
            _forget_dead(Path(os.environ[SHARED]))
            MultiProcessCollector(self._all)  # type: ignore[no-untyped-call]  # it is untyped
        else:
            ProcessCollector(registry=registry)
        self._changes = Counter("virtaamo_changes", "Changes judged", ["verdict"], registry=registry)
        self._group = Histogram(
            "virtaamo_commit_changes", "Changes in one transaction", buckets=GROUP_SIZES, registry=registry
        )
        self.write = Histogram(
            "virtaamo_commit_seconds", "A whole writing transaction", buckets=SHORT_S, registry=registry
        )
        self.commit = Histogram(
            "virtaamo_fsync_seconds", "Its commit to disk alone", buckets=SHORT_S, registry=registry
        )
        self._outbox = Histogram(
            "virtaamo_outbox_age_seconds",
            "How long the oldest change of a device had waited when it came",
            buckets=AGES_S,
            registry=registry,
        )
        self._frames = Counter("virtaamo_frames", "Frames given to live connections", registry=registry)
        self._pokes = Counter("virtaamo_pokes", "Hints given to live connections", registry=registry)
        self._gauges = {
            field: Gauge(f"virtaamo_{name}", words, registry=registry, multiprocess_mode=mode)
            for field, name, words, mode in GAUGES
        }
        for code in Code:
            self._changes.labels(code.name.lower())
        self._pushes = Counter("virtaamo_pushes", "Messages to push services", ["fate"], registry=registry)
        for fate in FATES:
            self._pushes.labels(fate)
        self._failures = Counter(
            "virtaamo_work_failures",
            "Times that a work beside the requests broke",
            ["work"],
            registry=registry,
        )
        self._told = (0, 0)

    def stored(self, arrivals: Sequence[Arrival], verdicts: Sequence[Verdict], now: int) -> None:
        """One group of changes and what became of them; `now` in milliseconds."""
        self._group.observe(len(arrivals))
        for code, count in Count([verdict.code for verdict in verdicts]).items():
            self._changes.labels(Code(code).name.lower()).inc(count)
        oldest: dict[int, int] = {}
        held = Code.HELD
        for arrival, verdict in zip(arrivals, verdicts, strict=True):
            change = arrival.change
            if change is not None and verdict.code != held:  # those are offered again each day
                at = oldest.get(arrival.device)
                if at is None or change.at < at:
                    oldest[arrival.device] = change.at
        for at in oldest.values():
            self._outbox.observe(max(0, now - at) / 1000)

    def pushed(self, fate: str) -> None:
        """One message to a push service, and what became of it."""
        self._pushes.labels(fate).inc()

    def failures_of(self, work: str) -> Callable[[], None]:
        """Counts each time that a work breaks; it is 0 from now on."""
        return self._failures.labels(work).inc

    def note(self, now: Now) -> None:
        """Keep what was looked up just now."""
        frames, pokes = self._told
        self._frames.inc(now.frames - frames)
        self._pokes.inc(now.pokes - pokes)
        self._told = (now.frames, now.pokes)
        for field, gauge in self._gauges.items():
            gauge.set(getattr(now, field))

    def text(self) -> bytes:
        """Everything, as it was noted last."""
        return self._latest(self._all)


def _forget_dead(folder: Path) -> None:
    """What a process had open went with it; what it counted stays counted.

    A number that may not be asked after is another user's process by now.
    """
    for file in folder.glob("gauge_live*_*.db"):
        number = int(file.stem.rpartition("_")[2])
        try:
            os.kill(number, 0)
        except (ProcessLookupError, PermissionError):
            with suppress(FileNotFoundError):
                file.unlink()

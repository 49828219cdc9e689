"""The server's figures in the form that Prometheus reads; the only import of prometheus_client.

No person, team or space is in a label or a name: who wrote when is nobody's figure. Times are seconds.
"""

from collections import Counter as Count
from collections.abc import Sequence

import prometheus_client
from msgspec import Struct
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from server.store.acceptance import Arrival
from sync.protocol import Code, Verdict

CONTENT_TYPE = prometheus_client.CONTENT_TYPE_LATEST
GROUP_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
SHORT_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
AGES_S = (1, 10, 60, 600, 3_600, 8 * 3_600, 86_400, 7 * 86_400, 30 * 86_400, 90 * 86_400)
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


GAUGES = (
    ("waiting", "waiting_changes", "Changes offered and not yet answered"),
    ("connections", "connections", "Open live connections"),
    ("held", "held_changes", "Changes in quarantine"),
    ("late", "late_snapshots", "Snapshots that are to be renewed"),
    ("late_s", "snapshot_age_seconds", "Age of the oldest of these; 0 where there is none"),
    ("backup_s", "backup_age_seconds", "Age of the newest verified backup; NaN where there is none"),
)


class Metrics:
    """Counts while the server works; `text` gives everything as Prometheus wants it."""

    def __init__(self) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]  # it is untyped
        self.registry = registry = CollectorRegistry()
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
            field: Gauge(f"virtaamo_{name}", words, registry=registry) for field, name, words in GAUGES
        }
        for code in Code:
            self._changes.labels(code.name.lower())
        self._told = (0, 0)
        ProcessCollector(registry=registry)

    def stored(self, arrivals: Sequence[Arrival], verdicts: Sequence[Verdict], now: int) -> None:
        """One group of changes and what became of them; `now` in milliseconds."""
        self._group.observe(len(arrivals))
        for code, count in Count(verdict.code for verdict in verdicts).items():
            self._changes.labels(Code(code).name.lower()).inc(count)
        oldest: dict[int, int] = {}
        for arrival, verdict in zip(arrivals, verdicts, strict=True):
            change = arrival.change
            if change is not None and verdict.code != Code.HELD:  # those are offered again each day
                oldest[arrival.device] = min(change.at, oldest.get(arrival.device, change.at))
        for at in oldest.values():
            self._outbox.observe(max(0, now - at) / 1000)

    def text(self, now: Now) -> bytes:
        """Everything, with what was looked up just now."""
        frames, pokes = self._told
        self._frames.inc(now.frames - frames)
        self._pokes.inc(now.pokes - pokes)
        self._told = (now.frames, now.pokes)
        for field, gauge in self._gauges.items():
            gauge.set(getattr(now, field))
        return prometheus_client.generate_latest(self.registry)

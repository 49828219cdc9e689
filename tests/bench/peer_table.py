"""The table of the peer benchmark: what each workload gave, ours beside the other, with our goals."""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

MB = 1_000_000
Result = Mapping[str, object]
Read = Callable[[Result], float | None]


class Line(NamedTuple):
    """One figure: what it is, the goal in words, where it is found, the bound (a least one when `least`)."""

    label: str
    goal: str
    read: Read
    bound: float | None
    digits: int = 0
    least: bool = False


def middle(workload: str, field: str, scale: float = 1) -> Read:
    """The median of one field over the repetitions of a workload."""

    def read(result: Result) -> float | None:
        found = [run[field] for run in result.get(workload) or [] if run.get(field) is not None]
        return median(found) / scale if found else None

    return read


def per_second(result: Result) -> float | None:
    """W1: cards a second until the last byte is on the disk."""
    took = middle("w1", "durableMs")(result)
    return result["n"] * 1000 / took if took else None


def growth(result: Result) -> float | None:
    """W6: how many MB the history takes."""
    w6 = result.get("w6")
    return (w6["after"]["apparent"] - w6["before"]["apparent"]) / MB if w6 else None


def slower(result: Result) -> float | None:
    """W6: a new device's start after the history, beside that before it."""
    before, w6 = middle("w2", "ms")(result), result.get("w6")
    return w6["bootstrapAfterMs"] / before if w6 and before else None


LINES = (
    Line("W1 new cards a second, on disk", "≥ 20,000", per_second, 20_000, least=True),
    Line("W1 MB up", "≤ 1.6", middle("w1", "tx", MB), 1.6, 2),
    Line("W1 server CPU, s", "", middle("w1", "serverCpu"), None, 2),
    Line("W1 server memory, MB", "", middle("w1", "serverRssPeak", MB), None),
    Line("W2 new device, warm server, ms", "≤ 150", middle("w2", "warmMs"), 150),
    Line("W2 new device, cold server, ms", "≤ 200", middle("w2", "ms"), 200),
    Line("W2 MB down", "≤ 1.25", middle("w2", "rx", MB), 1.25, 2),
    Line("W2 server CPU, s", "≤ 0.03", middle("w2", "serverCpu"), 0.03, 2),
    Line("W3 one edit, p50 ms", "≤ 2.5", middle("w3", "p50"), 2.5, 1),
    Line("W3 one edit, p95 ms", "≤ 5", middle("w3", "p95"), 5, 1),
    Line("W3 bytes up", "", middle("w3", "aTx"), None),
    Line("W4 two devices come back, ms", "≤ 250", middle("w4", "ms"), 250),
    Line("W5 edits a second, on disk", "≥ 20,000", middle("w5", "durableEditsPerSec"), 20_000, least=True),
    Line("W5 acknowledgement, p99 ms", "≤ 60", middle("w5", "p99"), 60),
    Line("W6 MB more for 100,000 edits", "≤ 12", growth, 12, 1),
    Line("W6 start of a new device, times that before", "≤ 1.1", slower, 1.1, 2),
)


def table(results: Mapping[str, Result], sizes: Mapping[str, float]) -> str:
    """The figures by system, ours first, as a Markdown table: missed goals of ours are marked, the best is bold.

    `sizes`: gzip kB of each client.
    """
    rows = [f"| | goal | {' | '.join(results)} |", "|---|--:|" + "--:|" * len(results)]
    rows += [row(line, [line.read(result) for result in results.values()]) for line in LINES]
    size = Line("W7 client, gzip kB", "≤ 15", lambda _: None, 15, 1)
    rows.append(row(size, [sizes.get(name) for name in results]))
    notes = [f"{name}: {note}" for name, result in results.items() for note in result.get("notes") or []]
    return "\n".join([*rows, "", *notes]).rstrip()


def row(line: Line, values: Sequence[float | None]) -> str:
    """One line of the table; the first value is ours."""
    found = [value for value in values if value is not None]
    best = (max if line.least else min)(found, default=None)
    cells = [f"**{shown(v, line)}**" if v is not None and v == best else shown(v, line) for v in values]
    cells[0] += mark(values[0], line)
    return f"| {line.label} | {line.goal} | {' | '.join(cells)} |"


def shown(value: float | None, line: Line) -> str:
    """A number as people read it; a dash where there is none."""
    return "–" if value is None else f"{value:,.{line.digits}f}"


def mark(value: float | None, line: Line) -> str:
    """Tells a goal that was missed."""
    if value is None or line.bound is None:
        return ""
    exact = round(value, 6)  # differences of hundredths are not quite theirs
    return " ✗" if (exact < line.bound) == line.least and exact != line.bound else ""

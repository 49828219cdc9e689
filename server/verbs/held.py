"""Commands on the quarantine."""

from collections import Counter

from server.forms import Held, HeldForm, Replayed, ReplayedSome, ReplayForm
from server.settings import Settings
from server.verbs.asking import Given, perform, show


def run_quarantine_list(settings: Settings, given: Given) -> int:
    """List what is in quarantine."""
    held = perform(settings, "quarantine.list", HeldForm(), list[Held])
    return show(given, held, "\n".join(_held_line(one) for one in held) or "nothing is in quarantine")


def run_quarantine_show(settings: Settings, given: Given) -> int:
    """Show one quarantined change, without its words."""
    held = perform(settings, "quarantine.list", HeldForm(given.id), list[Held])
    return show(given, held[0], f"{_held_line(held[0])}\n{held[0].what_to_do}")


def run_quarantine_replay(settings: Settings, given: Given) -> int:
    """Judge one again, or all of a reason, a few at a time."""
    if given.id is not None:
        one = perform(settings, "quarantine.replay", HeldForm(given.id), Replayed)
        return show(given, one, _verdict(one))
    some = perform(settings, "quarantine.replay.some", ReplayForm(given.reason or ""), ReplayedSome)
    done = some.done
    while some.last:
        form = ReplayForm(given.reason or "", some.last)
        some = perform(settings, "quarantine.replay.some", form, ReplayedSome)
        done += some.done
    counted = Counter(_verdict(one) for one in done)
    lines = [f"{number:>6}  {verdict}" for verdict, number in counted.most_common()]
    return show(given, done, "\n".join(lines) or "nothing is in quarantine for this reason")


def _verdict(done: Replayed) -> str:
    return f"{done.verdict} {done.reason or ''}".rstrip()


def _held_line(held: Held) -> str:
    from datetime import UTC, datetime

    received = datetime.fromtimestamp(held.received_at / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    where = f"space {held.space}  {held.kind or '?'}  {held.bytes} bytes"
    return f"{held.id:>6}  person {held.person}  {received}  {where}  {held.reason}"

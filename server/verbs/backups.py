"""Commands on backups."""

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from server.forms import VerifiedForm
from server.settings import Settings
from server.verbs.asking import Given, perform, show

if TYPE_CHECKING:
    from server.backup import Checked

HEADS_AT_ONCE = 2_000  # few enough for a short transaction


def run_backup(settings: Settings, given: Given) -> int:
    """Make a backup, verify it, and tell the server what is stable now."""
    from server.app import now_ms
    from server.backup import make
    from server.schedule import next_copy

    os.nice(10)  # people who write come first
    now = now_ms()
    path = nullcontext(Path(given.file)) if given.file else next_copy(settings, now)
    with path as file:
        checked, facts = make(settings, file, now, given.replace)
        heads = list(facts.heads.items())
        for start in range(0, max(len(heads), 1), HEADS_AT_ONCE):
            form = VerifiedForm(facts.epoch, heads[start : start + HEADS_AT_ONCE])
            if start + HEADS_AT_ONCE >= len(heads):
                form = structs.replace(form, at=now, bytes=checked.bytes, keys=checked.keys)
            perform(settings, "backup.verified", form, type(None))
    return show(given, checked, _holds(checked))


def run_verify(settings: Settings, given: Given) -> int:
    """Verify a backup."""
    from server.backup import verify

    checked, _ = verify(Path(given.file))
    return show(given, checked, _holds(checked))


def run_restore(settings: Settings, given: Given) -> int:
    """Put a backup back."""
    from server.app import draw
    from server.backup import restore, when

    checked = restore(settings, Path(given.file), draw, given.replace)
    advice = f"Members and devices removed after {when(checked.made_at)} are back: remove them again."
    return show(given, checked, f"{_holds(checked)}\nrestored into {settings.data}. {advice}")


def _holds(checked: "Checked") -> str:
    from server.backup import when

    awaited = f", {checked.awaited} photos had not arrived" if checked.awaited else ""
    held = (
        f"{checked.spaces} spaces, {checked.cards} cards, {checked.changes} changes, {checked.photos} photos"
    )
    return f"{checked.file} is whole: of {when(checked.made_at)}, {checked.bytes} bytes, {held}{awaited}"

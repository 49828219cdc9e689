"""Commands on backups."""

import os
from contextlib import nullcontext
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from msgspec import structs

from server.control import DataInUse
from server.forms import VerifiedForm
from server.refusals import Refused, Stop
from server.settings import Settings
from server.verbs.asking import Given, make_folder, perform, show

if TYPE_CHECKING:
    from server.backup import Checked, Source
    from server.dumps import Facts

HEADS_AT_ONCE = 2_000  # few enough for a short transaction
PAUSES_S = (1, 3, 10, 20)  # between two reports


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
        _report(settings, checked, facts)
    return show(given, checked, _holds(checked))


def run_verify(settings: Settings, given: Given) -> int:
    """Verify a backup; tell the server too what is stable now, where it could not take note of that."""
    from server.backup import verify

    checked, facts = verify(settings, _source(given))
    if given.report:
        _report(settings, checked, facts)
    return show(given, checked, _holds(checked))


def _report(settings: Settings, checked: "Checked", facts: "Facts") -> None:
    """Tell it again for half a minute, as a server that starts anew can't listen; the backup is whole all the same."""
    from server.db import UNAVAILABLE

    for pause_s in (*PAUSES_S, 0):
        try:
            return _say(settings, checked, facts)
        except Refused as refusal:
            if refusal.code != "read_only":
                raise
        except (Stop, DataInUse, *UNAVAILABLE):
            pass
        rest(pause_s)
    raise Stop(
        f"{checked.file} is whole, but the server could not take note of it: until then devices keep what they have"
        f" sent. Run `virtaamo verify {checked.file} --report` when it answers again."
    )


def _say(settings: Settings, checked: "Checked", facts: "Facts") -> None:
    heads = list(facts.heads.items())
    for start in range(0, max(len(heads), 1), HEADS_AT_ONCE):
        form = VerifiedForm(facts.epoch, heads[start : start + HEADS_AT_ONCE])
        if start + HEADS_AT_ONCE >= len(heads):
            form = structs.replace(form, at=checked.made_at, bytes=checked.bytes, keys=checked.keys)
        perform(settings, "backup.verified", form, type(None))


def rest(pause_s: float) -> None:
    """Wait so long."""
    Event().wait(pause_s)


def run_restore(settings: Settings, given: Given) -> int:
    """Put a backup back."""
    from server.app import draw
    from server.backup import restore, when

    checked = restore(settings, _source(given), draw, given.replace)
    advice = f"Members and devices removed after {when(checked.made_at)} are back: remove them again."
    return show(given, checked, f"{_holds(checked)}\nrestored into {settings.data}. {advice}")


def run_backup_key(settings: Settings, given: Given) -> int:
    """Say where the key of the backups lies and what to do with it; take note that somebody keeps a copy."""
    from server import backup_key

    make_folder(settings)
    if given.kept:
        backup_key.note_kept(settings.data)
    print(key_advice(settings))
    return 0


def key_advice(settings: Settings) -> str:
    """What whoever runs the server has to know of the key; it is made where there is none."""
    from server import backup_key

    public = backup_key.ready(settings.data)
    text = f"backups open with the key {settings.data / backup_key.FILE} alone (its public half is {public})"
    if backup_key.is_kept(settings.data):
        return f"{text}; somebody keeps a copy of it"
    return (
        f"{text}\nkeep a copy of it on paper or on another machine, never beside the backups: without it no backup"
        " opens\nthen say `virtaamo backup-key --kept`"
    )


def _source(given: Given) -> "Source":
    from server.backup import Source

    return Source(Path(given.file), Path(given.key) if given.key else None)


def _holds(checked: "Checked") -> str:
    from server.backup import when

    awaited = f", {checked.awaited} photos had not arrived" if checked.awaited else ""
    held = (
        f"{checked.spaces} spaces, {checked.cards} cards, {checked.changes} changes, {checked.photos} photos"
    )
    clear = "" if checked.is_encrypted else ", not encrypted: an older version made it"
    return (
        f"{checked.file} is whole: of {when(checked.made_at)}, {checked.bytes} bytes, {held}{awaited}{clear}"
    )

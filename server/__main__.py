"""Command line: parses and calls, no logic."""

import argparse
import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct, structs

from server import control
from server.forms import (
    ROLES,
    Held,
    HeldForm,
    InitForm,
    InviteForm,
    LinkMade,
    PersonLine,
    RemoveForm,
    Replayed,
    ReplayedSome,
    ReplayForm,
    TeamForm,
    TeamMade,
    VerifiedForm,
)
from server.refusals import Refused, Stop
from server.settings import SettingError, Settings, effective, read_places, read_settings

if TYPE_CHECKING:
    from server.backup import Checked

T = TypeVar("T")
MAX_PORT = 65_535
HEADS_AT_ONCE = 2_000  # few enough for a short transaction
Given = argparse.Namespace
Run = Callable[[Settings, Given], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 done, 1 could not, 2 wrong usage."""
    given = parser().parse_args(argv)
    try:
        return int(given.run(read_settings(os.environ), given))
    except (Stop, SettingError) as error:
        print(error, file=sys.stderr)
    except Refused as refusal:
        from server.t import t

        words = t("en", f"error.{refusal.code}")
        print(f"{words} ({refusal.field})" if refusal.field else words, file=sys.stderr)
    except control.DataInUse:
        print("Another process holds the data folder: end it first, or set VIRTAAMO_DATA.", file=sys.stderr)
    except PermissionError as error:
        print(f"No permission for {error.filename}: change its owner or set VIRTAAMO_DATA.", file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = argparse.ArgumentParser(
        "virtaamo", description="Ideas of teams, written offline and shared by all."
    )
    verbs = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _command(
        verbs, "init", "make the data folder and the organisation; harmless when they exist", run_init
    ).add_argument("--name", default="Virtaamo", help="the organisation's name")
    _command(verbs, "migrate", "bring the database up to date; a copy is made first", run_migrate)
    _command(verbs, "demo", "fill an empty installation with the demo county", run_demo)
    _command(verbs, "doctor", "say what is amiss and what to do; exit code 0 well, 1 warns, 2 fails", run_doctor)
    _command(verbs, "settings", "print every setting, without secrets, and where it comes from", run_settings)
    copy = _command(verbs, "copy", "copy everything from SQLite to PostgreSQL and compare", run_copy)
    copy.add_argument(
        "--to", metavar="URL", required=True, help="postgresql://user@host/name, a new database"
    )
    serve = _command(verbs, "serve", "run the server until SIGTERM or Ctrl+C", run_serve)
    serve.add_argument("--host", help="address to listen on (VIRTAAMO_HOST)")
    serve.add_argument("--port", type=_port, help="port to listen on; 0 takes a free one (VIRTAAMO_PORT)")
    serve.add_argument(
        "--workers", type=_number, default=1, help="how many processes share the port (1); needs PostgreSQL"
    )
    serve.add_argument(
        "--demo-links", action="store_true", help="print fresh links for Aino and Jorma of the demo"
    )
    team = _group(verbs, "team", "teams")
    add = _command(team, "add", "make a team", run_team_add)
    add.add_argument("name", help="the team's name")
    add.add_argument("--area", help="its service area, made where it is missing")
    _json(add)
    _invite(_command(verbs, "invite", "make an invitation link", run_invite))
    persons = _group(verbs, "people", "persons and their roles")
    _json(_command(persons, "list", "list persons", run_people_list))
    remove = _command(
        persons, "remove", "remove a person from a team, or from the organisation", run_people_remove
    )
    remove.add_argument("--person", type=_number, required=True, help="the person's number")
    remove.add_argument(
        "--team", help="the team's name or number; without it the person leaves the organisation"
    )
    _backups(verbs)
    _quarantine(_group(verbs, "quarantine", "changes that could not be judged"))
    return top


def _invite(invite: argparse.ArgumentParser) -> None:
    invite.add_argument(
        "--team", help="the team's name or number; left out for roles of the whole organisation"
    )
    invite.add_argument("--role", choices=ROLES, required=True)
    invite.add_argument("--person", type=_number, help="the number of the person whom it brings back")
    invite.add_argument("--name", help="the invited person's name")
    invite.add_argument("--uses", type=_number, default=1, help="how many persons may use it (1)")
    invite.add_argument("--days", type=_number, default=7, help="how many days it is good for (7)")
    _json(invite)


def _quarantine(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    _json(_command(verbs, "list", "list them, without words", run_quarantine_list))
    show = _command(
        verbs,
        "show",
        "whose, when, where, how large and why one is held, and what to do",
        run_quarantine_show,
    )
    show.add_argument("id", type=_number)
    replay = _command(
        verbs, "replay", "judge again; the new verdict replaces the old one", run_quarantine_replay
    )
    which = replay.add_mutually_exclusive_group(required=True)
    which.add_argument("id", type=_number, nargs="?", help="one by its number")
    which.add_argument("--reason", help="all that are held for this reason, as `list` names it")
    which.add_argument("--all", action="store_true", help="all of them")
    for verb in (show, replay):
        _json(verb)


def _backups(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backup = _command(verbs, "backup", "copy all that must be kept into one file, and verify it", run_backup)
    backup.add_argument(
        "file",
        nargs="?",
        help="a new file; without it the next in VIRTAAMO_BACKUP_FOLDER, and the oldest goes",
    )
    verify = _command(verbs, "verify", "read a whole backup and say what it holds", run_verify)
    restore = _command(
        verbs, "restore", "put a backup back while no server runs, as a new epoch", run_restore
    )
    for verb in (verify, restore):
        verb.add_argument("file", help="the backup")
    backup.add_argument("--replace", action="store_true", help="take the place of a file of that name")
    restore.add_argument("--replace", action="store_true", help="keep what lies in the data folder aside")
    for verb in (backup, verify, restore):
        _json(verb)


def _command(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help_: str, run: Run
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=help_, description=help_)
    verb.set_defaults(run=run)
    return verb


def _group(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, help_: str
) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    group = verbs.add_parser(name, help=help_, description=help_)
    return group.add_subparsers(title="commands", metavar="COMMAND", required=True)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**31:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def _port(text: str) -> int:
    if text != "0" and _number(text) > MAX_PORT:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: write a number from 0 to {MAX_PORT}")
    return int(text)


def _json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print JSON for scripts")


def run_init(settings: Settings, given: Given) -> int:
    """Make the data folder, its database and the organisation."""
    _make_folder(settings)
    _perform(settings, "init", InitForm(given.name), type(None))
    print(f"ready in {settings.data}")
    return 0


def run_migrate(settings: Settings, given: Given) -> int:
    """Bring the database up to date while no server runs; `serve` does the same at its start."""
    from server.schema import is_current, migrate

    _make_folder(settings)
    if not is_current(settings.stored_in):
        with control.held_alone(settings):
            migrate(settings.stored_in)
    print("the database is up to date")
    return 0


def run_copy(settings: Settings, given: Given) -> int:
    """Copy the SQLite installation of the data folder to PostgreSQL while no server runs."""
    from server.app import open_database
    from server.copying import copy
    from server.db import UNAVAILABLE
    from server.schema import migrate

    here = structs.replace(settings, database="")
    if not given.to.startswith(("postgresql://", "postgres://")):
        raise Stop(f"'{given.to}' is no address of PostgreSQL: write postgresql://user@host/name.")
    if not settings.database_file.exists():
        raise Stop(f"There is no SQLite installation in {settings.data}: set VIRTAAMO_DATA.")

    async def run() -> str:
        there = structs.replace(settings, database=given.to)
        async with open_database(here) as source, open_database(there) as target:
            try:
                done = await copy(source, target, print)
            except UNAVAILABLE as error:
                raise Stop(
                    f"The copy was cut short ({error}): run the same again, it goes on there."
                ) from None
        return f"copied and compared: {sum(done.rows.values()):,} rows in {done.spaces} spaces"

    with control.hold(settings.data):
        migrate(settings.database_file)
        migrate(given.to)
        print(asyncio.run(run()))
    print("now set VIRTAAMO_DATABASE to this address and start the server; the file stays as it is")
    return 0


def run_demo(settings: Settings, given: Given) -> int:
    """Fill an empty installation with the demo county."""
    _make_folder(settings)
    _perform(settings, "init", InitForm(), type(None))
    if _perform(settings, "people.list", HeldForm(), list[PersonLine]):
        raise Stop("There are people already: the demo county is for an installation without any.")
    cards = _perform(settings, "demo", InitForm(), int)
    print(f"the demo county is ready: {cards} cards")
    return 0


def run_doctor(settings: Settings, given: Given) -> int:
    """Print one line for each thing that was looked at; 0 all is well, 1 something warns, 2 something fails."""
    from server.app import now_ms
    from server.doctor import examine, worst

    findings = examine(settings, now_ms())
    for finding in findings:
        print(f"{finding.mark:<5} {finding.text}")
    return worst(findings)


def run_settings(settings: Settings, given: Given) -> int:
    """Print what is in force."""
    for name, value, place in effective(read_places(os.environ)):
        print(f"{name}={value}  ({place})")
    return 0


def run_serve(settings: Settings, given: Given) -> int:
    """Serve until told to stop."""
    from server.serve import serve

    chosen = {name: value for name in ("host", "port") if (value := getattr(given, name)) is not None}
    _make_folder(settings)
    serve(structs.replace(settings, **chosen), given.demo_links, given.workers)
    return 0


def run_team_add(settings: Settings, given: Given) -> int:
    """Make a team."""
    team = _perform(settings, "team.add", TeamForm(given.name, given.area), TeamMade)
    return _show(given, team, f"{team.name}: space {team.space}")


def run_invite(settings: Settings, given: Given) -> int:
    """Make an invitation."""
    form = InviteForm(given.role, given.team, given.person, given.name, given.uses, given.days)
    link = _perform(settings, "invite", form, LinkMade)
    return _show(given, link, link.url)


def run_people_list(settings: Settings, given: Given) -> int:
    """List persons."""
    persons = _perform(settings, "people.list", HeldForm(), list[PersonLine])
    lines = [f"{p.person:>6}  {p.name}  {p.role or '-'}  {p.team or ''}".rstrip() for p in persons]
    return _show(given, persons, "\n".join(lines) or "nobody yet: make a link with `virtaamo invite`")


def run_people_remove(settings: Settings, given: Given) -> int:
    """Remove a person."""
    _perform(settings, "people.remove", RemoveForm(given.person, given.team), type(None))
    print("removed")
    return 0


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
                form = structs.replace(form, at=now, bytes=checked.bytes)
            _perform(settings, "backup.verified", form, type(None))
    return _show(given, checked, _holds(checked))


def run_verify(settings: Settings, given: Given) -> int:
    """Verify a backup."""
    from server.backup import verify

    checked, _ = verify(Path(given.file))
    return _show(given, checked, _holds(checked))


def run_restore(settings: Settings, given: Given) -> int:
    """Put a backup back."""
    from server.app import draw
    from server.backup import restore, when

    checked = restore(settings, Path(given.file), draw, given.replace)
    advice = f"Members and devices removed after {when(checked.made_at)} are back: remove them again."
    return _show(given, checked, f"{_holds(checked)}\nrestored into {settings.data}. {advice}")


def _holds(checked: "Checked") -> str:
    from server.backup import when

    awaited = f", {checked.awaited} photos had not arrived" if checked.awaited else ""
    held = (
        f"{checked.spaces} spaces, {checked.cards} cards, {checked.changes} changes, {checked.photos} photos"
    )
    return f"{checked.file} is whole: of {when(checked.made_at)}, {checked.bytes} bytes, {held}{awaited}"


def run_quarantine_list(settings: Settings, given: Given) -> int:
    """List what is in quarantine."""
    held = _perform(settings, "quarantine.list", HeldForm(), list[Held])
    return _show(given, held, "\n".join(_held_line(one) for one in held) or "nothing is in quarantine")


def run_quarantine_show(settings: Settings, given: Given) -> int:
    """Show one quarantined change, without its words."""
    held = _perform(settings, "quarantine.list", HeldForm(given.id), list[Held])
    return _show(given, held[0], f"{_held_line(held[0])}\n{held[0].what_to_do}")


def run_quarantine_replay(settings: Settings, given: Given) -> int:
    """Judge one again, or all of a reason, a few at a time."""
    if given.id is not None:
        one = _perform(settings, "quarantine.replay", HeldForm(given.id), Replayed)
        return _show(given, one, _verdict(one))
    some = _perform(settings, "quarantine.replay.some", ReplayForm(given.reason or ""), ReplayedSome)
    done = some.done
    while some.last:
        form = ReplayForm(given.reason or "", some.last)
        some = _perform(settings, "quarantine.replay.some", form, ReplayedSome)
        done += some.done
    counted = Counter(_verdict(one) for one in done)
    lines = [f"{number:>6}  {verdict}" for verdict, number in counted.most_common()]
    return _show(given, done, "\n".join(lines) or "nothing is in quarantine for this reason")


def _verdict(done: Replayed) -> str:
    return f"{done.verdict} {done.reason or ''}".rstrip()


def _held_line(held: Held) -> str:
    from datetime import UTC, datetime

    received = datetime.fromtimestamp(held.received_at / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    where = f"space {held.space}  {held.kind or '?'}  {held.bytes} bytes"
    return f"{held.id:>6}  person {held.person}  {received}  {where}  {held.reason}"


def _show(given: Given, answer: object, text: str) -> int:
    print(msgspec.json.encode(answer).decode() if given.json else text)
    return 0


def _make_folder(settings: Settings) -> None:
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(settings.data, os.W_OK | os.X_OK):
            raise PermissionError
    except OSError:
        raise Stop(
            f"The data folder {settings.data} can't be written: change its owner or set VIRTAAMO_DATA."
        ) from None


def _perform(settings: Settings, name: str, form: Struct, answer: type[T]) -> T:
    """Ask the running server, or do it here where none runs."""
    if not settings.data.is_dir():
        raise Stop(
            f"There is no data folder {settings.data}: run `virtaamo init` first, or set VIRTAAMO_DATA."
        )
    packed = msgspec.msgpack.encode(form)
    raw = control.ask(settings.data, name, packed)
    if raw is None:
        raw = _perform_here(settings, name, packed)
    return msgspec.msgpack.decode(raw, type=answer)


def _perform_here(settings: Settings, name: str, form: bytes) -> bytes:
    from server.app import open_database, world
    from server.commands import perform
    from server.schema import migrate

    async def run() -> bytes:
        async with open_database(settings) as db:
            return await db.write(perform, name, form, world(settings))

    with control.held_alone(settings):
        if name != "init" and not settings.database and not settings.database_file.exists():
            raise Stop("The data folder is empty: run `virtaamo init` first.")
        migrate(settings.stored_in)
        return asyncio.run(run())


if __name__ == "__main__":
    sys.exit(main())

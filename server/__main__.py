"""Command line: parses and calls, no logic."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from server import control
from server.forms import ROLES
from server.refusals import Refused, Stop
from server.settings import SettingError, Settings, read_settings
from server.verbs import backups, held, installation, persons
from server.verbs.asking import Given

Run = Callable[[Settings, Given], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 done, 1 could not, 2 wrong usage. What `doctor` can't even look at fails: 2."""
    given = parser().parse_args(argv)
    try:
        return int(given.run(read_settings(os.environ, _options(given)), given))
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
    return 2 if given.run is installation.run_doctor else 1  # from `doctor`, 1 is a warning


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    top = argparse.ArgumentParser(
        "virtaamo", description="Ideas of teams, written offline and shared by all."
    )
    verbs = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _command(
        verbs,
        "init",
        "make the data folder and the organisation; harmless when they exist",
        installation.run_init,
    ).add_argument("--name", default="Virtaamo", help="the organisation's name")
    _command(
        verbs, "migrate", "bring the database up to date; a copy is made first", installation.run_migrate
    )
    _command(verbs, "demo", "fill an empty installation with the demo county", installation.run_demo)
    _command(
        verbs,
        "doctor",
        "say what is amiss and what to do; exit code 0 well, 1 warns, 2 fails",
        installation.run_doctor,
    ).add_argument(
        "--new-domain", action="store_true", help="give up the passkeys that were made for another domain"
    )
    _command(
        verbs,
        "settings",
        "print every setting, without secrets, and where it comes from",
        installation.run_settings,
    )
    _command(
        verbs,
        "anew",
        "begin a new epoch of a database that was set back, or copied and not left, while no server runs",
        installation.run_anew,
    )
    copy = _command(
        verbs, "copy", "copy everything from SQLite to PostgreSQL and compare", installation.run_copy
    )
    copy.add_argument(
        "--to", metavar="URL", required=True, help="postgresql://user@host/name, a new database"
    )
    serve = _command(verbs, "serve", "run the server until SIGTERM or Ctrl+C", installation.run_serve)
    serve.add_argument("--host", help="address to listen on (VIRTAAMO_HOST)")
    serve.add_argument("--port", help="port to listen on; 0 takes a free one (VIRTAAMO_PORT)")
    serve.add_argument(
        "--workers", type=_number, default=1, help="how many processes share the port (1); needs PostgreSQL"
    )
    serve.add_argument(
        "--demo-links", action="store_true", help="print fresh links for Aino and Jorma of the demo"
    )
    team = _group(verbs, "team", "teams")
    add = _command(team, "add", "make a team", persons.run_team_add)
    add.add_argument("name", help="the team's name")
    add.add_argument("--area", help="its service area, made where it is missing")
    _json(add)
    _renaming(team, "team", "give a team another name, or put it under another area").add_argument(
        "--area", help="the area that it moves to, made where it is missing"
    )
    area = _group(verbs, "area", "service areas")
    add = _command(area, "add", "make a service area", persons.run_area_add)
    add.add_argument("name", help="the area's name")
    _json(add)
    _renaming(area, "area", "give an area another name").set_defaults(area=None)
    _invite(_command(verbs, "invite", "make an invitation link", persons.run_invite))
    people = _group(verbs, "people", "persons and their roles")
    _json(_command(people, "list", "list persons", persons.run_people_list))
    _import(people)
    recover = _command(
        people,
        "recover",
        "make fresh recovery codes for who has lost every way in",
        persons.run_people_recover,
    )
    recover.add_argument("--person", type=_number, required=True, help="the person's number")
    _json(recover)
    remove = _command(
        people, "remove", "remove a person from a team, or from the organisation", persons.run_people_remove
    )
    remove.add_argument("--person", type=_number, required=True, help="the person's number")
    remove.add_argument(
        "--team", help="the team's name or number; without it the person leaves the organisation"
    )
    _backups(verbs)
    _quarantine(_group(verbs, "quarantine", "changes that could not be judged"))
    return top


def _renaming(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", kind: str, help_: str
) -> argparse.ArgumentParser:
    rename = _command(verbs, "rename", help_, persons.run_rename)
    rename.set_defaults(kind=kind)
    rename.add_argument("name", help=f"the {kind}'s name or number")
    rename.add_argument("to", nargs="?", default="", help="its new name")
    rename.add_argument("--lang", choices=("fi", "sv", "en"), default="fi", help="in which language (fi)")
    _json(rename)
    return rename


def _import(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    list_ = _command(
        verbs, "import", "invite everybody on a list: name, team, role, language", persons.run_people_import
    )
    list_.add_argument("file", help="CSV as spreadsheets save it (-: from standard input); see docs/admin.md")
    list_.add_argument("--team", help="the team of lines that name none")
    list_.add_argument("--look", action="store_true", help="say what is wrong and make nothing")
    list_.add_argument(
        "--good-ones", action="store_true", help="leave wrong lines out instead of making nothing"
    )
    _json(list_)


def _invite(invite: argparse.ArgumentParser) -> None:
    invite.add_argument(
        "--team", help="the team's name or number; left out for roles of the whole organisation"
    )
    invite.add_argument("--role", choices=ROLES, required=True)
    invite.add_argument("--person", type=_number, help="the number of the person whom it brings back")
    invite.add_argument("--name", help="the invited person's name")
    invite.add_argument("--uses", type=_number, default=1, help="how many persons may use it (1)")
    invite.add_argument(
        "--typed", action="store_true", help="a code of 10 letters to be typed, for one person and one day"
    )
    invite.add_argument("--days", type=_number, default=7, help="how many days it is good for (7)")
    _json(invite)


def _quarantine(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    _json(_command(verbs, "list", "list them, without words", held.run_quarantine_list))
    show = _command(
        verbs,
        "show",
        "whose, when, where, how large and why one is held, and what to do",
        held.run_quarantine_show,
    )
    show.add_argument("id", type=_number)
    replay = _command(
        verbs, "replay", "judge again; the new verdict replaces the old one", held.run_quarantine_replay
    )
    which = replay.add_mutually_exclusive_group(required=True)
    which.add_argument("id", type=_number, nargs="?", help="one by its number")
    which.add_argument("--reason", help="all that are held for this reason, as `list` names it")
    which.add_argument("--all", action="store_true", help="all of them")
    for verb in (show, replay):
        _json(verb)


def _backups(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backup = _command(
        verbs, "backup", "copy all that must be kept into one file, and verify it", backups.run_backup
    )
    backup.add_argument(
        "file",
        nargs="?",
        help="a new file; without it the next in VIRTAAMO_BACKUP_FOLDER, and the oldest goes",
    )
    verify = _command(verbs, "verify", "read a whole backup and say what it holds", backups.run_verify)
    restore = _command(
        verbs, "restore", "put a backup back while no server runs, as a new epoch", backups.run_restore
    )
    for verb in (verify, restore):
        verb.add_argument("file", help="the backup")
        verb.add_argument(
            "--key", metavar="FILE", help="the key that opens it; else backup.key of the data folder"
        )
    verify.add_argument(
        "--report", action="store_true", help="tell the server, where it could not take note of the backup"
    )
    backup.add_argument("--replace", action="store_true", help="take the place of a file of that name")
    restore.add_argument("--replace", action="store_true", help="keep what lies in the data folder aside")
    for verb in (backup, verify, restore):
        _json(verb)
    _command(
        verbs, "backup-key", "say where the key lies that opens the backups", backups.run_backup_key
    ).add_argument("--kept", action="store_true", help="take note that somebody keeps a copy elsewhere")


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


def _options(given: Given) -> dict[str, str]:
    """What was said of settings; the same is asked of it as of a variable."""
    return {name: text for name in ("host", "port") if (text := getattr(given, name, None)) is not None}


def _json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print JSON for scripts")


if __name__ == "__main__":
    sys.exit(main())

"""Commands on the installation as a whole."""

import asyncio
import os

from msgspec import structs

from server import control
from server.addresses import is_database
from server.forms import HeldForm, InitForm, KeyForm, PartyForm, PersonLine
from server.refusals import Stop
from server.settings import Settings, effective, read_places
from server.verbs.asking import Given, make_folder, perform


def run_init(settings: Settings, given: Given) -> int:
    """Make the data folder, its database, its keys and the organisation."""
    from server.verbs.backups import key_advice
    from server.webpush import key_of

    make_folder(settings)
    perform(settings, "init", InitForm(given.name), type(None))
    _first_key(settings)
    key_of(settings.data)
    print(f"ready in {settings.data}")
    print(key_advice(settings))
    return 0


def _first_key(settings: Settings) -> None:
    """The key with which devices seal what they can't send otherwise; on the disk before anybody knows it."""
    from server import keyring

    if keyring.files(settings.data):
        return
    kid, public = keyring.make(settings.data)
    if not perform(settings, "key.add", KeyForm(kid, public), bool):
        keyring.destroy(settings.data, kid)


def run_migrate(settings: Settings, given: Given) -> int:
    """Bring the database up to date while no server runs; `serve` does the same at its start."""
    from server.schema import is_current, migrate

    make_folder(settings)
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
    if not is_database(given.to):
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


def run_anew(settings: Settings, given: Given) -> int:
    """Begin a new epoch while no server runs."""
    from server.app import open_database, world
    from server.backup import dump_for
    from server.commands import begin_anew
    from server.schema import migrate

    async def run() -> None:
        async with open_database(settings) as db:
            await db.write(begin_anew, world(settings))

    with control.hold(settings.data):
        if not dump_for(settings).is_taken(settings.stored_in):
            raise Stop("There is no installation here: run `virtaamo init` first.")
        migrate(settings.stored_in)
        asyncio.run(run())
    print(
        "a new life begins with the next start: devices take everything anew and offer again what is missing here"
    )
    return 0


def run_demo(settings: Settings, given: Given) -> int:
    """Fill an empty installation with the demo county."""
    make_folder(settings)
    perform(settings, "init", InitForm(), type(None))
    if perform(settings, "people.list", HeldForm(), list[PersonLine]):
        raise Stop("There are people already: the demo county is for an installation without any.")
    cards = perform(settings, "demo", InitForm(), int)
    print(f"the demo county is ready: {cards} cards")
    return 0


def run_doctor(settings: Settings, given: Given) -> int:
    """Print one line for each thing that was looked at; 0 all is well, 1 something warns, 2 something fails."""
    from server.app import now_ms
    from server.doctor import examine, worst

    if given.new_domain:
        perform(settings, "party.move", PartyForm(settings.relying_party), type(None))
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

    make_folder(settings)
    serve(settings, given.demo_links, given.workers)
    return 0

"""A county for `make bench-scale`: teams under areas, their people, and a signed-in device for each."""

import asyncio
import secrets
from pathlib import Path
from typing import NamedTuple

from msgspec import msgpack

from server import people
from server.app import now_ms, open_database, world
from server.commands import perform
from server.db import Transaction
from server.forms import InitForm
from server.schema import migrate
from server.settings import Settings
from server.store import people as stored
from server.store.frames import places
from server.store.people import Device, NewDevice

AREAS = 24
BATCH = 250


class Resident(NamedTuple):
    """A person's device: its session, the team, and where it stands: the head of each space that it reads."""

    cookie: str
    person: int
    team: int
    cursors: dict[int, int]
    grants: int


def build(folder: Path, persons: int, spaces: int) -> list[Resident]:
    """Make the county in an empty data folder; the organisation and the areas are among its `spaces`."""
    folder.mkdir(parents=True)
    settings = Settings(data=folder)
    migrate(settings.database_file)
    return asyncio.run(_build(settings, persons, spaces - AREAS - 1))


async def _build(settings: Settings, persons: int, teams: int) -> list[Resident]:
    async with open_database(settings) as db:
        await db.write(perform, "init", msgpack.encode(InitForm()), world(settings))
        made = await db.write(_teams, teams)
        tokens: list[tuple[str, int, int]] = []
        for start in range(0, persons, BATCH):
            numbers = range(start, min(start + BATCH, persons))
            tokens += await db.write(_settle, [(n, made[n % teams]) for n in numbers])
        return await db.read(_residents, tokens)


def _teams(txn: Transaction, count: int) -> list[int]:
    areas = [people.add_area(txn, {"fi": f"Alue {n}"}) for n in range(AREAS)]
    return [people.add_team(txn, {"fi": f"Tiimi {n}"}, areas[n % AREAS], now_ms()) for n in range(count)]


def _settle(txn: Transaction, seats: list[tuple[int, int]]) -> list[tuple[str, int, int]]:
    settled = []
    for number, team in seats:
        person = stored.add_person(txn, f"Henkilö {number}", "fi", now_ms())
        people.grant(txn, person.id, people.Seat(team, "staff"), now_ms())
        token = secrets.token_urlsafe(32)
        device = stored.add_device(txn, NewDevice(person.id, secrets.token_bytes(16), "bench", b""), now_ms())
        stored.start_session(txn, Device(device, person.id, "fi", people.hash_of(token)), now_ms())
        settled.append((token, person.id, team))
    return settled


def _residents(txn: Transaction, tokens: list[tuple[str, int, int]]) -> list[Resident]:
    granted = [(token, person, team, stored.grants_of(txn, person)) for token, person, team in tokens]
    wanted = {space for *_, grants in granted for space, *_ in grants.spaces}
    heads = {place.id: place.head for place in places(txn, wanted)}
    return [
        Resident(
            f"__Host-v_s={token}",
            person,
            team,
            {space: heads[space] for space, *_ in grants.spaces},
            grants.version,
        )
        for token, person, team, grants in granted
    ]

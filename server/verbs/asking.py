"""What every command does: make the folder, ask the running server or do it here, show the answer."""

import argparse
import asyncio
import os
from typing import TypeVar

import msgspec
from msgspec import Struct

from server import control
from server.refusals import Stop
from server.settings import Settings

T = TypeVar("T")
Given = argparse.Namespace


def show(given: Given, answer: object, text: str) -> int:
    """Print an answer: as JSON for scripts, or as text."""
    print(msgspec.json.encode(answer).decode() if given.json else text)
    return 0


def make_folder(settings: Settings) -> None:
    """Make the data folder; Stop where it can't be written."""
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(settings.data, os.W_OK | os.X_OK):
            raise PermissionError
    except OSError:
        raise Stop(
            f"The data folder {settings.data} can't be written: change its owner or set VIRTAAMO_DATA."
        ) from None


def perform(settings: Settings, name: str, form: Struct, answer: type[T]) -> T:
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
    from server.commands import perform as perform_here
    from server.schema import migrate

    async def run() -> bytes:
        async with open_database(settings) as db:
            return await db.write(perform_here, name, form, world(settings))

    with control.held_alone(settings):
        if name != "init" and not settings.database and not settings.database_file.exists():
            raise Stop("The data folder is empty: run `virtaamo init` first.")
        migrate(settings.stored_in)
        return asyncio.run(run())

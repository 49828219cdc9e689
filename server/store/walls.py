"""Statements on walls: of which teams a tablet shows the board while it is locked, and what stands there."""

from collections.abc import Iterator

from sqlalchemy import select, update

from server.db import Transaction
from server.store.cards import decode_body
from server.store.frames import read_card
from server.store.reminders import is_to_do
from server.tables import card, tablet_team

WAITING = "waiting"  # the baton of a relay that nobody has begun
NEW = "new"  # where no stage has been written


def set_wall(txn: Transaction, number: int, space: int, hangs: bool) -> None:
    """Whether a tablet shows the board of one of its teams from now on."""
    t = tablet_team.c
    txn.connection.execute(update(tablet_team).where(t.device == number, t.space == space).values(wall=hangs))


def walls_of(txn: Transaction, number: int) -> list[int]:
    """The teams whose board a tablet shows."""
    t = tablet_team.c
    query = select(t.space).where(t.device == number, t.wall).order_by(t.space)
    return list(txn.connection.execute(query).scalars())


def ideas_of(txn: Transaction, space: int) -> Iterator[tuple[str, str, str]]:
    """Stage, title and language of the ideas that stand in a space, the newest first."""
    c = card.c
    query = select(c.body).where(c.space == space, c.kind == "idea", c.gone.is_(None)).order_by(c.made.desc())
    for body in txn.connection.execute(query).scalars():
        cells = decode_body(body).cells
        values = [cells[name].value if name in cells else None for name in ("stage", "title", "lang")]
        if "moved" not in cells:
            stage, title, lang = (value if isinstance(value, str) else "" for value in values)
            yield stage or NEW, title, lang


def batons_of(txn: Transaction, space: int) -> Iterator[str]:
    """Where the baton is of every relay on its way in a space: `waiting` or `held`."""
    c = card.c
    query = select(c.kind, c.by, c.made, c.seq, c.body)
    for row in txn.connection.execute(query.where(c.space == space, c.kind == "task", c.gone.is_(None))):
        task = read_card(*row)
        if task.value("relay") is True and is_to_do(task):
            baton = task.value("baton")
            yield str(baton[1]) if isinstance(baton, list) else WAITING

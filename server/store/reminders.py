"""Statements on tasks that are due: which, who may do them and can be woken, and whose mark says that it is done."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select

from server.db import Transaction
from server.store.frames import read_card
from server.tables import card, grants, mark, person, subscription
from sync.kinds import Role
from sync.merge import Card

DOERS = (Role.STAFF, Role.SUPERVISOR, Role.AGENT, Role.OWNER)


class DueTask(NamedTuple):
    """A task of a team, or of the person whose own space it is, that somebody still has to do.

    `turn` is the person who has the baton of a relay, or for whom it waits; nothing where it waits for anybody.
    """

    space: int
    card: bytes
    turn: int | None


class Doer(NamedTuple):
    """Somebody who can be woken; `push` is what they have chosen."""

    person: int
    push: bytes | None


def due_tasks(txn: Transaction, days: Collection[str]) -> Iterator[DueTask]:
    """The tasks that are due on one of these days (ISO dates) and that somebody still has to do."""
    c = card.c
    query = select(c.space, c.id, c.kind, c.by, c.made, c.seq, c.body)
    query = query.where(c.kind == "task", c.gone.is_(None)).order_by(c.space, c.id)
    for space, id_, *row in txn.connection.execute(query):
        task = read_card(*row)
        if is_to_do(task) and task.value("due") in days:
            yield DueTask(space, id_, _turn(task))


def is_to_do(task: Card) -> bool:
    """Whether a task is open: no finished relay, and no giver's copy of a task for one person."""
    baton = task.value("baton")
    is_on_its_way = not (isinstance(baton, list) and baton[1] == "finished")
    is_here = task.value("moved") is None and task.value("to") is None
    return is_here and is_on_its_way and task.value("stage") != "closed"


def _turn(task: Card) -> int | None:
    match task.value("baton"):
        case [_, _, str() as number, _]:
            return int(number)
    return None


def doers(txn: Transaction, space: int) -> list[Doer]:
    """Who may do the tasks of a space and has a browser that can be woken."""
    query = select(grants.c.person, person.c.push).join(person, person.c.id == grants.c.person)
    return [
        Doer(*row)
        for row in txn.connection.execute(query.where(_may_do([space]), _can_be_woken()).distinct())
    ]


def turn_of(txn: Transaction, task: DueTask) -> int | None:
    """Whose turn it is in a relay; nothing where it is anybody's, as after whoever had the baton has left."""
    query = select(grants.c.person).where(_may_do([task.space]), grants.c.person == task.turn)
    return None if task.turn is None else txn.connection.execute(query).scalars().first()


def awaited(
    txn: Transaction, tasks: Collection[tuple[int, int | None]]
) -> dict[tuple[int, int | None], Doer]:
    """Who has to go on with tasks, by space and number, if they may and can be woken.

    By a space and nothing: whose own it is.
    """
    g, named = grants.c, {number for _, number in tasks if number is not None}
    query = select(g.space, g.role, g.person, person.c.push).join(person, person.c.id == g.person)
    is_meant = or_(g.role == Role.OWNER, g.person.in_(named))
    query = query.where(_may_do({space for space, _ in tasks}), is_meant, _can_be_woken())
    found = txn.connection.execute(query).all()
    return {(s, None if role == Role.OWNER else who): Doer(who, push) for s, role, who, push in found}


def _can_be_woken() -> ColumnElement[bool]:
    return exists().where(subscription.c.person == person.c.id)


def _may_do(spaces: Collection[int]) -> ColumnElement[bool]:
    g = grants.c
    return and_(g.space.in_(spaces), g.via == g.space, g.until.is_(None), g.role.in_(DOERS))


def marks_of(txn: Transaction, task: DueTask) -> frozenset[bytes]:
    """Under which keyed hashes it says that the task is done."""
    m = mark.c
    here = (m.space == task.space) & (m.card == task.card) & (m.field == "done") & m.value.is_(True)
    return frozenset(txn.connection.execute(select(m.who).where(here)).scalars())

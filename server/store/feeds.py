"""Statements on calendar addresses: whose they are, and the tasks that such a calendar shows."""

from collections.abc import Iterator

from msgspec import Struct
from sqlalchemy import and_, delete, exists, insert, or_, select

from server.db import Transaction
from server.store.frames import read_card
from server.store.reminders import is_to_do
from server.tables import calendar_feed, card, grants, mark, person, space

TASK = "task"


class Reader(Struct, frozen=True):
    """Whose calendar it is."""

    person: int
    lang: str


class DueTask(Struct, frozen=True):
    """A task with a date: `due` is YYYY-MM-DD. `seq` grows when title or day change, and with nobody's marks."""

    card: bytes
    title: str
    due: str
    made: int
    seq: int


def keep_feed(txn: Transaction, number: int, token_hash: bytes, day: int) -> None:
    """A person's calendar has this address from now on, and no other."""
    end_feed(txn, number)
    values = {"person": number, "token_hash": token_hash, "made_on": day}
    txn.connection.execute(insert(calendar_feed).values(values))


def end_feed(txn: Transaction, number: int) -> None:
    """A person's calendar has no address any more."""
    txn.connection.execute(delete(calendar_feed).where(calendar_feed.c.person == number))


def feed_made_on(txn: Transaction, number: int) -> int | None:
    """The day on which the address was made, since 1970; nothing where there is none."""
    query = select(calendar_feed.c.made_on).where(calendar_feed.c.person == number)
    return txn.connection.execute(query).scalar_one_or_none()


def reader_of(txn: Transaction, token_hash: bytes) -> Reader | None:
    """Whose address it is, if they still belong to the organisation."""
    f, p = calendar_feed.c, person.c
    query = select(p.id, p.lang).join(calendar_feed, f.person == p.id)
    row = txn.connection.execute(query.where(f.token_hash == token_hash, p.left_at.is_(None))).one_or_none()
    return None if row is None else Reader(row.id, row.lang)


def due_tasks(txn: Transaction, number: int, own_mark: bytes) -> Iterator[DueTask]:
    """The tasks with a date that a person still has to do, one's own and those of one's teams, as they lie.

    `own_mark` is the keyed hash under which the person's marks lie.
    """
    c, g, m = card.c, grants.c, mark.c
    held = select(g.space).where(
        g.person == number, g.until.is_(None), g.role.not_in(("admin", "employee_rep"))
    )
    places = space.c.kind == "team", space.c.kind == "own"
    here = and_(m.space == c.space, m.card == c.id, m.field == "done")
    is_done = exists().where(here, m.who == own_mark, m.value.is_(True))
    query = (
        select(c.id, c.kind, c.by, c.made, c.seq, c.body)
        .join(space, space.c.id == c.space)
        .where(c.space.in_(held), or_(*places), c.kind == TASK, c.gone.is_(None), ~is_done)
        .order_by(c.space, c.id)
    )
    for id_, *row in txn.connection.execute(query):
        task = read_card(*row)
        title, due = task.cells.get("title"), task.cells.get("due")
        if is_to_do(task) and title and due and isinstance(title.value, str) and isinstance(due.value, str):
            yield DueTask(id_, title.value, due.value, task.made, max(title.seq, due.seq))

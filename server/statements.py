"""Statements that every change needs, past SQLAlchemy: it compiles them once, and the driver runs them.

What SQLAlchemy does for each run of a statement takes longer than SQLite does, and than a trip to PostgreSQL.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import count

import asyncpg
from sqlalchemy import ClauseElement, Connection
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import asyncpg as postgresql
from sqlalchemy.util import await_only

MOST_VALUES = 1_024  # in one statement of SQLite
MANY = "__[POSTCOMPILE_many]"
SQLITE = sqlite.dialect()
POSTGRESQL = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy doesn't type it
MARK = re.compile(r"\$\d+")

Row = tuple[object, ...]


class SqliteStatements:
    """On a cursor of one SQLite connection."""

    def __init__(self, connection: Connection) -> None:
        self._cursor = connection.connection.cursor()

    def fetch(
        self, statement: ClauseElement, values: Sequence[object], many: Sequence[object] | None
    ) -> list[Row]:
        """The rows of a statement; `many` are the values of its `among`."""
        sql = _for_sqlite(statement)
        if many is None:
            return list(self._cursor.execute(sql, tuple(values)))
        found: list[Row] = []
        for start in range(0, len(many), MOST_VALUES):
            few = list(many[start : start + MOST_VALUES])
            size = 1 << (len(few) - 1).bit_length()  # few sizes, so that SQLite too knows the statement
            few += few[-1:] * (size - len(few))
            marks = ", ".join("?" * size)
            found += self._cursor.execute(sql.replace(MANY, marks), (*values, *few))
        return found

    def run_many(self, statement: ClauseElement, rows: Sequence[Row]) -> None:
        """Run a statement for each of these rows of values."""
        self._cursor.executemany(_for_sqlite(statement), rows)


class PostgresStatements:
    """Straight to asyncpg, which keeps them prepared; each call is one trip."""

    def __init__(self, connection: Connection) -> None:
        self._driver: asyncpg.Connection = connection.connection.driver_connection

    def fetch(
        self, statement: ClauseElement, values: Sequence[object], many: Sequence[object] | None
    ) -> list[Row]:
        """The rows of a statement; `many` are the values of its `among`."""
        if many is None:
            found = await_only(self._driver.fetch(_for_postgresql(statement), *values))
        elif many:
            found = await_only(self._driver.fetch(_for_postgresql(statement), *values, list(many)))
        else:
            found = []
        return [tuple(row) for row in found]

    def run_many(self, statement: ClauseElement, rows: Sequence[Row]) -> None:
        """Run a statement for each of these rows of values."""
        await_only(self._driver.executemany(_for_postgresql(statement), rows))


@cache
def _for_sqlite(statement: ClauseElement) -> str:
    return str(statement.compile(dialect=SQLITE))


@cache
def _for_postgresql(statement: ClauseElement) -> str:
    """Its marks numbered as they stand; `among` takes one array instead of many marks."""
    sql = str(statement.compile(dialect=POSTGRESQL)).replace(f"IN ({MANY})", "= ANY($0)")
    numbers = count(1)
    return MARK.sub(lambda _: f"${next(numbers)}", sql)

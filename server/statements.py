"""Statements that every change needs, past SQLAlchemy: it compiles them once, and SQLite runs them.

What SQLAlchemy does for each run of a statement takes longer than SQLite does.
"""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ClauseElement, Connection
from sqlalchemy.dialects import sqlite

MOST_VALUES = 1_024  # in one statement
MANY = "__[POSTCOMPILE_many]"
DIALECT = sqlite.dialect()

Row = tuple[object, ...]


class SqliteStatements:
    """On a cursor of one SQLite connection."""

    def __init__(self, connection: Connection) -> None:
        self._cursor = connection.connection.cursor()

    def fetch(
        self, statement: ClauseElement, values: Sequence[object], many: Sequence[object] | None
    ) -> list[Row]:
        """The rows of a statement; `many` are the values of its `among`."""
        sql = _compiled(statement)
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
        self._cursor.executemany(_compiled(statement), rows)


@cache
def _compiled(statement: ClauseElement) -> str:
    return str(statement.compile(dialect=DIALECT))

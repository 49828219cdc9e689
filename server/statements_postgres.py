"""The same on PostgreSQL: SQLAlchemy compiles them once, asyncpg keeps them prepared, each run is one trip."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import count

import asyncpg
from sqlalchemy import ClauseElement, Connection
from sqlalchemy.dialects.postgresql import asyncpg as postgresql
from sqlalchemy.util import await_only

from server.statements import MANY, Row

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy doesn't type it
MARK = re.compile(r"\$\d+")


class PostgresStatements:
    """Straight to asyncpg."""

    def __init__(self, connection: Connection) -> None:
        self._driver: asyncpg.Connection = connection.connection.driver_connection

    def fetch(
        self, statement: ClauseElement, values: Sequence[object], many: Sequence[object] | None
    ) -> list[Row]:
        """The rows of a statement; `many` are the values of its `among`."""
        if many is None:
            found = await_only(self._driver.fetch(_compiled(statement), *values))
        elif many:
            found = await_only(self._driver.fetch(_compiled(statement), *values, list(many)))
        else:
            found = []
        return [tuple(row) for row in found]

    def run_many(self, statement: ClauseElement, rows: Sequence[Row]) -> None:
        """Run a statement for each of these rows of values."""
        await_only(self._driver.executemany(_compiled(statement), rows))


@cache
def _compiled(statement: ClauseElement) -> str:
    """Its marks numbered as they stand; `among` takes one array instead of many marks."""
    sql = str(statement.compile(dialect=DIALECT)).replace(f"IN ({MANY})", "= ANY($0)")
    numbers = count(1)
    return MARK.sub(lambda _: f"${next(numbers)}", sql)

"""One transaction as store functions see it, whatever the database. Knows no table and no space."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypeVarTuple

from sqlalchemy import ClauseElement, ColumnElement, Connection, Select, bindparam

from server.statements import SqliteStatements

if TYPE_CHECKING:
    from server.statements_postgres import PostgresStatements

Ts = TypeVarTuple("Ts")
CHANNEL = "virtaamo"  # on which processes tell each other
Timer = Callable[[], AbstractContextManager[object]]  # a new stopwatch, running inside its `with`


class DatabaseAway(OSError):
    """PostgreSQL can't be used right now."""


class StatementFailed(Exception):
    """PostgreSQL refused a statement. Names its code and a constraint, never a value."""


class Transaction:
    """One transaction, handed to store functions. What they `tell` is told to the listeners once it is on disk."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.told: list[object] = []
        self.is_shared = connection.dialect.name != "sqlite"  # whether other processes may write too
        self._statements = _on_postgres(connection) if self.is_shared else SqliteStatements(connection)

    def rows(
        self, statement: Select[*Ts], values: Sequence[object], many: Sequence[object] | None = None
    ) -> list[tuple[*Ts]]:
        """The rows of a statement that every change needs; `many` are the values of its `among`, its last parameter.

        `values` stand in the order in which the statement's text names them. It is compiled once and kept, so it has
        to be one that lives as long as the program.
        """
        return self._statements.fetch(statement, values, many)  # type: ignore[return-value]  # as it selects

    def store(self, statement: ClauseElement, rows: Sequence[tuple[object, ...]]) -> None:
        """Run a statement of the same sort for each of these rows of values."""
        self._statements.run_many(statement, rows)

    def tell(self, news: object) -> None:
        """Name an effect to be done after the commit; dropped if the transaction fails."""
        self.told.append(news)


def _on_postgres(connection: Connection) -> "PostgresStatements":
    from server.statements_postgres import PostgresStatements  # slow to import, and SQLite doesn't need it

    return PostgresStatements(connection)


def among(column: ColumnElement[object]) -> ColumnElement[bool]:
    """Whether a column holds one of the `many` values that `rows` is given."""
    return column.in_(bindparam("many", expanding=True))

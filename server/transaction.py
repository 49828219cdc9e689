"""One transaction as store functions see it, whatever the database. Knows no table and no space."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TypeVarTuple

from sqlalchemy import ClauseElement, ColumnElement, Connection, Select, bindparam

from server.statements import PostgresStatements, SqliteStatements

Ts = TypeVarTuple("Ts")
Timer = Callable[[], AbstractContextManager[object]]  # a new stopwatch, running inside its `with`


class Transaction:
    """One transaction, handed to store functions. What they `tell` is told to the listeners once it is on disk."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.told: list[object] = []
        is_sqlite = connection.dialect.name == "sqlite"
        self._statements = SqliteStatements(connection) if is_sqlite else PostgresStatements(connection)

    @property
    def is_shared(self) -> bool:
        """Whether other processes may write to this database too."""
        return isinstance(self._statements, PostgresStatements)

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


def among(column: ColumnElement[object]) -> ColumnElement[bool]:
    """Whether a column holds one of the `many` values that `rows` is given."""
    return column.in_(bindparam("many", expanding=True))

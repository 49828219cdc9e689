"""What the server tries at its start leaves nothing."""

from contextlib import suppress
from secrets import token_bytes

from sqlalchemy import Table, select

from server import rehearsal, tables
from server.store.accept import accept
from server.world import World
from sync.protocol import Code
from tests.town import SECRET


def rows(db, table: Table) -> list[tuple[object, ...]]:
    return [tuple(row) for row in db.write(lambda txn: txn.connection.execute(select(table)).all())]


def test_a_rehearsal_runs_through_and_leaves_nothing(town, monkeypatch) -> None:
    town.idea(text="Ostetaan uusi lamppu.")
    codes = []

    def watched(*arguments: object):
        verdicts = accept(*arguments)
        codes.extend(verdict.code for verdict in verdicts)
        return verdicts

    monkeypatch.setattr(rehearsal, "accept", watched)
    before = {name: rows(town.db, table) for name, table in tables.metadata.tables.items()}
    with suppress(rehearsal._Enough):
        town.db.write(rehearsal._rehearse, World(town.now, token_bytes, "", SECRET))
    assert codes == [Code.DONE, Code.DONE]
    assert {name: rows(town.db, table) for name, table in tables.metadata.tables.items()} == before

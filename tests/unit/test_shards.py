"""Cards lie where their space says, and every space stays whole in one shard (docs/scaling.md)."""

from tests.databases import OnPostgres
from tests.postgres import name_of
from tests.shards import HOT, rows_by_shard
from tests.town import Town, copy


def test_the_rows_are_spread_and_a_space_is_never_torn(county_on_shards: Town, postgres, tmp_path) -> None:
    town = copy(county_on_shards, tmp_path)
    db = town.db
    assert isinstance(db, OnPostgres)
    for name, space in (("aino", "koivu"), ("timo", "leppa"), ("jorma", "koivu")):
        for number in range(3):
            town.send(
                name,
                {"title": (None, f"{name} {number}")},
                space=space,
                card=bytes([number]) * 8 + name.encode().ljust(8),
            )
    db.kill()
    assert sum(count > 0 for count in rows_by_shard(postgres, db.where, "space")) > 1
    assert sum(count > 0 for count in rows_by_shard(postgres, db.where, "card")) > 1
    for table in HOT:
        column = HOT[table]
        torn = f"SELECT {column} FROM {table} GROUP BY {column} HAVING count(DISTINCT tableoid) > 1"
        assert postgres.sql(torn, name_of(db.where)) == ""
    db.discard()

"""The hot tables split by space over several schemas of one PostgreSQL, as a distributed one does over machines.

docs/scaling.md says how. A row's space alone decides where it lies; as on Citus, no foreign key points at them.
"""

from tests.postgres import Postgres, name_of

SHARDS = 4
HOT = {
    "card": "space",
    "change": "space",
    "mark": "space",
    "photo": "space",
    "snapshot": "space",
    "upkeep": "space",
    "space": "id",
}
UNTIE = """
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT conname, conrelid::regclass AS owner FROM pg_constraint
        WHERE contype = 'f' AND confrelid = 'space'::regclass LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.owner, one.conname);
    END LOOP;
END $$;
ALTER SEQUENCE space_id_seq OWNED BY NONE;
ALTER TABLE snapshot ALTER COLUMN space DROP DEFAULT;
"""


def split(server: Postgres, url: str) -> None:
    """Split the hot tables of a database where nobody is connected."""
    schemas = "".join(f"CREATE SCHEMA shard{n};" for n in range(SHARDS))
    tables = "".join(_split_one(table, column) for table, column in HOT.items())
    server.sql(f"{UNTIE}{schemas}{tables}ALTER SEQUENCE space_id_seq OWNED BY space.id;", name_of(url))


def _split_one(table: str, column: str) -> str:
    parts = "".join(
        f"CREATE TABLE shard{n}.{table} PARTITION OF {table} FOR VALUES WITH (MODULUS {SHARDS}, REMAINDER {n});"
        for n in range(SHARDS)
    )
    return (
        f"ALTER TABLE {table} RENAME TO whole;"
        f"CREATE TABLE {table} (LIKE whole INCLUDING ALL) PARTITION BY HASH ({column});"
        f"{parts}INSERT INTO {table} SELECT * FROM whole; DROP TABLE whole;"
    )


def rows_by_shard(server: Postgres, url: str, table: str) -> list[int]:
    """How many rows of a table lie in each shard."""
    name = name_of(url)
    return [int(server.sql(f"SELECT count(*) FROM shard{n}.{table}", name)) for n in range(SHARDS)]

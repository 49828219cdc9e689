"""Tables as SQLAlchemy Core sees them. Every hot table's key begins with `space`, so that a database can shard by it.

Times are milliseconds since 1970 UTC, days are days since 1970. Bodies are MessagePack.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()


class Blob(LargeBinary):
    """Bytes, handed to the driver as they are; SQLAlchemy's own wrapping costs more than the rest of a row."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> None:
        """Nothing to do."""


meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Blob, nullable=False),
)

space = Table(
    "space",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", Text, nullable=False),  # team, area, org, network, workshop, own
    Column("name", Blob, nullable=False),  # {language: name}
    Column("parent", Integer, ForeignKey("space.id")),
    Column("standing", Boolean, nullable=False, default=False),  # may the team start quick deeds
    Column("head", BigInteger, nullable=False, default=0),  # the last seq given out
    Column("floor", BigInteger, nullable=False, default=0),  # cursors below it need a snapshot
    Column("logged", BigInteger, nullable=False, default=0),  # the last n given out in `change`
    Column("count", BigInteger, nullable=False, default=0),
    Column("sum", BigInteger, nullable=False, default=0),
    Column("stable", BigInteger),  # the seq up to which a verified backup has it
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("colour", Integer, nullable=False, default=1),
    Column("lang", Text, nullable=False, default="fi"),
    Column("own", Integer, ForeignKey("space.id"), nullable=False),
    Column("grants_version", Integer, nullable=False, default=1),
    Column("made_at", BigInteger, nullable=False),
    Column("left_at", BigInteger),
)

grants = Table(
    "grants",
    metadata,
    Column("person", Integer, ForeignKey("person.id"), primary_key=True),
    Column("space", Integer, ForeignKey("space.id"), primary_key=True),
    Column(
        "via", Integer, primary_key=True
    ),  # the space that was joined; an area is granted by each of its teams
    Column("role", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),  # when it was revoked
)

device = Table(
    "device",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uuid", Blob, nullable=False, unique=True),
    Column("person", Integer, ForeignKey("person.id")),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, default="own"),
    Column("sign_pub", Blob),  # author key: P-256 point, 65 bytes
    Column("made_on", Integer, nullable=False),
    Column("seen_on", Integer, nullable=False),
    Column("revoked_at", BigInteger),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", Blob, primary_key=True),
    Column("person", Integer, ForeignKey("person.id"), nullable=False, index=True),
    Column("device", Integer, ForeignKey("device.id"), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("seen_on", Integer, nullable=False),
    Column("ended_at", BigInteger),
)

invitation = Table(
    "invitation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code_hash", Blob, nullable=False, unique=True),
    Column("space", Integer, ForeignKey("space.id")),  # nil for roles of the whole organisation
    Column("role", Text, nullable=False),
    Column("person", Integer, ForeignKey("person.id")),  # whom it brings back
    Column("name", Text),
    Column("uses_left", Integer, nullable=False, default=1),
    Column("until", BigInteger, nullable=False),
    Column("made_by", Integer, ForeignKey("person.id")),
)

card = Table(
    "card",
    metadata,
    Column("space", Integer, primary_key=True),
    Column("id", Blob, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # '' is a purged card
    Column("by", Integer),
    Column("made", BigInteger, nullable=False),
    Column("log", BigInteger, nullable=False, default=0),  # its newest row in `change`
    Column("body", Blob, nullable=False),
    Column("hangs", Blob),  # the card that it is about
    Column("gone", BigInteger),  # since when it is hidden or purged, by the server's clock
    Index("card_by_seq", "space", "seq"),
    # With row ids: cards lie in the order of their arrival, and those written together share a page.
)
for _name in ("hangs", "gone"):
    _there = card.c[_name].is_not(None)
    Index(f"card_by_{_name}", card.c.space, card.c[_name], sqlite_where=_there, postgresql_where=_there)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", Integer, nullable=False),
    Column("device", Integer, nullable=False),
    Column("prefix", Blob, nullable=False),  # the random half of the change ids of one opened replica
    Column("cut", Blob),  # [[first, last]] of the counters that landed and whose rows in `change` are cut off
    UniqueConstraint("prefix", "person", "device"),
)

change = Table(
    "change",
    metadata,
    Column("space", Integer, primary_key=True),
    Column("n", BigInteger, primary_key=True),  # 1, 2, 3 … in the space
    Column("run", Integer, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("lag", BigInteger, nullable=False),  # received − at
    Column("prev", BigInteger, nullable=False),  # the card's row before this one
    Column("code", Integer, nullable=False),
    Column("digest", Blob, nullable=False),
    Column("body", Blob),
    Column("detail", Blob),
    Index("change_by_run", "run", "counter"),
    sqlite_with_rowid=False,
)

mark = Table(
    "mark",
    metadata,
    Column("space", Integer, primary_key=True),
    Column("card", Blob, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("who", Blob, primary_key=True),  # a keyed hash of the person
    Column("value", Boolean),
    Column("at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

photo = Table(
    "photo",
    metadata,
    Column("space", Integer, primary_key=True),
    Column("sha", Blob, primary_key=True),
    Column("card", Blob, primary_key=True),
    Column("unused_since", BigInteger),  # when retention found that the card shows it no longer
    Index("photo_by_sha", "sha"),
    sqlite_with_rowid=False,
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("space", Integer, primary_key=True),
    Column("upto", BigInteger, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("body", Blob, nullable=False),  # brotli
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", Integer, nullable=False),
    Column("device", Integer, nullable=False),
    Column("space", Integer, nullable=False),  # 0 where it could not be read
    Column("card", Blob),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("digest", Blob, nullable=False),
    Column("body", Blob, nullable=False),
    Column("hangs", Blob),  # the card that it is about
    UniqueConstraint("person", "digest"),
    Index("quarantine_by_card", "space", "card"),
    Index("quarantine_by_hangs", "space", "hangs"),
    Index("quarantine_by_person", "person", "received_at"),
)

upkeep = Table(
    "upkeep",
    metadata,
    Column("space", Integer, primary_key=True),
    Column("what", Text, primary_key=True),  # what retention does there
    Column("upto", BigInteger, nullable=False),  # how far it has come
    sqlite_with_rowid=False,
)

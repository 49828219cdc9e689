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
    literal_column,
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
    Column("handle", Blob, unique=True),  # the random user id of their passkeys, 32 bytes
    Column("push", Blob),  # quiet hours and kinds that they have chosen; nil is the default
    Column("erase_on", Integer),  # the day on which the account is erased, as its person wished
    Column("keep_names", Blob),  # with erase_on: the spaces whose cards go on naming their author
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
    Column("source", Text),  # oidc: it comes and goes with a group of the organisation's directory
)

device = Table(
    "device",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("uuid", Blob, nullable=False, unique=True),
    Column("person", Integer, ForeignKey("person.id")),
    Column("name", Text, nullable=False),
    Column(
        "kind", Text, nullable=False, default="own"
    ),  # own; shared: a tablet; copy: a person's on a tablet
    Column("stands_on", Integer, index=True),  # of a copy: its tablet
    Column("share", Blob),  # of a copy under a strong lock: what its key needs besides the PIN (D-51)
    Column("sign_pub", Blob),  # author key: P-256 point, 65 bytes
    Column("made_on", Integer, nullable=False),
    Column("seen_on", Integer, nullable=False),
    Column("revoked_at", BigInteger),
    Column("sealed", Blob),  # [[first, last]] of the numbers of the sealed records that came from it (D-64)
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
    Column("proved_at", BigInteger),  # the last step-up (D-32)
    Column("until", BigInteger),  # its end, where organisation sign-in has to be asked again
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
    Column(
        "kind", Text, nullable=False, default="link"
    ),  # link, typed; enrol, tablet: for a tablet (D-40, D-42)
    Column("front", Blob, unique=True),  # of a typed code: a keyed hash of its first letters, which find it
    Column("tries", Integer, nullable=False, default=0),  # wrong ones; five end it
    Column("lang", Text),  # of whom it is for, as a list of persons said
    Column("device", Integer),  # the tablet for which it is
)

tablet = Table(
    "tablet",
    metadata,
    Column("device", Integer, ForeignKey("device.id"), primary_key=True),
    Column("token_hash", Blob, nullable=False, unique=True),  # of the cookie that says which tablet it is
    Column("lock_s", Integer, nullable=False, default=120),  # it locks itself after so long without a touch
    Column("strong", Boolean, nullable=False, default=False),  # strong lock (D-51)
)

tablet_team = Table(
    "tablet_team",
    metadata,
    Column("device", Integer, ForeignKey("device.id"), primary_key=True),
    Column("space", Integer, ForeignKey("space.id"), primary_key=True, index=True),
    Column("wall", Boolean, nullable=False, default=False),  # whether it shows the board while locked
)

copy_request = Table(
    "copy_request",
    metadata,
    Column("id", Blob, primary_key=True),  # 16 random bytes
    Column("tablet", Integer, ForeignKey("device.id"), nullable=False),
    Column("code_hash", Blob, nullable=False, unique=True),
    Column("number", Integer, nullable=False),  # shown on the tablet, two digits
    Column("numbers", Blob, nullable=False),  # the three to choose from
    Column("sign_pub", Blob, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("state", Text, nullable=False),  # waiting, approved, refused, used
    Column("person", Integer, ForeignKey("person.id")),  # who approved it
    Index("copy_request_by_until", "until"),
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", Blob, primary_key=True),  # the credential's own
    Column("person", Integer, ForeignKey("person.id"), nullable=False, index=True),
    Column("public_key", Blob, nullable=False),  # COSE
    Column("sign_count", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("synced", Boolean, nullable=False),
    Column("made_on", Integer, nullable=False),
    Column("used_on", Integer, nullable=False),
)

challenge = Table(
    "challenge",
    metadata,
    Column("value", Blob, primary_key=True),  # 32 random bytes, good once
    Column("ceremony", Text, nullable=False),  # register, login, stepup, oidc
    Column("person", Integer),
    Column("device", Blob),  # the device or browser that asked
    Column("until", BigInteger, nullable=False),
    Column("detail", Blob),
    Index("challenge_by_until", "until"),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("person", Integer, ForeignKey("person.id"), primary_key=True),
    Column("code_hash", Blob, primary_key=True),  # keyed
    Column("used_at", BigInteger),
)

bucket = Table(
    "bucket",
    metadata,
    Column(
        "key", Blob, primary_key=True
    ),  # keyed hash of device, address or target: which one is not readable
    Column("left", Integer, nullable=False),  # thousandths of a try
    Column("since", BigInteger, nullable=False),
    Index("bucket_by_since", "since"),
)

identity = Table(
    "identity",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("person", Integer, ForeignKey("person.id"), nullable=False, index=True),
    Column("seen_on", Integer, nullable=False),  # the day on which the directory last spoke for them
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("what", Text, nullable=False),
    Column("actor", Integer),  # nil: the command line, or nobody
    Column("person", Integer),  # whom it is about
    Column("space", Integer),
    Column("detail", Blob),
    Index("audit_by_at", "at"),
)

notice = Table(
    "notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", Integer, ForeignKey("person.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("what", Text, nullable=False),  # for this person's eyes alone (D-83)
    Column("detail", Blob),
    Column("seen_on", Integer),
    Index("notice_by_person", "person", "at"),
    Index("notice_by_at", "at"),
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("endpoint", Text, nullable=False, unique=True),
    Column("person", Integer, ForeignKey("person.id"), nullable=False, index=True),
    Column("session", Blob, nullable=False, index=True),  # ends together with it
    Column("p256dh", Blob, nullable=False),
    Column("auth", Blob, nullable=False),
    Column("made_on", Integer, nullable=False),
    Column("pushed_at", BigInteger, nullable=False, default=0),
    Column("not_before", BigInteger, nullable=False, default=0),  # as the push service wished
    Column("failures", Integer, nullable=False, default=0),
    Column("refused", Integer),  # the status by which the push service refused the last message
    Column("due_at", BigInteger),  # something waits to be told from then on
    Column("due_space", Integer),
    Column("due_card", Blob),
    Index("subscription_by_due", "due_at"),
)

server_key = Table(
    "server_key",
    metadata,
    Column("kid", Blob, primary_key=True),  # 8 bytes
    Column("public", Blob, nullable=False),  # the private half lies outside the database (D-65)
    Column("state", Text, nullable=False),  # prepared, active, retired, destroyed
    Column("since", BigInteger, nullable=False),
    Column("kept_at", BigInteger),  # when a verified backup first held the private half
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
IS_THANKS = card.c.kind == literal_column("'recognition'")  # spelled out, so that its index is used
Index("card_by_thanks", card.c.space, card.c.made, sqlite_where=IS_THANKS, postgresql_where=IS_THANKS)

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
    Column("let_go_at", BigInteger),  # when somebody decided against it; nobody sees it from then on
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

dropped = Table(
    "dropped",
    metadata,
    Column("id", Blob, primary_key=True),  # 16 random bytes: no order of arrival
    Column("day", Integer, nullable=False),
    Column("space", Integer, nullable=False),
    Column("body", Blob, nullable=False),  # [kind, fields]
    Column("proof_mac", Blob),  # a keyed hash of what its claim code gives; nil for an addition
    sqlite_with_rowid=False,
)

ticket_spent = Table(
    "ticket_spent",
    metadata,
    Column("hash", Blob, primary_key=True),
    Column("month", Integer, nullable=False),  # since 1970, the last in which it holds
    Column("box", Blob, nullable=False),  # a digest of what it went on, so that it may be sent again
    sqlite_with_rowid=False,
)

claim = Table(
    "claim",
    metadata,
    Column("proof_mac", Blob, primary_key=True),
    Column("space", Integer, nullable=False),
    Column("card", Blob, nullable=False),
    sqlite_with_rowid=False,
)

calendar_feed = Table(
    "calendar_feed",
    metadata,
    Column("person", Integer, ForeignKey("person.id"), primary_key=True),
    Column("token_hash", Blob, nullable=False, unique=True),  # SHA-256 of the secret part of the address
    Column("made_on", Integer, nullable=False),
)

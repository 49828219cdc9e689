"""Who is who: passkeys, recovery codes, organisation sign-in, notices, the audit log, push, server keys."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BLOB, INT, BIG, TEXT = sa.LargeBinary(), sa.Integer(), sa.BigInteger(), sa.Text()


def upgrade() -> None:
    """Add the columns and tables; what is there stays as it is."""
    _widen()
    _ways_in()
    _told()
    _push()


def _widen() -> None:
    for name, kind in (("handle", BLOB), ("push", BLOB), ("erase_on", INT), ("keep_names", BLOB)):
        op.add_column("person", sa.Column(name, kind, nullable=True))
    op.create_index("person_by_handle", "person", ["handle"], unique=True)
    op.add_column("grants", sa.Column("source", TEXT, nullable=True))
    op.add_column("device", sa.Column("sealed", BLOB, nullable=True))
    op.add_column("quarantine", sa.Column("let_go_at", BIG, nullable=True))
    op.add_column("session", sa.Column("proved_at", BIG, nullable=True))
    op.add_column("session", sa.Column("until", BIG, nullable=True))
    op.add_column("invitation", sa.Column("kind", TEXT, nullable=False, server_default="link"))
    op.add_column("invitation", sa.Column("front", BLOB, nullable=True))
    op.add_column("invitation", sa.Column("tries", INT, nullable=False, server_default="0"))
    op.add_column("invitation", sa.Column("lang", TEXT))
    op.create_index("invitation_by_front", "invitation", ["front"], unique=True)


def _ways_in() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", BLOB, primary_key=True),
        sa.Column("person", INT, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("public_key", BLOB, nullable=False),
        sa.Column("sign_count", BIG, nullable=False),
        sa.Column("label", TEXT, nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("made_on", INT, nullable=False),
        sa.Column("used_on", INT, nullable=False),
    )
    op.create_table(
        "challenge",
        sa.Column("value", BLOB, primary_key=True),
        sa.Column("ceremony", TEXT, nullable=False),
        sa.Column("person", INT),
        sa.Column("device", BLOB),
        sa.Column("until", BIG, nullable=False),
        sa.Column("detail", BLOB),
    )
    op.create_index("challenge_by_until", "challenge", ["until"])
    op.create_table(
        "recovery_code",
        sa.Column("person", INT, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("code_hash", BLOB, primary_key=True),
        sa.Column("used_at", BIG),
    )
    op.create_table(
        "bucket",
        sa.Column("key", BLOB, primary_key=True),
        sa.Column("left", INT, nullable=False),
        sa.Column("since", BIG, nullable=False),
    )
    op.create_index("bucket_by_since", "bucket", ["since"])
    op.create_table(
        "identity",
        sa.Column("issuer", TEXT, primary_key=True),
        sa.Column("subject", TEXT, primary_key=True),
        sa.Column("person", INT, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("seen_on", INT, nullable=False),
    )


def _told() -> None:
    op.create_table(
        "audit",
        sa.Column("id", INT, primary_key=True),
        sa.Column("at", BIG, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("actor", INT),
        sa.Column("person", INT),
        sa.Column("space", INT),
        sa.Column("detail", BLOB),
    )
    op.create_index("audit_by_at", "audit", ["at"])
    op.create_table(
        "notice",
        sa.Column("id", INT, primary_key=True),
        sa.Column("person", INT, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("what", TEXT, nullable=False),
        sa.Column("detail", BLOB),
        sa.Column("seen_on", INT),
    )
    op.create_index("notice_by_person", "notice", ["person", "at"])
    op.create_index("notice_by_at", "notice", ["at"])


def _push() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", INT, primary_key=True),
        sa.Column("endpoint", TEXT, nullable=False, unique=True),
        sa.Column("person", INT, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("session", BLOB, nullable=False, index=True),
        sa.Column("p256dh", BLOB, nullable=False),
        sa.Column("auth", BLOB, nullable=False),
        sa.Column("made_on", INT, nullable=False),
        sa.Column("pushed_at", BIG, nullable=False),
        sa.Column("not_before", BIG, nullable=False),
        sa.Column("failures", INT, nullable=False),
        sa.Column("refused", INT),
        sa.Column("due_at", BIG),
        sa.Column("due_space", INT),
        sa.Column("due_card", BLOB),
    )
    op.create_index("subscription_by_due", "subscription", ["due_at"])
    op.create_table(
        "server_key",
        sa.Column("kid", BLOB, primary_key=True),
        sa.Column("public", BLOB, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.Column("kept_at", BIG, nullable=True),
    )

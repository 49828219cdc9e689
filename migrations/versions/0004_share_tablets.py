"""Tablets that a team shares: which they are, whose copies they hold, and how a copy is asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BLOB, INT, BIG, TEXT = sa.LargeBinary(), sa.Integer(), sa.BigInteger(), sa.Text()


def upgrade() -> None:
    """Add the columns and tables; what is there stays as it is."""
    op.add_column("device", sa.Column("stands_on", INT, nullable=True))
    op.create_index("ix_device_stands_on", "device", ["stands_on"])
    op.add_column("device", sa.Column("share", BLOB, nullable=True))
    op.add_column("invitation", sa.Column("device", INT, nullable=True))
    _tablets()
    _requests()


def _tablets() -> None:
    op.create_table(
        "tablet",
        sa.Column("device", INT, sa.ForeignKey("device.id"), primary_key=True),
        sa.Column("token_hash", BLOB, nullable=False, unique=True),
        sa.Column("lock_s", INT, nullable=False),
        sa.Column("strong", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "tablet_team",
        sa.Column("device", INT, sa.ForeignKey("device.id"), primary_key=True),
        sa.Column("space", INT, sa.ForeignKey("space.id"), primary_key=True, index=True),
    )


def _requests() -> None:
    op.create_table(
        "copy_request",
        sa.Column("id", BLOB, primary_key=True),
        sa.Column("tablet", INT, sa.ForeignKey("device.id"), nullable=False),
        sa.Column("code_hash", BLOB, nullable=False, unique=True),
        sa.Column("number", INT, nullable=False),
        sa.Column("numbers", BLOB, nullable=False),
        sa.Column("sign_pub", BLOB, nullable=False),
        sa.Column("until", BIG, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("person", INT, sa.ForeignKey("person.id")),
    )
    op.create_index("copy_request_by_until", "copy_request", ["until"])

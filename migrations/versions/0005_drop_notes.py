"""The drop box: what waits for its hour, the tickets that were spent, and which card a claim code is of."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

BLOB, INT = sa.LargeBinary(), sa.Integer()


def upgrade() -> None:
    """Add the tables. None of them has row ids, which would tell the order of arrival."""
    op.create_table(
        "dropped",
        sa.Column("id", BLOB, primary_key=True),
        sa.Column("day", INT, nullable=False),
        sa.Column("space", INT, nullable=False),
        sa.Column("body", BLOB, nullable=False),
        sa.Column("proof_mac", BLOB),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ticket_spent",
        sa.Column("hash", BLOB, primary_key=True),
        sa.Column("month", INT, nullable=False),
        sa.Column("box", BLOB, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "claim",
        sa.Column("proof_mac", BLOB, primary_key=True),
        sa.Column("space", INT, nullable=False),
        sa.Column("card", BLOB, nullable=False),
        sqlite_with_rowid=False,
    )

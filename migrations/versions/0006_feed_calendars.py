"""Calendar addresses: whose tasks whoever has one reads."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "calendar_feed",
        sa.Column("person", sa.Integer(), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False, unique=True),
        sa.Column("made_on", sa.Integer(), nullable=False),
    )

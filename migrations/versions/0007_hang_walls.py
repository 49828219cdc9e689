"""View-only boards: of which of its teams a tablet shows the board on its lock screen."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column; no tablet shows a board before somebody says so."""
    op.add_column("tablet_team", sa.Column("wall", sa.Boolean(), nullable=False, server_default=sa.false()))

"""Thanks by their day: they go when they are old."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the index."""
    thanks = sa.text("kind = 'recognition'")
    op.create_index("card_by_thanks", "card", ["space", "made"], sqlite_where=thanks, postgresql_where=thanks)

"""${message}"""

revision = "${up_revision}"
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Forward only; safe to run while serving."""
    ${upgrades if upgrades else "pass"}

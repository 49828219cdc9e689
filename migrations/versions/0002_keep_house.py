"""What retention, a growing quarantine and backups need: indexes by card, how far tidying and copying have come."""

import time

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

BATCH = 1_000
card = sa.table(
    "card",
    sa.column("space", sa.Integer),
    sa.column("id", sa.LargeBinary),
    sa.column("kind", sa.Text),
    sa.column("body", sa.LargeBinary),
    sa.column("hangs", sa.LargeBinary),
    sa.column("gone", sa.BigInteger),
)
held = sa.table(
    "quarantine",
    sa.column("id", sa.Integer),
    sa.column("kind", sa.Text),
    sa.column("body", sa.LargeBinary),
    sa.column("hangs", sa.LargeBinary),
)


def upgrade() -> None:
    """Add the columns, fill them from the bodies, then index them."""
    op.add_column("card", sa.Column("hangs", sa.LargeBinary(), nullable=True))
    op.add_column("card", sa.Column("gone", sa.BigInteger(), nullable=True))
    op.add_column("quarantine", sa.Column("hangs", sa.LargeBinary(), nullable=True))
    op.add_column("space", sa.Column("stable", sa.BigInteger(), nullable=True))
    op.add_column("photo", sa.Column("unused_since", sa.BigInteger(), nullable=True))
    op.add_column("run", sa.Column("cut", sa.LargeBinary(), nullable=True))
    op.create_table(
        "upkeep",
        sa.Column("space", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("space", "what"),
        sqlite_with_rowid=False,
    )
    _fill_cards(op.get_bind())
    _fill_quarantine(op.get_bind())
    hanging, gone = sa.text("hangs IS NOT NULL"), sa.text("gone IS NOT NULL")
    op.create_index(
        "card_by_hangs", "card", ["space", "hangs"], sqlite_where=hanging, postgresql_where=hanging
    )
    op.create_index("card_by_gone", "card", ["space", "gone"], sqlite_where=gone, postgresql_where=gone)
    op.drop_index("quarantine_by_card", "quarantine")
    op.create_index("quarantine_by_card", "quarantine", ["space", "card"])
    op.create_index("quarantine_by_hangs", "quarantine", ["space", "hangs"])
    op.create_index("quarantine_by_person", "quarantine", ["person", "received_at"])


def _fill_cards(connection: sa.Connection) -> None:
    """Comments name their card; a hidden card counts as hidden now, so that its 30 days are whole."""
    now = time.time_ns() // 1_000_000
    query = sa.select(card.c.space, card.c.id, card.c.kind, card.c.body).order_by(card.c.space, card.c.id)
    change = (
        sa.update(card)
        .where(card.c.space == sa.bindparam("in_space"), card.c.id == sa.bindparam("of"))
        .values(hangs=sa.bindparam("on"), gone=sa.bindparam("since"))
    )
    last = (0, b"")
    while rows := connection.execute(query.where(_after(last)).limit(BATCH)).all():
        filled = []
        for space, id_, kind, body in rows:
            cells = msgspec.msgpack.decode(body)[0] if kind else {}
            on = cells.get("on", (None,))[0] if kind == "comment" else None
            is_hidden = cells.get("gone", (None,))[0] is not None
            if on is not None or is_hidden:
                filled.append({"in_space": space, "of": id_, "on": on, "since": now if is_hidden else None})
        if filled:
            connection.execute(change, filled)
        last = (rows[-1].space, rows[-1].id)


def _after(last: tuple[int, bytes]) -> sa.ColumnElement[bool]:
    space, id_ = last
    return (card.c.space > space) | ((card.c.space == space) & (card.c.id > id_))


def _fill_quarantine(connection: sa.Connection) -> None:
    """A held comment waits for the card that it names."""
    query = sa.select(held.c.id, held.c.body).where(held.c.kind == "comment").order_by(held.c.id)
    change = sa.update(held).where(held.c.id == sa.bindparam("of")).values(hangs=sa.bindparam("on"))
    last = 0
    while rows := connection.execute(query.where(held.c.id > last).limit(BATCH)).all():
        filled = [{"of": id_, "on": on} for id_, body in rows if (on := _named(body))]
        if filled:
            connection.execute(change, filled)
        last = rows[-1].id


def _named(body: bytes) -> bytes | None:
    pair = msgspec.msgpack.decode(body)[6].get("on")
    return pair[1] if pair and isinstance(pair[1], bytes) else None

"""Token buckets in the database, for processes that share one (docs/devices.md D-82)."""

from sqlalchemy import select, update

from server.db import Transaction
from server.limits import Bucket, Rate, take_one
from server.store.cards import upsert
from server.tables import bucket

THOUSAND = 1000


def take(txn: Transaction, key: bytes, rate: Rate, now: int) -> int:
    """Take one try from the bucket under a keyed hash; 0 when there was one, otherwise the seconds to wait."""
    b = bucket.c
    full = {"key": key, "left": rate.allowed * THOUSAND, "since": now}
    upsert(txn, bucket, ("key",), [full], only=())
    row = txn.connection.execute(select(b.left, b.since).where(b.key == key).with_for_update()).one()
    held, wait_s = take_one(Bucket(row.left / THOUSAND, row.since), rate, now)
    left = {"left": int(held.left * THOUSAND), "since": held.since}
    txn.connection.execute(update(bucket).where(b.key == key).values(left))
    return wait_s


def give(txn: Transaction, key: bytes, rate: Rate) -> None:
    """Give a try back: it was none that counts."""
    b = bucket.c
    fuller = update(bucket).where(b.key == key, b.left <= (rate.allowed - 1) * THOUSAND)
    txn.connection.execute(fuller.values(left=b.left + THOUSAND))

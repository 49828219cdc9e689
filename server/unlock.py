"""Unlocking a copy on a tablet: its author key signs a challenge, and half of what opens it stays in memory (D-38)."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from server.db import Transaction
from server.refusals import Refused
from server.store import tablets, unlocks
from server.store.people import Device
from server.store.tablets import Tablet
from server.store.unlocks import Copy

SIGNED = b"virtaamo/unlock/1\0"
CHALLENGE_MS = 120_000
SIGNATURE_BYTES = 64


class Wanted(NamedTuple):
    """Whose copy, and which one where the tablet says so."""

    person: int
    uuid: bytes | None = None


def begin(txn: Transaction, on: Tablet, wanted: Wanted, value: bytes, now: int) -> bytes:
    """What the copy of this person on this tablet is to sign."""
    keep = _copy(txn, on, wanted)
    unlocks.keep_challenge(txn, keep, value, now + CHALLENGE_MS)
    return value


def take(txn: Transaction, on: Tablet, wanted: Wanted, now: int) -> tuple[Copy, bytes | None]:
    """The copy and what it was to sign, which from now on nobody may sign again."""
    found = _copy(txn, on, wanted)
    return found, unlocks.take_challenge(txn, found, now)


def _copy(txn: Transaction, on: Tablet, wanted: Wanted) -> Copy:
    found = unlocks.copy_of(txn, on.id, wanted.person, wanted.uuid)
    if found is None:
        raise Refused("author_unknown")
    if found.gone:
        raise Refused("gone")
    return found


def look(txn: Transaction, on: Tablet, wanted: Wanted) -> None:
    """Refuses whoever has no copy on this tablet."""
    _copy(txn, on, wanted)


def share(txn: Transaction, on: Tablet, wanted: Wanted, fresh: bytes) -> bytes:
    """What a strong lock takes besides the PIN (D-51). One that was made is given also where the lock is plain again:
    the copy may still be wrapped with it.
    """
    found = unlocks.share_of(txn, _copy(txn, on, wanted), fresh if on.strong else None)
    if found is None:
        raise Refused("not_found")
    return found


def finish(txn: Transaction, on: Tablet, of: Copy, token_hash: bytes, now: int) -> Device:
    """Open a copy that has signed; one that was removed meanwhile is gone."""
    _copy(txn, on, Wanted(of.person, of.uuid))
    return unlocks.open_copy(txn, of, on.id, token_hash, now)


def leg_keys(txn: Transaction, on: Tablet, read: Sequence[int], secret: bytes) -> dict[str, str]:
    """What a relay's legs are sealed with on this tablet, for each of its teams among the spaces that somebody reads.

    By team, 32 bytes as base64url; the same for all copies on the tablet (docs/decisions/0034).
    """
    found = {}
    for team in set(tablets.teams_of(txn, on.id)).intersection(read):
        key = hmac.digest(secret, b"legs\0" + on.uuid + team.to_bytes(8), "sha256")
        found[str(team)] = urlsafe_b64encode(key).decode().rstrip("=")
    return found


def hash_of(token: str, half: str) -> bytes:
    """What the database holds of the two halves that open a copy."""
    return sha256(f"{token}:{half}".encode("utf-8", "replace")).digest()


def is_signed(of: Copy, value: bytes, signature: bytes) -> bool:
    """Whether the author key of this copy signed this challenge."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    if len(signature) != SIGNATURE_BYTES:
        return False
    r, s = signature[:32], signature[32:]
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), of.sign_pub)
        told = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
        key.verify(told, SIGNED + of.uuid + value, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True

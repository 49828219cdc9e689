"""Unlocking a copy on a tablet: its author key signs a challenge, and half of what opens it stays in memory (D-38)."""

from hashlib import sha256

from server.db import Transaction
from server.refusals import Refused
from server.store import unlocks
from server.store.people import Device
from server.store.tablets import Tablet
from server.store.unlocks import Copy

SIGNED = b"virtaamo/unlock/1\0"
CHALLENGE_MS = 120_000
SIGNATURE_BYTES = 64


def begin(txn: Transaction, on: Tablet, person: int, value: bytes, now: int) -> bytes:
    """What the copy of this person on this tablet is to sign."""
    keep = _copy(txn, on, person)
    unlocks.keep_challenge(txn, keep, value, now + CHALLENGE_MS)
    return value


def take(txn: Transaction, on: Tablet, person: int, now: int) -> tuple[Copy, bytes | None]:
    """The copy and what it was to sign, which from now on nobody may sign again."""
    found = _copy(txn, on, person)
    return found, unlocks.take_challenge(txn, found, now)


def _copy(txn: Transaction, on: Tablet, person: int) -> Copy:
    found = unlocks.copy_of(txn, on.id, person)
    if found is None:
        raise Refused("author_unknown")
    if found.gone:
        raise Refused("gone")
    return found


def look(txn: Transaction, on: Tablet, person: int) -> None:
    """Refuses whoever has no copy on this tablet."""
    _copy(txn, on, person)


def share(txn: Transaction, on: Tablet, person: int, fresh: bytes) -> bytes:
    """What a strong lock takes besides the PIN (D-51). One that was made is given also where the lock is plain again:
    the copy may still be wrapped with it.
    """
    found = unlocks.share_of(txn, _copy(txn, on, person), fresh if on.strong else None)
    if found is None:
        raise Refused("not_found")
    return found


def finish(txn: Transaction, on: Tablet, of: Copy, token_hash: bytes, now: int) -> Device:
    """Open a copy that has signed; one that was removed meanwhile is gone."""
    if _copy(txn, on, of.person).id != of.id:
        raise Refused("author_unknown")
    return unlocks.open_copy(txn, of, on.id, token_hash, now)


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

"""What a device seals for the server alone: HPKE around words that their author has signed (D-59 to D-61).

outer = [v, kid, device, id, box]          box = HPKE(P-256, HKDF-SHA-256, AES-256-GCM), info below
inner = [person, author_key, n, change, sig], MessagePack, then zeros up to 512 bytes times a power of two
"""

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

VERSION = 1
DEVICE_BYTES, ID_BYTES, SIGNATURE_BYTES = 16, 12, 64
SEALED, SIGNED = b"virtaamo/sealed/1\0", b"virtaamo/op/1\0"
MAX_NUMBER = 2**53 - 1


class Sealed(Struct, array_like=True, frozen=True):
    """One sealed record as it comes; `id` is the change's own, or the first 12 bytes of a photo's SHA-256."""

    v: int
    kid: bytes
    device: bytes
    id: bytes
    box: bytes


class Inner(Struct, array_like=True, frozen=True):
    """What it holds; `author_key` names the key that signed it, `n` counts what that key has sealed."""

    person: int
    author_key: bytes
    n: int
    change: bytes
    sig: bytes


class Nameless(NamedTuple):
    """What was dropped without a name, and the organisation that it was sealed for."""

    box: bytes
    org: bytes


class Unreadable(ValueError):
    """It does not open, or holds something else."""


def is_sound(sealed: Sealed) -> bool:
    """Whether the outer record has the sizes that it must have."""
    sizes = len(sealed.kid) == 8 and len(sealed.device) == DEVICE_BYTES and len(sealed.id) == ID_BYTES
    return sealed.v == VERSION and sizes


def open_sealed(sealed: Sealed, private: "EllipticCurvePrivateKey", org: bytes) -> Inner:
    """Open a sealed record; raises Unreadable."""
    return _inner(_opened(sealed.box, private, SEALED + org + sealed.device + sealed.id))


def open_nameless(nameless: Nameless, private: "EllipticCurvePrivateKey") -> bytes:
    """Open what was sealed by no device and has no number: its words with zeros behind; raises Unreadable."""
    return _opened(nameless.box, private, SEALED + nameless.org + bytes(DEVICE_BYTES + ID_BYTES))


def _opened(box: bytes, private: "EllipticCurvePrivateKey", info: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

    suite = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    try:
        return suite.decrypt(box, private, info=info)
    except (InvalidTag, ValueError):
        raise Unreadable from None


def _inner(padded: bytes) -> Inner:
    """The signature stands last and may itself end in zeros: they are given back until it is whole."""
    bare = padded.rstrip(b"\0")
    for lost in range(SIGNATURE_BYTES + 1):
        try:
            inner = msgspec.msgpack.decode(bare + bytes(lost), type=Inner)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        is_whole = len(inner.sig) == SIGNATURE_BYTES and 0 < inner.n <= MAX_NUMBER
        if is_whole and 0 < inner.person < 2**31:
            return inner
        break
    raise Unreadable


def is_signed(inner: Inner, sealed: Sealed, org: bytes, public: bytes) -> bool:
    """Whether the author key with this public half signed it, for this device, person and number."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
    from cryptography.hazmat.primitives.hashes import SHA256

    r, s = inner.sig[:32], inner.sig[32:]
    signature = encode_dss_signature(int.from_bytes(r), int.from_bytes(s))
    signed = SIGNED + org + sealed.device + inner.person.to_bytes(8) + inner.n.to_bytes(8) + inner.change
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        key.verify(signature, signed, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True

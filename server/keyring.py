"""The private halves of the server's keys: one file each in the data folder, never in the database (D-65).

A file of its own for every key: processes that share the folder can't overwrite what another has just made.
"""

import os
import re
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

FOLDER = "keys"
KID_BYTES = 8
NAME = re.compile(r"[0-9a-f]{16}")


def make(data: Path) -> tuple[bytes, bytes]:
    """Make a key and keep its private half; gives its kid and its public half, a point on P-256 of 65 bytes."""
    from cryptography.hazmat.primitives import serialization as forms  # slow to import, and seldom needed
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(forms.Encoding.X962, forms.PublicFormat.UncompressedPoint)
    kid = kid_of(public)
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    content = private.private_bytes(forms.Encoding.DER, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    handle = os.open(folder / kid.hex(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
    return kid, public


def kid_of(public: bytes) -> bytes:
    """The name of a key: the first 8 bytes of the SHA-256 of its public half. Author keys are named alike."""
    return sha256(public).digest()[:KID_BYTES]


def private_half(data: Path, kid: bytes) -> "EllipticCurvePrivateKey | None":
    """The private half of a key; nothing where it isn't here, or can't be read as one."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    try:
        found = load_der_private_key((data / FOLDER / kid.hex()).read_bytes(), None)
    except (OSError, ValueError):
        return None
    return found if isinstance(found, ec.EllipticCurvePrivateKey) else None


def files(data: Path) -> list[Path]:
    """The files of all keys that are here."""
    return sorted(file for file in (data / FOLDER).glob("*") if NAME.fullmatch(file.name))


def destroy(data: Path, kid: bytes) -> None:
    """Forget a private half for good."""
    (data / FOLDER / kid.hex()).unlink(missing_ok=True)

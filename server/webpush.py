"""Messages to push services: sealed for one browser and signed by this installation (D-86, D-88).

The only import of pywebpush and py_vapid. The key lies beside the database and in every backup: without it nobody who
wished to be woken can be.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from msgspec import Struct

from server.endpoints import Endpoint

KEY_FILE = "vapid"
POINT_BYTES, AUTH_BYTES = 65, 16
KEPT_S = 12 * 3600  # for how long a push service keeps a message for a phone that is off
SIGNED_S = 12 * 3600
TOPIC = "virtaamo"  # of messages that wait at a push service, the newest replaces the others
PADDED = 64


class Subscriber(Struct, frozen=True):
    """A browser's half: its public key and the secret that it shares with us."""

    p256dh: bytes
    auth: bytes


class Letter(Struct, frozen=True):
    """What is sent."""

    headers: dict[str, str]
    body: bytes


class Keys:
    """The installation's own key; `contact` is whom a push service writes to when something is wrong."""

    def __init__(self, pem: bytes, contact: str) -> None:
        from py_vapid import Vapid02

        self._vapid = Vapid02.from_pem(pem)
        self._contact = f"mailto:{contact}"
        public = self._vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public = _text(public)

    def seal(self, content: bytes, to: Subscriber, at: Endpoint, now: int) -> Letter:
        """A message that only this browser can read, and that only we can have sent; `now` in milliseconds."""
        from pywebpush import WebPusher  # slow to import, and needed by the first message alone

        claims: dict[str, str | int] = {"aud": at.origin, "exp": now // 1000 + SIGNED_S, "sub": self._contact}
        keys = {"p256dh": _text(to.p256dh), "auth": _text(to.auth)}
        sealed = WebPusher({"endpoint": at.origin, "keys": keys}).encode(content, "aes128gcm")
        headers = {
            "Authorization": self._vapid.sign(claims)["Authorization"],
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_S),
            "Topic": TOPIC,
            "Urgency": "normal",
        }
        return Letter(headers, bytes(sealed["body"]))


def key_of(folder: Path) -> bytes:
    """The installation's push key as PEM, made once; it lies beside the database and never in it."""
    path = folder / KEY_FILE
    if not path.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(pem)
                os.fsync(handle)
    return path.read_bytes()


def subscriber(p256dh: str, auth: str) -> Subscriber | None:
    """A browser's keys from base64url; nothing where they are none (D-87)."""
    try:
        point, secret = _bytes(p256dh), _bytes(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return None
    return Subscriber(point, secret) if (len(point), len(secret)) == (POINT_BYTES, AUTH_BYTES) else None


def hint(space: int, card: bytes | None) -> bytes:
    """All that a message says: a space and a card's number, or nothing where there is more than one; no words.

    >>> hint(7, bytes(16)).rstrip(), len(hint(0, None))
    (b'{"s":7,"c":"00000000000000000000000000000000"}', 64)
    """
    return f'{{"s":{space},"c":"{card.hex() if card else ""}"}}'.encode().ljust(PADDED)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))

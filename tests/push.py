"""A push service on loopback that reads what it is sent, and browsers that have subscribed to it.

It opens messages by RFC 8291 and checks signatures by RFC 8292 on its own, without the server's libraries for that.
"""

import json
import queue
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

P256 = ec.SECP256R1()
WAIT_S = 20


class Sent(NamedTuple):
    """One request to the push service."""

    path: str
    headers: dict[str, str]
    body: bytes


class Told(NamedTuple):
    """What a message told, and the text that a browser hands to its service worker."""

    space: int
    card: str
    text: str


class Browser:
    """A browser's push subscription; `form` is what its page sends to the server."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._key, self._auth = ec.generate_private_key(P256), b"sixteen bytes..."
        self.point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.form = {"endpoint": endpoint, "p256dh": text(self.point), "auth": text(self._auth)}

    def read(self, sent: Sent) -> Told:
        """Open a message as browsers do; raises where it is not for this one."""
        salt, size, body = sent.body[:16], sent.body[20], sent.body[21:]
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(P256, body[:size])
        secret = self._key.exchange(ec.ECDH(), theirs)
        shared = derive(secret, self._auth, b"WebPush: info\0" + self.point + body[:size], 32)
        key = derive(shared, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derive(shared, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, body[size:], None)
        content = plain.rstrip(b"\0")
        assert content[-1:] == b"\2", "the last record ends in 2"
        assert len(content) == 65, "messages are alike in length"
        told = json.loads(content[:-1])
        assert told.keys() == {"s", "c"}
        return Told(told["s"], told["c"], content[:-1].decode())


class PushService:
    """Answers `status` to every message and keeps what it was sent."""

    def __init__(self, status: int = 201, headers: dict[str, str] | None = None) -> None:
        self.status, self.headers = status, headers or {}
        self.sent: queue.Queue[Sent] = queue.Queue()
        service = self

        class Answering(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.sent.put(Sent(self.path, dict(self.headers), body))
                self.send_response(service.status)
                for name, value in service.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def browser(self, name: str = "one") -> Browser:
        """A new browser that is reached here."""
        return Browser(f"{self.url}/push/{name}")

    def next(self) -> Sent:
        """The next message."""
        return self.sent.get(timeout=WAIT_S)

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


def check_signature(sent: Sent, public: str, origin: str) -> dict[str, object]:
    """The claims of a message that this key has signed for this service."""
    scheme, _, parts = sent.headers["Authorization"].partition(" ")
    assert scheme == "vapid"
    given = dict(part.strip().split("=", 1) for part in parts.split(","))
    assert given["k"] == public
    signed, _, signature = given["t"].rpartition(".")
    raw = raw_of(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key = ec.EllipticCurvePublicKey.from_encoded_point(P256, raw_of(public))
    key.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    claims = json.loads(raw_of(signed.partition(".")[2]))
    assert claims["aud"] == origin
    assert 0 < claims["exp"] - time.time() <= 24 * 3600
    return claims


def derive(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA-256."""
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def text(raw: bytes) -> str:
    """Bytes as base64url."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def raw_of(given: str) -> bytes:
    """Bytes from base64url."""
    return urlsafe_b64decode(given + "=" * (-len(given) % 4))

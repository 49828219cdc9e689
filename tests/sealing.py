"""A phone that seals what it can't send otherwise, as the browser does (docs/devices.md section 8)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sync.protocol import Change, encode
from tests.conftest import Cookies, Server

MSGPACK = {"Content-Type": "application/x-msgpack", "Accept": "application/x-msgpack"}
SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
AT = 1_795_000_000_000


class ServerKey(NamedTuple):
    """A key as the server offers it."""

    kid: bytes
    public: bytes


def raw(text: str) -> bytes:
    """What base64url says."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Phone:
    """Somebody who has joined on a phone, and has the author key that was registered then."""

    def __init__(self, server: Server, code: str, name: str = "Ville") -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.client = server.client()
        self.counted, self.made = 0, 0
        form = {"code": code, "name": name, "lang": "fi", "device_name": "puhelin", "sign_pub": self.sign_pub}
        reply = self.client.post("/api/join", json=form)
        assert reply.status_code == 200, reply.text
        self.me = reply.json()
        self.client.auth = Cookies(reply.headers["set-cookie"].split(";")[0])
        self.prefix = sha256(self.point).digest()[:8]

    @property
    def point(self) -> bytes:
        """The public half of the author key, 65 bytes."""
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def sign_pub(self) -> str:
        """The same as it travels."""
        return urlsafe_b64encode(self.point).decode().rstrip("=")

    @property
    def team(self) -> int:
        """The space of the team that was joined."""
        return next(space for space, _, kind, _ in self.me["grants"] if kind == "team")

    def idea(self, title: str, **how: object) -> Change:
        """A new idea in the team."""
        space = how.get("space", self.team)
        fields = {"title": (None, title), **({"team": (None, self.team)} if space != self.me["own"] else {})}
        card = how.get("card", sha256(title.encode()).digest()[:16])
        return Change(
            self._next_id(), space, card, "idea", how.get("at", AT), 0, {**fields, **how.get("fields", {})}
        )

    def change(self, card: bytes, fields: dict[str, tuple[object, object]], **how: object) -> Change:
        """A change of a card."""
        space = how.get("space", self.team)
        return Change(self._next_id(), space, card, how.get("kind", "idea"), how.get("at", AT), 0, fields)

    def _next_id(self) -> bytes:
        """Counted from 0, as the browser does."""
        id_ = self.prefix + self.made.to_bytes(4)
        self.made += 1
        return id_

    def seal(self, content: Change | bytes, key: ServerKey, **other: object) -> list[object]:
        """A sealed record; `other`: device, person, n, id, signer, inner (anything else instead), inner_ends."""
        plain = content if isinstance(content, bytes) else encode(content)
        own_id = sha256(plain).digest()[:12] if isinstance(content, bytes) else content.id
        self.counted += 1
        n, person = other.get("n", self.counted), other.get("person", self.me["person"])
        device, id_ = other.get("device", bytes.fromhex(self.me["device"]["id"])), other.get("id", own_id)
        org = bytes.fromhex(self.me["org"])
        signed = b"virtaamo/op/1\0" + org + device + person.to_bytes(8) + n.to_bytes(8) + plain
        signature = _sign(other.get("signer", self.private), signed)
        while not signature.endswith(other.get("inner_ends", b"")):
            signature = _sign(self.private, signed)
        author_key = sha256(self.point).digest()[:8]
        packed = encode([person, author_key, n, plain, signature])
        inner = other.get("inner", packed)
        size = 512
        while size < len(inner):
            size *= 2
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key.public)
        info = b"virtaamo/sealed/1\0" + org + device + id_
        return [1, key.kid, device, id_, SUITE.encrypt(inner.ljust(size, b"\0"), public, info=info)]

    def key(self) -> ServerKey:
        """The key that the server has active, as the phone knows it since it joined."""
        (active,) = (key for key in self.me["keys"] if key["state"] == "active")
        return ServerKey(raw(active["kid"]), raw(active["public"]))


def _sign(private: ec.EllipticCurvePrivateKey, signed: bytes) -> bytes:
    r, s = decode_dss_signature(private.sign(signed, ec.ECDSA(SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def deliver(stranger: httpx.Client, items: Sequence[object]) -> dict[str, object]:
    """Hand sealed records in without any cookie; what the server answers."""
    reply = stranger.post("/api/sealed", content=msgspec.msgpack.encode({"items": items}), headers=MSGPACK)
    assert reply.status_code == 200, reply.text
    return msgspec.msgpack.decode(reply.content)


def states(reply: dict[str, object]) -> list[str]:
    """`stored`, or why not."""
    return [item.get("reason", item["state"]) for item in reply["items"]]

"""An authenticator in software, as WebAuthn wants one: makes passkeys, signs with them, speaks the JSON of browsers."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from secrets import token_bytes

import cbor2
import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, MAY_SYNC, SYNCED, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


class Authenticator:
    """One passkey at a time; `verifies` says whether it asks its owner for a finger, `counts` whether it counts.

    `origin` is the page that it believes to serve.
    """

    def __init__(self, origin: str, verifies: bool = True, counts: bool = False, syncs: bool = False) -> None:
        self.origin = origin
        self.verifies = verifies
        self.counts = counts
        self.syncs = syncs
        self.id = token_bytes(16)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.handle = b""
        self.count = 0
        self.extra: dict[str, object] = {}  # what the browser would say besides, of where it is

    def make(self, options: Mapping[str, object]) -> dict[str, object]:
        """The answer to the options of a registration."""
        self.handle = _bytes(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        attested = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], ATTESTED) + attested
        said = self._said("webauthn.create", options["challenge"])
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._json({"clientDataJSON": _text(said), "attestationObject": _text(made)})

    def use(self, options: Mapping[str, object]) -> dict[str, object]:
        """The answer to the options of a sign-in or a step-up."""
        if self.counts:
            self.count += 1
        data = self._data(options["rpId"], 0)
        said = self._said("webauthn.get", options["challenge"])
        signed = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {"authenticatorData": data, "clientDataJSON": said, "signature": signed}
        return self._json(
            {name: _text(part) for name, part in answer.items()} | {"userHandle": _text(self.handle)}
        )

    def _data(self, party: str, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0) | (MAY_SYNC | SYNCED if self.syncs else 0)
        return hashlib.sha256(party.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _said(self, kind: str, challenge: object) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | self.extra).encode()

    def _json(self, response: Mapping[str, str]) -> dict[str, object]:
        id_ = _text(self.id)
        return {
            "id": id_,
            "rawId": id_,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }


def add_passkey(client: httpx.Client, authenticator: Authenticator | None = None) -> Authenticator:
    """Make a passkey for whoever is signed in on a client, as the app does; it proves the session for five minutes."""
    made_by = authenticator or Authenticator(client.headers["origin"])
    begun = client.post("/api/passkey/register/begin", json={})
    assert begun.status_code == 200, begun.text
    form = {"credential": made_by.make(begun.json()["options"]), "label": "test"}
    done = client.post("/api/passkey/register/finish", json=form)
    assert done.status_code == 201, done.text
    return made_by


def step_up(client: httpx.Client, authenticator: Authenticator) -> httpx.Response:
    """Prove with a passkey that the person of this session is there."""
    begun = client.post("/api/passkey/stepup/begin", json={})
    assert begun.status_code == 200, begun.text
    form = {"credential": authenticator.use(begun.json()["options"])}
    return client.post("/api/passkey/stepup/finish", json=form)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: object) -> bytes:
    return urlsafe_b64decode(str(text) + "=" * (-len(str(text)) % 4))

"""Tablets in tests: enrolled by a supervisor, copies on them, unlocked by an author key."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.conftest import Cookies, Server
from tests.sealing import Phone


class Tablet:
    """A browser that is a tablet: its cookies, who has unlocked it, and the half that stays in memory."""

    def __init__(self, server: Server, code: str) -> None:
        self.client = server.client()
        reply = self.client.post("/api/devices", json={"code": code})
        assert reply.status_code == 201, reply.text
        self.me = reply.json()
        self.uuid = self.me["device"]["id"]
        self.keys: dict[int, tuple[str, ec.EllipticCurvePrivateKey]] = {}
        self.jar: dict[str, str] = {}
        self.keep(reply)

    def keep(self, reply: httpx.Response) -> None:
        """Keep the cookies of a reply."""
        for line in reply.headers.get_list("set-cookie"):
            name, _, value = line.split(";")[0].partition("=")
            self.jar[name] = value.strip('"')
        held = "; ".join(f"{name}={value}" for name, value in self.jar.items() if value)
        self.client.auth = Cookies(held)

    def ask(self, key: ec.EllipticCurvePrivateKey) -> httpx.Response:
        """Ask a phone to approve this author key."""
        return self.client.post("/api/devices/requests", json={"sign_pub": public(key)})

    def add(self, phone: httpx.Client) -> dict[str, object]:
        """A copy for whoever is signed in on a phone, approved there."""
        key = ec.generate_private_key(ec.SECP256R1())
        asked = self.ask(key).json()
        approved = phone.post("/api/devices/approve", json={"code": asked["code"], "number": asked["number"]})
        assert approved.status_code == 204, approved.text
        reply = self.client.post("/api/devices/persons", json={"request": asked["id"]})
        assert reply.status_code == 201, reply.text
        me: dict[str, object] = reply.json()
        self.keys[reply.json()["person"]] = (reply.json()["device"]["id"], key)
        return me

    def unlock(self, person: int) -> httpx.Response:
        """Unlock the copy of this person; the client sends the half from now on."""
        uuid, key = self.keys[person]
        begun = self.client.post("/api/unlock/begin", json={"person": person})
        if begun.status_code != 200:
            return begun
        signed = sign(key, bytes.fromhex(uuid), begun.json()["challenge"])
        reply = self.client.post("/api/unlock/finish", json={"person": person, "signature": signed})
        if reply.status_code == 200:
            self.keep(reply)
            self.client.headers["X-Virtaamo"] = f"p={person};u={reply.json()['unlock']}"
        return reply


class Desk(Phone):
    """Somebody's copy on a tablet, which seals what they write there; `me` is what it was told when it was made."""

    def __init__(self, tablet: Tablet, me: dict[str, object]) -> None:
        self.me = me
        self.client = tablet.client
        self.private = tablet.keys[me["person"]][1]
        self.counted, self.made = 0, 0
        self.prefix = sha256(self.point).digest()[:8]


def tablet_of(server: Server, leader: httpx.Client, name: str = "Osasto 3") -> Tablet:
    """A tablet of the team that this person leads."""
    space = leader.me["leads"][0][0]
    made = leader.post("/api/devices/codes", json={"spaces": [space], "name": name})
    assert made.status_code == 201, made.text
    return Tablet(server, made.json()["url"].partition("#")[2])


def public(key: ec.EllipticCurvePrivateKey) -> str:
    """The public half of an author key, as a device sends it."""
    return text(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def sign(key: ec.EllipticCurvePrivateKey, uuid: bytes, challenge: str) -> str:
    """What unlocks a copy."""
    value = urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4))
    r, s = decode_dss_signature(key.sign(b"virtaamo/unlock/1\0" + uuid + value, ec.ECDSA(SHA256())))
    return text(r.to_bytes(32) + s.to_bytes(32))


def text(raw: bytes) -> str:
    """Bytes as base64url."""
    return urlsafe_b64encode(raw).decode().rstrip("=")

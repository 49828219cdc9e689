"""Something dropped without a name, as a browser does it: sealed for the server, with a ticket and no cookie."""

from hashlib import sha256
from typing import NamedTuple

import httpx
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from tests.conftest import Server
from tests.sealing import MSGPACK, SUITE, raw


class Box:
    """The drop box of a server, as somebody sees it who has `me`."""

    def __init__(self, server: Server, me: dict[str, object]) -> None:
        self.stranger, self.me = server.client(), me
        (key,) = (key for key in me["keys"] if key["state"] == "active")
        self.kid, self.public = raw(key["kid"]), raw(key["public"])
        self.team = next(space for space, _, kind, _ in me["grants"] if kind == "team")

    def words(self, title: str, **other: object) -> dict[str, object]:
        """What is sealed; the claim code is the title itself."""
        usual = {"space": self.team, "kind": "idea", "title": title, "text": "", "lang": "fi"}
        return {**usual, "claim": proof(title), **other}

    def seal(self, words: dict[str, object], ends: bytes = b"") -> bytes:
        """A box with these words."""
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.public)
        info = b"virtaamo/sealed/1\0" + bytes.fromhex(self.me["org"]) + bytes(28)
        return SUITE.encrypt(msgspec.msgpack.encode(words) + ends, public, info=info)

    def post(self, ticket: bytes, box: bytes, kid: bytes | None = None) -> httpx.Response:
        """Hand it in."""
        body = msgspec.msgpack.encode({"ticket": ticket, "box": box, "kid": kid or self.kid})
        return self.stranger.post("/api/drop", content=body, headers=MSGPACK)

    def drop(self, ticket: bytes, code: str, **other: object) -> httpx.Response:
        """Seal and hand in; the code is the title too, where there is no other."""
        return self.post(ticket, self.seal({**self.words(code), **other}))

    def claim(self, code: str, do: str = "read", text: str = "") -> "Reply":
        """Ask by a claim code."""
        body = msgspec.msgpack.encode({"proof": proof(code), "do": do, "text": text})
        reply = self.stranger.post("/api/claim", content=body, headers=MSGPACK)
        return Reply(reply.status_code, msgspec.msgpack.decode(reply.content))


class Reply(NamedTuple):
    """A status, and what was said."""

    status: int
    body: dict[str, object]


def proof(code: str) -> bytes:
    """Stands for what a browser derives slowly."""
    return sha256(code.encode()).digest()


def tickets(client: httpx.Client, n: int = 20) -> list[bytes]:
    """Tickets for somebody who is signed in."""
    reply = client.post("/api/tickets", json={"n": n}, headers={"Accept": MSGPACK["Accept"]})
    assert reply.status_code == 200, reply.text
    return msgspec.msgpack.decode(reply.content)["tickets"]


def why(reply: httpx.Response) -> tuple[int, str, str | None]:
    """A refusal: its status, its code and its field."""
    body = msgspec.msgpack.decode(reply.content)
    return reply.status_code, body["error"], body.get("field")

"""A person's device that speaks the protocol by hand, over plain HTTP."""

import os
import time
from collections.abc import Mapping, Sequence

import httpx
import msgspec

from sync import PROTOCOL
from sync.protocol import Change, Code, Frame, Sync, Synced, Verdict, encode

MSGPACK = {"Content-Type": "application/x-msgpack", "Accept": "application/x-msgpack"}
BATCH = 8  # several words of 100,000 letters fit into one message


def drawn_id() -> bytes:
    """A card's id as devices draw it: a UUIDv7 (RFC 9562)."""
    drawn = bytearray(os.urandom(16))
    drawn[6], drawn[8] = 0x70 | drawn[6] & 0x0F, 0x80 | drawn[8] & 0x3F
    return bytes(drawn)


class Pen:
    """A person's device that speaks by hand; `sets` are values, `write` gives the verdict."""

    def __init__(self, client: httpx.Client) -> None:
        self.client, self.me = client, client.me
        self.person, self.own = client.me["person"], client.me["own"]
        self._prefix, self._counter = os.urandom(8), 0

    def space(self, kind: str = "team") -> int:
        """A space of the person's."""
        return next(space for space, _, of, _ in self.me["grants"] if of == kind)

    def write(
        self, space: int, kind: str, sets: Mapping[str, object], card: bytes = b"", **was: object
    ) -> Verdict:
        """One change; `was` are the values that were before the person's eyes."""
        touched = {name: (was.get(name), value) for name, value in sets.items()}
        return self.sync([self._change(space, kind, card or drawn_id(), touched)]).verdicts[0]

    def write_all(
        self, space: int, kind: str, card: bytes, sets: Sequence[Mapping[str, object]]
    ) -> list[Verdict]:
        """Many changes of one card in their order, a verdict each."""
        changes = [self._change(space, kind, card, {n: (None, v) for n, v in one.items()}) for one in sets]
        batches = [changes[at : at + BATCH] for at in range(0, len(changes), BATCH)]
        return [verdict for batch in batches for verdict in self.sync(batch).verdicts]

    def _change(
        self, space: int, kind: str, card: bytes, touched: dict[str, tuple[object, object]]
    ) -> Change:
        self._counter += 1
        id_, at = self._prefix + self._counter.to_bytes(4), time.time_ns() // 1_000_000
        return Change(id_, space, card, kind, at + self._counter, 10_000, touched)

    def idea(self, space: int, team: int, **sets: object) -> bytes:
        """Make an idea; gives its id."""
        card = drawn_id()
        verdict = self.write(space, "idea", {"team": team, "title": "Lamppu", **sets}, card)
        assert verdict.code == Code.DONE, verdict
        return card

    def sync(self, changes: list[Change], cursors: Mapping[int, int] | None = None) -> Synced:
        """One round trip."""
        raws = [msgspec.Raw(encode(change)) for change in changes]
        body = encode(Sync(PROTOCOL, None, 0, dict(cursors or {}), raws, 1))
        reply = self.client.post("/api/sync", content=body, headers=MSGPACK)
        assert reply.status_code == 200, reply.text
        return msgspec.msgpack.decode(reply.content, type=Synced)

    def cards(self, space: int) -> dict[bytes, dict[str, object]]:
        """What the device gets of a space."""
        frames = self.sync([], {space: 0}).frames
        rows = [row for raw in frames for row in msgspec.msgpack.decode(raw, type=Frame).rows]
        return {row.card: {"kind": row.kind, "by": row.by, **row.fields} for row in rows}

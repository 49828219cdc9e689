"""The live connection and the sync call of a real server, byte by byte (docs/protocol.md section 3)."""

import os
import time
import zlib

import brotli
import httpx
import msgspec
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from sync import PROTOCOL
from sync.protocol import Change, Code, Frame, Sync, Synced, encode

MSGPACK = {"Content-Type": "application/x-msgpack", "Accept": "application/x-msgpack"}
decode_synced = msgspec.msgpack.Decoder(Synced).decode
decode_frame = msgspec.msgpack.Decoder(Frame).decode


class Phone:
    """A device that speaks the protocol by hand."""

    def __init__(self, server, client: httpx.Client) -> None:
        self.server, self.client = server, client
        self.team = next(space for space, _, kind, _ in client.me["grants"] if kind == "team")
        self.prefix, self.counter, self.epoch = os.urandom(8), 0, None

    def change(self, fields: dict, card: bytes | None = None, kind: str = "idea", base: int = 0) -> Change:
        self.counter += 1
        id_ = self.prefix + self.counter.to_bytes(4)
        at = time.time_ns() // 1_000_000
        return Change(id_, self.team, card or os.urandom(16), kind, at, base, fields)

    def idea(self, title: str) -> Change:
        return self.change({"team": (None, self.team), "title": (None, title)})

    def sync(self, changes=(), cursors: dict | None = None, sent: int = 1, grants: int = 0) -> Sync:
        raws = [msgspec.Raw(encode(c)) if isinstance(c, Change) else msgspec.Raw(c) for c in changes]
        return Sync(PROTOCOL, self.epoch, grants, cursors or {}, raws, sent)

    def post(self, *args, **kwargs) -> Synced:
        reply = self.client.post("/api/sync", content=encode(self.sync(*args, **kwargs)), headers=MSGPACK)
        assert reply.status_code == 200, reply.text
        synced = decode_synced(reply.content)
        self.epoch = synced.epoch
        return synced

    def live(self, origin: str | None = None) -> ClientConnection:
        url = self.server.url.replace("http", "ws") + "/api/live"
        cookie = {"Cookie": self.client.auth.cookie}
        return connect(url, origin=origin or self.server.url, additional_headers=cookie, max_size=2_000_000)


def heard(socket: ClientConnection) -> Synced:
    return decode_synced(socket.recv(timeout=10))


@pytest.fixture(params=["sqlite", "postgres"])
def sort(request) -> str:
    return request.param


@pytest.fixture
def phone(server, join) -> Phone:
    return Phone(server, join(server))


def test_an_accepted_change_comes_back_in_a_frame(phone) -> None:
    idea = phone.idea("Kahvi")
    synced = phone.post([idea], {phone.team: 0})
    assert [v.code for v in synced.verdicts] == [Code.DONE]
    frame = decode_frame(synced.frames[0])
    row = next(r for r in frame.rows if r.card == idea.card)
    assert row.fields["title"] == "Kahvi"
    assert row.by == phone.client.me["person"]
    assert frame.count == len(frame.rows)
    assert frame.sum == sum(r.seq for r in frame.rows)


def test_a_reply_names_new_grants_only_when_they_changed(phone) -> None:
    first = phone.post()
    assert first.grants is not None
    assert phone.post(grants=first.grants.version).grants is None


def test_a_live_connection_gets_frames_of_others_in_order(server, join, phone) -> None:
    other = Phone(server, join(server, name="Ville"))
    with phone.live() as socket:
        socket.send(encode(phone.sync(cursors={phone.team: 0}, sent=7)))
        first = heard(socket)
        assert first.sent == 7
        upto = decode_frame(first.frames[0]).upto
        for title in ("yksi", "kaksi", "kolme"):
            other.post([other.idea(title)])
        for title in ("yksi", "kaksi", "kolme"):
            frame = decode_frame(heard(socket).frames[0])
            assert (frame.since, frame.rows[0].fields["title"]) == (upto, title)
            upto = frame.upto


def test_a_live_connection_gets_verdicts_for_what_it_sends(phone) -> None:
    with phone.live() as socket:
        socket.send(encode(phone.sync([phone.idea("Kahvi"), phone.idea("Tee")], sent=3)))
        reply = heard(socket)
        assert (reply.sent, [v.code for v in reply.verdicts]) == (3, [Code.DONE, Code.DONE])


def test_removal_reaches_an_open_connection_at_once(server, phone) -> None:
    with phone.live() as socket:
        socket.send(encode(phone.sync(cursors={phone.team: 0})))
        heard(socket)
        person = str(phone.client.me["person"])
        assert server.cli("people", "remove", "--person", person, "--team", "Koivu").returncode == 0
        grants = heard(socket).grants
        assert grants is not None
        assert phone.team not in {space for space, *_ in grants.spaces}
    held = phone.post([phone.idea("myöhässä")]).verdicts[0]
    assert (held.code, held.detail["reason"]) == (Code.HELD, "grant_revoked")


def test_a_foreign_origin_is_closed_with_4403(phone) -> None:
    with phone.live(origin="https://muu.example") as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=10)
    assert closed.value.rcvd.code == 4403


def test_a_connection_without_a_session_is_closed_with_4401(server) -> None:
    url = server.url.replace("http", "ws") + "/api/live"
    with connect(url, origin=server.url) as socket, pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=10)
    assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize("message", [b"\xc1", b"\x93\x01\x02\x03", b""])
def test_a_bad_message_is_closed_with_4400(phone, message) -> None:
    with phone.live() as socket, pytest.raises(ConnectionClosed) as closed:
        socket.send(message)
        socket.recv(timeout=10)
    assert closed.value.rcvd.code == 4400


def test_one_malformed_change_is_held_and_its_neighbours_land(phone) -> None:
    before, after = phone.idea("ennen"), phone.idea("jälkeen")
    torn = encode([phone.prefix + b"\0\0\0\x63", phone.team, b"x" * 16, "idea", "now", 0, {}])
    verdicts = phone.post([before, torn, after]).verdicts
    assert [v.code for v in verdicts] == [Code.DONE, Code.HELD, Code.DONE]
    assert verdicts[1].id == phone.prefix + b"\0\0\0\x63"


def test_a_change_sent_twice_gets_its_first_verdict_and_counts_once(phone) -> None:
    idea = phone.idea("Kahvi")
    first, second = phone.post([idea]).verdicts[0], phone.post([idea]).verdicts[0]
    assert first == second
    frame = decode_frame(phone.post(cursors={phone.team: 0}).frames[0])
    assert sum(r.kind == "idea" for r in frame.rows) == 1


def test_a_foreign_epoch_counts_as_cursor_0(phone) -> None:
    phone.post([phone.idea("Kahvi")])
    phone.epoch = b"vanhempi"
    frame = decode_frame(phone.post(cursors={phone.team: 999}).frames[0])
    assert frame.since == 0


def test_spaces_without_a_grant_are_ignored_silently(phone) -> None:
    stranger = phone.server.add_team("Haapa")
    synced = phone.post(cursors={stranger: 0, 9999: 0})
    assert (list(synced.frames), synced.behind) == ([], [])


def test_a_snapshot_equals_the_frame_from_0_and_is_not_cached(phone) -> None:
    phone.post([phone.idea(f"Idea {n}") for n in range(50)])
    reply = phone.client.get(f"/api/spaces/{phone.team}/snapshot")
    frame = decode_frame(reply.content if reply.content[0] == 0x96 else brotli.decompress(reply.content))
    again = decode_frame(phone.post(cursors={phone.team: 0}).frames[0])
    assert sorted(frame.rows, key=lambda r: r.seq) == again.rows
    assert (reply.headers["content-encoding"], reply.headers["cache-control"]) == ("br", "no-store")
    known = {"If-None-Match": reply.headers["etag"]}
    assert phone.client.get(f"/api/spaces/{phone.team}/snapshot", headers=known).status_code == 304


def test_a_snapshot_of_an_unknown_space_looks_like_one_not_granted(phone) -> None:
    stranger = phone.server.add_team("Haapa")
    codes = {phone.client.get(f"/api/spaces/{space}/snapshot").status_code for space in (stranger, 9999)}
    assert codes == {404}


def test_a_newer_protocol_gets_426(phone) -> None:
    newer = encode(Sync(PROTOCOL + 1, None, 0, {}, [], 1))
    assert phone.client.post("/api/sync", content=newer, headers=MSGPACK).status_code == 426


def test_a_gzip_bomb_is_refused_where_the_limit_is(phone) -> None:
    pack = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    bomb = b"".join([*(pack.compress(b"\0" * 1_000_000) for _ in range(200)), pack.flush()])
    reply = phone.client.post("/api/sync", content=bomb, headers={**MSGPACK, "Content-Encoding": "gzip"})
    assert reply.status_code == 413


def test_history_tells_what_landed_oldest_first(phone) -> None:
    idea = phone.idea("Kahvi")
    phone.post([idea])
    phone.post([phone.change({"title": ("Kahvi", "Tee")}, card=idea.card)])
    reply = phone.client.get(f"/api/spaces/{phone.team}/cards/{idea.card.hex()}/history")
    rows = msgspec.msgpack.decode(reply.content)
    assert [row[4].get("title") for row in rows] == [[None, "Kahvi"], ["Kahvi", "Tee"]]
    assert {row[1] for row in rows} == {phone.client.me["person"]}


def test_a_moved_card_leaves_a_stub_and_pending_changes_follow_it(phone) -> None:
    org = next(space for space, _, kind, _ in phone.client.me["grants"] if kind == "org")
    idea = phone.idea("Kahvi")
    phone.post([idea])
    reply = phone.client.post(f"/api/spaces/{phone.team}/cards/{idea.card.hex()}/move", json={"to": org})
    assert reply.status_code == 200, reply.text
    new_card = bytes.fromhex(reply.json()["card"])
    late = phone.change({"title": ("Kahvi", "Tee")}, card=idea.card)
    synced = phone.post([late], {phone.team: 0, org: 0})
    assert synced.verdicts[0].code == Code.DONE
    frames = {f.space: f for f in map(decode_frame, synced.frames)}
    stub = next(r for r in frames[phone.team].rows if r.card == idea.card)
    assert stub.fields == {"moved": [org, new_card]}
    assert next(r for r in frames[org].rows if r.card == new_card).fields["title"] == "Tee"

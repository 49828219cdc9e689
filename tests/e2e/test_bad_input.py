"""Bad input to every call gets its code, never a 500: generated from the OpenAPI part, random on the rest."""

import gzip
import zlib

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from server.app import make_app
from server.refusals import STATUS
from server.settings import Settings
from tests.conftest import Server, join_with

MSGPACK = {"Content-Type": "application/x-msgpack"}
CALM = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
CLOSE_CODES = {1009, 4400, 4413}

whole = st.integers(-(2**63), 2**64 - 1)
values = st.recursive(
    st.none() | st.booleans() | whole | st.floats() | st.text(max_size=30) | st.binary(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=12) | whole, inner, max_size=5)
    ),
    max_leaves=20,
)

# The JSON part, as the server describes it; logging out would end the session that the rest needs.
described = schemathesis.openapi.from_dict(make_app(Settings(openapi=True)).openapi_schema.to_schema())
described = described.exclude(path_regex="/api/logout|/api/sync")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """One server for all of this; what a test breaks in it, the next would notice."""
    server = Server(tmp_path_factory.mktemp("bad") / "data")
    assert server.cli("init").returncode == 0
    server.start()
    server.add_team()
    yield server
    assert server.stop() == 0
    server.close()


@pytest.fixture(scope="module")
def supervisor(running):
    """Somebody who may do most; another member keeps the team's last supervisor in place."""
    join_with(running, running.invite(), name="Otto")
    return join_with(running, running.invite("supervisor"))


@described.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_described_calls_refuse_with_a_code(case, running, supervisor):
    headers = {**dict(supervisor.headers), "Cookie": supervisor.auth.cookie, **dict(case.headers or {})}
    headers["Origin"] = running.url

    reply = case.call(base_url=running.url, headers=headers)

    is_sound(reply)


@CALM
@given(body=st.binary(max_size=300) | values.map(msgspec.msgpack.encode))
def test_random_bodies_to_sync_are_refused_or_understood(running, supervisor, body):
    is_sound(supervisor.post("/api/sync", content=body, headers=MSGPACK))


@CALM
@given(
    changes=st.lists(
        st.tuples(
            st.binary(min_size=10, max_size=13),
            st.integers(-1, 2**63),
            st.binary(min_size=15, max_size=17),
            st.sampled_from(["idea", "comment", "person", "fork", "nonsense", ""]),
            st.integers(-1, 2**62),
            st.integers(-1, 2**62),
            st.dictionaries(
                st.sampled_from(
                    ["team", "title", "text", "gone", "photos/x", "fork/title/1", "goals/", "moved"]
                ),
                st.tuples(values, values),
                max_size=4,
            ),
        ),
        max_size=4,
    ),
    cursors=st.dictionaries(st.integers(-1, 2**63), st.integers(-1, 2**63), max_size=3),
)
def test_changes_that_make_no_sense_get_a_verdict_each(running, supervisor, changes, cursors):
    try:
        sync = msgspec.msgpack.encode([1, None, 0, cursors, changes, 7])
    except (OverflowError, RecursionError):
        return

    reply = supervisor.post("/api/sync", content=sync, headers=MSGPACK)

    is_sound(reply)
    if reply.status_code == 200:
        synced = msgspec.msgpack.decode(reply.content)
        assert len(synced[4]) == len(changes)
        assert all(verdict[1] in (5, 6) or changes[n][3] == "idea" for n, verdict in enumerate(synced[4]))


def test_a_malformed_change_stops_none_of_its_neighbours(running, supervisor):
    team = next(space for space, _, kind, _ in supervisor.me["grants"] if kind == "team")
    good = [
        b"goodrun0" + bytes(4),
        team,
        bytes(15) + b"\1",
        "idea",
        1,
        0,
        {"team": [None, team], "title": [None, "A"]},
    ]
    last = [b"goodrun0" + bytes(3) + b"\1", team, bytes(15) + b"\2", *good[3:]]
    deep: object = 1
    for _ in range(900):
        deep = [deep]
    bad = [7, [b"x"], [b"badrun00" + bytes(4), team, bytes(16), "idea", 1, 0, {"title": [None, deep]}]]
    reply = supervisor.post("/api/sync", content=packed([good, *bad, last]), headers=MSGPACK)

    codes = [verdict[1] for verdict in msgspec.msgpack.decode(reply.content)[4]]

    assert codes[0] == codes[-1] == 0
    assert all(code in (5, 6) for code in codes[1:-1])


def test_a_string_that_is_not_utf8_is_held_alone(running, supervisor):
    change = packed([[b"utf8run0" + bytes(4), 2, bytes(16), "idea", 1, 0, {"title": [None, "AAAA"]}]])

    reply = supervisor.post(
        "/api/sync", content=change.replace(b"AAAA", b"\xff\xfe\xff\xfe"), headers=MSGPACK
    )

    assert [verdict[1] for verdict in msgspec.msgpack.decode(reply.content)[4]] == [6]


@pytest.mark.parametrize(
    ("body", "encoding", "code"),
    [
        (gzip.compress(bytes(30_000_000)), "gzip", "too_large"),
        (gzip.compress(b"x")[:-4], "gzip", "bad_request"),
        (zlib.compress(b"x"), "gzip", "bad_request"),
        (b"x", "br", "unsupported_type"),
        (b"x" * 1_000_001, "", "too_large"),
        (b"", "", "bad_request"),
        (b"\x91" * 100_000, "", "bad_request"),
    ],
    ids=["bomb", "cut", "zlib", "br", "large", "empty", "deep"],
)
def test_a_body_that_cannot_be_read_says_why(running, supervisor, body, encoding, code):
    reply = supervisor.post("/api/sync", content=body, headers={**MSGPACK, "Content-Encoding": encoding})

    assert reply.json()["error"] == code


def test_a_client_from_the_future_is_told(running, supervisor):
    sync = msgspec.msgpack.encode([99, None, 0, {}, [], 1])

    assert supervisor.post("/api/sync", content=sync, headers=MSGPACK).status_code == 426


def test_more_changes_than_allowed_are_refused_as_a_whole(running, supervisor):
    assert (
        supervisor.post("/api/sync", content=packed([0] * 501), headers=MSGPACK).json()["error"]
        == "too_large"
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(message=st.binary(max_size=200) | values.map(msgspec.msgpack.encode) | st.text(max_size=20))
def test_random_messages_close_a_live_connection_with_a_code(running, supervisor, message):
    address = running.url.replace("http", "ws") + "/api/live"
    headers = {"Cookie": supervisor.auth.cookie, "Origin": running.url}
    with connect(address, additional_headers=headers, open_timeout=20) as socket:
        socket.send(message)
        try:
            socket.recv(timeout=5)
        except ConnectionClosed as closed:
            assert closed.rcvd is not None
            assert closed.rcvd.code in CLOSE_CODES


@pytest.mark.parametrize(
    ("change", "code"), [({"Origin": "https://evil.example"}, 4403), ({"Cookie": "x=y"}, 4401)]
)
def test_a_live_connection_that_may_not_come_in_is_told_why(running, supervisor, change, code):
    address = running.url.replace("http", "ws") + "/api/live"
    headers = {"Cookie": supervisor.auth.cookie, "Origin": running.url, **change}
    with (
        connect(address, additional_headers=headers, open_timeout=20) as socket,
        pytest.raises(ConnectionClosed) as end,
    ):
        socket.recv(timeout=5)

    assert end.value.rcvd.code == code


def test_a_foreign_space_and_an_unknown_one_look_alike(running, supervisor):
    running.add_team("Lumme")
    stranger = join_with(running, running.invite("staff", "Lumme"))
    team = next(space for space, _, kind, _ in supervisor.me["grants"] if kind == "team")

    for path in (
        "/api/spaces/{}/snapshot",
        "/api/persons?space={}",
        "/api/spaces/{}/cards/" + "0" * 32 + "/history",
    ):
        foreign, unknown = stranger.get(path.format(team)), stranger.get(path.format(99_999))
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.content == unknown.content


def is_sound(reply):
    """Whatever was sent: no defect of ours, and a refusal has a code of the list and words."""
    assert reply.status_code < 500, reply.text
    if reply.status_code >= 400:
        packed_reply = "msgpack" in reply.headers["content-type"]
        problem = msgspec.msgpack.decode(reply.content) if packed_reply else reply.json()
        assert problem["error"] in STATUS
        assert problem["message"]
        assert problem["message"] != f"error.{problem['error']}"


def packed(changes):
    return msgspec.msgpack.encode([1, None, 0, {}, changes, 1])

"""Messages of the sync protocol, version 1: arrays in MessagePack, append-only (docs/protocol.md section 3)."""

from enum import IntEnum, StrEnum

import msgspec
from msgspec import Raw, Struct

MAX_CHANGES = 500
MAX_FIELDS = 64
MAX_MEMBERS = 500
MAX_MESSAGE_BYTES = 1_000_000
MAX_UNPACKED_BYTES = 4_000_000
MAX_CLOCK_AHEAD_MS = 60_000
SUM_MODULUS = 2**53
MAX_INT = 2**53 - 1  # the largest that every device holds exactly


class Code(IntEnum):
    """What became of a change, in order of weight: the heaviest of its fields is the change's."""

    DONE = 0
    MERGED = 1
    FORKED = 2
    STALE = 3
    KEPT = 4
    REFUSED = 5
    HELD = 6


class Refusal(StrEnum):
    """Why a change was refused (its author decides what happens next) or held (quarantined, may be replayed)."""

    NO_GRANT = "no_grant"
    NOT_YOURS = "not_yours"
    OVER_LIMIT = "over_limit"
    WRONG_TYPE = "wrong_type"
    ONCE = "once"
    SYSTEM_FIELD = "system_field"
    GONE = "gone"
    CLIENT_DATA = "client_data"
    REASON_REQUIRED = "reason_required"
    REPLY_INCOMPLETE = "reply_incomplete"
    UNKNOWN_OPTION = "unknown_option"
    NO_ROOM = "no_room"
    RECEIVER_LEFT = "receiver_left"
    TOO_MANY = "too_many"
    # held
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_FIELD = "unknown_field"
    NO_CARD = "no_card"
    UNDECODABLE = "undecodable"
    ID_REUSED = "id_reused"
    GRANT_REVOKED = "grant_revoked"
    AUTHOR_REVOKED = "author_revoked"
    INTERNAL = "internal"


HELD = frozenset(
    {
        Refusal.UNKNOWN_KIND,
        Refusal.UNKNOWN_FIELD,
        Refusal.NO_CARD,
        Refusal.UNDECODABLE,
        Refusal.ID_REUSED,
        Refusal.GRANT_REVOKED,
        Refusal.AUTHOR_REVOKED,
        Refusal.INTERNAL,
    }
)


class Change(Struct, array_like=True, frozen=True, gc=False):
    """One intent of one person on one card: the fields it touches, each as (was, now)."""

    id: bytes
    space: int
    card: bytes
    kind: str
    at: int
    base: int
    set: dict[str, tuple[object, object]]


class Sync(Struct, array_like=True, frozen=True):
    """What a device sends: where it stands and what it has to say. Each change is decoded alone (P7)."""

    version: int
    epoch: bytes | None
    grants: int
    cursors: dict[int, int]
    changes: list[Raw]
    sent: int = 0


class Verdict(Struct, array_like=True, frozen=True, gc=False):
    """The server's answer for one change; `seq` is the space's seq after judging, 0 for refused and held."""

    id: bytes
    code: int
    seq: int = 0
    detail: dict[str, object] | None = None


class Grants(Struct, array_like=True, frozen=True):
    """What a person may read: [[space, role, kind, name]], with the version that `Sync.grants` is compared to."""

    version: int
    spaces: list[tuple[int, str, str, str]]


class Row(Struct, array_like=True, frozen=True, gc=False):
    """A card, or its changed fields, in a frame; `by` is nil for an anonymous card."""

    card: bytes
    kind: str
    seq: int
    by: int | None
    made: int
    fields: dict[str, object]


class Frame(Struct, array_like=True, frozen=True):
    """The cards of one space after one seq up to another; `count` and `sum` check the replica afterwards."""

    space: int
    since: int
    upto: int
    rows: list[Row]
    count: int
    sum: int


class Synced(Struct, array_like=True, frozen=True):
    """The server's reply, or what it sends of its own accord (`sent` 0). Frames are bytes encoded once."""

    epoch: bytes
    now: int
    sent: int
    grants: Grants | None
    verdicts: list[Verdict]
    frames: list[Raw]
    behind: list[int]
    stable: dict[int, int]


class Hello(Struct, array_like=True, frozen=True):
    """First frame of a live connection on a shared device (docs/devices.md D-38)."""

    unlock: bytes


encode = msgspec.msgpack.Encoder().encode
decode_change = msgspec.msgpack.Decoder(Change).decode
decode_sync = msgspec.msgpack.Decoder(Sync).decode
decode_value = msgspec.msgpack.Decoder().decode

"""What is noted of what happened: for administrators in the audit log, for a person's own eyes as notices (D-83).

Neither holds who read what, when somebody worked, or a word of a card. A sign-in that succeeded is told to its person
alone, one that failed is noted without the name that was typed.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, msgpack
from sqlalchemy import func, insert, select, update

from server.db import Transaction
from server.store.people import DAY_MS
from server.tables import audit, notice

Deed = Literal[
    "copy_made",  # of a person, on a tablet, detail: device
    "copy_removed",
    "device_revoked",
    "exported",
    "grant_ended",  # detail: role
    "granted",  # detail: role
    "handed_over",  # detail: to, count
    "imported",  # detail: count
    "invitation_taken_back",
    "invited",  # detail: role, kind, uses
    "key_changed",  # of the server, detail: kid, state
    "person_erased",
    "person_left",
    "person_renamed",
    "quarantine_accepted",  # detail: count
    "quarantine_let_go",  # detail: count
    "recovery_codes_made",  # on the command line, for somebody who had lost every way in
    "reinvited",  # detail: role
    "sign_in_failed",  # detail: way, why
    "space_made",
    "space_moved",  # detail: to
    "space_renamed",
    "tablet_changed",  # detail: device
    "tablet_enrolled",  # detail: device, checked: what was ticked, with spaces between
    "wall_removed",  # of a team on a tablet, detail: device
    "wall_shown",  # the same
]
Notice = Literal[
    "copy_code",  # a leader has made a code that opens a tablet as this person, detail: device, by
    "copy_made",  # on a tablet, detail: device
    "copy_removed",  # from a tablet, by who leads its team, detail: device
    "device_revoked",  # detail: device
    "exported",  # detail: device
    "given",  # tasks and promises that somebody handed over, detail: count, by
    "granted",  # detail: space, role, by
    "grant_ended",  # detail: space, by
    "groups_lapsed",  # roles by groups of whom the directory hasn't spoken for long
    "held",  # words that wait in quarantine, detail: count
    "identity_linked",  # with the organisation's sign-in
    "passkey_made",  # detail: label
    "passkey_removed",  # detail: label
    "passkey_turned_back",  # its counter went backwards: somebody may have a copy, detail: label
    "recovered",  # a recovery code was used, detail: device, left
    "recovery_codes_made",
    "reinvited",  # detail: by
    "renamed",  # by a leader, detail: by
    "review_asked",  # by the author of a hidden card, detail: space, card, by
    "session_ended",  # by another device, detail: device
    "signed_in",  # detail: device, way
    "unled",  # a team below has no supervisor, detail: space, team
]
Detail = Mapping[str, str | int | None]


class Event(Struct, frozen=True):
    """One line of the audit log: what, by whom (nil is the command line, or nobody), about whom, where."""

    what: Deed
    actor: int | None = None
    person: int | None = None
    space: int | None = None
    detail: Detail = {}


class Told(Struct, frozen=True):
    """What one person is told."""

    what: Notice
    detail: Detail = {}


class NoticeRow(Struct, frozen=True):
    """A notice as its person sees it: the day, never the hour."""

    id: int
    on: int
    what: str
    detail: Detail
    seen: bool


def note(txn: Transaction, event: Event, now: int) -> None:
    """Write a line of the audit log."""
    values: dict[str, object] = {"at": now, "what": event.what, "actor": event.actor, "person": event.person}
    values |= {"space": event.space, "detail": msgpack.encode(event.detail) if event.detail else None}
    txn.connection.execute(insert(audit).values(values))


def tell(txn: Transaction, person: int, told: Told, now: int) -> None:
    """Leave a notice that all devices of a person show, and nobody else."""
    values = {"person": person, "at": now, "what": told.what}
    packed = msgpack.encode(told.detail) if told.detail else None
    txn.connection.execute(insert(notice).values(**values, detail=packed))


def tell_once(txn: Transaction, person: int, told: Told, now: int) -> None:
    """The same, unless the person has been told just this before."""
    packed = msgpack.encode(told.detail) if told.detail else None
    same = (notice.c.person == person) & (notice.c.what == told.what) & (notice.c.detail == packed)
    if txn.connection.execute(select(notice.c.id).where(same).limit(1)).first() is None:
        tell(txn, person, told, now)


def notices(txn: Transaction, person: int, most: int = 100) -> list[NoticeRow]:
    """A person's notices, the newest first."""
    n = notice.c
    query = select(n.id, n.at, n.what, n.detail, n.seen_on).where(n.person == person)
    rows = txn.connection.execute(query.order_by(n.at.desc(), n.id.desc()).limit(most))
    return [
        NoticeRow(row.id, row.at // DAY_MS, row.what, detail_of(row.detail), row.seen_on is not None)
        for row in rows
    ]


def unseen(txn: Transaction, person: int) -> int:
    """How many notices a person has not seen."""
    mine = (notice.c.person == person) & notice.c.seen_on.is_(None)
    return txn.connection.execute(select(func.count()).select_from(notice).where(mine)).scalar_one()


def mark_seen(txn: Transaction, person: int, upto: int, now: int) -> None:
    """A person has seen the notices up to this one."""
    mine = (notice.c.person == person) & (notice.c.id <= upto) & notice.c.seen_on.is_(None)
    txn.connection.execute(update(notice).where(mine).values(seen_on=now // DAY_MS))


def detail_of(packed: bytes | None) -> dict[str, str | int | None]:
    """What was noted beside an event or a notice."""
    return {} if packed is None else msgpack.decode(packed, type=dict[str, str | int | None])


class EventRow(Struct, frozen=True):
    """An event as administrators see it: the day; the time only where no person is in it (H5)."""

    id: int
    on: int
    at: int | None
    what: str
    actor: int | None
    person: int | None
    space: int | None
    detail: Detail


def events(txn: Transaction, since: int, before: int, most: int = 200) -> list[EventRow]:
    """The newest lines of the audit log, from a day on and before a line (0: the newest)."""
    a = audit.c
    query = select(a.id, a.at, a.what, a.actor, a.person, a.space, a.detail).where(a.at >= since * DAY_MS)
    if before:
        query = query.where(a.id < before)
    rows = txn.connection.execute(query.order_by(a.id.desc()).limit(most))
    return [
        EventRow(
            row.id,
            row.at // DAY_MS,
            row.at if row.actor is None and row.person is None else None,
            row.what,
            row.actor,
            row.person,
            row.space,
            detail_of(row.detail),
        )
        for row in rows
    ]

"""A small county in a database: two areas, three teams, a person for every role; and a device's replica."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from server import people
from server.db import Transaction
from server.intake import arrival
from server.schema import migrate
from server.store import people as stored
from server.store import spaces
from server.store.accept import accept
from server.store.acceptance import Arrival
from server.store.cards import News
from server.store.frames import frames_after
from server.store.people import Device
from sync.protocol import SUM_MODULUS, Change, Code, Frame, Verdict, encode
from tests.changes import NOW, Sets
from tests.databases import Killed, OnPostgres, Sqlite

__all__ = ["Killed", "OnPostgres", "Sqlite"]
SECRET = b"s" * 32
STAFF = {"aino": "koivu", "timo": "koivu", "outi": "leppa", "sari": "pihlaja"}
ORGANISATION = {"dora": "dev_lead", "manu": "management", "rauni": "employee_rep", "adele": "admin"}


class Resident(NamedTuple):
    """A person in the database, with a device and the space of their own."""

    number: int
    device: int
    own: int


class Town:
    """The county, and its server's doors as plain calls. `spaces` and `people` by name; `now` moves when told."""

    def __init__(
        self, db: Sqlite | OnPostgres, spaces: Mapping[str, int], people: Mapping[str, Resident]
    ) -> None:
        self.db, self.spaces, self.people = db, dict(spaces), dict(people)
        self.now = NOW
        self._counter = 0

    def change(self, name: str, sets: Sets, **how: object) -> Change:
        """A change of a person's. `how`: card, kind, space, at, base, id; by default the idea in Koivu."""
        self._counter += 1
        return Change(
            how.get("id", b"%-8b" % name.encode()[:8] + self._counter.to_bytes(4)),
            self.spaces[how.get("space", "koivu")],
            how.get("card", b"i" * 16),
            how.get("kind", "idea"),
            how.get("at", self.now),
            how.get("base", 0),
            dict(sets),
        )

    def send(self, name: str, sets: Sets, **how: object) -> Verdict:
        """One change in one transaction."""
        return self.deliver([(name, encode(self.change(name, sets, **how)))])[0]

    def deliver(self, sent: Sequence[tuple[str, bytes]]) -> list[Verdict]:
        """Changes of several people as bytes, in one transaction."""
        arrivals = [arrival(self.device(name), raw) for name, raw in sent]
        return self.db.write(_accept, arrivals, self.now)

    def device(self, name: str) -> Device:
        """Who asks, as the guard would say."""
        resident = self.people[name]
        return Device(resident.device, resident.number, "fi", b"")

    def idea(self, name: str = "aino", **fields: object) -> Verdict:
        """A person makes the idea in the team Koivu, or in `space`."""
        space = fields.pop("space", "koivu")
        values = {"team": self.spaces["koivu"], "title": "Lamppu käytävään", **fields}
        return self.send(name, {n: (None, v) for n, v in values.items()}, space=space)

    def replica(self, space: str = "koivu") -> "Replica":
        """A fresh replica of a space."""
        replica = Replica(self.spaces[space])
        self.pull(replica)
        return replica

    def pull(self, replica: "Replica") -> None:
        """Bring a replica up to date."""
        frames, behind = self.db.write(frames_after, {replica.space: replica.cursor})
        assert not behind
        for frame in frames.values():
            replica.apply(msgspec.msgpack.decode(frame, type=Frame))

    def value(self, field: str, card: bytes = b"i" * 16, space: str = "koivu") -> object:
        """What a reader of a space sees in a field."""
        return self.replica(space).cards[card].fields.get(field)


class Seen(NamedTuple):
    """A card as a device holds it."""

    kind: str
    seq: int
    by: int | None
    made: int
    fields: dict[str, object]


class Replica:
    """What a device keeps of one space; `apply` checks every frame as devices do."""

    def __init__(self, space: int) -> None:
        self.space, self.cursor = space, 0
        self.cards: dict[bytes, Seen] = {}

    def apply(self, frame: Frame) -> bool:
        """Lay a frame over the cards; one that doesn't follow is left. Raises when count or sum don't fit."""
        if frame.since != self.cursor and frame.since != 0:
            return False
        if frame.since == 0:
            self.cards = {}
        for row in frame.rows:
            held = self.cards.pop(row.card, None)
            if not row.kind:
                continue
            covered = row.fields.get("gone") is not None or "moved" in row.fields
            fields = {} if held is None or covered else dict(held.fields)
            fields.update(row.fields)
            self.cards[row.card] = Seen(row.kind, row.seq, row.by, row.made, fields)
        self.cursor = frame.upto
        assert len(self.cards) == frame.count, f"{len(self.cards)} cards, not {frame.count}"
        assert sum(card.seq for card in self.cards.values()) % SUM_MODULUS == frame.sum
        return True

    def board(self) -> dict[bytes, tuple[object, ...]]:
        """What can be compared with another replica."""
        return {
            id_: (c.kind, c.seq, c.by, c.made, encode(sorted(c.fields.items())))
            for id_, c in self.cards.items()
        }


def _accept(txn: Transaction, arrivals: Sequence[Arrival], now: int) -> list[Verdict]:
    """Accept changes; what subscribers are told is what a device that asks afterwards is given (P2)."""
    verdicts = accept(txn, arrivals, now, SECRET)
    for news in [item for item in txn.told if isinstance(item, News)]:
        asked, behind = frames_after(txn, {news.space: news.since})
        assert behind or _ordered(news.frame()) == _ordered(asked[news.space])
    return verdicts


def _ordered(raw: bytes) -> Frame:
    frame = msgspec.msgpack.decode(raw, type=Frame)
    return msgspec.structs.replace(frame, rows=sorted(frame.rows, key=lambda row: row.card))


def build(db: Sqlite | OnPostgres) -> Town:
    """Make the county in a new database."""
    migrate(db.where)
    return Town(db, *db.write(_settle))


def copy(town: Town, file: Path) -> Town:
    """The same county in a file of its own, or in a database of its own beside the first."""
    return Town(town.db.copied(file), town.spaces, town.people)


def _settle(txn: Transaction) -> tuple[dict[str, int], dict[str, Resident]]:
    org = people.found(txn, {"fi": "Virtaamo"}, b"12345678")
    places = {"org": org, "north": people.add_area(txn, {"fi": "Pohjoinen"})}
    places["south"] = people.add_area(txn, {"fi": "Etelä"})
    for name, area in (("koivu", "north"), ("leppa", "north"), ("pihlaja", "south")):
        places[name] = people.add_team(txn, {"fi": name}, places[area], NOW)
    residents = {name: resident(txn, name, places[team], "staff") for name, team in STAFF.items()}
    residents["jorma"] = resident(txn, "jorma", places["koivu"], "supervisor")
    residents["agnes"] = resident(txn, "agnes", places["koivu"], "agent")
    residents |= {name: resident(txn, name, None, role) for name, role in ORGANISATION.items()}
    places |= {f"own of {name}": person.own for name, person in residents.items()}
    spaces.set_meta(txn, "epoch", b"epoch001")
    return places, residents


def resident(txn: Transaction, name: str, team: int | None, role: str) -> Resident:
    """A new person with a role, in a team or in the organisation."""
    person = stored.add_person(txn, name.title(), "fi", NOW)
    people.grant(txn, person.id, people.Seat(team, role), NOW)
    device = stored.add_device(txn, stored.NewDevice(person.id, name.encode(), name, b""), NOW)
    return Resident(person.id, device, person.own)


def is_settled(verdict: Verdict) -> bool:
    """Whether a change has found its place."""
    return verdict.code < Code.REFUSED

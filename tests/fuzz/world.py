"""One episode: a county in its database, its server, the devices, the letters on their way, and the model of it all."""

from collections.abc import Callable
from functools import partial
from hashlib import blake2b
from typing import NamedTuple, TypeVar

import msgspec

from server.people import Seat, grant, remove
from server.refusals import Refused
from server.store import backups, purge, retention, rounds, trust
from server.store.moves import Move, move
from server.store.retention import Pace
from sync.protocol import Code, Grants, Verdict
from tests.fuzz.databases import Database
from tests.fuzz.device import Device
from tests.fuzz.house import Dead, House
from tests.fuzz.ledger import Broken, Key, Ledger, Remembered
from tests.fuzz.reading import (
    empty_cards,
    heads,
    hidden_cards,
    moved_since,
    words_held,
    words_logged,
    words_on_cards,
)
from tests.town import SECRET, Town

T = TypeVar("T")
SEATS = {
    "aino": ("koivu", "staff"),
    "timo": ("koivu", "staff"),
    "jorma": ("koivu", "supervisor"),
    "outi": ("leppa", "staff"),
    "sari": ("pihlaja", "staff"),
    "dora": (None, "dev_lead"),
}
AREA_OF = {"koivu": "north", "leppa": "north", "pihlaja": "south"}
TASKS = {**rounds.TASKS, rounds.HIDDEN: partial(purge.purge, secret=SECRET)}
MOST_DEVICES = 10
SECOND = 1_000


class Answered(msgspec.Struct, array_like=True):
    """The part of a `Synced` that tells verdicts."""

    epoch: bytes
    now: int
    sent: int
    grants: Grants | None
    verdicts: list[Verdict]


decode_answered = msgspec.msgpack.Decoder(Answered).decode


class Letter:
    """A request on its way to the server, and the replies on their way back."""

    def __init__(self, device: Device, sent: int, request: bytes) -> None:
        self.device, self.sent, self.request = device, sent, request
        self.epoch = device.epoch
        self.replies: list[bytes] = []


class Backup(NamedTuple):
    """A verified copy of the database, and what the model knew then."""

    copy: object
    remembered: Remembered
    taken: backups.Backup
    seats: dict[str, dict[str | None, str]]


class World:
    """What steps act upon. Everything follows from the steps and their numbers: the same script, the same end."""

    def __init__(self, county: Town, db: Database) -> None:
        db.fill(county)
        self.town = Town(db, county.spaces, county.people)
        self.db, self.ledger = db, Ledger()
        self.time, self.server_off, self.latest = self.town.now, 0, self.town.now
        self.seats = {name: {seat[0]: seat[1]} for name, seat in SEATS.items()}
        self.boards: dict[tuple[bytes, int, int], object] = {}
        self.letters: dict[int, Letter] = {}
        self.backup: Backup | None = None
        self.forks = self.restores = self._runs = 0
        for name in SEATS:
            self.ledger.readable[name] = self._readable(name)
        self.house = House(self.town, self._look)
        self.ledger.epoch = self.house.epoch
        self.devices: dict[int, Device] = {}
        for number, name in enumerate(
            SEATS, -len(SEATS)
        ):  # later ones are numbered by the steps that make them
            self.devices[number] = Device(self.ledger, name, number, self.run())
        self.n = 0

    def close(self) -> None:
        """End the server."""
        self.house.close()

    def run(self) -> int:
        """The next opening of a device's database."""
        self._runs += 1
        return self._runs

    def tick(self, n: int) -> None:
        """A second passes before each step."""
        self.n, self._drawn = n, 0
        self.pass_time(SECOND)

    def pass_time(self, ms: int) -> None:
        """Time goes on, for the server and all devices."""
        self.time += ms
        self.town.now = self.time + self.server_off
        self.latest = max(self.latest, self.town.now)

    def word(self) -> str:
        """A word that nobody ever wrote; it follows from the step."""
        self._drawn += 1
        return f"<{self.n * 10 + self._drawn}>"

    def card_id(self) -> bytes:
        """A card id that was never used; it follows from the step."""
        self._drawn += 1
        return b"c%07d" % self._drawn + self.n.to_bytes(8)

    def peek(self, fn: Callable[..., T], *args: object) -> T:
        """Look into the database behind the server's back."""
        fuse, self.db.fuse = self.db.fuse, None
        try:
            return self.db.write(fn, *args)
        finally:
            self.db.fuse = fuse

    # ---- what the model sees of the server

    def _look(self, name: str, body: bytes, is_synced: bool) -> None:
        self.ledger.look(name, body)
        if is_synced:
            for verdict in decode_answered(body).verdicts:
                self.ledger.judge(name, verdict)

    def exchange(self, devices: list[Device], most: int) -> None:
        """Requests of these devices arrive as one group, and each gets its reply."""
        sent = [(d, self.n * 4 + i) for i, d in enumerate(devices)]
        bodies = self.house.post([(d.name, d.message(number, self.time, most)) for d, number in sent])
        for (device, number), body in zip(sent, bodies, strict=True):
            if body is None or not device.hear(body, self.time):
                device.give_up(number)

    def fetch(self, device: Device, space: int) -> None:
        """A device asks for a snapshot."""
        if (body := self.house.snapshot(device.name, space)) is not None:
            device.take_snapshot(body, self.time)
        else:
            device.wanted.discard(space)

    # ---- members, moves, backups

    def _readable(self, name: str) -> frozenset[int]:
        names = {f"own of {name}"}
        for team in self.seats[name]:
            names |= {"org"} if team is None else {team, AREA_OF[team], "org"}
        return frozenset(self.town.spaces[n] for n in names)

    def seat(self, name: str, team: str | None, role: str | None) -> None:
        """Give a person a seat, or end it."""
        before = dict(self.seats[name])
        number, now = self.town.people[name].number, self.town.now
        joined = self.town.spaces[team or "org"]
        if role is None:
            del self.seats[name][team]
        else:
            self.seats[name][team] = role
        self.ledger.readable[name] = self._readable(name)
        if role is None:
            done = self.house.write(lambda txn: remove(txn, number, joined, now) or True)
        else:
            seat = Seat(self.town.spaces[team] if team else None, role)
            done = self.house.write(lambda txn: grant(txn, number, seat, now) or True)
        if done is None:
            self.seats[name] = before
            self.ledger.readable[name] = self._readable(name)

    def move(self, name: str, key: Key, to: int) -> None:
        """A person moves a card to another space, if the server lets them."""
        asked = Move(self.town.people[name].number, key, to, self.town.now, SECRET)
        before = self.peek(heads).get(key[0], 0)
        doors = self.house.doors
        try:
            done = doors.run(lambda txn: move(txn, asked, self.card_id))
        except Refused:
            done = None
        except Dead:
            done = None
        if done is not None:
            if key[0] not in self.ledger.readable[name]:
                raise Broken("leak", f"{name} moved {key}")
            self.ledger.moved |= self.peek(moved_since, key[0], before)
        self.house.pump()

    def make_backup(self) -> None:
        """Make a verified copy; from now on devices may forget what it holds."""
        seats = {name: dict(held) for name, held in self.seats.items()}
        known = self.ledger.remember()
        taken = backups.Backup(self.latest, self.latest, 1)
        self.backup = Backup(self.db.copy(), known, taken, seats)
        self.peek(backups.note_heads, list(self.peek(heads).items()))
        self.peek(backups.note_backup, taken)

    def tidy(self, is_trusted: bool) -> None:
        """A round of retention; with trust in the clock as if there had been one every day."""
        hidden, shown, logged = self.peek(hidden_cards), self.peek(words_on_cards), self.peek(words_logged)
        begun = self.house.write(trust.claim, self.town.now)
        now = self.time if is_trusted else begun
        if now is None:
            return
        for where in self.peek(retention.every_space):
            for name in [name for _, name in self.peek(rounds.due, [where], now)]:
                self.drain(TASKS[name], where, now)
        gone = self.peek(empty_cards) - hidden
        if gone:
            raise Broken("purged", f"{gone} were not hidden")
        self.ledger.purged |= shown - self.peek(words_on_cards)
        self.ledger.cut |= logged - self.peek(words_logged)

    def drain(self, task: rounds.Task, where: int, now: int) -> None:
        """Run a task in a space until it is done, or the server dies of it."""
        while True:
            batch = self.house.write(task, where, now, Pace(20, lambda: False))
            if batch is None or batch.is_done:
                return

    def restore(self) -> None:
        """The server is destroyed, and comes back from the last verified copy in a new epoch."""
        if self.backup is None:
            return
        self.db.fuse = None
        self.restores += 1
        self.db.put_back(self.backup.copy)
        epoch = blake2b(b"%d" % self.restores, digest_size=8).digest()
        self.db.write(backups.begin_anew, epoch, self.backup.taken)
        self.ledger.go_back(self.backup.remembered)
        self.ledger.epoch = epoch
        self.seats = {name: dict(held) for name, held in self.backup.seats.items()}
        self.house.kill()
        there = self.peek(words_held).union(*(s.added for d in self.devices.values() for s in d.holds()))
        self.ledger.evicted |= set().union(*(s.added for s in self.ledger.fragile)) - there

    def evict(self, device: Device) -> None:
        """The browser throws everything away that lies on a device; what was acknowledged is the server's now."""
        others = [d for d in self.devices.values() if d is not device]
        elsewhere = set().union(*(s.added for d in others for s in d.holds()))
        codes = self.ledger.codes
        for saved in device.holds():
            if codes.get((saved.person, saved.change.id), Code.HELD) < Code.REFUSED:
                self.ledger.fragile.append(saved)
            else:
                self.ledger.evicted |= saved.added - elsewhere
        device.hang_up()
        fresh = Device(self.ledger, device.name, device.number, self.run())
        fresh.clock_off = device.clock_off
        self.devices[device.number] = fresh
        self.letters = {n: letter for n, letter in self.letters.items() if letter.device is not device}

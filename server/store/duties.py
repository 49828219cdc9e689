"""What persons have to see to in a team, by what the kinds say of themselves, and how it goes to somebody else."""

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct
from sqlalchemy import select

from server.db import Transaction
from server.store.accept import accept_from_leader
from server.store.acceptance import Arrival, arrived
from server.store.cards import Key
from server.store.frames import read_card
from server.store.people import Device
from server.store.spaces import spaces_above
from server.tables import card as card_table
from sync.cards import KINDS
from sync.kinds import Duty as DutyOf
from sync.merge import Card
from sync.protocol import Change, Code, encode

TITLE = 80


class Duty(Struct, frozen=True):
    """A card that somebody has to see to. `own` ones name the person and can be handed over.

    The `owed` ones wait for an answer of any supervisor of the team.
    """

    space: int
    card: bytes
    kind: str
    title: str
    sort: Literal["own", "owed"]
    field: str


class HandingOver(Struct, frozen=True):
    """Who hands over in which team, from whom to whom (nil: nobody); `run` is the random half of the change ids."""

    actor: Device
    team: int
    persons: tuple[int, int | None]
    run: bytes
    now: int


def open_duties(txn: Transaction, team: int, person: int) -> list[Duty]:
    """What a person has to see to in a team, wherever its cards lie, and the answers that the team owes."""
    found: list[Duty] = []
    for key, card in _open_cards(txn, team):
        kind = KINDS[card.kind]
        mine = [d for d in kind.duties if card.value(d.field) == str(person) and _is_open(card, d)]
        owed = [d for d in kind.owed if card.value(d.field) is None and _is_open(card, d)]
        words = str(card.value("title") or card.value("text") or "")[:TITLE]
        found += [Duty(*key, card.kind, words, "own", d.field) for d in mine]
        found += [Duty(*key, card.kind, words, "owed", d.field) for d in owed]
    return found


def hand_over(txn: Transaction, handing: HandingOver, secret: bytes) -> int:
    """Put another person, or nobody, in place of one wherever that one has something to see to in a team.

    Gives how often. These are changes as others: the history of each card shows them.
    """
    leaver, taker = handing.persons
    mine = [one for one in open_duties(txn, handing.team, leaver) if one.sort == "own"]
    arrivals = [_arrival(handing, one, (leaver, taker), counter) for counter, one in enumerate(mine, 1)]
    verdicts = accept_from_leader(txn, arrivals, handing.now, secret) if arrivals else []
    return sum(verdict.code < Code.REFUSED for verdict in verdicts)


def _arrival(handing: HandingOver, duty: Duty, persons: tuple[int, int | None], counter: int) -> Arrival:
    id_ = handing.run + counter.to_bytes(4, "big")
    was, now = persons
    sets: dict[str, tuple[object, object]] = {duty.field: (str(was), None if now is None else str(now))}
    change = Change(id_, duty.space, duty.card, duty.kind, handing.now, 0, sets)
    return arrived(handing.actor.person, handing.actor.id, encode(change), change, id_)


def _is_open(card: Card, duty: DutyOf) -> bool:
    return card.value(duty.until) not in duty.done


def _open_cards(txn: Transaction, team: int) -> Iterator[tuple[Key, Card]]:
    """The cards of a team that can be somebody's duty and are shown: its own, and those that it shared wider."""
    c = card_table.c
    kinds = [kind.name for kind in KINDS.values() if kind.duties or kind.owed]
    places = [place.id for place in spaces_above(txn, team)]
    query = select(c.space, c.id, c.kind, c.by, c.made, c.seq, c.body)
    query = query.where(c.space.in_(places), c.kind.in_(kinds), c.gone.is_(None)).order_by(c.space, c.seq)
    for row in txn.connection.execute(query):
        card = read_card(row.kind, row.by, row.made, row.seq, row.body)
        if card.value("team") == team and card.value("moved") is None:
            yield (row.space, row.id), card

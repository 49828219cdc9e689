"""What became of a card, change by change, for those who may read it."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import CTE, BigInteger, literal, select

from server.db import Transaction
from server.store.cards import Key
from server.store.frames import places, read_card, readable_spaces
from server.tables import card as card_table
from server.tables import change, run
from sync.cards import KINDS
from sync.kinds import Role, Who
from sync.merge import WITHDRAWN, Card

REVIEWERS = {Role.SUPERVISOR: Who.SUPERVISOR, Role.AGENT: Who.AGENT}


def history_of(txn: Transaction, key: Key, person: int) -> list[list[object]] | None:
    """[[seq, by, at, received, set, code]], oldest first: what landed, merged, forked or came too late.

    Nothing if there is no such card in a space that the person reads, if it has moved away, or if it is hidden and
    the person is neither its author nor one of its reviewers. What was withdrawn has none: it is nobody's to review.
    """
    card, log = _card(txn, key)
    kind = KINDS.get(card.kind) if card else None
    if card is None or kind is None or not _may_see(txn, key[0], card, person):
        return None
    c, chain = change.c, _chain(key[0], log)
    query = (
        select(c.seq, run.c.person, c.at, c.lag, c.body, c.code)
        .join(chain, chain.c.n == c.n)
        .join(run, run.c.id == c.run)
        .where(c.space == key[0], c.body.is_not(None))
        .order_by(c.seq, c.n)
    )
    return [
        [seq, by, at, at + lag, _without(msgspec.msgpack.decode(body), kind.tallies), code]
        for seq, by, at, lag, body, code in txn.connection.execute(query)
    ]


def _card(txn: Transaction, key: Key) -> tuple[Card | None, int]:
    k = card_table.c
    query = select(k.kind, k.by, k.made, k.seq, k.body, k.log).where(k.space == key[0], k.id == key[1])
    row = txn.connection.execute(query).one_or_none()
    if row is None or not row.kind:
        return None, 0
    return read_card(row.kind, row.by, row.made, row.seq, row.body), row.log


def _may_see(txn: Transaction, space: int, card: Card, person: int) -> bool:
    roles = readable_spaces(txn, person)
    if space not in roles or card.value("moved") is not None:
        return False
    gone = card.value("gone")
    if gone is None or card.by == person:
        return True
    if isinstance(gone, list) and gone[0] == WITHDRAWN:
        return roles[space] is Role.OWNER
    return bool(_reviewer(txn, space, card, roles) & KINDS[card.kind].hidden_by)


def _reviewer(txn: Transaction, space: int, card: Card, roles: Mapping[int, Role]) -> Who:
    place, on = places(txn, [space])[0], card.value("on")
    about = _card(txn, (space, on))[0] if isinstance(on, bytes) else card
    team = space if place.kind == "team" else about.value("team") if about else None
    who = REVIEWERS.get(roles[team], Who.SERVER) if isinstance(team, int) and team in roles else Who.SERVER
    return who | (Who.DEV_LEAD if roles[space] is Role.DEV_LEAD else Who.SERVER)


def _chain(space: int, newest: int) -> CTE:
    """The log rows of one card: each names the one before."""
    c = change.c
    first = select(c.n, c.prev).where(c.space == space, c.n == literal(newest, BigInteger))
    chain = first.cte("chain", recursive=True)
    return chain.union_all(select(c.n, c.prev).where(c.space == space, c.n == chain.c.prev, chain.c.prev > 0))


def _without(fields: Mapping[str, object], tallies: frozenset[str]) -> dict[str, object]:
    return {name: pair for name, pair in fields.items() if name not in tallies}

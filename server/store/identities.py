"""Statements on organisation sign-in: who is whom in the organisation's directory, and sign-ins under way."""

from typing import NamedTuple

from msgspec import Struct, msgpack
from sqlalchemy import delete, exists, insert, select, update

from server.db import Transaction
from server.store.people import DAY_MS
from server.tables import challenge, grants, identity, session

CEREMONY = "oidc"


class Account(NamedTuple):
    """An account of a directory."""

    issuer: str
    subject: str


class UnderWay(Struct, frozen=True):
    """A sign-in between leaving for the provider and coming back; `person` is whom it links, nil for signing in.

    `browser` is the hash of the cookie that the browser was given; `nonce` and `verifier` go to the provider. `is_new`:
    whoever signs in has said that they are new here.
    """

    browser: bytes
    nonce: str
    verifier: str
    person: int | None
    until: int
    is_new: bool = False


def keep_under_way(txn: Transaction, state: bytes, begun: UnderWay) -> None:
    """Remember a sign-in under the hash of its state."""
    values: dict[str, object] = {"value": state, "ceremony": CEREMONY, "person": begun.person}
    values |= {"device": begun.browser, "until": begun.until}
    detail = msgpack.encode((begun.nonce, begun.verifier, begun.is_new))
    txn.connection.execute(insert(challenge).values(**values, detail=detail))


def take_under_way(txn: Transaction, state: bytes) -> UnderWay | None:
    """Take a sign-in out, whatever comes of it: a state is good once (D-35)."""
    c = challenge.c
    mine = (c.value == state) & (c.ceremony == CEREMONY)
    taken = delete(challenge).where(mine).returning(c.device, c.detail, c.person, c.until)
    row = txn.connection.execute(taken).one_or_none()
    if row is None:
        return None
    nonce, verifier, is_new = msgpack.decode(row.detail, type=tuple[str, str, bool])
    return UnderWay(row.device, nonce, verifier, row.person, row.until, is_new)


def person_known_as(txn: Transaction, issuer: str, subject: str) -> int | None:
    """The person to whom an account of the directory belongs; never found by name or e-mail."""
    mine = (identity.c.issuer == issuer) & (identity.c.subject == subject)
    return txn.connection.execute(select(identity.c.person).where(mine)).scalar_one_or_none()


def link_identity(txn: Transaction, account: Account, person: int, now: int) -> None:
    """From now on this account of the directory is this person's."""
    values = {"issuer": account.issuer, "subject": account.subject, "person": person}
    txn.connection.execute(insert(identity).values(**values, seen_on=now // DAY_MS))


def note_seen(txn: Transaction, account: Account, now: int) -> None:
    """Note the day on which the directory last spoke for somebody."""
    mine = (identity.c.issuer == account.issuer) & (identity.c.subject == account.subject)
    txn.connection.execute(update(identity).where(mine).values(seen_on=now // DAY_MS))


def unseen(txn: Transaction, day: int) -> list[int]:
    """Persons with roles by groups for whom no directory has spoken since before this day."""
    spoken = exists().where(identity.c.person == grants.c.person, identity.c.seen_on >= day)
    held = (grants.c.source == CEREMONY) & grants.c.until.is_(None)
    query = select(grants.c.person).where(held, ~spoken).distinct().order_by(grants.c.person)
    return list(txn.connection.execute(query).scalars())


def issuers_of(txn: Transaction, person: int) -> list[str]:
    """The directories in which a person has an account."""
    query = select(identity.c.issuer).where(identity.c.person == person).order_by(identity.c.issuer)
    return list(txn.connection.execute(query).scalars())


def unlink_identities(txn: Transaction, person: int, issuer: str) -> bool:
    """Forget a person's accounts of a directory; whether there was one."""
    mine = (identity.c.person == person) & (identity.c.issuer == issuer)
    return bool(txn.connection.execute(delete(identity).where(mine)).rowcount)


def end_session_by(txn: Transaction, token_hash: bytes, until: int) -> None:
    """A session ends then at the latest; groups are asked for again at the next sign-in."""
    txn.connection.execute(update(session).where(session.c.token_hash == token_hash).values(until=until))

"""Sessions and own devices: begun with a sign-in, proved by a step-up, ended by their person (D-28 to D-32)."""

from hashlib import sha256

from msgspec import Struct

from server.db import Transaction
from server.refusals import Refused
from server.store import people, sessions
from server.store.audit import Event, Told, note, tell
from server.store.people import Device, NewDevice, Person

UNNAMED = "–"


class Comer(Struct, frozen=True):
    """A device on which somebody signs in: its name and author key; a fresh id and token, used where needed.

    `way` says for the person's other devices how they came in; `is_proved`: by that they have shown who they are.
    """

    name: str
    sign_pub: bytes
    uuid: bytes
    token: str
    way: str
    is_proved: bool = False


def start(txn: Transaction, who: Person, comer: Comer, now: int) -> Device:
    """Begin a session.

    Whoever comes back with the author key of a device of theirs goes on as that device: what it sent before its cookie
    was lost is then known as its own. The session that it had ends.
    """
    number = sessions.device_with_key(txn, who.id, comer.sign_pub)
    if number is None:
        number = people.add_device(txn, NewDevice(who.id, comer.uuid, comer.name, comer.sign_pub), now)
    token_hash = sha256(comer.token.encode()).digest()
    begun = Device(number, who.id, who.lang, token_hash, now if comer.is_proved else None)
    people.start_session(txn, begun, now)
    sessions.take_over(txn, begun)
    return begun


def tell_begun(txn: Transaction, who: Person, comer: Comer, now: int) -> None:
    """Tell all devices of a person that they have signed in; nobody else hears of it (D-83)."""
    tell(txn, who.id, Told("signed_in", {"device": comer.name or UNNAMED, "way": comer.way}), now)


def need_proof(device: Device, now: int) -> None:
    """Refuses whoever has not shown in the last five minutes who they are (D-32)."""
    if not device.is_proved(now):
        raise Refused("reauth_required")


def end(txn: Transaction, asks: Device, id_: str, now: int) -> None:
    """End a session of one's own; what waits on its device stays there."""
    found = sessions.session_named(txn, asks.person, id_)
    if found is None:
        raise Refused("not_found")
    ended, name = found
    people.end_session(txn, ended)
    if ended.session != asks.session:
        tell(txn, asks.person, Told("session_ended", {"device": name or UNNAMED}), now)


def rename(txn: Transaction, asks: Device, uuid: bytes, name: str) -> None:
    """Give a device of one's own another name."""
    found = sessions.device_named(txn, asks.person, uuid)
    if found is None:
        raise Refused("not_found")
    sessions.name_device(txn, found[0], name)


def revoke(txn: Transaction, asks: Device, uuid: bytes, now: int) -> None:
    """A device of one's own is one's own no more: with its next word it hears that it has to let go (D-44)."""
    found = sessions.device_named(txn, asks.person, uuid)
    if found is None:
        raise Refused("not_found")
    number, name, is_revoked = found
    if is_revoked:
        raise Refused("already_revoked")
    sessions.revoke_device(txn, asks.person, number, now)
    note(txn, Event("device_revoked", asks.person, asks.person), now)
    tell(txn, asks.person, Told("device_revoked", {"device": name or UNNAMED}), now)

"""Recovery codes: eight, shown once, each good once; each use is told to the person's devices (D-39)."""

import unicodedata
from collections.abc import Callable, Sequence
from hmac import compare_digest

from server import codes
from server.db import Database, Transaction
from server.people import Me, me
from server.refusals import Refused
from server.sessions import UNNAMED, Comer, start
from server.store import people
from server.store import recovery as stored
from server.store.audit import Event, Told, note, tell
from server.store.people import Device
from server.store.sessions import prove
from server.tries import Tries

CODES = 8
USE = WAY = "recovery"


class Recovery:
    """Takes recovery codes. Wrong ones make everybody wait who tries the same name, whether or not it is known.

    They don't end the codes, else whoever knows a name could take a colleague's last way in away.
    """

    def __init__(self, db: Database, tries: Tries, secret: bytes) -> None:
        self._db = db
        self._tries = tries
        self._secret = secret

    async def recover(self, named: tuple[str, str], comer: Comer, now: int) -> Me:
        """Sign somebody in by name and code; refused alike for a wrong name and a wrong code."""
        hint, code = named
        await self._tries.of_target(f"name {fold_name(hint)}", now)
        device = await self._db.write(recover, (hint, hash_of(self._secret, code)), comer, now)
        if device is None:
            raise Refused("code_unknown", "code")
        return await self._db.read(me, device)

    async def step_up(self, code: str, device: Device, now: int) -> None:
        """Prove with a code that the person of this session is there."""
        await self._tries.of_target(f"person {device.person}", now)
        if not await self._db.write(step_up, device, hash_of(self._secret, code), now):
            raise Refused("code_unknown", "code")

    async def renew(self, device: Device, draw: Callable[[int], bytes], now: int) -> list[str]:
        """Eight fresh codes in the place of all that a person had."""
        drawn = draw_codes(draw)
        await self._db.write(renew, device.person, [hash_of(self._secret, one) for one in drawn], now)
        return [codes.shown(one) for one in drawn]


def draw_codes(draw: Callable[[int], bytes]) -> list[str]:
    """Eight fresh codes."""
    return [codes.typed_code(draw) for _ in range(CODES)]


def hash_of(secret: bytes, typed: str) -> bytes:
    """What the database holds of a recovery code, however it is typed."""
    return codes.keyed(secret, USE, codes.fold(typed))


def fold_name(name: str) -> str:
    """A name, however it is typed.

    >>> fold_name("  maija  MEIKÄLÄINEN")
    'maija meikäläinen'
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def renew(txn: Transaction, person: int, hashes: Sequence[bytes], now: int) -> None:
    """Fresh codes take the place of all that a person had."""
    if people.person_of(txn, person) is None:
        raise Refused("not_found", "person")
    stored.put_codes(txn, person, hashes)
    tell(txn, person, Told("recovery_codes_made"), now)


def recover(txn: Transaction, named: tuple[str, bytes], comer: Comer, now: int) -> Device | None:
    """Sign somebody in by their name and a code's keyed hash; nothing where the two don't belong together.

    The code alone is looked for, so that a name which is known takes no more work than another. What was typed is
    noted nowhere.
    """
    hint, code_hash = named
    number, name = stored.owner_of(txn, code_hash) or (0, "")
    is_theirs = compare_digest(fold_name(name).encode(), fold_name(hint).encode())
    who = people.person_of(txn, number)
    if who is None or not is_theirs or not stored.use_code(txn, number, code_hash, now):
        note(txn, Event("sign_in_failed", detail={"way": WAY, "why": "code_unknown"}), now)
        return None
    begun = start(txn, who, comer, now)
    _tell(txn, number, comer.name, now)
    return begun


def step_up(txn: Transaction, device: Device, code_hash: bytes, now: int) -> bool:
    """A code of one's own in the place of a passkey; whether it was one."""
    if not stored.use_code(txn, device.person, code_hash, now):
        return False
    prove(txn, device.session, now)
    _tell(txn, device.person, people.device_row(txn, device.id)[2], now)
    return True


def _tell(txn: Transaction, person: int, device: str, now: int) -> None:
    left = stored.codes_left(txn, person)
    tell(txn, person, Told("recovered", {"device": device or UNNAMED, "left": left}), now)

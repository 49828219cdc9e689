"""The ceremonies of passkeys: a challenge is drawn, answered once, and what follows is stored (D-34, D-35).

A challenge is taken out of the database before its answer is looked at, in a transaction of its own: whatever is wrong
with the answer, the same challenge never counts again.
"""

from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest

from msgspec import Struct, structs

from server import passkeys
from server.db import Database, Transaction
from server.passkeys import Credential, Made, Options, Owner, Party
from server.people import Me, me
from server.refusals import Refused
from server.sessions import Comer, need_proof, start, tell_begun
from server.store import passkeys as stored
from server.store import people
from server.store.audit import Event, Told, note, tell
from server.store.identities import issuers_of
from server.store.passkeys import Ceremony, Challenge, Passkey
from server.store.people import Device
from server.store.recovery import codes_left
from server.store.sessions import prove
from server.store.spaces import meta_of, set_meta

CHALLENGE_MS = 300_000
CHALLENGE_BYTES = HANDLE_BYTES = 32
MOST_PASSKEYS = 20
PARTY = "rp_id"  # under which the database holds the domain that its first passkey was made for


class Shown(Struct, frozen=True):
    """A passkey that has just been shown, and its counter."""

    passkey: Passkey
    count: int


class Ceremonies:
    """Challenges out, answers in."""

    def __init__(self, db: Database, party: Party, draw: Callable[[int], bytes]) -> None:
        self._db = db
        self._party = party
        self._draw = draw

    async def begin_making(self, device: Device, now: int) -> Options:
        """What a browser needs for making a passkey. The first one needs no proof, where there is no other way in."""
        fresh = self._draw(HANDLE_BYTES)
        owner = await self._db.write(owner_of, device, fresh, now)
        return passkeys.options_to_make(
            self._party, owner, await self._challenge("register", device.session, now)
        )

    async def make(self, device: Device, credential: Credential, label: str, now: int) -> Made:
        """Store the passkey that was made; who made it has shown who they are."""
        challenge = await self._answered(credential, "register", device.session, now)
        made = passkeys.verify_made(self._party, credential, challenge)
        await self._db.write(keep, device, (made, label, self._party.id), now)
        return made

    async def begin_showing(self, ceremony: Ceremony, browser: bytes, now: int, person: int = 0) -> Options:
        """What a browser needs for showing a passkey: one of this person's, or anybody's."""
        rows = await self._db.read(stored.passkeys_of, person) if person else []
        known = [bytes.fromhex(row.id) for row in rows]
        return passkeys.options_to_use(self._party, known, await self._challenge(ceremony, browser, now))

    async def log_in(self, credential: Credential, browser: bytes, comer: Comer, now: int) -> Me:
        """Sign in whoever's passkey it is; gives what the device may know about them."""
        try:
            shown = await self._shown(credential, "login", browser, now)
        except Refused as refusal:
            if refusal.code != "challenge_expired":  # whoever was slow has not failed
                await self._db.write(note_failure, "passkey", refusal.code, now)
            raise
        device = await self._db.write(log_in, shown, comer, now)
        return await self._db.read(me, device)

    async def step_up(self, credential: Credential, device: Device, now: int) -> None:
        """The person of this session shows who they are."""
        shown = await self._shown(credential, "stepup", device.session, now)
        if shown.passkey.person != device.person:
            raise Refused("passkey_unknown")
        await self._db.write(step_up, shown, device, now)

    async def _challenge(self, ceremony: Ceremony, browser: bytes, now: int) -> bytes:
        value = self._draw(CHALLENGE_BYTES)
        kept = Challenge(value, ceremony, browser_key(browser), now + CHALLENGE_MS)
        await self._db.write(stored.keep_challenge, kept)
        return value

    async def _answered(self, credential: Credential, ceremony: Ceremony, browser: bytes, now: int) -> bytes:
        found = await self._db.write(stored.take_challenge, passkeys.challenge_of(credential))
        if found is None or found.ceremony != ceremony or found.until <= now:
            raise Refused("challenge_expired")
        if not compare_digest(found.browser, browser_key(browser)):
            raise Refused("challenge_expired")
        return found.value

    async def _shown(self, credential: Credential, ceremony: Ceremony, browser: bytes, now: int) -> Shown:
        challenge = await self._answered(credential, ceremony, browser, now)
        known = await self._db.read(stored.passkey_of, passkeys.id_of(credential))
        key = known.public_key if known is not None else None
        count = passkeys.verify_used(self._party, credential, challenge, key)
        if known is None:
            raise Refused("passkey_unknown")
        if (count or known.sign_count) and count <= known.sign_count:
            await self._db.write(turned_back, known, now)
            raise Refused("passkey_refused")
        return Shown(known, count)


def browser_key(browser: bytes) -> bytes:
    """What the database holds of the browser that asked."""
    return sha256(browser).digest()


def owner_of(txn: Transaction, device: Device, fresh: bytes, now: int) -> Owner:
    """For whom a passkey is made; refused without a proof where they have another way in."""
    who = people.person_of(txn, device.person)
    if who is None:
        raise Refused("gone")
    rows = stored.passkeys_of(txn, who.id)
    if rows or codes_left(txn, who.id):
        need_proof(device, now)
    if len(rows) >= MOST_PASSKEYS:
        raise Refused("invalid", "label")
    return Owner(stored.handle_of(txn, who.id, fresh), who.name, [bytes.fromhex(row.id) for row in rows])


def keep(txn: Transaction, device: Device, new: tuple[Made, str, str], now: int) -> None:
    """Store a new passkey, which proves its session; refused where there is one of its name."""
    made, label, party = new
    if stored.is_there(txn, made.id):
        raise Refused("passkey_refused")
    kept = Passkey(made.id, device.person, made.public_key, made.sign_count, label, made.synced)
    stored.add_passkey(txn, kept, now)
    if meta_of(txn, PARTY) is None:
        set_meta(txn, PARTY, party.encode())
    prove(txn, device.session, now)
    tell(txn, device.person, Told("passkey_made", {"label": label}), now)


def log_in(txn: Transaction, shown: Shown, comer: Comer, now: int) -> Device:
    """Begin a session for the person of a passkey, proved by it."""
    who = people.person_of(txn, shown.passkey.person)
    if who is None:
        raise Refused("passkey_unknown")
    _count(txn, shown, now)
    tell_begun(txn, who, comer, now)
    return start(txn, who, structs.replace(comer, is_proved=True), now)


def step_up(txn: Transaction, shown: Shown, device: Device, now: int) -> None:
    """A session is proved from now on, for five minutes."""
    _count(txn, shown, now)
    prove(txn, device.session, now)


def drop(txn: Transaction, device: Device, id_: bytes, now: int) -> None:
    """Forget a passkey of one's own; refused for the last way in."""
    others = stored.count_passkeys(txn, device.person) - 1
    label = stored.drop_passkey(txn, device.person, id_)
    if label is None:
        raise Refused("not_found")
    if not (others or codes_left(txn, device.person) or issuers_of(txn, device.person)):
        raise Refused("last_way_in")
    tell(txn, device.person, Told("passkey_removed", {"label": label}), now)


def turned_back(txn: Transaction, known: Passkey, now: int) -> None:
    """A passkey's counter went backwards: there may be a copy of it, and its person is told."""
    tell(txn, known.person, Told("passkey_turned_back", {"label": known.label}), now)


def note_failure(txn: Transaction, way: str, why: str, now: int) -> None:
    """Note a sign-in that failed; without any name that was typed (D-83)."""
    note(txn, Event("sign_in_failed", detail={"way": way, "why": why}), now)


def _count(txn: Transaction, shown: Shown, now: int) -> None:
    if not stored.use_passkey(txn, shown.passkey, shown.count, now):
        raise Refused("passkey_refused")  # two answers at once with the same counter

"""How often a device, an address or the target of a code may be tried, in this process or in all that share a database.

What is counted is not readable where it lies: the database holds a keyed hash in its place (docs/devices.md D-82).
"""

import hmac

from server.db import Database
from server.limits import Limits, Rate
from server.refusals import Refused
from server.settings import Settings
from server.store import buckets

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
SHARES = Rate(10, 15 * MINUTE_MS)  # of a person
WRONG_CLAIMS = Rate(10, HOUR_MS)  # of an address
WRONG_FEEDS = Rate(30, HOUR_MS)  # of an address
WRONG_CLAIMS_IN_ALL = Rate(200, HOUR_MS)


class Tries:
    """The buckets of everybody who may be trying out."""

    def __init__(self, settings: Settings, db: Database, secret: bytes) -> None:
        self._settings = settings
        self._db = db
        self._secret = secret
        self._limits = Limits()

    async def of_address(self, address: str, what: str, now: int) -> None:
        """Count a try from an address at something; refused where there were too many."""
        await self._spend(f"address {address} {what}", self._settings.rate_address, now)

    async def of_device(self, device: int, what: str, now: int) -> None:
        """Count a try of a device at something."""
        await self._spend(f"device {device} {what}", self._settings.rate_device, now)

    async def of_share(self, person: int, now: int) -> None:
        """Count a try at the share that a strong lock takes (D-51), on whichever tablet."""
        await self._take(f"share {person}", SHARES, now)

    async def of_target(self, target: str, now: int) -> None:
        """Count a try at the codes of somebody, by whomever."""
        await self._spend(f"target {target}", self._settings.rate_code, now)

    async def of_claim(self, address: str, now: int) -> None:
        """Count a try with a claim code: as a wrong one, until `claim_was_right` says otherwise."""
        await self._take(f"address {address} claim", WRONG_CLAIMS, now)
        await self._take("claims", WRONG_CLAIMS_IN_ALL, now)

    async def claim_was_right(self, address: str) -> None:
        """The code was a real one: nothing is held against anybody."""
        await self._give(f"address {address} claim", WRONG_CLAIMS)
        await self._give("claims", WRONG_CLAIMS_IN_ALL)

    async def of_feed(self, address: str, now: int) -> None:
        """Count a look at a calendar: as at a wrong address, until `feed_was_right` says otherwise."""
        await self._take(f"address {address} feed", WRONG_FEEDS, now)

    async def feed_was_right(self, address: str) -> None:
        """There is such a calendar: those who fetch many people's keep on."""
        await self._give(f"address {address} feed", WRONG_FEEDS)

    @property
    def most_wrong(self) -> int:
        """So many wrong tries end a code that is typed."""
        return self._settings.rate_code

    async def _spend(self, key: str, allowed: int, now: int) -> None:
        await self._take(key, Rate(allowed, self._settings.rate_minutes * MINUTE_MS), now)

    async def _take(self, key: str, rate: Rate, now: int) -> None:
        if self._db.is_shared:
            wait_s = await self._db.write(buckets.take, self._hashed(key), rate, now)
        else:
            wait_s = self._limits.take(key, rate, now)
        if wait_s:
            raise Refused("slow_down", retry_after_s=wait_s)

    async def _give(self, key: str, rate: Rate) -> None:
        if self._db.is_shared:
            await self._db.write(buckets.give, self._hashed(key), rate)
        else:
            self._limits.give(key, rate)

    def _hashed(self, key: str) -> bytes:
        return hmac.digest(self._secret, f"tries\0{key}".encode(), "sha256")[:16]

"""Asking an agent to look at a card of one's own that was hidden (docs/domain.md H6)."""

from litestar import post

from server import reviews
from server.routes.given import GivenDatabase, GivenDevice, GivenNow
from server.routes.sync import CardHex, SpaceNumber


@post("/api/spaces/{space:int}/cards/{card:str}/review", status_code=204, opt={"limit": "device"})
async def ask_review(
    space: SpaceNumber, card: CardHex, db: GivenDatabase, device: GivenDevice, now: GivenNow
) -> None:
    """Ask an agent to look; asked twice it is told once."""
    await db.write(reviews.ask, device, (space, bytes.fromhex(card)), now)


ROUTES = (ask_review,)

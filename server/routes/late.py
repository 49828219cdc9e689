"""Late words: what waits for a decision, and the decision (docs/devices.md D-66)."""

from typing import Annotated, Literal

from litestar import Response, get, post
from litestar.params import JSONBody, Parameter
from msgspec import Struct

from server import late
from server.late import Decision, LateWords
from server.routes.given import GivenDatabase, GivenDevice, GivenWorld
from server.routes.persons import MAX_NUMBER, Number
from server.routes.wire import Call, answer


class DecisionForm(Struct):
    """What is to become of it."""

    do: Literal["accept", "let_go"]


@get("/api/quarantine")
async def list_late(
    request: Call,
    db: GivenDatabase,
    device: GivenDevice,
    space: Annotated[int | None, Parameter(ge=1, le=MAX_NUMBER)] = None,
) -> Response[LateWords]:
    """My own late words, and those that are mine to decide about."""
    return answer(request, await db.read(late.listed, device, space))


@post("/api/quarantine/{number:int}", status_code=204)
async def decide(
    data: JSONBody[DecisionForm], number: Number, db: GivenDatabase, device: GivenDevice, world: GivenWorld
) -> None:
    """Let it land, or let it go."""
    await db.write(late.decide, device, Decision(number, data.do), world)


ROUTES = (list_late, decide)

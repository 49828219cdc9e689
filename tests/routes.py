"""Every route of the app, with something in the place of each part of its path."""

from functools import cache
from inspect import signature
from typing import NamedTuple

from litestar import Litestar

from server.app import make_app
from server.settings import Settings

UNSAFE = ("DELETE", "PATCH", "POST", "PUT")
FILLED = {"sha": "0" * 64, "card": "0" * 32, "path": "kortti/1"}
BY_TYPE = {int: "1", str: "x"}


class Call(NamedTuple):
    """A method and a path that a route answers, and whether it reads a body; `types` as far as it says so itself."""

    method: str
    path: str
    is_public: bool
    has_body: bool
    types: tuple[str, ...] = ()
    limit: int | None = None  # of its body in bytes, where it has one of its own

    @property
    def media(self) -> dict[str, str]:
        """A content type that it takes."""
        return {"Content-Type": self.types[0] if self.types else "application/json"}


@cache
def calls() -> list[Call]:
    """All of them, in the order in which the app has them."""
    app: Litestar = make_app(Settings(openapi=True))
    found = []
    for route in app.routes:
        for handler in getattr(route, "route_handlers", [getattr(route, "route_handler", None)]):
            path = filled(route.path_components)
            for method in getattr(handler, "http_methods", ["GET"]):
                opt, types = handler.opt, tuple(handler.opt.get("types", ()))
                reads = bool(types) or "data" in signature(handler.fn).parameters
                most = getattr(handler, "request_max_body_size", None)
                limit = most if isinstance(most, int) else None
                found.append(Call(str(method), path, bool(opt.get("public")), reads, types, limit))
    return found


def filled(components: list[object]) -> str:
    """The path of a route with a value for every parameter."""
    parts = [
        part if isinstance(part, str) else FILLED.get(part.name, BY_TYPE.get(part.type, "x"))
        for part in components
    ]
    return "/" + "/".join(parts)


def unsafe_calls() -> list[Call]:
    """Those under /api that may change something."""
    return [call for call in calls() if call.method in UNSAFE and call.path.startswith("/api/")]

"""Every refusal and every defect becomes one shape of reply: {error, message, field?, retry_after?}."""

import structlog
from litestar import Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct

from server.refusals import STATUS, Refused
from server.routes.wire import Call, answer
from server.t import choose, t
from server.traces import place_of

BY_STATUS = {
    400: "bad_request",
    401: "signed_out",
    403: "not_allowed",
    404: "not_found",
    405: "bad_method",
    413: "too_large",
    415: "unsupported_type",
    429: "slow_down",
    503: "read_only",
}
log = structlog.get_logger()


class Problem(Struct, omit_defaults=True):
    """What the caller gets: a stable code, words in the caller's language, at times a field or a wait."""

    error: str
    message: str
    field: str | None = None
    retry_after: int | None = None


def refused(request: Call, error: Refused) -> Response[Problem]:
    """A refusal of our own."""
    return problem(request, error)


def unusable(request: Call, error: HTTPException) -> Response[Problem]:
    """A refusal of the framework: no such path, wrong method, a body that doesn't fit."""
    if isinstance(error, ValidationException):
        return problem(request, Refused("invalid", _first_field(error)))
    if error.status_code >= 500:
        return broken(request, error)
    return problem(request, Refused(BY_STATUS.get(error.status_code, "bad_request")))


def broken(request: Call, error: Exception) -> Response[Problem]:
    """A defect of ours: logged by its place, never by its words, which may be a person's."""
    log.error("broken", method=request.method, kind=type(error).__name__, at=place_of(error))
    return problem(request, Refused("broken"))


def unavailable(request: Call, error: Exception) -> Response[Problem]:
    """The database can't be written right now: a full disk, a lock; the caller tries again."""
    log.warning("unavailable", method=request.method, kind=type(error).__name__)
    return problem(request, Refused("read_only", retry_after_s=5))


def problem(request: Call, error: Refused) -> Response[Problem]:
    """The reply for a refusal, in the caller's language and format."""
    message = t(language(request), f"error.{error.code}")
    reply = answer(
        request, Problem(error.code, message, error.field, error.retry_after_s), STATUS[error.code]
    )
    if error.retry_after_s is not None:
        reply.headers["Retry-After"] = str(error.retry_after_s)
    return reply


def language(request: Call) -> str:
    """A signed-in person's own language, else the browser's first that we speak."""
    device = request.scope.get("user")
    if device is not None:
        return str(device.lang)
    return choose(request.headers.get("accept-language", ""))


def _first_field(error: ValidationException) -> str | None:
    extra = error.extra
    if isinstance(extra, list) and extra and isinstance(extra[0], dict):
        return str(extra[0].get("key", "")).split(".")[-1] or None
    return None

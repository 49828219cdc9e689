"""Headers of every reply, errors and files included, set in this one place (docs/devices.md D-75 to D-77)."""

from collections.abc import Awaitable, Callable

from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY = (
    "default-src 'self'; img-src 'self' blob:; style-src 'self'; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types virtaamo"
)
PERMISSIONS = (
    "camera=(self), publickey-credentials-get=(self), publickey-credentials-create=(self), microphone=(), "
    "geolocation=(), payment=(), usb=()"
)
ALWAYS = (
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", PERMISSIONS.encode()),
)
TRANSPORT = (b"strict-transport-security", b"max-age=63072000")


def with_head(app: ASGIApp) -> ASGIApp:
    """Let HEAD be answered as GET is, wherever that is answered; the server leaves the body out."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["method"] == "HEAD":
            scope = scope.copy()
            scope["method"] = HttpMethod.GET
        await app(scope, receive, send)

    return answer


def header_hook(behind_tls: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """Make the hook that adds them to every reply just before it leaves."""
    always = (*ALWAYS, TRANSPORT) if behind_tls else ALWAYS

    async def add_headers(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        headers = list(message["headers"])
        present = {name.lower() for name, _ in headers}
        headers += always
        if b"content-security-policy" not in present:
            headers.append((b"content-security-policy", CONTENT_SECURITY.encode()))
        if scope["path"].startswith("/api"):
            headers = [pair for pair in headers if pair[0].lower() != b"cache-control"]
            headers.append((b"cache-control", b"no-store"))
        message["headers"] = headers

    return add_headers

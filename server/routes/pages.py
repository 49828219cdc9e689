"""The app's shell and its files as the build left them, and a plain page where there is no build."""

import re
from functools import lru_cache
from mimetypes import guess_type
from pathlib import Path

import brotli
from litestar import MediaType, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from server.refusals import Refused
from server.routes.given import GivenWeb
from server.routes.problems import language
from server.routes.wire import Call
from server.t import t
from server.templates import render

HASHED = re.compile(r"^assets/|^icons/.*-[A-Za-z0-9]{8}\.")
TYPES = {".webmanifest": "application/manifest+json", ".js": "text/javascript", ".woff2": "font/woff2"}
SQUEEZED = ("text/", "application/", "image/svg")
FOREVER = "public, max-age=31536000, immutable"


@get(["/", "/{path:path}"], opt={"public": True}, include_in_schema=False)
async def page(request: Call, web: GivenWeb, path: FromPath[str] = "") -> Response[bytes]:
    """A file of the app, or its shell for every address that the app itself understands."""
    name = path.lstrip("/")
    if name.startswith("api/"):
        raise Refused("not_found")
    found = built_file(web, name) if "." in name else built_file(web, "index.html")
    if found is None and "." in name:
        raise Refused("not_found")
    return file_reply(request, found) if found else plain_page(request)


@post("/jaa", opt={"public": True}, include_in_schema=False, status_code=303)
async def share(request: Call) -> Redirect:
    """What another app shares is the service worker's; without one only the way to the form is left."""
    return Redirect("/uusi", status_code=303)


def built_file(web: Path, name: str) -> Path | None:
    """A file of the build, never one outside its folder."""
    try:
        wanted = (web / name).resolve()
        return wanted if wanted.is_relative_to(web.resolve()) and wanted.is_file() else None
    except (OSError, ValueError):  # no file can have such a name
        return None


def file_reply(request: Call, file: Path) -> Response[bytes]:
    """The file's bytes: hashed names for a year, all others asked again each time."""
    kind = TYPES.get(file.suffix) or guess_type(file.name)[0] or "application/octet-stream"
    name = f"{file.parent.name}/{file.name}"
    headers = {"Cache-Control": FOREVER if HASHED.match(name) else "no-cache", "Vary": "Accept-Encoding"}
    squeezed = kind.startswith(SQUEEZED) and "br" in request.headers.get("accept-encoding", "")
    if squeezed:
        headers["Content-Encoding"] = "br"
    body = content(str(file), file.stat().st_mtime_ns, squeezed)
    return Response(body, headers=headers, media_type=kind)


@lru_cache(maxsize=256)
def content(file: str, changed: int, squeezed: bool) -> bytes:
    """A built file's bytes, compressed once."""
    body = Path(file).read_bytes()
    return brotli.compress(body, quality=9) if squeezed else body


def plain_page(request: Call) -> Response[bytes]:
    """What to say where the app hasn't been built; works without any script."""
    lang = language(request)
    html = render("plain.html", {"lang": lang, "title": "Virtaamo", "text": t(lang, "page.not_built")})
    return Response(html.encode(), media_type=MediaType.HTML, headers={"Cache-Control": "no-cache"})


ROUTES = (page, share)

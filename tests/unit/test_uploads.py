"""What somebody passes off as a photo is refused, or lies inert (docs/devices.md D-79, D-80)."""

import io
import zipfile
from collections.abc import Callable
from hashlib import sha256

import httpx
import pytest
from PIL import Image

from server.photos import MAX_PHOTO_BYTES, MAX_SCANS, check_photo, has_plain_segments
from server.refusals import Refused

JPEG = {"Content-Type": "image/jpeg"}
SCRIPT = b"<html><script>alert(1)</script>"
SOF, SOS = b"\xff\xc0", b"\xff\xda"


def picture(size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    """A small JPEG."""
    file = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(file, "JPEG", **options)
    return file.getvalue()


def other(kind: str) -> bytes:
    """The same as another kind of file."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, kind)
    return file.getvalue()


def segment(marker: int, content: bytes) -> bytes:
    """A piece of a JPEG."""
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content


def after_start(piece: bytes) -> Callable[[bytes], bytes]:
    """Put a piece right behind the first marker."""
    return lambda jpeg: jpeg[:2] + piece + jpeg[2:]


def zipped(jpeg: bytes) -> bytes:
    """A picture that is an archive as well."""
    file = io.BytesIO(jpeg)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("index.html", SCRIPT)
    return file.getvalue()


def of_size(width: int, height: int) -> Callable[[bytes], bytes]:
    """Claim other sizes than the pixels have."""

    def spoil(jpeg: bytes) -> bytes:
        at = jpeg.index(SOF) + 5
        return jpeg[:at] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + jpeg[at + 4 :]

    return spoil


def of_many_scans(jpeg: bytes) -> bytes:
    """Say the last scan over and over."""
    progressive = picture(progressive=True)
    at = progressive.rindex(SOS)
    return progressive[:-2] + progressive[at:-2] * MAX_SCANS + progressive[-2:]


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "html": lambda jpeg: SCRIPT,
    "html first": lambda jpeg: SCRIPT + jpeg,
    "html last": lambda jpeg: jpeg + SCRIPT,
    "html in a comment": after_start(segment(0xFE, SCRIPT)),
    "html in an unknown segment": after_start(segment(0xEB, SCRIPT)),
    "html in what claims to be JFIF": after_start(segment(0xE0, SCRIPT)),
    "html in what claims to be a colour profile": after_start(segment(0xE2, SCRIPT)),
    "exif": after_start(segment(0xE1, b"Exif\0\0" + b"MM\0*\0\0\0\x08\0\0\0\0\0\0")),
    "xmp": after_start(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>")),
    "iptc": after_start(segment(0xED, b"Photoshop 3.0\0")),
    "a second picture": lambda jpeg: jpeg + jpeg,
    "multi-picture": after_start(segment(0xE2, b"MPF\0MM\0*")),
    "archive": zipped,
    "one byte more": lambda jpeg: jpeg + b"\0",
    "a line more": lambda jpeg: jpeg + b"\r\n",
    "cut": lambda jpeg: jpeg[:-40],
    "no end": lambda jpeg: jpeg[:-2],
    "only an end": lambda jpeg: jpeg[:2] + jpeg[-2:],
    "a segment longer than the file": after_start(b"\xff\xe0\xff\xffJFIF\0"),
    "a segment of no length": after_start(b"\xff\xe0\0\0"),
    "8 megapixels": lambda jpeg: picture((4_000, 2_000), quality=1),
    "claims of 4,000 megapixels": of_size(65_535, 65_535),
    "a claim of no pixels": of_size(0, 0),
    "a hundred passes": of_many_scans,
    "png": lambda jpeg: other("PNG"),
    "gif": lambda jpeg: other("GIF"),
    "webp": lambda jpeg: other("WEBP"),
    "bmp": lambda jpeg: other("BMP"),
    "tiff": lambda jpeg: other("TIFF"),
    "svg": lambda jpeg: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "pdf": lambda jpeg: b"%PDF-1.4\n" + jpeg,
    "nothing": lambda jpeg: b"",
}


@pytest.mark.parametrize("how", HOSTILE)
def test_d79_what_is_no_plain_photo_is_refused_and_not_kept(shared, join, how):
    client, photo = join(shared), HOSTILE[how](picture())
    name = sha256(photo).hexdigest()

    reply: httpx.Response = client.put(f"/api/files/{name}", content=photo, headers=JPEG)

    assert (reply.status_code, reply.json()["error"]) == (422, "bad_image")
    assert not (shared.folder / "files" / name[:2] / name).exists()


@pytest.mark.parametrize("how", ["a hundred passes", "claims of 4,000 megapixels"])
def test_d79_what_would_take_long_to_read_is_refused_before_it_is_decoded(how, monkeypatch):
    photo = HOSTILE[how](picture())
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda self: pytest.fail("it was decoded"))

    with pytest.raises(Refused):
        check_photo(sha256(photo).hexdigest(), photo)


def test_d79_pictures_as_cameras_and_canvases_write_them_are_plain():
    for options in ({}, {"progressive": True}, {"icc_profile": b"p" * 70_000}, {"restart_marker_blocks": 1}):
        photo = picture(**options)
        assert has_plain_segments(photo), options
        check_photo(sha256(photo).hexdigest(), photo)


@pytest.mark.parametrize(
    "name",
    [
        "A" * 64,
        "0" * 63,
        "0" * 65,
        "../" + "0" * 61,
        "%2e%2e%2f" + "0" * 58,
        "0" * 62 + "%00",
        "..%5c" + "0" * 61,
    ],
)
def test_d80_a_name_is_64_hexadecimal_digits_and_nothing_else(shared, join, name):
    client = join(shared)

    for method in ("GET", "PUT"):
        reply = client.request(method, f"/api/files/{name}", content=picture(), headers=JPEG)
        assert reply.status_code in (404, 405, 422), (method, name)


def test_d79_d80_a_photo_over_the_limit_is_refused_by_its_size(shared, join):
    photo = picture() + bytes(MAX_PHOTO_BYTES)

    reply = join(shared).put(f"/api/files/{sha256(photo).hexdigest()}", content=photo, headers=JPEG)

    assert (reply.status_code, reply.json()["error"]) == (413, "too_large")


def test_d80_the_answer_tells_nobody_whether_a_photo_was_there(shared, join):
    first, second, photo = join(shared), join(shared, name="Otto"), picture()
    path = f"/api/files/{sha256(photo).hexdigest()}"

    replies = [client.put(path, content=photo, headers=JPEG) for client in (first, second)]

    plain = [{k: v for k, v in reply.headers.items() if k != "date"} for reply in replies]
    assert [reply.status_code for reply in replies] == [204, 204]
    assert plain[0] == plain[1]
    unknown, kept = second.get("/api/files/" + "0" * 64), second.get(path)
    assert (unknown.status_code, unknown.content) == (kept.status_code, kept.content) == (404, kept.content)

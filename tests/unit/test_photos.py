"""Photos: checked, kept as they came, shown with a card that names them (docs/devices.md D-79, D-80)."""

import io
import shutil
from hashlib import sha256

import msgspec
import pytest
from PIL import Image

from server.photos import has_plain_segments
from tests.conftest import Server

JPEG = {"Content-Type": "image/jpeg"}
MSGPACK = {"Content-Type": "application/x-msgpack"}


def picture(**options: object) -> bytes:
    """A small JPEG."""
    file = io.BytesIO()
    Image.effect_noise((64, 48), 40).convert("RGB").save(file, "JPEG", **options)
    return file.getvalue()


def path_of(photo):
    return f"/api/files/{sha256(photo).hexdigest()}"


def team_of(client):
    return next(space for space, _, kind, _ in client.me["grants"] if kind == "team")


def write(client, counter, fields):
    """One change to one idea of the team; gives the verdict's code."""
    change = [
        b"photorun" + counter.to_bytes(4, "big"),
        team_of(client),
        bytes(15) + b"\1",
        "idea",
        counter + 1,
        0,
        fields,
    ]
    reply = client.post(
        "/api/sync", content=msgspec.msgpack.encode([1, None, 0, {}, [change], 1]), headers=MSGPACK
    )
    return msgspec.msgpack.decode(reply.content)[4][0][1]


def test_a_photo_is_shown_to_those_who_may_read_its_card(shared, join):
    author, colleague = join(shared), join(shared, name="Otto")
    shared.add_team("Lumme")
    stranger, photo = join(shared, "staff", "Lumme"), picture()
    assert author.put(path_of(photo), content=photo, headers=JPEG).status_code == 204
    named = {
        "team": [None, team_of(author)],
        "title": [None, "Kuva"],
        f"photos/{sha256(photo).hexdigest()}": [None, "Pöytä"],
    }
    assert write(author, 0, named) == 0

    seen = colleague.get(path_of(photo))

    assert seen.content == photo
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert seen.headers["content-disposition"] == 'inline; filename="kuva.jpg"'
    assert stranger.get(path_of(photo)).status_code == 404


def named_on_a_card(client, photo):
    """An idea with this photo; gives the verdict's code."""
    name = f"photos/{sha256(photo).hexdigest()}"
    return write(client, 0, {"team": [None, team_of(client)], "title": [None, "Kuva"], name: [None, "Pöytä"]})


def test_photos_lie_where_the_setting_says_and_come_back_there_from_a_backup(initialised, join, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copytree(initialised, tmp_path / "data")
    server = Server(tmp_path / "data", {"VIRTAAMO_FILES": elsewhere.as_uri()}).start()
    try:
        server.add_team()
        author, photo = join(server), picture()
        assert author.put(path_of(photo), content=photo, headers=JPEG).status_code == 204
        assert named_on_a_card(author, photo) == 0
        assert author.get(path_of(photo)).content == photo
        assert [path.name for path in elsewhere.rglob("*") if path.is_file()] == [sha256(photo).hexdigest()]
        assert not any((server.folder / "files").rglob("*"))

        backup = tmp_path / "one.backup"
        assert server.cli("backup", str(backup)).returncode == 0
        server.stop()
        key = server.kept_key()
        for folder in (server.folder, elsewhere):
            shutil.rmtree(folder)
        failed = server.cli("restore", str(backup), *key)
        assert failed.returncode == 1
        assert failed.stderr.startswith("All was restored but the photos")
        unserved = server.cli("serve", "--port", "0")
        assert unserved.returncode == 1
        assert "VIRTAAMO_FILES=" in unserved.stderr.splitlines()[-1]
        elsewhere.mkdir()
        assert server.cli("restore", str(backup), *key, "--replace").returncode == 0
        server.start(port=server.port)
        assert author.get(path_of(photo)).content == photo
    finally:
        server.close()


def test_a_hidden_card_shows_no_photo(shared, join):
    author, photo = join(shared), picture()
    author.put(path_of(photo), content=photo, headers=JPEG)
    write(
        author,
        0,
        {
            "team": [None, team_of(author)],
            "title": [None, "A"],
            f"photos/{sha256(photo).hexdigest()}": [None, ""],
        },
    )
    assert author.get(path_of(photo)).status_code == 200

    assert write(author, 1, {"gone": [None, ["withdrawn", ""]]}) == 0

    assert author.get(path_of(photo)).status_code == 404


def test_a_photo_is_kept_as_it_came_and_shown_to_nobody_without_a_card(shared, join):
    client, photo = join(shared), picture()
    path = f"/api/files/{sha256(photo).hexdigest()}"

    for _ in range(2):
        assert client.put(path, content=photo, headers={"Content-Type": "image/jpeg"}).status_code == 204
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "spoil",
    [
        lambda jpeg: jpeg + b"x",
        lambda jpeg: jpeg[:2] + b"\xff\xe1\x00\x08Exif\0\0" + jpeg[2:],
        lambda jpeg: jpeg[:2] + b"\xff\xfe\x00\x06abcd" + jpeg[2:],
        lambda jpeg: b"GIF89a" + jpeg,
        lambda jpeg: b"",
    ],
    ids=["trailing", "exif", "comment", "gif", "empty"],
)
def test_a_photo_that_is_not_plain_is_refused(shared, join, spoil):
    photo = spoil(picture())

    reply = join(shared).put(
        f"/api/files/{sha256(photo).hexdigest()}", content=photo, headers={"Content-Type": "image/jpeg"}
    )

    assert (reply.status_code, reply.json()["error"]) == (422, "bad_image")


def test_a_photo_under_another_name_is_refused(shared, join):
    reply = join(shared).put(
        "/api/files/" + "0" * 64, content=picture(), headers={"Content-Type": "image/jpeg"}
    )

    assert reply.json()["error"] == "bad_image"


def test_progressive_pictures_with_a_colour_profile_are_plain():
    assert has_plain_segments(picture(progressive=True, icc_profile=b"profile"))

"""Settings: read once, named in the documentation, never guessed."""

import re
from pathlib import Path

import msgspec
import pytest

from server.settings import PREFIX, SettingError, Settings, read_settings

TABLE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_every_setting_is_documented_and_every_documented_one_exists():
    documented = re.findall(r"^\| `VIRTAAMO_(\w+)`", TABLE.read_text(), flags=re.M)

    assert sorted(documented) == sorted(field.name.upper() for field in msgspec.structs.fields(Settings))


def test_an_unknown_setting_stops_the_start_and_is_named():
    with pytest.raises(SettingError, match="VIRTAAMO_PROT is not a setting"):
        read_settings({f"{PREFIX}PROT": "8000"})


@pytest.mark.parametrize(
    ("name", "text"),
    [("PORT", "eight"), ("PORT", "70000"), ("URL", "ideas.example"), ("LOG", "xml"), ("OPENAPI", "maybe")],
)
def test_an_unusable_value_stops_the_start_and_is_named(name, text):
    with pytest.raises(SettingError, match=f"VIRTAAMO_{name}"):
        read_settings({PREFIX + name: text})


def test_another_database_is_refused_rather_than_ignored():
    with pytest.raises(SettingError, match="reserved"):
        read_settings({"VIRTAAMO_DATABASE": "postgresql://x"})


def test_the_public_address_and_the_printed_one_may_write():
    settings = read_settings({"VIRTAAMO_URL": "https://ideas.example/", "VIRTAAMO_PORT": "8100"})

    assert settings.origins == ("https://ideas.example", "http://127.0.0.1:8100")
    assert settings.public_url == "https://ideas.example"


def test_a_server_on_every_address_is_called_localhost():
    assert Settings(host="0.0.0.0", port=80).served_url == "http://localhost"
    assert Settings(host="::1", port=8000).served_url == "http://[::1]:8000"

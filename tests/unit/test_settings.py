"""Settings: read once, named in the documentation, never guessed."""

import re
from pathlib import Path

import msgspec
import pytest
from obstore.exceptions import GenericError
from obstore.store import from_url

from server.addresses import STORES
from server.settings import PREFIX, SettingError, Settings, effective, read_places, read_settings

TABLE = Path(__file__).parents[2] / "docs" / "settings.md"


def with_file(folder, text):
    (folder / "virtaamo.toml").write_text(text)
    return {"VIRTAAMO_DATA": str(folder)}


def faults_of(environ):
    with pytest.raises(SettingError) as wrong:
        read_settings(environ)
    return str(wrong.value).splitlines()


def test_every_setting_is_documented_and_every_documented_one_exists():
    documented = re.findall(r"^\| `VIRTAAMO_(\w+)`", TABLE.read_text(), flags=re.M)

    assert sorted(documented) == sorted(field.name.upper() for field in msgspec.structs.fields(Settings))


def test_an_unknown_setting_stops_the_start_and_is_named():
    with pytest.raises(SettingError, match="VIRTAAMO_PROT is not a setting"):
        read_settings({f"{PREFIX}PROT": "8000"})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "eight"),
        ("PORT", "70000"),
        ("URL", "ideas.example"),
        ("URL", "https://"),
        ("URL", "https://x:99999"),
        ("URL", "https://x:abc"),
        ("URL", "https://[bad"),
        ("URL", "https://ideas..example"),
        ("URL", "https://ideas.example/app"),
        ("URL", "https://ideas.example?x=1"),
        ("URL", "https://it@ideas.example"),
        ("HOST", "127.0.0.1:8000"),
        ("HOST", "[::1"),
        ("DATABASE", "postgresql://virtaamo@db"),
        ("DATABASE", "postgresql://db:abc/virtaamo"),
        ("FILES", "ftp://host/photos"),
        ("FILES", "memory:///"),
        ("WEB", "/nowhere/dist"),
        ("OIDC_ISSUER", "https://[bad"),
        ("LOG", "xml"),
        ("OPENAPI", "maybe"),
        ("PROXIES", "*"),
        ("PROXIES", "0.0.0.0/0"),
        ("PROXIES", "127.0.0.1, proxy.example"),
        ("FILES", "photos"),
        ("METRICS_TOKEN", "short"),
        ("RATE_MINUTES", "0"),
        ("RATE_ADDRESS", "-1"),
    ],
)
def test_an_unusable_value_stops_the_start_and_is_named(name, text):
    with pytest.raises(SettingError, match=rf"VIRTAAMO_{name} is .*; \w+ .*\.$"):
        read_settings({PREFIX + name: text})


def test_everything_that_is_wrong_is_named_in_one_go(tmp_path):
    environ = with_file(tmp_path, 'colour = "red"\nport = 70000\nlog = 5\n')

    faults = faults_of(environ | {"VIRTAAMO_URL": "ideas", "VIRTAAMO_PROT": "1", "VIRTAAMO_OPENAPI": "2"})

    named = ["VIRTAAMO_PROT", "VIRTAAMO_OPENAPI", "VIRTAAMO_URL", "colour in", "port in", "log in"]
    assert {name for name in named if any(line.startswith(name) for line in faults)} == set(named)
    assert len(faults) == len(named)


@pytest.mark.parametrize(
    ("name", "bad", "good"),
    [
        ("PUSH_CONTACT", ("mailto:it@org.example", "it", "it@org", "it@org.example\n"), "it@org.example"),
        (
            "PUSH_HOSTS",
            ("https://push.example", "push.example:443", "*.push.example", "10.0.0.1"),
            "push.example",
        ),
        ("TIME_ZONE", ("", "Helsinki", "../../etc/passwd", "/etc/localtime"), "Europe/Mariehamn"),
    ],
)
def test_what_waking_phones_needs_is_looked_at_when_it_is_set(name, bad, good):
    for value in bad:
        assert f"VIRTAAMO_{name}" in faults_of({f"VIRTAAMO_{name}": value})[0]
    assert getattr(read_settings({f"VIRTAAMO_{name}": good}), name.lower()) == good


def test_a_file_in_the_data_folder_sets_what_the_environment_does_not(tmp_path):
    environ = with_file(tmp_path, 'port = 8100\nlog = "json"\nopenapi = true\n')

    settings = read_settings(environ | {"VIRTAAMO_PORT": "8200"})

    assert (settings.port, settings.log, settings.openapi) == (8200, "json", True)


def test_a_named_file_may_say_where_the_data_is(tmp_path):
    (tmp_path / "county.toml").write_text(f'data = "{tmp_path}/kept"\n')

    settings = read_settings({"VIRTAAMO_CONFIG": str(tmp_path / "county.toml")})

    assert settings.data == tmp_path / "kept"


def test_a_file_that_cannot_be_read_hides_nothing_that_is_wrong_elsewhere(tmp_path):
    issuer = {"VIRTAAMO_OIDC_ISSUER": "https://login.example", "VIRTAAMO_RP_ID": "org.example"}
    environ = with_file(tmp_path, "port 8000") | issuer  # what belongs to these may stand in the file

    faults = faults_of(environ | {"VIRTAAMO_PROT": "1", "VIRTAAMO_URL": "https://x:abc"})

    assert [line.split()[0] for line in faults] == [
        str(tmp_path / "virtaamo.toml"),
        "VIRTAAMO_PROT",
        "VIRTAAMO_URL",
    ]


def test_options_win_and_are_looked_at_as_settings_are():
    environ = {"VIRTAAMO_PORT": "8100", "VIRTAAMO_HOST": "::1"}

    settings = read_settings(environ, {"port": "0", "host": "localhost"})

    assert (settings.port, settings.host) == (0, "localhost")
    with pytest.raises(SettingError) as wrong:
        read_settings(environ | {"VIRTAAMO_PORT": "eight"}, {"port": "70000", "host": "a b"})
    named = [line.split()[0] for line in str(wrong.value).splitlines()]
    assert named == ["VIRTAAMO_PORT", "--host", "--port"]


@pytest.mark.parametrize(
    "other", [{"URL": "https://[bad"}, {"URL": "ideas"}, {"PORT": "70000"}, {"HOST": "[x"}]
)
def test_a_domain_for_passkeys_is_not_wrong_because_the_address_is(other):
    ((name, text),) = other.items()

    faults = faults_of({f"{PREFIX}{name}": text, "VIRTAAMO_RP_ID": "org.example"})

    assert [line.split()[0] for line in faults] == [f"{PREFIX}{name}"]


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://virtaamo@/virtaamo?host=/run/postgresql",
        "postgresql://virtaamo@[::1]:5432,db2/virtaamo",
        "postgres://db?dbname=virtaamo",
    ],
)
def test_a_database_is_named_in_any_way_that_libpq_knows(address):
    assert read_settings({"VIRTAAMO_DATABASE": address}).database == address


def test_obstore_knows_every_sort_of_store_that_is_let_through(tmp_path):
    def is_known(scheme):
        try:
            from_url(f"{scheme}://{'' if scheme == 'file' else 'bucket'}{tmp_path}")
        except GenericError as error:
            return "Unable to recognise URL" not in str(error)
        return True

    assert [scheme for scheme in STORES if not is_known(scheme)] == []


def test_a_named_file_that_is_missing_stops_the_start(tmp_path):
    assert "can't be read" in faults_of({"VIRTAAMO_CONFIG": str(tmp_path / "none.toml")})[0]


@pytest.mark.parametrize(
    ("text", "said"),
    [("port 8000", "is not TOML"), ('data = "x"', "VIRTAAMO_DATA"), ('config = "x"', "not a setting")],
)
def test_a_file_that_cannot_be_used_is_said(tmp_path, text, said):
    assert said in faults_of(with_file(tmp_path, text))[0]


def test_what_is_in_force_is_shown_with_its_place_and_without_secrets(tmp_path):
    environ = with_file(tmp_path, 'metrics_token = "0123456789abcdef-marker"\nport = 8100\n')
    environ |= {"VIRTAAMO_FILES": "s3://user:marker@host/photos?secret_access_key=marker&region=eu"}

    shown = {name: (value, place) for name, value, place in effective(read_places(environ))}

    assert "marker" not in str(shown)
    assert shown["VIRTAAMO_FILES"][0] == "s3://user:…@host/photos?secret_access_key=…&region=eu"
    assert shown["VIRTAAMO_PORT"] == ("8100", f"port in {tmp_path / 'virtaamo.toml'}")
    assert shown["VIRTAAMO_LOG"] == ("plain", "default")


def test_a_wrong_value_of_a_secret_is_not_printed():
    assert "hunter2" not in faults_of({"VIRTAAMO_DATABASE": "postgresql://it:a/hunter2@db/virtaamo"})[0]
    assert "hunter2" not in faults_of({"VIRTAAMO_METRICS_TOKEN": "hunter2"})[0]


def test_another_sort_of_database_is_refused_rather_than_ignored():
    with pytest.raises(SettingError, match="postgresql://user@host/name"):
        read_settings({"VIRTAAMO_DATABASE": "mysql://x"})


def test_without_an_address_everything_is_in_a_file_of_the_data_folder():
    assert read_settings({"VIRTAAMO_DATA": "/srv/v"}).stored_in == Path("/srv/v/virtaamo.db")
    assert read_settings({"VIRTAAMO_DATABASE": "postgresql://x/v"}).stored_in == "postgresql://x/v"


def test_the_public_address_and_the_printed_one_may_write():
    settings = read_settings({"VIRTAAMO_URL": "https://ideas.example/", "VIRTAAMO_PORT": "8100"})

    assert settings.origins == ("https://ideas.example", "http://127.0.0.1:8100")
    assert settings.public_url == "https://ideas.example"


def test_a_server_on_every_address_is_called_localhost():
    assert Settings(host="0.0.0.0", port=80).served_url == "http://localhost"
    assert Settings(host="::1", port=8000).served_url == "http://[::1]:8000"

"""What an ID token must be before anybody is believed to be somebody (OpenID Connect Core 3.1.3.7)."""

import asyncio
import json
from base64 import urlsafe_b64encode
from time import time
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from server.oidc import Asked, Provider, Returned
from server.refusals import Refused
from server.settings import read_settings
from tests.directory import CLIENT, Directory

ASKED = Asked(nonce="n" * 43, verifier="v" * 43)
MINUTE_MS, HOUR_MS = 60_000, 3_600_000


@pytest.fixture
def directory():
    directory = Directory()
    yield directory
    directory.close()


class Clock:
    """The time of day, moved by hand."""

    def __init__(self):
        self.ahead_ms = 0

    def now(self):
        return int(time() * 1000) + self.ahead_ms


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def provider(directory, clock):
    settings = {**directory.settings, "VIRTAAMO_URL": "https://ideas.example"}
    return Provider(read_settings(settings), clock.now)


def address_of(provider):
    return asyncio.run(provider.address("s" * 43, ASKED))


def claims_of(provider, back, asked=ASKED):
    return asyncio.run(provider.claims(Returned(back["code"], back.get("iss")), asked))


def given_in(address):
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def refusal_of(provider, back, asked=ASKED):
    with pytest.raises(Refused) as refused:
        claims_of(provider, back, asked)
    return refused.value.code


def test_d28_the_address_asks_for_a_code_by_pkce_after_the_hash(provider, directory):
    given = given_in(address_of(provider))

    assert given["redirect_uri"] == "https://ideas.example/kirjautunut"
    assert (given["response_type"], given["response_mode"]) == ("code", "fragment")
    assert (given["scope"], given["client_id"]) == ("openid profile", CLIENT)
    assert (given["state"], given["nonce"]) == ("s" * 43, ASKED.nonce)
    assert given["code_challenge_method"] == "S256"
    assert ASKED.verifier not in given.values()


def test_a_provider_that_knows_no_fragment_is_asked_without(provider, directory):
    directory.page["response_modes_supported"] = ["query"]

    assert "response_mode" not in given_in(address_of(provider))


def test_d28_a_good_token_says_who_somebody_is(provider, directory):
    back = directory.sign_in(address_of(provider), "oid-7", name=" Aino \u202e A\n", groups=["wards", 7])

    told = claims_of(provider, back)

    assert (told.issuer, told.subject, told.name) == (directory.issuer, "oid-7", "Aino A")
    assert told.groups == {"wards"}


LIES = {
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "another"},
    "another audience that names us": {"aud": "another", "azp": CLIENT},
    "an audience of others": {"aud": ["another", "third"]},
    "several audiences and nobody authorised": {"aud": [CLIENT, "another"]},
    "another authorised party": {"azp": "another"},
    "another nonce": {"nonce": "m" * 43},
    "no nonce": {"nonce": None},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is too long": {"sub": "s" * 300},
    "no end": {"exp": None},
    "an end that is no number": {"exp": "tomorrow"},
    "no time of issue": {"iat": None},
    "an end more than a minute ago": {"exp": int(time()) - 120},
    "an issue in a while": {"iat": int(time()) + 7_200},
    "not yet": {"nbf": int(time()) + 7_200},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("claims", LIES.values(), ids=LIES)
def test_d28_a_token_is_refused_that_says(provider, directory, claims):
    back = directory.sign_in(address_of(provider), **claims)

    assert refusal_of(provider, back) == "oidc_refused"


def test_d28_a_clock_may_be_off_by_less_than_a_minute(provider, directory):
    now = int(time())
    early = directory.sign_in(address_of(provider), iat=now + 50, exp=now + 300)
    late = directory.sign_in(address_of(provider), iat=now - 300, exp=now - 40)

    assert claims_of(provider, early).subject == claims_of(provider, late).subject == "aino"


def unsigned(claims):
    parts = ({"alg": "none"}, claims)
    return ".".join(urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + "."


def by_secret(claims, directory):
    public = json.dumps(directory.keys[0].as_dict(private=False)).encode()
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(public), algorithms=["HS256"])


def by_a_stranger(claims, directory):
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, directory.new_key("first"))


FORGED = {
    "nobody": lambda claims, _: unsigned(claims),
    "whoever knows the public key": by_secret,
    "a stranger": by_a_stranger,
    "nobody at all": lambda *_: "nonsense",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_d28_a_token_is_refused_that_was_signed_by(provider, directory, forge):
    now = int(time())
    claims = {"iss": directory.issuer, "sub": "aino", "aud": CLIENT, "nonce": ASKED.nonce}
    given = given_in(address_of(provider))
    back = directory.hand_out(given, forge({**claims, "iat": now, "exp": now + 300}, directory))

    assert refusal_of(provider, back) == "oidc_refused"


def test_d28_a_token_with_a_byte_changed_is_refused(provider, directory):
    back = directory.sign_in(address_of(provider))
    challenge, token = directory.codes[back["code"]]
    head, _, tail = token.rpartition(".")
    directory.codes[back["code"]] = challenge, f"{head}.{'A' if tail[0] != 'A' else 'B'}{tail[1:]}"

    assert refusal_of(provider, back) == "oidc_refused"


def test_d28_a_code_is_worth_nothing_without_its_verifier(provider, directory):
    back = directory.sign_in(address_of(provider))

    assert refusal_of(provider, back, Asked(ASKED.nonce, "w" * 43)) == "oidc_refused"


def test_d28_a_code_counts_once(provider, directory):
    back = directory.sign_in(address_of(provider))
    claims_of(provider, back)

    assert refusal_of(provider, back) == "oidc_refused"


@pytest.mark.parametrize("issuer", ["https://evil.example", None])
def test_d28_another_providers_answer_is_not_taken_for_this_ones(provider, directory, issuer):
    back = directory.sign_in(address_of(provider)) | {"iss": issuer}

    assert refusal_of(provider, back) == "oidc_refused"
    assert "/token" not in directory.asked


def test_new_keys_are_fetched_when_the_provider_has_changed_them(provider, directory, clock):
    claims_of(provider, directory.sign_in(address_of(provider)))
    directory.rotate("second")
    clock.ahead_ms = 61_000

    assert claims_of(provider, directory.sign_in(address_of(provider))).subject == "aino"


def test_unknown_keys_make_nobody_ask_again_and_again(provider, directory):
    claims_of(provider, directory.sign_in(address_of(provider)))
    directory.rotate("second")

    for _ in range(3):
        assert refusal_of(provider, directory.sign_in(address_of(provider))) == "oidc_refused"

    assert directory.asked.count("/keys") == 1


def test_the_discovery_page_and_the_keys_are_kept_for_a_while(provider, directory, clock):
    for _ in range(3):
        claims_of(provider, directory.sign_in(address_of(provider)))
    assert sum("well-known" in path for path in directory.asked) == directory.asked.count("/keys") == 1

    clock.ahead_ms = HOUR_MS + 1
    claims_of(provider, directory.sign_in(address_of(provider), exp=int(time()) + 2 * HOUR_MS))
    assert directory.asked.count("/keys") == 2


def test_nobody_is_sent_to_a_provider_that_has_gone_down(provider, directory, clock):
    address_of(provider)
    directory.close()
    clock.ahead_ms = MINUTE_MS

    with pytest.raises(Refused, match="oidc_unavailable"):
        address_of(provider)


AMISS = {
    "another's page": {"issuer": "https://evil.example"},
    "tokens from elsewhere in the clear": {"token_endpoint": "http://evil.example/token"},
    "keys from a file": {"jwks_uri": "file:///etc/passwd"},
    "no address": {"authorization_endpoint": None},
}


@pytest.mark.parametrize("page", AMISS.values(), ids=AMISS)
def test_d28_a_discovery_page_is_not_used_that_gives(provider, directory, page):
    directory.page |= page

    with pytest.raises(Refused, match="oidc_unavailable"):
        address_of(provider)


def test_a_provider_that_fails_or_is_gone_is_said_to_be_unavailable(provider, directory, clock):
    back = directory.sign_in(address_of(provider))
    directory.status = 503
    assert refusal_of(provider, back) == "oidc_unavailable"

    directory.close()
    assert refusal_of(provider, back) == "oidc_unavailable"


def test_a_secret_goes_along_as_the_provider_takes_it(directory, clock):
    directory.page["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    settings = {**directory.settings, "VIRTAAMO_OIDC_SECRET": "tell no one"}
    provider = Provider(read_settings(settings), clock.now)
    forms = []
    answer = directory.reply
    directory.reply = lambda path, form: forms.append(form) or answer(path, form)

    claims_of(provider, directory.sign_in(address_of(provider)))

    assert forms[-2]["client_secret"] == ["tell no one"]


def test_groups_that_are_too_many_to_be_told_are_not_taken_for_none(provider, directory):
    """Entra ID's overage: the token says where the list would be, instead of the list."""
    elsewhere = {
        "_claim_names": {"groups": "src1"},
        "_claim_sources": {"src1": {"endpoint": "https://graph"}},
    }
    many = claims_of(provider, directory.sign_in(address_of(provider), **elsewhere))
    none = claims_of(provider, directory.sign_in(address_of(provider)))

    assert many.groups is None
    assert none.groups == frozenset()

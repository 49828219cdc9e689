"""The organisation's own sign-in: OpenID Connect, authorization code with PKCE; the only import of Authlib.

What the provider says is believed only in an ID token that it signed for this installation, just now, for the very
sign-in that began here (OpenID Connect Core 3.1.3.7, RFC 9700). No access token is kept and nothing else is asked.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit

import msgspec
import structlog
from msgspec import Struct

from server.addresses import LOOPBACK
from server.refusals import Refused
from server.settings import Settings

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import AsyncOAuth2Client
    from joserfc.jwk import KeySet, KeySetSerialization

RETURN_PATH = "/kirjautunut"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SKEW_S = 60
ANSWER_S = 10
MOST_BYTES = 512_000
ASLEEP_MS = 60_000  # older news of the provider don't show that it answers
METADATA_MS, KEYS_MS, KEYS_AGAIN_MS = 86_400_000, 3_600_000, 60_000
NAME_LETTERS = 80
MOST_LETTERS = 255  # of a subject, by the standard
T = TypeVar("T")
log = structlog.get_logger()


class Metadata(Struct, frozen=True):
    """What the discovery page says, as far as it is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    response_modes_supported: Sequence[str] = ("query", "fragment")
    token_endpoint_auth_methods_supported: Sequence[str] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class KeyList(Struct, frozen=True):
    """The provider's public keys as they are published (RFC 7517)."""

    keys: Sequence[dict[str, object]]


class Asked(Struct, frozen=True):
    """What ties the ID token and the code to the sign-in that began here: random; the verifier is told last."""

    nonce: str
    verifier: str


class Returned(Struct, frozen=True):
    """What the browser brings back from the provider; `issuer` where the provider names itself (RFC 9207)."""

    code: str
    issuer: str | None


class Claimed(Struct, frozen=True):
    """Who somebody is, by a verified ID token; `groups` is nil where the provider has too many to tell."""

    issuer: str
    subject: str
    name: str
    groups: frozenset[str] | None


class Provider:
    """The organisation's provider: its metadata and keys, fetched when needed and kept for a while."""

    def __init__(self, settings: Settings, now: Callable[[], int]) -> None:
        self._settings = settings
        self._now = now
        self._metadata: tuple[Metadata, int] | None = None
        self._keys: tuple[KeySet, int] | None = None

    async def address(self, state: str, asked: Asked) -> str:
        """Where the browser goes to sign in. Refuses while the provider can't be reached."""
        async with self._asking() as client:
            known = await self._known(client, ASLEEP_MS)  # nobody is sent to a provider that is down
            # After # the code reaches neither our log nor a proxy's.
            mode = {"response_mode": "fragment"} if "fragment" in known.response_modes_supported else {}
            url, _ = client.create_authorization_url(
                known.authorization_endpoint,
                state=state,
                nonce=asked.nonce,
                code_verifier=asked.verifier,
                **mode,
            )
        return str(url)

    async def claims(self, returned: Returned, asked: Asked) -> Claimed:
        """Exchange a code for an ID token and verify it; refuses whatever doesn't fit."""
        async with self._asking() as client:
            known = await self._known(client, METADATA_MS)
            _from_there(returned, known)
            token = await client.fetch_token(
                known.token_endpoint,
                grant_type="authorization_code",
                code=returned.code,
                code_verifier=asked.verifier,
                auth=client.client_auth(self._auth_method(known)),
            )
            claims = await self._verified(client, known, token, asked.nonce)
        return claimed(claims, self._settings.oidc_claim)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator["AsyncOAuth2Client"]:
        """A client for one sign-in; whatever goes wrong on the way becomes a refusal, and a line in the log."""
        from authlib.integrations.base_client import OAuthError  # slow to import, and off by default
        from httpx2 import HTTPError, InvalidURL
        from joserfc.errors import JoseError

        try:
            async with asyncio.timeout(ANSWER_S), self._client() as client:
                yield client
        except JoseError as error:
            raise _refusal("oidc_refused", str(error)) from None
        except OAuthError as error:
            code = "oidc_refused" if error.error == "invalid_grant" else "oidc_unavailable"
            raise _refusal(code, str(error.error)) from None
        except (HTTPError, InvalidURL, OSError, ValueError, msgspec.MsgspecError) as error:
            raise _refusal("oidc_unavailable", f"{type(error).__name__} {error}") from None

    def _client(self) -> "AsyncOAuth2Client":
        from authlib.integrations.httpx_client import AsyncOAuth2Client

        chosen = self._settings
        return AsyncOAuth2Client(
            chosen.oidc_client,
            chosen.oidc_secret or None,
            scope=chosen.oidc_scopes,
            redirect_uri=chosen.public_url + RETURN_PATH,
            code_challenge_method="S256",
            follow_redirects=False,
            timeout=ANSWER_S,
            trust_env=False,
        )

    async def _known(self, client: "AsyncOAuth2Client", oldest_ms: int) -> Metadata:
        if self._metadata is None or not _is_fresh(self._metadata[1], self._now(), oldest_ms):
            issuer = self._settings.oidc_issuer
            page = issuer.rstrip("/") + "/.well-known/openid-configuration"
            found = await _fetch(client, page, Metadata)
            if found.issuer != issuer:
                raise ValueError(f"issuer is {found.issuer}, not {issuer}")
            for url in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
                if not _is_safe(url, issuer):
                    raise ValueError(f"{url} is not safe")
            self._metadata = found, self._now()
        return self._metadata[0]

    def _auth_method(self, known: Metadata) -> str:
        if not self._settings.oidc_secret:
            return "none"
        basic = "client_secret_basic"
        return basic if basic in known.token_endpoint_auth_methods_supported else "client_secret_post"

    async def _verified(
        self, client: "AsyncOAuth2Client", known: Metadata, token: Mapping[str, object], nonce: str
    ) -> Mapping[str, object]:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError
        from joserfc.jws import JWSRegistry

        signed = str(token.get("id_token", ""))
        accepted = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        try:
            read = jwt.decode(signed, await self._fresh_keys(client, known, KEYS_MS), registry=accepted)
        except InvalidKeyIdError:  # they have been changed since
            read = jwt.decode(signed, await self._fresh_keys(client, known, KEYS_AGAIN_MS), registry=accepted)
        ours = self._settings.oidc_client
        wanted = {
            "iss": {"essential": True, "value": known.issuer},
            "aud": {"essential": True, "value": ours},
        }
        wanted |= {"sub": {"essential": True}, "nonce": {"essential": True, "value": nonce}}
        tied = {"client_id": ours, "nonce": nonce, "access_token": token.get("access_token")}
        claims = CodeIDToken(read.claims, read.header, wanted, tied)
        claims.validate(now=self._now() // 1000, leeway=SKEW_S)
        return dict(claims)

    async def _fresh_keys(self, client: "AsyncOAuth2Client", known: Metadata, oldest_ms: int) -> "KeySet":
        from joserfc.jwk import KeySet

        if self._keys is None or not _is_fresh(self._keys[1], self._now(), oldest_ms):
            found = await _fetch(client, known.jwks_uri, KeyList)
            published = cast("KeySetSerialization", {"keys": found.keys})  # each key is checked as it is read
            self._keys = KeySet.import_key_set(published), self._now()
        return self._keys[0]


def claimed(claims: Mapping[str, object], claim: str) -> Claimed:
    """What is used of verified claims; `claim` names the one that lists groups.

    >>> claimed({"iss": "i", "sub": "7", "name": " Aino  A", "groups": ["wards"]}, "groups")
    Claimed(issuer='i', subject='7', name='Aino A', groups=frozenset({'wards'}))
    """
    subject = str(claims["sub"])
    if len(subject) > MOST_LETTERS:
        raise _refusal("oidc_refused", "sub is too long")
    return Claimed(str(claims["iss"]), subject, _name(claims), _groups(claims, claim))


def _name(claims: Mapping[str, object]) -> str:
    parts = f"{claims.get('given_name', '')} {claims.get('family_name', '')}"
    for told in (claims.get("name"), parts, claims.get("preferred_username")):
        if isinstance(told, str):
            name = " ".join("".join(letter for letter in told if letter.isprintable()).split())
            if name:
                return name[:NAME_LETTERS]
    return ""


def _groups(claims: Mapping[str, object], claim: str) -> frozenset[str] | None:
    """Entra ID leaves the list out of a person's token where it would be too long, and says so."""
    elsewhere = claims.get("_claim_names")
    if claims.get("hasgroups") or (isinstance(elsewhere, Mapping) and claim in elsewhere):
        return None
    told = claims.get(claim)
    listed = told if isinstance(told, list) else [told]
    return frozenset(group for group in listed if isinstance(group, str))


def _from_there(returned: Returned, known: Metadata) -> None:
    """Another provider's answer must not be taken for this one's (RFC 9207)."""
    is_named = returned.issuer is not None
    if is_named and returned.issuer != known.issuer:
        raise _refusal("oidc_refused", "iss of the answer")
    if not is_named and known.authorization_response_iss_parameter_supported:
        raise _refusal("oidc_refused", "no iss in the answer")


async def _fetch(client: "AsyncOAuth2Client", url: str, sort: type[T]) -> T:
    body = b""
    async with client.stream("GET", url, withhold_token=True) as reply:
        reply.raise_for_status()
        async for part in reply.aiter_bytes():
            body += part
            if len(body) > MOST_BYTES:
                raise ValueError(f"{url} is too long")
    return msgspec.json.decode(body, type=sort)


def _is_safe(url: str, issuer: str) -> bool:
    parts = urlsplit(url)
    is_near = urlsplit(issuer).hostname in LOOPBACK and parts.hostname in LOOPBACK
    return bool(parts.hostname) and (parts.scheme == "https" or (is_near and parts.scheme == "http"))


def _is_fresh(at: int, now: int, oldest_ms: int) -> bool:
    return 0 <= now - at < oldest_ms


def _refusal(code: str, why: str) -> Refused:
    log.warning(code, why=why)
    return Refused(code)

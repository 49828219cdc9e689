"""Passkeys: options for browsers, and what authenticators answer verified; the only import of webauthn.

Discoverable, and the person is verified by the authenticator every time: asked for in the options and required of the
answer, since the library's default is to let an answer without it pass (docs/devices.md D-34). No attestation.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from server.refusals import Refused

TIMEOUT_MS = 300_000
SHOWN_AS = "Virtaamo"
# Somebody's who is nobody: what is signed with a passkey that isn't known takes the same work to refuse.
NOBODYS = bytes.fromhex(
    "a5010203262001215820" + "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "225820" + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
Credential = Mapping[str, object]
Options = Mapping[str, object]
T = TypeVar("T")


class Party(Struct, frozen=True):
    """Whose passkeys they are: the domain, and the origins on which they may be used."""

    id: str
    origins: Sequence[str]


class Owner(Struct, frozen=True):
    """Who gets a passkey: a random number for authenticators, a name for people; `known` are those they have."""

    handle: bytes
    name: str
    known: Sequence[bytes]


class Made(Struct, frozen=True):
    """A passkey that has just been made."""

    id: bytes
    public_key: bytes
    sign_count: int
    synced: bool


class ClientData(Struct, rename="camel"):
    """What the browser says of a ceremony, as far as it isn't left to the library."""

    challenge: str
    cross_origin: bool = False


def options_to_make(party: Party, owner: Owner, challenge: bytes) -> Options:
    """What a browser is asked when somebody makes a passkey."""
    from webauthn import generate_registration_options  # slow to import, and needed now and then
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    wanted = AuthenticatorSelectionCriteria(
        resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
    )
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=SHOWN_AS,
        user_id=owner.handle,
        user_name=owner.name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=wanted,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in owner.known],
    )
    return options_to_json_dict(options)


def options_to_use(party: Party, known: Sequence[bytes], challenge: bytes) -> Options:
    """What a browser is asked when somebody shows a passkey: one of those known, or any of this domain's."""
    from webauthn import generate_authentication_options
    from webauthn.helpers import options_to_json_dict
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def challenge_of(credential: Credential) -> bytes:
    """The challenge that a browser says it answers; refused where it says none, or was framed by another site."""
    response = credential.get("response")
    text = response.get("clientDataJSON") if isinstance(response, Mapping) else None
    said = _parsed(lambda: msgspec.json.decode(_bytes(text), type=ClientData))
    if said.cross_origin:
        raise Refused("passkey_refused")
    return _parsed(lambda: _bytes(said.challenge))


def id_of(credential: Credential) -> bytes:
    """The passkey that a browser says was used."""
    return _parsed(lambda: _bytes(credential.get("rawId")))


def verify_made(party: Party, credential: Credential, challenge: bytes) -> Made:
    """A passkey that was made for this challenge; refused where anything doesn't fit."""
    from webauthn import verify_registration_response

    made = _parsed(
        lambda: verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=True,
        )
    )
    return Made(made.credential_id, made.credential_public_key, made.sign_count, made.credential_backed_up)


def verify_used(party: Party, credential: Credential, challenge: bytes, public_key: bytes | None) -> int:
    """The counter of a passkey that answered this challenge.

    Refused where anything doesn't fit, and as unknown where nobody's passkey (no public key) or another one signed.
    """
    from cryptography.exceptions import InvalidSignature
    from webauthn import verify_authentication_response

    try:
        used = verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            credential_public_key=public_key or NOBODYS,
            credential_current_sign_count=0,  # compared by us, once the signature is known to be good
            require_user_verification=True,
        )
    except Exception as error:  # the library lets through whatever its parsers raise
        is_other = isinstance(error.__context__, InvalidSignature)
        raise Refused("passkey_unknown" if is_other else "passkey_refused") from None
    if public_key is None:
        raise Refused("passkey_unknown")
    return used.new_sign_count


def _bytes(text: object) -> bytes:
    from webauthn.helpers import base64url_to_bytes

    if not isinstance(text, str):
        raise TypeError("base64url")
    return base64url_to_bytes(text)


def _parsed(read: Callable[[], T]) -> T:
    try:
        return read()
    except Exception:  # hostile bytes, and the library lets through whatever its parsers raise
        raise Refused("passkey_refused") from None

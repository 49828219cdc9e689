"""HPKE as RFC 9180 has it; web/test/hpke.test.ts reads the same example."""

import json

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from tests.conftest import ROOT

EXAMPLE = {
    name: text if name == "source" else bytes.fromhex(text)
    for name, text in json.loads((ROOT / "tests" / "vectors" / "hpke.json").read_text()).items()
}
SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)


def receiver():
    return ec.derive_private_key(int.from_bytes(EXAMPLE["skRm"]), ec.SECP256R1())


def sealed():
    """As the example's sender does it, without the additional words that we never use."""
    words = AESGCM(EXAMPLE["key"]).encrypt(EXAMPLE["base_nonce"], EXAMPLE["plain"], None)
    return EXAMPLE["enc"] + words


def test_d60_the_library_opens_the_example_of_the_rfc():
    assert SUITE.decrypt(sealed(), receiver(), info=EXAMPLE["info"]) == EXAMPLE["plain"]


@pytest.mark.parametrize("at", [0, 40, 66, -1])
def test_d60_a_changed_byte_is_refused(at):
    broken = bytearray(sealed())
    broken[at] ^= 1
    with pytest.raises((InvalidTag, ValueError)):
        SUITE.decrypt(bytes(broken), receiver(), info=EXAMPLE["info"])


def test_d60_other_context_and_a_cut_are_refused():
    with pytest.raises((InvalidTag, ValueError)):
        SUITE.decrypt(sealed(), receiver(), info=EXAMPLE["info"] + b"x")
    with pytest.raises((InvalidTag, ValueError)):
        SUITE.decrypt(sealed()[:-1], receiver(), info=EXAMPLE["info"])

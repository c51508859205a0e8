"""Signatures of CloudFront's addresses. It loads `cryptography`, which only some functions' bundles hold."""

from functools import lru_cache
from typing import Any

from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def signer(pem: str, key_id: str) -> Any:
    """botocore's, with a private key: `signer(pem, "K1").generate_presigned_url(url, date_less_than=…)`.

    Raises `ValueError` of a text that is no RSA key in PEM.
    """
    key = _private_key(pem)

    def sign(policy: bytes) -> bytes:
        return key.sign(policy, PKCS1v15(), SHA1())  # noqa: S303 - CloudFront verifies no other hash

    return CloudFrontSigner(key_id, sign)


@lru_cache(maxsize=2)
def _private_key(pem: str) -> RSAPrivateKey:
    """Parsed once: OpenSSL checks the key, which takes much longer than to sign."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("the private key of CloudFront's addresses must be an RSA key")
    return key

"""AWS's signatures that hold in every region, which a few of its APIs take alone: SigV4A.

botocore has them from a package of native code; of that this is the one part that is needed here.
"""

import hmac
from hashlib import sha256
from typing import Any

from botocore.auth import SigV4Auth
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ALGORITHM = "AWS4-ECDSA-P256-SHA256"
EVERYWHERE = "*"
_CURVE = ec.SECP256R1()
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def signing_key(access_key: str, secret_key: str) -> ec.EllipticCurvePrivateKey:
    """The key that a pair of AWS's keys stands for, as NIST SP 800-108 derives it, in counter mode."""
    for counter in range(1, 255):
        fixed = ALGORITHM.encode() + b"\0" + access_key.encode() + bytes([counter])
        block = (1).to_bytes(4, "big") + fixed + (256).to_bytes(4, "big")
        candidate = int.from_bytes(hmac.digest(f"AWS4A{secret_key}".encode(), block, sha256), "big")
        if candidate <= _ORDER - 2:
            return ec.derive_private_key(candidate + 1, _CURVE)
    raise ValueError("these keys can't be used: no number that is derived of them is in range")


class SigV4AAuth(SigV4Auth):  # type: ignore[misc] # botocore has no types
    """Signs a request as `SigV4Auth` does, for every region and by an elliptic curve."""

    def __init__(self, credentials: Any, service_name: str) -> None:
        super().__init__(credentials, service_name, EVERYWHERE)

    def add_auth(self, request: Any) -> None:
        """Add the headers that sign it."""
        request.headers["X-Amz-Region-Set"] = EVERYWHERE
        super().add_auth(request)

    def scope(self, request: Any) -> str:
        return f"{self.credentials.access_key}/{self.credential_scope(request)}"

    def credential_scope(self, request: Any) -> str:
        return "/".join([request.context["timestamp"][:8], self._service_name, "aws4_request"])

    def string_to_sign(self, request: Any, canonical_request: str) -> str:
        hashed = sha256(canonical_request.encode()).hexdigest()
        return "\n".join([ALGORITHM, request.context["timestamp"], self.credential_scope(request), hashed])

    def signature(self, string_to_sign: str, request: Any) -> str:
        key = signing_key(self.credentials.access_key, self.credentials.secret_key)
        return key.sign(string_to_sign.encode(), ec.ECDSA(hashes.SHA256())).hex()

    def _inject_signature_to_request(self, request: Any, signature: str) -> Any:
        signed = self.signed_headers(self.headers_to_sign(request))
        told = f"Credential={self.scope(request)}, SignedHeaders={signed}, Signature={signature}"
        request.headers["Authorization"] = f"{ALGORITHM} {told}"
        return request

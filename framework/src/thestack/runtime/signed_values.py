"""Values that a browser keeps and can't make: signed by a key, for one purpose and until a time.

`deploy/frontends/functions/guard.js` verifies the same on CloudFront; both are tested against each other.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class Key:
    """A key by its id. The secret, which is text, stays out of the representation."""

    id: str
    secret: str = field(repr=False)


class SignedValues:
    """Signs with the first of its keys, and believes all of them: that is how they are changed.

    A value is `KEY-ID.PAYLOAD.MAC`, the latter two in base64url. The MAC covers the purpose, so that
    a value made for one is none for another.
    """

    LONGEST = 4096
    """Characters, which is what browsers keep of a cookie."""

    def __init__(self, keys: Sequence[Key]) -> None:
        if not keys:
            raise ValueError("no key to sign with")
        self._signing, self._keys = keys[0], {key.id: key for key in keys}

    def sign(self, purpose: str, content: Mapping[str, Any], until: datetime) -> str:
        """The value of this content, which is JSON and can be read by who has it."""
        payload = encoded(json.dumps({**content, "exp": int(until.timestamp())}).encode())
        return f"{self._signing.id}.{payload}.{_mac(self._signing, purpose, payload)}"

    def read(self, purpose: str, value: str, now: datetime) -> dict[str, Any] | None:
        """The content; None where it is not signed by a key of ours for this purpose, or has expired."""
        parts = value.split(".")
        if len(value) > self.LONGEST or len(parts) != 3 or parts[0] not in self._keys:
            return None
        id, payload, mac = parts
        if not hmac.compare_digest(_mac(self._keys[id], purpose, payload).encode(), mac.encode()):
            return None
        content: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return content if content["exp"] > now.timestamp() else None


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _mac(key: Key, purpose: str, payload: str) -> str:
    told = f"{purpose}.{key.id}.{payload}"
    return encoded(hmac.digest(key.secret.encode(), told.encode(), sha256))

"""The authorization server, as a site that signs people in needs it: OAuth's code flow with PKCE and OIDC."""

from dataclasses import dataclass, field
from typing import Protocol


class Refused(Exception):
    """The server does not take what it was given: a code or a refresh token that is none, is used up or is
    no longer valid. The message is for logs, never for the browser.
    """


class AuthorizationUnavailable(Exception):
    """The server does not answer: nothing is known of what it was to be asked."""


@dataclass(frozen=True, slots=True)
class Granted:
    """What the server grants. The tokens stay out of the representation.

    `subject` and `groups` are those of the ID token, which is verified. `refresh_token` is None where the one
    that was used goes on being valid. `expires_in` is the access token's, in seconds.
    """

    subject: str
    groups: frozenset[str]
    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: int


class AuthorizationServer(Protocol):
    """One client of the server. All times are in seconds."""

    def authorize_url(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """Where a browser is sent to sign in. `challenge` is PKCE's, by S256."""
        ...

    def sign_out_url(self, return_to: str) -> str:
        """Where a browser is sent to end the session that the server itself keeps."""
        ...

    async def exchange(self, code: str, *, redirect_uri: str, verifier: str, nonce: str) -> Granted:
        """What the code is good for, once. Raises `Refused`, also where the ID token is not of this `nonce`;
        `AuthorizationUnavailable`.
        """
        ...

    async def renew(self, refresh_token: str) -> Granted:
        """New tokens, with the groups as they are now. Raises `Refused`, `AuthorizationUnavailable`."""
        ...

    async def revoke(self, refresh_token: str) -> None:
        """Make it and all that came of it worth nothing. Raises `AuthorizationUnavailable`."""
        ...

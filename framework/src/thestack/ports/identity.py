"""Who is calling, and who a user is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class InvalidToken(Exception):
    """The token proves nothing; the message says why, for logs, never for the client."""


class UnknownUser(Exception):
    """No user has this id in this environment's directory."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified access token says."""

    subject: str
    tenant: str
    groups: frozenset[str]
    client: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """What the directory knows of a user."""

    id: str
    email: str


class Profiles(Protocol):
    """The user directory, as a handler may ask for it: `*, profiles: Profiles`."""

    async def profile(self, user: str) -> Profile:
        """The profile of the user with this id. Raises `UnknownUser`."""
        ...


class Identity(Profiles, Protocol):
    """The identity provider: verifies access tokens and knows the users."""

    async def verify(self, token: str) -> Claims:
        """The claims of an access token.

        Checks signature (RS256 with a key of this provider, found by `kid`), issuer, token use, client,
        expiry and tenant. Raises `InvalidToken` for anything else.
        """
        ...

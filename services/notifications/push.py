"""Pushes to mobile devices: the port, which knows no provider."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Platform(StrEnum):
    """Who delivers to a device: Google's FCM, or Apple's APNs, for devices of developers too."""

    FCM = "FCM"
    APNS = "APNS"
    APNS_SANDBOX = "APNS_SANDBOX"


class PushOff(Exception):
    """Nothing delivers to this platform in this environment."""


class DeadToken(Exception):
    """The device takes no pushes any more: the app was deleted, say. Whoever has its endpoint drops it."""


class PushRefused(Exception):
    """The provider will not take this push, and would not the next time."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is shown on a device, and what the app is told besides."""

    title: str
    text: str
    about: str = ""


class Push(Protocol):
    """Delivers notes to devices."""

    async def register(self, platform: Platform, token: str) -> str:
        """The endpoint of a device, which is made, or brought to life again and given the token where it is
        known. Raises `PushOff`, and `PushRefused` for a token that is none.
        """
        ...

    async def send(self, endpoint: str, note: Note) -> str:
        """Send and answer the provider's id. Raises `DeadToken` and `PushRefused`; after any other exception,
        of a throttled request say, whoever asks again later may have better luck.
        """
        ...

    async def drop(self, endpoint: str) -> None:
        """Forget an endpoint; that it is not there is no error."""
        ...

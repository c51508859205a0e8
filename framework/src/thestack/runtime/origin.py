"""Whether a request came through CloudFront, which adds a secret to it that nobody else knows."""

import hmac
from datetime import datetime, timedelta

from thestack.ports import Clock
from thestack.ports.secrets import SecretStore

HEADER = "x-origin-secret"
"""The header that CloudFront adds, whatever its viewer said in it."""
RETRY = timedelta(seconds=1)
"""How often at most the store is asked because of a secret that is not known, which anybody can make up."""


class Origin:
    """Knows the secrets that are accepted: those that the store has under `name`, apart by spaces.

    There are two while they are rotated. They are kept for the time `kept`, and asked for anew because of
    one that is not known, so that a new one is accepted at once and an old one not for long. Where the store
    fails, those that are known stay good: its outage says nothing against them.
    """

    def __init__(self, store: SecretStore, name: str, clock: Clock, kept: timedelta) -> None:
        self._store, self._name, self._clock, self._kept = store, name, clock, kept
        self._known: tuple[bytes, ...] = ()
        self._asked: datetime | None = None

    async def warm(self) -> None:
        """Ask for the secrets before there is a request; a failure is told by the first one."""
        try:
            await self._fetch()
        except Exception:
            self._asked = None

    async def vouches_for(self, said: str) -> bool:
        """Whether this is what CloudFront says. Raises what the store does where nothing is known."""
        age = None if self._asked is None else self._clock.now() - self._asked
        is_known = self._knows(said)
        if age is None or age >= (self._kept if is_known else RETRY):
            await self._fetch()
            is_known = self._knows(said)
        return is_known

    async def _fetch(self) -> None:
        self._asked = self._clock.now()
        try:
            kept = await self._store.fetch(self._name)
        except Exception:
            if not self._known:
                self._asked = None
                raise
        else:
            self._known = tuple(each.encode() for each in kept.split())

    def _knows(self, said: str) -> bool:
        """Compared with every one in a time that tells nothing of them."""
        found = [hmac.compare_digest(each, said.encode()) for each in self._known]
        return any(found)

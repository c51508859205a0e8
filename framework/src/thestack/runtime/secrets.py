"""Secrets as handlers see them: fetched when they are needed, and kept for a while."""

import asyncio
from datetime import datetime, timedelta

from thestack.definition.model import SecretModel
from thestack.ports import Clock
from thestack.ports.secrets import MissingSecret, SecretStore

KEPT = timedelta(minutes=5)


class CachedSecret:
    """One secret. Satisfies `thestack.Secret`. Neither its text nor its errors show the value."""

    def __init__(self, name: str, service: str, store: SecretStore, clock: Clock) -> None:
        self._name, self._service = name, service
        self._store, self._clock = store, clock
        self._kept: tuple[str, datetime] | None = None
        self._fetching: asyncio.Task[str] | None = None

    def __repr__(self) -> str:
        return f"<the secret {self._name} of {self._service}>"

    async def value(self) -> str:
        if self._kept and self._clock.now() - self._kept[1] < KEPT:
            return self._kept[0]
        return await self.refresh()

    async def refresh(self) -> str:
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch())
        # Who gives up waiting does so for himself alone.
        return await asyncio.shield(self._fetching)

    async def _fetch(self) -> str:
        began = self._clock.now()
        try:
            value = await self._store.fetch(self._name)
        except MissingSecret as missing:
            command = f"thestack secret set {self._service} {self._name}"
            raise MissingSecret(f"{missing}; make it by `{command}`") from None
        self._kept = value, began
        return value


class Secrets:
    """The secrets of a service, each fetched once for all who ask in one process.

    A store is None where no handler asks for a secret of its kind.
    """

    def __init__(
        self, service: str, clock: Clock, parameters: SecretStore | None, managed: SecretStore | None
    ) -> None:
        self._service, self._clock = service, clock
        self._stores = {False: parameters, True: managed}
        self._made: dict[SecretModel, CachedSecret] = {}

    def secret(self, place: SecretModel) -> CachedSecret:
        """The secret that is kept in this place. Raises `MissingSecret` where none can be."""
        made, store = self._made.get(place), self._stores[place.manager]
        if made is not None:
            return made
        if store is None:
            raise MissingSecret(f"the secret {place.name} of {self._service} is not at hand here")
        made = self._made[place] = CachedSecret(place.name, self._service, store, self._clock)
        return made

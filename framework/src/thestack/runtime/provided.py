"""A service's own ports: each is made once in a process, when it is first asked for."""

import asyncio
import inspect
from collections.abc import Mapping
from typing import Any

from thestack.definition.model import Capability, DependencyModel, ProviderModel, ServiceModel
from thestack.ports import Clock
from thestack.runtime.secrets import Secrets


class Provided:
    """The ports of a service, made by its providers, or `given` in their place by the class they are of."""

    def __init__(
        self,
        service: ServiceModel,
        clock: Clock,
        secrets: Secrets,
        given: Mapping[type[Any], Any] | None = None,
    ) -> None:
        self._service, self._clock, self._secrets = service, clock, secrets
        self._given = dict(given or {})
        self._making: dict[str, asyncio.Task[Any]] = {}

    async def port(self, name: str) -> Any:
        """The one instance of a port. What its provider raises is raised to all who wait for it, and the next
        who asks tries anew.
        """
        provider = self._service.provider(name)
        if provider.type in self._given:
            return self._given[provider.type]
        making = self._making.get(name)
        if making is None or (making.done() and (making.cancelled() or making.exception())):
            making = self._making[name] = asyncio.create_task(self._make(provider))
        return await asyncio.shield(making)

    async def _make(self, provider: ProviderModel) -> Any:
        asked = {each.name: await self._dependency(each) for each in provider.dependencies}
        made = provider.function(**asked)
        return await made if inspect.isawaitable(made) else made

    async def _dependency(self, dependency: DependencyModel) -> Any:
        match dependency.capability:
            case Capability.CLOCK:
                return self._clock
            case Capability.SECRET if dependency.secret:
                return self._secrets.secret(dependency.secret)
            case Capability.PORT:
                return await self.port(str(dependency.port))
            case _:
                raise TypeError(f"a provider can't be given `{dependency.name}`")

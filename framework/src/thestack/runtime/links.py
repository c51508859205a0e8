"""Links to a service's own hooks."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from thestack.definition import names
from thestack.definition.model import ServiceModel


@dataclass(frozen=True, slots=True)
class HookLinks:
    """The capability `Links`: `api` is where the API answers."""

    service: ServiceModel
    api: str
    tenant: str

    def hook(self, name: str, **query: str) -> str:
        if name not in {hook.name for hook in self.service.hooks}:
            raise ValueError(f"{self.service.name} has no hook {name!r}")
        path = names.hook_path(quote(self.tenant, safe=""), self.service.name, name)
        return f"{self.api}{path}{f'?{urlencode(query)}' if query else ''}"

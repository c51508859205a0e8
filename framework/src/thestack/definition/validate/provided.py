"""That ports are made by one provider each, of what lives as long as a function does."""

import re
from collections.abc import Iterator

from thestack.definition.model import Capability, HandlerModel, ProviderModel, ServiceModel
from thestack.diagnostics.diagnostic import Diagnostic, Part

LASTING = frozenset({Capability.CLOCK, Capability.SECRET, Capability.PORT})
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


def validate_providers(model: ServiceModel) -> Iterator[Diagnostic]:
    """A port has one provider."""
    first: dict[str, ProviderModel] = {}
    for provider in model.providers:
        known = first.setdefault(provider.name, provider)
        if known is not provider:
            message = f"`{known.function.__name__}` provides `{provider.name}` already"
            help = "Keep one of the two, or answer a class of its own."
            yield Diagnostic("S0707", message, provider.site, Part("returns"), help)


def validate_provider_cycles(model: ServiceModel) -> Iterator[Diagnostic]:
    """No port is needed to make itself."""
    providers = {each.name: each for each in model.providers}
    for provider in providers.values():
        for each in provider.dependencies:
            if each.port and (way := _way(providers, each.port, provider.name)):
                message = f"`{provider.name}` is made of itself: {' of '.join(f'`{name}`' for name in way)}"
                if len(way) == 1:
                    message = f"`{provider.name}` is made of itself"
                part = Part("parameter", each.name)
                yield Diagnostic("S0708", message, provider.site, part, "Let one of them do without.")


def validate_provider_needs(model: ServiceModel) -> Iterator[Diagnostic]:
    """A provider asks for nothing that belongs to one request or one message."""
    for provider in model.providers:
        for each in provider.dependencies:
            if each.capability not in LASTING:
                message = f"`{provider.name}` outlives every request, and `{each.name}` is of one"
                help = "Do without it, and let the port's methods take what they need."
                yield Diagnostic("S0709", message, provider.site, Part("parameter", each.name), help)


def validate_secret_names(model: ServiceModel) -> Iterator[Diagnostic]:
    """A secret's name is one that SSM and Secrets Manager take, and no path out of the service's own."""
    asking: tuple[HandlerModel | ProviderModel, ...] = (*model.handlers, *model.providers)
    for who in asking:
        for each in who.dependencies:
            if each.secret and not NAME.fullmatch(each.secret.name):
                message = f"`{each.secret.name}` is no name of a secret"
                right = re.sub(r"[^A-Za-z0-9_.-]+", "-", each.secret.name).strip("-._")[:100] or "key"
                help = f'Write `"{right}"`: letters, digits, `-`, `_` and `.`.'
                yield Diagnostic("S0710", message, who.site, Part("parameter", each.name), help)


def _way(providers: dict[str, ProviderModel], start: str, end: str) -> list[str]:
    """The ports from `start` to `end`, each made of the next; empty if there is no such way."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop(0)
        if way[-1] == end:
            return way
        for each in providers[way[-1]].dependencies:
            if each.port and each.port in providers and each.port not in seen:
                seen.add(each.port)
                ways.append([*way, each.port])
    return []

"""That what a handler causes does not come back to it, unless that is meant."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from thestack.definition.model import ConsumerModel, ServiceModel
from thestack.diagnostics.diagnostic import Diagnostic, Part

Said = tuple[str, str]
"""An event by its source and name, or a message by its service and address."""


@dataclass(frozen=True, slots=True)
class Hop:
    """From what a consumer hears to something that it may say."""

    heard: Said
    service: str
    consumer: ConsumerModel
    said: Said


def validate_cycles(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """No event or message leads back to itself, but through a consumer that says so."""
    every = [(model.name, event.name) for model in models for event in model.events]
    hops = [hop for model in models for hop in _hops(model, every) if not hop.consumer.cyclic]
    while cycle := _shortest_cycle(hops):
        first = min(cycle, key=lambda hop: (hop.service, hop.consumer.name))
        at = cycle.index(first)
        path = [*cycle[at:], *cycle[:at]]
        steps = [f"{_name(hop.heard)} -> {hop.service}.{hop.consumer.name}" for hop in path]
        message = f"what this does comes back to it: {' -> '.join([*steps, _name(first.heard)])}"
        help = "Add `cyclic=True` if it comes to an end by itself; else say something else."
        yield Diagnostic("S0608", message, first.consumer.handler.site, Part("decorator"), help)
        hops = [hop for hop in hops if hop.consumer is not first.consumer]


def _hops(model: ServiceModel, every: Sequence[Said]) -> Iterator[Hop]:
    for consumer in model.consumers:
        hears = every if consumer.hears_all else consumer.hears
        for dependency in consumer.handler.dependencies:
            said = [
                *((model.name, name) for name in dependency.emits),
                *((address.partition("/")[0], address) for address in dependency.sends),
            ]
            yield from (Hop(heard, model.name, consumer, each) for heard in hears for each in said)


def _shortest_cycle(hops: Sequence[Hop]) -> list[Hop] | None:
    following: dict[Said, list[Hop]] = {}
    for hop in hops:
        following.setdefault(hop.heard, []).append(hop)
    cycles = (_way(start, following) for start in sorted(following))
    return min((cycle for cycle in cycles if cycle), key=len, default=None)


def _way(start: Said, following: Mapping[Said, Iterable[Hop]]) -> list[Hop] | None:
    """The shortest way from something back to it."""
    ways: list[list[Hop]] = [[hop] for hop in following[start]]
    seen: set[Said] = set()
    for way in ways:
        end = way[-1].said
        if end == start:
            return way
        if end not in seen:
            seen.add(end)
            ways += [[*way, hop] for hop in following.get(end, ())]
    return None


def _name(said: Said) -> str:
    return said[1]

"""What there is to watch of a service: its parts by their physical names."""

from collections.abc import Mapping
from dataclasses import dataclass

from thestack.definition import names
from thestack.definition.model import ServiceModel
from thestack.infra.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The parts of one service. `memory` is that of each function, in megabytes; `queues` and `dead_letters`
    are by the consumer's name.
    """

    service: str
    memory: Mapping[str, int]
    subgraph: str | None
    relay: str | None
    undelivered: str | None
    queues: Mapping[str, str]
    dead_letters: Mapping[str, str]
    table: str


def watched(environment: Environment, model: ServiceModel) -> Watched:
    """The parts of a service, as its stack has them in an environment."""
    env, service = environment.name, model.name
    subgraph = names.graphql_function(env, service) if model.answers else None
    relay = names.relay_function(env, service) if model.speaks else None
    consumers = list(model.consumers)
    memory: dict[str, int | None] = {}
    if subgraph:
        memory[subgraph] = model.function.memory
    if relay:
        memory[relay] = None
    for consumer in consumers:
        memory[names.consumer_function(env, service, consumer)] = consumer.function.memory
    for hook in model.hooks:
        memory[names.hook_function(env, service, hook.name)] = hook.function.memory
    if environment.subscriptions and model.telling:
        consumers.append(model.telling)
        memory[names.telling_function(env, service)] = None
    addresses = {each.name: f"{service}/{each.queue}" for each in consumers}
    return Watched(
        service=service,
        memory={name: own or environment.memory_mb for name, own in memory.items()},
        subgraph=subgraph,
        relay=relay,
        undelivered=names.relay_dead_letter_queue(env, service) if relay else None,
        queues={name: names.queue(env, address) for name, address in addresses.items()},
        dead_letters={name: names.dead_letter_queue(env, address) for name, address in addresses.items()},
        table=names.table(env, service, environment.epoch(service)),
    )

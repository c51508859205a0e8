"""Who may do what in an environment: every function with its grants, as the stacks make them."""

from collections.abc import Sequence
from dataclasses import dataclass

from thestack.definition import names
from thestack.definition.model import ServiceModel
from thestack.infra.environment import Environment
from thestack.infra.grant import Grant
from thestack.infra.grants import (
    consumer_grants,
    hook_grants,
    origin_grants,
    relay_grants,
    router_grant,
    sockets_grant,
    sockets_grants,
    subgraph_grants,
    telemetry_grants,
    telling_grants,
)


@dataclass(frozen=True, slots=True)
class Permissions:
    """What one function may do. `service` is `names.PLATFORM` for those that services share."""

    function: str
    service: str
    grants: tuple[Grant, ...]


def permissions(models: Sequence[ServiceModel], environment: Environment) -> list[Permissions]:
    """The permissions of all functions: of each service in order, then of the platform."""
    found: list[Permissions] = []
    for model in models:
        found += _of_service(model, environment)
    invokes = [router_grant(model) for model in models if model.answers]
    found.append(
        _with_telemetry(names.router_function(environment.name), names.PLATFORM, invokes, environment)
    )
    if environment.subscriptions:
        asks = [sockets_grant(model) for model in models if model.subscriptions]
        name = names.sockets_function(environment.name)
        found.append(_with_telemetry(name, names.PLATFORM, [*sockets_grants(), *asks], environment))
    keepers = [names.authorizer_function(environment.name)]
    keepers += [names.doorkeeper_function(environment.name)] if environment.edge else []
    shared = {
        **{each: origin_grants(environment) for each in keepers},
        names.pre_token_function(environment.name): [],
    }
    for function, grants in shared.items():
        found.append(_with_telemetry(function, names.PLATFORM, grants, environment))
    return found


def _of_service(model: ServiceModel, environment: Environment) -> list[Permissions]:
    grants: dict[str, Sequence[Grant]] = {}
    if model.answers:
        grants[names.graphql_function(environment.name, model.name)] = subgraph_grants(model, environment)
    if model.speaks:
        grants[names.relay_function(environment.name, model.name)] = relay_grants(model, environment)
    if environment.subscriptions and (telling := model.telling):
        name = names.telling_function(environment.name, model.name)
        grants[name] = telling_grants(model, telling, environment)
    for consumer in model.consumers:
        function = names.consumer_function(environment.name, model.name, consumer)
        grants[function] = consumer_grants(model, consumer, environment)
    for hook in model.hooks:
        function = names.hook_function(environment.name, model.name, hook.name)
        grants[function] = hook_grants(model, hook, environment)
    return [_with_telemetry(name, model.name, each, environment) for name, each in grants.items()]


def _with_telemetry(
    function: str, service: str, grants: Sequence[Grant], environment: Environment
) -> Permissions:
    return Permissions(function, service, (*grants, *telemetry_grants(environment, function)))

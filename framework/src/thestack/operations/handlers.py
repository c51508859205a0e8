"""The functions of an environment by the names that people know them by, in commands and in the log."""

from collections.abc import Mapping, Sequence

from thestack.definition import names
from thestack.definition.model import ServiceModel

GRAPHQL, RELAY = "graphql", "relay"


def of_service(environment: str, model: ServiceModel) -> dict[str, str]:
    """A service's functions: {"todo.graphql": "local-todo-graphql", "todo.relay": ...}."""
    found: dict[str, str] = {}
    if model.answers:
        found[f"{model.name}.{GRAPHQL}"] = names.graphql_function(environment, model.name)
    if model.speaks:
        found[f"{model.name}.{RELAY}"] = names.relay_function(environment, model.name)
    if model.telling:
        found[f"{model.name}.{model.telling.name}"] = names.telling_function(environment, model.name)
    for consumer in model.consumers:
        found[f"{model.name}.{consumer.name}"] = names.consumer_function(environment, model.name, consumer)
    for hook in model.hooks:
        found[f"{model.name}.{hook.handler.name}"] = names.hook_function(environment, model.name, hook.name)
    return found


def of_environment(environment: str, models: Sequence[ServiceModel]) -> Mapping[str, str]:
    """All functions: those that services share, and each service's."""
    found = {
        "router.http": names.router_function(environment),
        "authorizer.http": names.authorizer_function(environment),
        "doorkeeper.http": names.doorkeeper_function(environment),
        "pre-token.cognito": names.pre_token_function(environment),
    }
    for model in models:
        found |= of_service(environment, model)
    return found

"""What functions are granted beside rows and queues: secrets, and what the definition asks for by hand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from thestack.definition.model import (
    Capability,
    DependencyModel,
    Function,
    HandlerModel,
    Permission,
    ProviderModel,
    SecretModel,
    ServiceModel,
)
from thestack.definition.putting_off import putting_off
from thestack.diagnostics.diagnostic import Part
from thestack.infra.grant import Cause, Grant, Kind, Resource


def asked(who: HandlerModel | ProviderModel, dependency: DependencyModel) -> Cause:
    """That a handler, or the provider of a port, asks for something."""
    text = f"`{who.function.__name__}` takes `{dependency.name}`"
    return Cause(text, who.site, Part("parameter", dependency.name))


def asked_grants(
    model: ServiceModel, handlers: Sequence[HandlerModel], function: Function, because: Cause
) -> list[Grant]:
    """For a function that runs these handlers, as `function` describes it in the place `because`."""
    providers = model.providers_of(handlers)
    grants = [*_secrets((*handlers, *providers))]
    permissions = [(each, because) for each in function.permissions]
    for provider in providers:
        text = f"`{provider.function.__name__}` provides `{provider.name}`"
        cause = Cause(text, provider.site, Part("decorator", "permissions"))
        permissions += [(each, cause) for each in provider.permissions]
    return grants + [_permission(number, *each) for number, each in enumerate(permissions, 1)]


CALLED_FOR: Mapping[Capability, str] = {Capability.MAILER: "sesv2", Capability.PROFILES: "cognito-idp"}
"""The service of AWS behind a capability that not every service of ours asks for."""


def called_services(model: ServiceModel) -> frozenset[str]:
    """The services of AWS that a service of ours calls beside its table, bus and queues: for what its
    handlers ask for, and what it asks permissions for, as their actions begin.
    """
    permissions = [each for given in model.functions for each in given.permissions]
    permissions += [each for provider in model.providers for each in provider.permissions]
    found = {each.action.partition(":")[0] for each in permissions}
    dependencies = [each for handler in model.handlers for each in handler.dependencies]
    dependencies += [each for provider in model.providers for each in provider.dependencies]
    found |= {"s3"} if any(each.bucket for each in dependencies) else set()
    found |= {CALLED_FOR[each.capability] for each in dependencies if each.capability in CALLED_FOR}
    found |= {"secretsmanager" if each.secret.manager else "ssm" for each in dependencies if each.secret}
    found |= {"scheduler"} if any(putting_off(model)) else set()
    found |= {"apigatewaymanagementapi"} if model.subscriptions else set()
    return frozenset(found)


def _secrets(asking: Iterable[HandlerModel | ProviderModel]) -> Iterator[Grant]:
    """The right to read each secret, and no other. Keys that AWS manages decrypt for whoever may read."""
    found: dict[SecretModel, list[Cause]] = {}
    for who in asking:
        for dependency in who.dependencies:
            if dependency.secret:
                found.setdefault(dependency.secret, []).append(asked(who, dependency))
    for sid, action, manager in (
        ("ReadParameters", "ssm:GetParameter", False),
        ("ReadSecrets", "secretsmanager:GetSecretValue", True),
    ):
        kind = Kind.SECRET if manager else Kind.PARAMETER
        causes = {Resource(kind, each.name): found[each] for each in found if each.manager is manager}
        if causes:
            concerned = (
                Cause(each.text, each.site, each.part, (resource,))
                for resource, own in causes.items()
                for each in own
            )
            yield Grant(sid, (action,), tuple(causes), tuple(concerned))


def _permission(number: int, permission: Permission, because: Cause) -> Grant:
    resources = tuple(Resource(Kind.ARN, each) for each in permission.on)
    return Grant(f"Asked{number}", (permission.action,), resources, (because,))

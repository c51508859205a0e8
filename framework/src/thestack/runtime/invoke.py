"""Runs one handler: gives it what it asks for, and commits what it staged when it returns."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from thestack.definition.model import Capability, DependencyModel, HandlerModel, ServiceModel
from thestack.definition.problems import Unauthenticated
from thestack.runtime.blobs import TenantBlobs
from thestack.runtime.collected import CollectedRows
from thestack.runtime.journal import JournaledMailer
from thestack.runtime.links import HookLinks
from thestack.runtime.once import OnceEffects
from thestack.runtime.ports import Ports
from thestack.runtime.rows import PartitionRows, ReadableRows, TenantRows
from thestack.runtime.scope import Scope
from thestack.runtime.unit_of_work import UnitOfWork

Found = TypeVar("Found")


class NotAtHand(Exception):
    """A handler asks for what only a run in earnest has."""


def provide(
    service: ServiceModel, ports: Ports, unit: UnitOfWork, dependency: DependencyModel, once: str = ""
) -> Any:
    """The capability that a handler asks for.

    Raises `Unauthenticated` where it takes a caller and there is none.
    """
    caller = unit.scope.caller
    match dependency.capability:
        case Capability.OWNED:
            if caller is None:
                raise Unauthenticated("Sign in to do this.")
            return PartitionRows(unit, service.entity(str(dependency.entity)), dependency, (caller.id,))
        case Capability.STORE:
            return TenantRows(unit, service.entity(str(dependency.entity)), dependency)
        case Capability.READER:
            return ReadableRows(unit, service.entity(str(dependency.entity)))
        case Capability.COLLECTION:
            return CollectedRows(unit, [service.entity(name) for name in dependency.entities])
        case Capability.CALLER:
            if caller is None:
                raise Unauthenticated("Sign in to do this.")
            return caller
        case Capability.CLOCK:
            return ports.clock
        case Capability.LINKS:
            return HookLinks(service, ports.api, unit.scope.tenant)
        case Capability.MAILER:
            return JournaledMailer(ports.mailer, unit.scope.journal) if ports.mailer else None
        case Capability.PROFILES:
            return ports.profiles
        case Capability.ONCE:
            return OnceEffects(ports, unit.scope.tenant, once)
        case Capability.BLOBS | Capability.BLOB_READER:
            store = _at_hand(ports.buckets.get(str(dependency.bucket)), dependency)
            return TenantBlobs(store, unit.scope.tenant)
        case Capability.SECRET if dependency.secret:
            return _at_hand(ports.secrets, dependency).secret(dependency.secret)


async def call(
    service: ServiceModel,
    handler: HandlerModel,
    unit: UnitOfWork,
    given: Sequence[Any] = (),
    arguments: Mapping[str, Any] | None = None,
    once: str = "",
) -> Any:
    """Call a handler within a unit of work; nothing is committed.

    `arguments` hold what the client gives, and what another subgraph does (`Requires`).
    """
    arguments = arguments or {}
    provided = {
        each.name: await _at_hand(unit.ports.provided, each).port(each.port)
        if each.port
        else provide(service, unit.ports, unit, each, once)
        for each in handler.dependencies
        if each.name not in arguments
    }
    return await handler.function(*given, **arguments, **provided)


def _at_hand(source: Found | None, dependency: DependencyModel) -> Found:
    """Where secrets or ports come from. A rehearsal has no ports: what they do could not be undone."""
    if source is None:
        raise NotAtHand(f"`{dependency.name}` is not at hand where nothing may be done in earnest")
    return source


async def transact(
    service: ServiceModel, ports: Ports, scope: Scope, handler: HandlerModel, arguments: Mapping[str, Any]
) -> Any:
    """Call a handler as one transaction, and answer what it returned once that is committed."""
    unit = UnitOfWork(service, ports, scope)
    answer = await call(service, handler, unit, arguments=arguments)
    await unit.commit()
    return answer


async def read(
    service: ServiceModel,
    ports: Ports,
    scope: Scope,
    handler: HandlerModel,
    arguments: Mapping[str, Any],
    given: Sequence[Any] = (),
) -> Any:
    """Call a handler that only reads."""
    unit = UnitOfWork(service, ports, scope)
    answer = await call(service, handler, unit, given, arguments)
    if unit.is_dirty:
        raise TypeError(f"`{handler.name}` only reads, and stages a write; make it a mutation")
    return answer

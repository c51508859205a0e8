"""Rollbacks, and the end of services: the router first, because it is what clients see."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from thestack.contract.findings import Finding
from thestack.contract.operations import Operation
from thestack.definition import names
from thestack.deployment import stacks
from thestack.deployment.bridge import bridged
from thestack.deployment.destination import Destination
from thestack.deployment.handing import bring
from thestack.deployment.judging import judge_router, judge_stack, refuse
from thestack.deployment.record import world_of
from thestack.deployment.release import Release, Served
from thestack.deployment.routing import reroute, route
from thestack.deployment.stepping import forget_versions, through
from thestack.operations import origin
from thestack.operations.errors import OperationError


@dataclass(frozen=True, slots=True)
class Returned:
    """What runs of a service after a rollback, and what the router serves; None if as before."""

    service: str
    release: Release
    served: Served | None
    findings: Sequence[Finding]


class NothingBefore(Exception):
    """There is nothing to go back to; the message says so."""


def roll_back(
    to: Destination,
    service: str,
    *,
    operations: Sequence[Operation] = (),
    anyway: bool = False,
    allowed: Collection[str] = (),
) -> Returned:
    """Bring a service back to what ran before it: the router to the version that was called then, which is
    still there, and then the stack to its template. A second time it goes forward again.

    Raises:
        NothingBefore: the service was deployed once only, or never.
        Refused: others rely by now on what it would take back; nothing was touched. Not if `anyway`.
        Broken: what ran before does not answer any more; the router serves what it did.
        OperationError: AWS refuses.
    """
    pointer = to.record.pointers().get(service)
    if pointer is None or pointer.previous is None:
        raise NothingBefore(
            f"{service} has no release before the one that runs in {to.settings.name}; "
            f"`thestack destroy {service}` takes it away"
            if pointer
            else f"{service} does not run in {to.settings.name}; `thestack releases` lists what does"
        )
    running = to.record.running()
    current, before = running[service], to.record.release(pointer.previous)
    after = {**running, service: before}
    findings = judge_stack(world_of(running), world_of(after), allowed)
    if before.contract.sdl or current.contract.sdl:
        findings += judge_router(world_of(running), world_of(after), operations, to.root)
    if not anyway:
        refuse(findings)
    wider = bridged(current.template, before.template)
    if wider is not current.template:
        to.report(f"{service}: what only the version before may do is granted again")
        bring(to, service, wider)
    served = _route_back(to, service, after, pointer.previous)
    if served:
        to.report(f"the router: `{names.LIVE}` is its version {served.version}")
    to.report(f"{service}: its stack goes back to the template before")
    through(to, service, wider, before.template)
    # The record goes back to the very release: its subgraph's version is called again, under its number.
    to.record.point(service, pointer.previous, pointer.current)
    forget_versions(to, [service])
    return Returned(service, before, served, findings)


def destroy(to: Destination, service: str, operations: Sequence[Operation] = ()) -> list[Finding]:
    """Take a service away: out of the supergraph, then its stack. What holds data is kept where the
    environment says so.

    Raises `NothingBefore` where it does not run, `Refused` where others need it, `OperationError`.
    """
    running = to.record.running()
    if service not in running:
        raise NothingBefore(
            f"{service} does not run in {to.settings.name}; `thestack releases` lists what does"
        )
    if service == names.PLATFORM and len(running) > 1:
        others = ", ".join(sorted(running.keys() - {service}))
        raise NothingBefore(f"{others} need the platform of {to.settings.name}; destroy them first")
    left = {name: each for name, each in running.items() if name != service}
    findings = judge_stack(world_of(running), world_of(left), {service})
    if any(each.contract.sdl for each in left.values()) and running[service].contract.sdl:
        findings += judge_router(world_of(running), world_of(left), operations, to.root)
    refuse(findings)
    if running[service].contract.sdl:
        pointers = to.record.pointers()
        to.report(f"the router: the supergraph is made without {service}")
        route(to, left, {name: pointers[name].current for name in left}, ())
    to.report(f"{service}: its stack is deleted")
    to.record.forget(service)
    if service == names.PLATFORM:
        to.record.forget(names.ROUTER)
    stacks.remove(to.aws_of(service), to.stack(service))
    if service == names.EDGE:
        origin.forget(to.aws, to.settings.name)
    return findings


def _route_back(to: Destination, service: str, after: dict[str, Release], hash: str) -> Served | None:
    """Serve the supergraph with the service as it was: by the version of the router that did, if only this
    service has changed since.
    """
    pointers = to.record.pointers()
    routed = pointers.get(names.ROUTER)
    if routed is None:
        return None
    served = to.record.served(routed.current)
    if served.releases.get(service) not in {None, pointers[service].current}:
        return None  # it is not served yet what is taken back
    hashes = {name: each.current for name, each in pointers.items() if name != names.ROUTER} | {service: hash}
    if routed.previous:
        before = to.record.served(routed.previous)
        if dict(before.releases) == {name: hashes[name] for name in after if after[name].contract.sdl}:
            return reroute(to, routed.previous, [service], routed.current)
    try:
        return route(to, after, hashes, [service])
    except OperationError as error:
        raise OperationError(f"{error}; the router serves what it did") from None

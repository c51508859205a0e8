"""One service's step: its stack is brought up to its template, or taken back to the one before."""

from collections.abc import Collection
from dataclasses import dataclass

from thestack.contract.index_steps import index_steps
from thestack.definition import names
from thestack.deployment import stacks
from thestack.deployment.assets import upload
from thestack.deployment.bridge import Template, bridged
from thestack.deployment.destination import Destination
from thestack.deployment.functions import collect, functions_of, live_versions
from thestack.deployment.handing import bring
from thestack.deployment.making import Made
from thestack.deployment.previews.registry import called_by_previews
from thestack.deployment.record import Pointer, now, who
from thestack.deployment.release import Release
from thestack.operations.errors import OperationError


@dataclass(frozen=True, slots=True)
class Step:
    """A service's stack was brought up: to `release`, from what `before` and `pointer` say, if there was
    anything. `deployed` is its template now, which may grant more than the release's; `outputs` are its
    stack's.
    """

    service: str
    release: Release
    hash: str
    before: Release | None
    pointer: Pointer | None
    deployed: Template
    outputs: stacks.Outputs


def bring_up(to: Destination, made: Made) -> Step:
    """Bring a service's stack up to what was made of it; the one before can still be called.

    Raises `OperationError`; the stack is then as it was.
    """
    service = made.service
    pointer = to.record.pointers().get(service)
    before = to.record.release(pointer.current) if pointer else None
    template = bridged(made.template, before.template) if before else made.template
    assets = upload(to.aws, made.assets)
    to.report(f"{service}: {_what(before, made)}")
    outputs = through(to, service, before.template if before else None, template)
    functions = [each for each in functions_of(made.template) if each != to.router]
    versions = live_versions(to.aws, functions)
    release = Release(service, made.promise, made.template, versions, assets, now(), who())
    hash = to.record.keep(release)
    to.record.point(service, hash, pointer.current if pointer else None)
    return Step(service, release, hash, before, pointer, template, outputs)


def _what(before: Release | None, made: Made) -> str:
    if before is None:
        return "its stack is made"
    said = stacks.difference(before.template, made.template)
    return f"its stack gets {said}" if said else "its stack stays as it is"


def finish(to: Destination, step: Step) -> None:
    """Take back what only the version before was granted, now that nobody calls it."""
    if step.deployed is not step.release.template:
        to.report(f"{step.service}: what only the version before may do is taken back")
        through(to, step.service, step.deployed, step.release.template)


def take_back(to: Destination, step: Step) -> None:
    """Bring the stack back to what it was. A new one is deleted, unless it holds data to keep."""
    if step.before is None or step.pointer is None:
        if to.settings.retain_data:
            to.report(f"{step.service}: its stack is new, and stays: data is kept in this environment")
            return
        to.report(f"{step.service}: its stack is new, and is deleted")
        stacks.remove(to.aws_of(step.service), to.stack(step.service))
        to.record.forget(step.service)
        return
    to.report(f"{step.service}: its stack goes back to the template before")
    through(to, step.service, step.deployed, step.before.template)
    to.record.point(step.service, step.pointer.current, step.pointer.previous)


def forget_versions(to: Destination, services: Collection[str]) -> None:
    """Delete the versions of these services' and the router's functions that are in neither what runs nor
    what would run after a rollback.
    """
    pointers = to.record.pointers()
    routed = pointers.get(names.ROUTER)
    served = [to.record.served(each) for each in (routed.current, routed.previous) if each] if routed else []
    pinned = {arn for each in served for arn in each.subgraphs.values()}
    pinned |= called_by_previews(to.aws, to.settings.name)
    gone = len(collect(to.aws, to.router, {"1", *(each.version for each in served)}))
    for service in services:
        pointer = pointers.get(service)
        if pointer is None:
            continue
        releases = [to.record.release(each) for each in (pointer.current, pointer.previous) if each]
        for function in functions_of(releases[0].template):
            if function == to.router:
                continue
            keep = {each.versions[function] for each in releases if function in each.versions}
            keep |= {arn.rpartition(":")[2] for arn in pinned if f":function:{function}:" in arn}
            gone += len(collect(to.aws, function, keep))
    if gone:
        to.report(f"{gone} versions of functions that nobody can call any more are deleted")


def through(to: Destination, service: str, before: Template | None, template: Template) -> stacks.Outputs:
    """Update the stack, in as many updates as its indexes take; answers its outputs."""
    outputs: stacks.Outputs = {}
    steps = index_steps(before, template) if before else [template]
    done = 0
    try:
        for done, each in enumerate(steps):
            if len(steps) > 1:
                to.report(f"{service}: update {done + 1} of {len(steps)}, one for each index")
            outputs, left_out = bring(to, service, each)
            for kind in left_out:
                to.report(f"{service}: left out: {kind}, which the local AWS does not know")
    except OperationError as error:
        if before is None or not done:
            raise
        for each in index_steps(steps[done - 1], before):
            bring(to, service, each)
        raise OperationError(f"{error}; the stack is as it was before") from None
    return outputs

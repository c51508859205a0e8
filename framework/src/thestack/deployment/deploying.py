"""Deployments: judged as a whole, then done step by step; what fails is taken back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from thestack.contract.composition import CompositionError
from thestack.contract.findings import Finding
from thestack.contract.operations import Operation
from thestack.contract.promise import World
from thestack.definition import names
from thestack.deployment.destination import Destination
from thestack.deployment.judging import judge_router, judge_stack, refuse
from thestack.deployment.making import Made
from thestack.deployment.record import world_of
from thestack.deployment.release import Release, Served
from thestack.deployment.routing import route
from thestack.deployment.smoke import Broken
from thestack.deployment.stepping import Step, bring_up, finish, forget_versions, take_back
from thestack.infra.errors import SynthesisError
from thestack.operations.aws import telling
from thestack.operations.errors import OperationError
from thestack.operations.promises import check_allowed
from thestack.router.bundle import BundleError


class TakenBack(Exception):
    """What was deployed does not work, and everything is as it was before; the message says what happened."""


@dataclass(slots=True)
class Outcome:
    """What a deployment did. `served` is None where the router serves what it did before."""

    deployed: list[Step] = field(default_factory=list[Step])
    served: Served | None = None
    unchanged: list[str] = field(default_factory=list[str])
    findings: list[Finding] = field(default_factory=list[Finding])


def in_order(wanted: Sequence[str], *, is_first: bool) -> list[list[str]]:
    """The groups of services after each of which the router's supergraph is made anew.

    By itself each service is such a group, in the order in which they are named; where the router is named
    too, so are the groups. Of an environment's first deployment everything is one group. What stands after
    the last router is a group that ends without it, which has an empty name at its end.

    Example: `in_order(["todo", "media"], is_first=False) == [["todo"], ["media"]]`.
    """
    services = [each for each in wanted if each != names.ROUTER]
    if is_first:
        return [services]
    if names.ROUTER not in wanted:
        return [[each] for each in services]
    groups: list[list[str]] = [[]]
    for each in wanted:
        if each == names.ROUTER:
            groups.append([])
        else:
            groups[-1].append(each)
    last = groups.pop()
    return [*groups, [*last, ""]] if last else groups


def check_begun(to: Destination, wanted: Sequence[str]) -> None:
    """Raise `OperationError` unless the environment has a platform, or gets one."""
    if names.PLATFORM not in wanted and names.PLATFORM not in to.record.pointers():
        raise OperationError(
            f"nothing is deployed to {to.settings.name} at {to.aws.place}; begin with "
            f"`thestack deploy --all --env {to.settings.name}`"
        )


def deploy(
    to: Destination,
    wanted: Sequence[str],
    made: Mapping[str, Made],
    *,
    operations: Sequence[Operation] = (),
    allowed: Collection[str] = (),
) -> Outcome:
    """Deploy these services, of which `made` has what the checkout makes; `allowed` names what may be lost.

    Raises:
        Refused: something that runs would break; nothing was touched.
        TakenBack: what was deployed does not answer.
        OperationError: AWS refuses; stacks and the router's alias are as they were.
    """
    running = to.record.running()
    is_first = names.ROUTER not in to.record.pointers()
    outcome = Outcome()
    outcome.unchanged = [name for name in made if is_same(running.get(name), made[name])]
    changed = [name for name in wanted if name not in outcome.unchanged]
    shared = [name for name in names.SHARED if name in changed]  # what services need to be there
    changed = [*shared, *(name for name in changed if name not in shared)]
    groups = in_order(changed, is_first=is_first)
    outcome.findings = judged(to, groups, made, running, operations, allowed)
    check_allowed(outcome.findings, allowed)
    refuse(outcome.findings)
    carry_out(to, groups, made, outcome)
    return outcome


def carry_out(
    to: Destination, groups: Sequence[Sequence[str]], made: Mapping[str, Made], outcome: Outcome
) -> None:
    """Bring up each group, which `in_order` makes, without judging it; `outcome` is told what was done.

    Raises `TakenBack` and `OperationError`, as `deploy` does.
    """
    for group in groups:
        _deploy_group(to, group, made, outcome)


def judged(
    to: Destination,
    groups: Sequence[Sequence[str]],
    made: Mapping[str, Made],
    running: Mapping[str, Release],
    operations: Sequence[Operation],
    allowed: Collection[str],
) -> list[Finding]:
    """What each step of a deployment does to the services as they are by then."""
    findings: list[Finding] = []
    world: World = world_of(running)
    routed = _routed(to)
    for group in groups:
        for name in filter(None, group):
            after = {**world, name: made[name].contract}
            if routed:  # else there is nobody yet whom it could hurt
                findings += judge_stack(world, after, allowed)
            world = after
        if "" not in group and any(each.sdl for each in world.values()):
            findings += judge_router(routed, world, operations, to.root)
            routed = world
    return list(dict.fromkeys(findings))


def _deploy_group(to: Destination, group: Sequence[str], made: Mapping[str, Made], outcome: Outcome) -> None:
    steps: list[Step] = []
    try:
        with telling("AWS refuses a step of the deployment"):
            for name in filter(None, group):
                steps.append(bring_up(to, made[name]))
            if "" not in group:
                outcome.served = _route(to, group) or outcome.served
    except (Broken, BundleError, CompositionError, OperationError, SynthesisError) as error:
        _take_back(to, steps, error)
    for step in steps:
        finish(to, step)
    outcome.deployed += steps
    forget_versions(to, [step.service for step in steps])


def _route(to: Destination, group: Sequence[str]) -> Served | None:
    to.report("the router: the supergraph is made of what runs, and asked before anybody else is")
    pointers = to.record.pointers()
    hashes = {name: each.current for name, each in pointers.items() if name != names.ROUTER}
    served = route(to, to.record.running(), hashes, group)
    if served:
        to.report(f"the router: `{names.LIVE}` is its version {served.version}")
    return served


def _take_back(to: Destination, steps: Sequence[Step], error: Exception) -> None:
    """Bring everything back, and raise why."""
    if isinstance(error, Broken):
        to.report(f"the new version does not work: {error}")
    try:
        with telling("AWS refuses"):
            for step in reversed(steps):
                take_back(to, step)
    except OperationError as worse:
        raise OperationError(
            f"{error}; and the stack could not be brought back: {worse}; the router still serves what it did"
        ) from None
    if isinstance(error, Broken):
        named = ", ".join(step.service for step in steps) or "the router"
        raise TakenBack(
            f"{named} was deployed, and taken back: {error}; the router's alias was not moved; see why with "
            f"`thestack logs`, mend it, and deploy again"
        ) from None
    raise error


def _routed(to: Destination) -> World:
    """The services as the router serves them; {} before there was anything to serve."""
    pointer = to.record.pointers().get(names.ROUTER)
    if pointer is None:
        return {}
    served = to.record.served(pointer.current)
    return world_of({name: to.record.release(each) for name, each in served.releases.items()})


def is_same(running: Release | None, made: Made) -> bool:
    """Whether a service runs already as it was made."""
    return running is not None and (running.template, running.promise) == (made.template, made.promise)

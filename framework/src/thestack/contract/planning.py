"""Plans the deployment of changed services: one order with the reason for each step, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass

from thestack.contract.conflict import Conflict, smallest_conflict
from thestack.contract.findings import Finding, Level, refused
from thestack.contract.mixed import Mixed
from thestack.contract.order import (
    EXACT,
    START,
    Action,
    State,
    Step,
    after,
    find_order,
    find_path,
    states_of,
    steps_from,
)

ROUTER = "router"
"""What a proposed path calls a step of the router; no service is called so."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A step of the plan. `reason` says why it is there and not earlier; `notes` what may happen with it."""

    step: Step
    reason: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """`steps` are in the order in which they are made. Where there is none, `conflict` says why, or
    `refused` which step of the proposed path is refused. With neither, no order was found, and not all of
    them were tried.
    """

    services: tuple[str, ...]
    steps: tuple[Planned, ...] = ()
    conflict: Conflict | None = None
    refused: tuple[Step, tuple[Finding, ...]] | None = None
    found: bool = True

    @property
    def batches(self) -> list[list[str]]:
        """What `thestack deploy` is told, one batch after the other: services, and `router` where it takes
        them in. What is destroyed is in none.

        Example: `[["media", "router"], ["app", "todo", "router"]]`.
        """
        batches: list[list[str]] = [[]]
        for planned in self.steps:
            if planned.step.action is Action.DEPLOY:
                batches[-1] += planned.step.services
            if planned.step.action is Action.ROUTE:
                batches[-1].append(ROUTER)
                batches.append([])
        return [each for each in batches if each]


class PathMistake(Exception):
    """A proposed path is none: it leaves a service out, or has what is not to be deployed."""


def plan(mixed: Mixed, path: Sequence[str] = ()) -> Plan:
    """The plan for the services of `mixed`.

    `path` is an order that somebody proposes, of services and `router`: it is verified, and nothing else is
    tried. Without a step of the router, it takes in each service right after it. Raises `PathMistake`.
    """
    services = mixed.services
    if path:
        return _verified(mixed, _proposed(mixed, path))
    exact = len(services.names) <= EXACT
    steps = (find_order if exact else find_path)(services, mixed.admits)
    if steps is not None:
        return Plan(services.names, tuple(_explained(mixed, steps)))
    if exact:
        return Plan(services.names, conflict=smallest_conflict(mixed), found=False)
    return Plan(services.names, found=False)


def _proposed(mixed: Mixed, path: Sequence[str]) -> list[Step]:
    services = mixed.services
    routed_apart = ROUTER in path
    steps: list[Step] = []
    state = START
    for name in path:
        if name != ROUTER and (name not in services.names or name in state.deployed):
            wrong = "is named twice" if name in state.deployed else "is none of the services to deploy"
            raise PathMistake(f"{name} {wrong}: {', '.join(services.names)}")
        action = Action.DESTROY if name in services.gone else Action.DEPLOY
        made = [] if name == ROUTER else [Step(action, (name,))]
        for step in made:
            steps.append(step)
            state = after(state, step)
        if pending := (services.pending(state) if name == ROUTER or not routed_apart else ()):
            steps.append(Step(Action.ROUTE, pending))
            state = after(state, steps[-1])
    if left := [each for each in services.names if each not in state.deployed]:
        raise PathMistake(f"the path leaves out {', '.join(left)}")
    if waiting := services.pending(state):
        raise PathMistake(f"the path ends before the router has {', '.join(waiting)}: end it with `{ROUTER}`")
    return steps


def _verified(mixed: Mixed, steps: Sequence[Step]) -> Plan:
    names = mixed.services.names
    for number, (state, step) in enumerate(zip(states_of(steps), steps, strict=True)):
        if wrong := refused(mixed.step(state, step)):
            made = tuple(_explained(mixed, steps[:number]))
            return Plan(names, made, refused=(step, tuple(wrong)), found=False)
    return Plan(names, tuple(_explained(mixed, steps)))


def _explained(mixed: Mixed, steps: Sequence[Step]) -> list[Planned]:
    states = states_of(steps)
    explained: list[Planned] = []
    for number, (state, step) in enumerate(zip(states, steps, strict=True)):
        notes = [each.message for each in mixed.step(state, step) if each.level is Level.DANGEROUS]
        reason = _reason(mixed, states[:number], steps[:number], steps[number : number + 2])
        explained.append(Planned(step, reason, tuple(notes)))
    return explained


def _reason(mixed: Mixed, states: Sequence[State], steps: Sequence[Step], coming: Sequence[Step]) -> str:
    """Why the first of what comes waits for the last step without which it would have been refused, or the
    router's step after it.
    """
    step = coming[0]
    for state, earlier in zip(reversed(states), reversed(steps), strict=True):
        if step.action is Action.ROUTE:
            break
        if step not in steps_from(mixed.services, state, len(mixed.services.names)):
            continue
        if wrong := _refused_there(mixed, state, coming):
            return f"after {_told(earlier)}: without it, {wrong[0].message}"
    match step.action:
        case Action.ROUTE:
            return _reason_to_route(mixed, states, steps, step)
        case Action.DEPLOY:
            return "waits for nothing"
        case Action.DESTROY:
            return "nothing that runs needs it any more; the router lets it go first"


def _refused_there(mixed: Mixed, state: State, coming: Sequence[Step]) -> list[Finding]:
    deploy = coming[0]
    if wrong := refused(mixed.step(state, deploy)):
        return wrong
    taken_in = [each for each in coming[1:] if each.services == deploy.services]
    return [found for each in taken_in for found in refused(mixed.step(after(state, deploy), each))]


def _reason_to_route(mixed: Mixed, states: Sequence[State], steps: Sequence[Step], step: Step) -> str:
    names = " and ".join(step.services)
    for state, earlier in zip(states[1:], steps, strict=False):
        pending = mixed.services.pending(state)
        if earlier.action is Action.DEPLOY and pending and set(pending) < set(step.services):
            wrong = refused(mixed.step(state, Step(Action.ROUTE, pending)))
            if wrong:
                return f"takes in {names} at once: without {_others(step, pending)}, {wrong[0].message}"
    if mixed.shows(step.services):
        return f"takes in {names}: what clients see of it is new from here on"
    return f"calls the new functions of {names}, whose schema stays"


def _others(step: Step, pending: Sequence[str]) -> str:
    return " and ".join(each for each in step.services if each not in pending)


def _told(step: Step) -> str:
    return f"the router took in {' and '.join(step.services)}" if step.action is Action.ROUTE else str(step)

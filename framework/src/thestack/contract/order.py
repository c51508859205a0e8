"""The order in which changed services are deployed: a search over the states that lie between.

The router calls pinned versions of functions, which are retained. So a service's deployment changes its
consumers, its queues and what they say; what clients and the router see of it changes with the next step of
the router, which takes in all that was deployed since its last.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

EXACT = 6
"""Up to so many services every order is tried."""


class Action(StrEnum):
    """What a step does. To destroy a service the router lets it go first."""

    DEPLOY = "deploy"
    ROUTE = "router"
    DESTROY = "destroy"


@dataclass(frozen=True, slots=True)
class Step:
    """A service that is deployed or destroyed, or the services that the router takes in."""

    action: Action
    services: tuple[str, ...]

    def __str__(self) -> str:
        return "router" if self.action is Action.ROUTE else f"{self.action} {self.services[0]}"


@dataclass(frozen=True, slots=True)
class State:
    """Which of the changed services run their new version, and of which the router has it."""

    deployed: frozenset[str] = frozenset()
    routed: frozenset[str] = frozenset()


START = State()


@dataclass(frozen=True, slots=True)
class Services:
    """The changed services, in the order that is preferred where nothing else decides.

    `subgraphs` are those that the router has to take in, `gone` those that are destroyed.
    """

    names: tuple[str, ...]
    subgraphs: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()

    def of(self, some: frozenset[str]) -> "Services":
        """Of some of them alone."""
        names = tuple(each for each in self.names if each in some)
        return Services(names, self.subgraphs & some, self.gone & some)

    @property
    def end(self) -> State:
        """Everything is deployed, and the router has it."""
        every = frozenset(self.names)
        return State(every, every & (self.subgraphs | self.gone))

    def pending(self, state: State) -> tuple[str, ...]:
        """What is deployed, and the router has not taken in."""
        waiting = (state.deployed & self.subgraphs) - state.routed
        return tuple(each for each in self.names if each in waiting)


Admits = Callable[[State, Step], bool]
"""Whether a step may be made from a state."""


def after(state: State, step: Step) -> State:
    """The state that a step leads to."""
    match step.action:
        case Action.DEPLOY:
            return State(state.deployed.union(step.services), state.routed)
        case Action.ROUTE:
            return State(state.deployed, state.routed.union(step.services))
        case Action.DESTROY:
            return State(state.deployed.union(step.services), state.routed.union(step.services))


def steps_from(services: Services, state: State, together: int) -> Iterator[Step]:
    """The steps that may come next, the preferred ones first.

    The router takes in at most `together` services at once: the fewer, the less is there to take back.
    """
    pending = services.pending(state)
    if pending:
        yield Step(Action.ROUTE, pending)
    for name in services.names:
        if name in state.deployed:
            continue
        if name in services.gone:
            if not pending:
                yield Step(Action.DESTROY, (name,))
        elif len(pending) < together or name not in services.subgraphs:
            yield Step(Action.DEPLOY, (name,))


def find_order(services: Services, admits: Admits, start: State = START) -> list[Step] | None:
    """An order in which every step is admitted, or None if there is none.

    Every order is tried. Of those that do, it is one in which the router takes in as few services at once as
    can be.
    """
    for together in range(1, len(services.names) + 1):
        found = _search(services, admits, start, together, set())
        if found is not None:
            return found
    return [] if start == services.end else None


def find_path(services: Services, admits: Admits) -> list[Step] | None:
    """An order for many services: the first step that is admitted is taken and never taken back, until so few
    are left that every order of them can be tried. None says only that this way leads nowhere.
    """
    state, path = START, list[Step]()
    while len(services.names) - len(state.deployed) > EXACT or services.pending(state):
        for step in steps_from(services, state, len(services.names)):
            if admits(state, step):
                path.append(step)
                state = after(state, step)
                break
        else:
            return None
    rest = find_order(services, admits, state)
    return None if rest is None else [*path, *rest]


def reachable(services: Services, admits: Admits) -> set[State]:
    """Every state that an admitted order leads to."""
    found, waiting = {START}, [START]
    while waiting:
        state = waiting.pop()
        for step in steps_from(services, state, len(services.names)):
            reached = after(state, step)
            if reached not in found and admits(state, step):
                found.add(reached)
                waiting.append(reached)
    return found


def states_of(steps: Sequence[Step]) -> list[State]:
    """The state before each step."""
    states = [START]
    for step in steps:
        states.append(after(states[-1], step))
    return states[:-1]


def _search(
    services: Services, admits: Admits, state: State, together: int, dead: set[State]
) -> list[Step] | None:
    if state == services.end:
        return []
    for step in steps_from(services, state, together):
        reached = after(state, step)
        if reached in dead or not admits(state, step):
            continue
        rest = _search(services, admits, reached, together, dead)
        if rest is not None:
            return [step, *rest]
    dead.add(state)
    return None

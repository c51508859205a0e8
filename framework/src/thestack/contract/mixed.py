"""What is wrong while some of the changed services run their new version and others their old one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import combinations
from operator import attrgetter

from thestack.contract.composition import Composed
from thestack.contract.expectations import expectations
from thestack.contract.findings import Finding, refused
from thestack.contract.gates import GATES, Change, Composer, judge
from thestack.contract.messages import blocked, messages
from thestack.contract.operations import Operation
from thestack.contract.order import EXACT, Action, Services, State, Step, after
from thestack.contract.promise import Contract, World, subgraphs
from thestack.contract.stateful_changes import allow, stateful_changes
from thestack.definition import names

ROUTED = ("composition", "schema", "operations")
"""The gates of what the router serves."""
IN_FLIGHT = "in flight: "


class Mixed:
    """The states between two worlds, and what is found in each.

    `services` are to be deployed, whether their contracts change or not. `allowed` is as in `allow`.
    """

    def __init__(
        self,
        before: World,
        after: World,
        services: Collection[str],
        compose: Composer,
        operations: Sequence[Operation] = (),
        allowed: Collection[str] = (),
    ) -> None:
        ordered = sorted(services, key=lambda name: (name != names.PLATFORM, name))
        routed = {name for world in (before, after) for name in world if world[name].sdl}
        self.before, self.after = before, after
        self.services = Services(
            tuple(ordered),
            frozenset(routed.intersection(ordered).intersection(after)),
            frozenset(set(ordered) - after.keys()),
        )
        self._compose = compose
        self._operations = operations
        self._allowed = allowed
        self._composed: dict[frozenset[str], Composed] = {}
        self._served: dict[frozenset[str], list[Finding]] = {}
        self._running: dict[tuple[frozenset[str], frozenset[str]], list[Finding]] = {}
        self._unanswered: dict[tuple[frozenset[str], frozenset[str]], list[Finding]] = {}
        self._rolled_back: dict[tuple[frozenset[str], frozenset[str]], list[Finding]] = {}

    def step(self, state: State, step: Step) -> list[Finding]:
        """What is found when a step is made: what is refused of the state that it leads to, what it does to
        what the service keeps, and what happens when it is taken back.
        """
        reached = after(state, step)
        found = self.state(reached)
        if step.action is not Action.ROUTE:
            found = [*self.kept(step.services[0]), *found]
        if step.action is Action.DEPLOY and not refused(found):
            found = [*found, *self._taken_back(state, reached)]
        return list(dict.fromkeys(found))

    def admits(self, state: State, step: Step) -> bool:
        """Whether a step breaks nothing."""
        return not refused(self.step(state, step))

    def shows(self, services: Collection[str]) -> bool:
        """Whether one of these has another schema than before."""
        return not self._subgraphs_changed.isdisjoint(services)

    def state(self, state: State) -> list[Finding]:
        """What is refused of a state, however it came about, and was not so at the start."""
        return [*self._side_by_side(state), *self._router(state.routed), *self._asked(state)]

    def kept(self, service: str) -> list[Finding]:
        """What a service's deployment does to what it keeps."""
        was, now = (
            {name: world[name] for name in (service,) if name in world} for world in (self.before, self.after)
        )
        return allow(stateful_changes(was, now), self._allowed)

    def _router(self, routed: frozenset[str]) -> list[Finding]:
        changed = routed & self._subgraphs_changed
        if not changed:
            return []
        if changed not in self._served:
            composed_before = self._composition(frozenset()) if self.before else None
            world = self._world(changed)
            change = Change(self.before, world, composed_before, self._composition(changed), self._operations)
            self._served[changed] = refused(judge(change, {name: GATES[name] for name in ROUTED}))
        return self._served[changed]

    def _asked(self, state: State) -> list[Finding]:
        """What services expect of one another; the router has the schemas of some only."""
        key = (state.deployed & self._changed, state.routed & self._subgraphs_changed)
        if key not in self._unanswered:
            self._unanswered[key] = self._new(self._expected(*key))
        return self._unanswered[key]

    def _expected(self, deployed: frozenset[str], routed: frozenset[str]) -> list[Finding]:
        served, world = self._world(routed), self._world(deployed)
        asking: dict[str, Contract] = {}
        for name, each in world.items():
            # A new example of an event or a message waits for its provider; a query is asked at once.
            waiting = self._changed - deployed
            expects = (
                expected
                for expected in each.expects
                if expected.kind == "query" or expected.provider not in waiting
            )
            sdl = served[name].sdl if name in served else ""
            asking[name] = replace(each, sdl=sdl, expects=tuple(expects))
        return refused(expectations(asking))

    def _side_by_side(self, state: State) -> list[Finding]:
        deployed = state.deployed & self._changed
        old_voices = (deployed & self._voices_changed & self.services.subgraphs) - state.routed
        if (deployed, old_voices) not in self._running:
            self._running[deployed, old_voices] = self._new(self._found_in(deployed, old_voices))
        return self._running[deployed, old_voices]

    @cached_property
    def _at_the_start(self) -> set[str]:
        nothing = frozenset[str]()
        found = [*self._found_in(nothing, nothing), *self._expected(nothing, nothing)]
        return {each.message for each in found}

    def _new(self, found: Iterable[Finding]) -> list[Finding]:
        """Without what was so at the start, and what is said twice."""
        said = {each.message.removeprefix(IN_FLIGHT): each for each in reversed(list(found))}
        return [each for each in reversed(said.values()) if each.message not in self._at_the_start]

    def _found_in(self, deployed: frozenset[str], old_voices: Collection[str]) -> list[Finding]:
        """What is refused where these are deployed. Of some of them the router still calls the old functions,
        which say what they said.
        """
        world = self._world(deployed)
        old = {name: self.before.get(name, Contract(name)) for name in old_voices}
        half = {name: replace(world[name], says=each.says, sends=each.sends) for name, each in old.items()}
        return refused([*messages(self.before, world), *blocked({**world, **half}, [self.before])])

    def _taken_back(self, state: State, reached: State) -> list[Finding]:
        back, done = state.deployed & self._changed, reached.deployed & self._changed
        if (back, done) not in self._rolled_back:
            found = self._new(blocked(self._world(back), [self._world(done)]))
            told = [replace(each, message=f"after a rollback, {each.message}") for each in found]
            self._rolled_back[back, done] = told
        return self._rolled_back[back, done]

    def _world(self, new: frozenset[str]) -> dict[str, Contract]:
        chosen = {name: self.after if name in new else self.before for name in self._known}
        return {name: world[name] for name, world in chosen.items() if name in world}

    @cached_property
    def _known(self) -> list[str]:
        return sorted(self.before.keys() | self.after.keys())

    @cached_property
    def _changed(self) -> frozenset[str]:
        changed = {name for name in self._known if self.before.get(name) != self.after.get(name)}
        return frozenset(changed.intersection(self.services.names))

    @cached_property
    def _voices_changed(self) -> frozenset[str]:
        """Who says or sends something else than before."""
        nobody = Contract("")
        pairs = {
            name: (self.before.get(name, nobody), self.after.get(name, nobody)) for name in self._changed
        }
        return frozenset(
            name for name, (was, now) in pairs.items() if (was.says, was.sends) != (now.says, now.sends)
        )

    @cached_property
    def _subgraphs_changed(self) -> frozenset[str]:
        """Of whom the router serves something else than before."""
        return self._differing("sdl", "public_fields")

    def _differing(self, *parts: str) -> frozenset[str]:
        of = attrgetter(*parts)
        nobody = Contract("")
        return frozenset(
            name
            for name in self._changed
            if of(self.before.get(name, nobody)) != of(self.after.get(name, nobody))
        )

    def _composition(self, routed: frozenset[str]) -> Composed:
        if routed not in self._composed:
            changed = [each for each in self.services.names if each in self._subgraphs_changed]
            sizes = range(len(changed) + 1)
            # What the order that is tried first takes in, and each of them earlier; then everything.
            wanted = [routed, frozenset[str]()]
            wanted += [frozenset([*changed[:size], each]) for size in sizes for each in changed[size:]]
            if self._composed and len(changed) <= EXACT:
                wanted = [frozenset(some) for size in sizes for some in combinations(changed, size)]
            wanted = [each for each in dict.fromkeys(wanted) if each not in self._composed]
            composed = self._compose([subgraphs(self._world(each)) for each in wanted])
            self._composed.update(zip(wanted, composed, strict=True))
        return self._composed[routed]

# ruff: noqa: S101 - these are tests, which services collect
"""What every subgraph must keep of its entities: asked as the router asks, with generated keys, through its
real handlers over rows in memory.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from thestack.adapters.memory.mailer import MemoryMailer
from thestack.adapters.memory.profiles import MemoryProfiles
from thestack.adapters.memory.store import MemoryStore
from thestack.contract import federation
from thestack.definition.model import (
    Capability,
    ComputedFieldModel,
    DependencyModel,
    EntityModel,
    ForeignModel,
    Kind,
    ServiceModel,
)
from thestack.definition.rules import Group, Rule, leaves
from thestack.runtime.access import may_read
from thestack.runtime.ports import Ports
from thestack.runtime.rows import PartitionRows
from thestack.runtime.scope import Scope
from thestack.runtime.unit_of_work import UnitOfWork
from thestack.testing.circumstances import ANONYMOUS, TENANT, fixed_clock, user
from thestack.testing.generated import OWNERS, Generated
from thestack.testing.running import Running

QUERY = "query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on %s { %s } } }"
STRANGER, ELSEWHERE = "carol", "elsewhere"
EXAMPLES = 12


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that holds for every subgraph; `run` raises `AssertionError` where it does not."""

    name: str
    run: Callable[[], None]

    def __str__(self) -> str:
        return self.name


def entity_checks(service: ServiceModel) -> Iterator[Check]:
    """The checks of each @key of the service's entities and interfaces, with what they provide, and of each
    field that it adds to others' entities, with what it requires.
    """
    subject = _Subject(service)
    for entity in service.entities:
        named = [(entity.name, ref) for ref in entity.refs]
        named += [
            (each.name, ref)
            for each in service.interfaces
            if each.name in entity.interfaces
            for ref in each.refs
        ]
        for name, ref in named:
            keyed = f"{entity.name}-by-{federation.field_set(ref)}".replace(" ", "-")
            keyed += f"-as-{name}" if name != entity.name else ""
            yield Check(f"{keyed}-is-answered", partial(subject.answers, entity, name, ref))
            yield Check(f"{keyed}-is-hidden", partial(subject.hides, entity, name, ref))
    for foreign in federation.extended(service):
        for computed in service.computed_of(foreign):
            if all(argument.default is not ... for argument in computed.handler.arguments):
                yield Check(
                    f"{foreign.name}.{computed.graphql}-is-added",
                    partial(subject.adds, foreign, computed),
                )


class _Subject:
    """A service under these checks: its real handlers, over a store of its own for each example."""

    def __init__(self, service: ServiceModel) -> None:
        self.service, self.generated = service, Generated(service)
        self.running = Running(service, fixed_clock(), MemoryMailer(), MemoryProfiles())

    def answers(self, entity: EntityModel, name: str, ref: Sequence[str]) -> None:
        """Each representation has its answer, in their order, of its type: the row with all its fields, null
        where there is none, an error of its own where it is malformed.
        """

        def holds(data: st.DataObject) -> None:
            stored, missing = self._rows(data, entity, ref)
            wanted: list[tuple[dict[str, Any], Any, bool]] = [
                (self.generated.representation(entity, name, ref, row), row, True)
                for row in (*stored, *stored)
            ]
            wanted += [(self.generated.representation(entity, name, ref, row), None, True) for row in missing]
            wanted += [({"__typename": name}, None, False), *_misshapen(wanted)]
            wanted = data.draw(st.permutations(wanted))
            for scope in self._scopes(entity, stored):
                if not any(may_read(entity, row, scope) for row in stored):
                    continue
                answer = self._ask(entity, [each for each, _, _ in wanted], scope, stored)
                expected = [self._expected(entity, row, scope) for _, row, _ in wanted]
                assert answer["data"]["_entities"] == expected
                wrong = {tuple(each["path"][:2]) for each in answer.get("errors", [])}
                assert wrong == {("_entities", place) for place, (*_, fine) in enumerate(wanted) if not fine}

        _generate(holds)

    def hides(self, entity: EntityModel, name: str, ref: Sequence[str]) -> None:
        """Who may not read a row is answered as if there were none: another owner, somebody without the group
        or of another tenant, nobody at all.
        """

        def holds(data: st.DataObject) -> None:
            stored, _ = self._rows(data, entity, ref)
            asked = [self.generated.representation(entity, name, ref, row) for row in stored]
            scopes = self._scopes(entity, stored)
            abroad = [replace(each, tenant=ELSEWHERE, caller=_moved(each)) for each in scopes]
            for scope in (*scopes, *abroad):
                answer = self._ask(entity, asked, scope, stored)
                assert answer["data"]["_entities"] == [self._expected(entity, row, scope) for row in stored]
                assert "errors" not in answer

        _generate(holds)

    def adds(self, foreign: ForeignModel, computed: ComputedFieldModel) -> None:
        """Each entity of others has its field, in their order; one without what is required has an error of
        its own, and nobody is told of another tenant's rows.
        """
        needed = _needed(self.service, computed)
        inner = " { __typename }" if computed.returns.named.kind not in (Kind.SCALAR, Kind.ENUM) else ""
        keys = " ".join(federation.field_set(ref) for ref in foreign.refs)
        query = QUERY % (foreign.name, f"{keys} {computed.graphql}{inner}")
        groups = _groups(computed.allow) if computed.allow else []
        groups += [name for entity in self.service.entities for name in _groups(entity.allow)]
        caller, other = user("alice", *groups), user("alice", *groups, tenant=ELSEWHERE)

        def holds(data: st.DataObject) -> None:
            rows = [row for each in self.service.entities for row in data.draw(self._some(each, each.key))]
            told = data.draw(
                st.lists(self.generated.representations(foreign, needed), min_size=1, max_size=4)
            )
            lacking = [each.graphql for each in needed if not each.type.nullable]
            cut = [{name: value for name, value in told[0].items() if name not in lacking}] if lacking else []
            asked = [*told, *cut]
            answer = self._answer(query, asked, caller, rows)
            found = answer["data"]["_entities"]
            assert [each["__typename"] for each in found] == [foreign.name] * len(asked)
            paths = {path for ref in foreign.refs for path in ref if "." not in path}
            shown = [each.graphql for each in foreign.fields if each.name in paths]
            for representation, each in zip(asked, found, strict=True):
                assert {name: each[name] for name in shown} == {name: representation[name] for name in shown}
            errors = {each["path"][1]: each["extensions"]["code"] for each in answer.get("errors", [])}
            assert {place for place, code in errors.items() if code == "INTERNAL_SERVER_ERROR"} == set()
            assert set(errors) >= set(range(len(told), len(asked)))
            whole = self._answer(query, told, caller, rows)["data"]["_entities"]
            assert found[: len(told)] == whole
            assert self._answer(query, told, other, rows) == self._answer(query, told, other, [])

        _generate(holds)

    def _rows(
        self, data: st.DataObject, entity: EntityModel, ref: Sequence[str]
    ) -> tuple[list[Any], list[Any]]:
        """Rows that are stored, at least one, and others that are not, of which no two have the same key."""
        rows = data.draw(self._some(entity, ref).filter(bool))
        stored = rows[: max(1, len(rows) // 2 + 1)]
        return stored, rows[len(stored) :]

    def _some(self, entity: EntityModel, ref: Sequence[str]) -> st.SearchStrategy[list[Any]]:
        apart = [entity.key, ref, *entity.unique, *entity.refs]

        def is_whole(row: Any) -> bool:
            return all(_at(row, path) is not None for path in ref)

        def distinct(rows: list[Any]) -> list[Any]:
            seen: set[Any] = set()
            kept: list[Any] = []
            for row in rows:
                marks = {
                    (fields, tuple(repr(_at(row, path)) for path in fields)) for fields in map(tuple, apart)
                }
                if not marks & seen:
                    seen |= marks
                    kept.append(row)
            return kept

        return st.lists(self.generated.rows(entity).filter(is_whole), max_size=5).map(distinct)

    def _expected(self, entity: EntityModel, row: Any, scope: Scope) -> dict[str, Any] | None:
        if row is None or scope.tenant != TENANT or not may_read(entity, row, scope):
            return None
        return {"__typename": entity.name, **self.generated.answer(_shown(entity), row)}

    def _scopes(self, entity: EntityModel, rows: Sequence[Any]) -> list[Scope]:
        """Whoever may be told apart by the entity's rule: owners, those whom a row names, groups, a stranger,
        nobody.
        """
        groups = _groups(entity.allow)
        named = [
            str(value)
            for field in entity.fields
            if field.type.name == "ID" and rows and (value := getattr(rows[0], field.name)) is not None
        ]
        who = [*OWNERS, *dict.fromkeys(each for each in named if each not in OWNERS), STRANGER]
        callers = [user(name, *each) for name in who for each in ((), *((group,) for group in groups))]
        return [ANONYMOUS, *callers, *([user(STRANGER, *groups)] if groups else [])]

    def _ask(
        self, entity: EntityModel, asked: Sequence[Mapping[str, Any]], scope: Scope, stored: Sequence[Any]
    ) -> dict[str, Any]:
        selected = self.generated.selection(_shown(entity))
        return self._answer(QUERY % (entity.name, selected), asked, scope, stored)

    def _answer(
        self, query: str, asked: Sequence[Mapping[str, Any]], scope: Scope, stored: Sequence[Any]
    ) -> dict[str, Any]:
        ports = replace(self.running.ports, store=MemoryStore())
        request = {"query": query, "variables": {"r": list(asked)}}
        # Each asks for itself: what a run notes is not the next one's.
        asking = Scope(scope.tenant, scope.caller, correlation_id="test")

        async def run() -> dict[str, Any]:
            await self._store(ports, stored)
            return await self.running.subgraph.answer(request, ports, asking)

        return asyncio.run(run())

    async def _store(self, ports: Ports, rows: Sequence[Any]) -> None:
        for row in rows:
            fresh = row.model_copy(deep=True)
            unit, name = UnitOfWork(self.service, ports, Scope(TENANT)), type(row).__name__
            dependency = DependencyModel("rows", Capability.STORE, name)
            await PartitionRows(unit, self.service.entity(name), dependency, ()).put(fresh)
            await unit.commit()


def _generate(holds: Callable[[st.DataObject], None]) -> None:
    checked = settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),  # an example is small already, and shrinking one takes a minute
        suppress_health_check=list(HealthCheck),
    )
    checked(given(st.data())(holds))()


def _misshapen(wanted: Sequence[tuple[dict[str, Any], Any, bool]]) -> list[tuple[dict[str, Any], Any, bool]]:
    """One whose key is of no type that a key has."""
    told = wanted[0][0]
    broken = {name: value if name == "__typename" else [[value]] for name, value in told.items()}
    return [(broken, None, False)]


def _shown(entity: EntityModel) -> list[Any]:
    """The fields that are compared: all but what the framework fills in."""
    left = {entity.created, entity.updated}
    return [each for each in entity.fields if each.name not in left]


def _needed(service: ServiceModel, computed: ComputedFieldModel) -> list[Any]:
    view = next((each for each in service.foreigns if each.name == computed.view), None)
    seen = [field for field in view.fields if field.external] if view else []
    return [*seen, *federation.required_fields(computed)]


def _groups(rule: Rule) -> list[str]:
    return [each.name for each in leaves(rule) if isinstance(each, Group)]


def _moved(scope: Scope) -> Any:
    return replace(scope.caller, tenant=ELSEWHERE) if scope.caller else None


def _at(row: Any, path: str) -> Any:
    for step in path.split("."):
        row = getattr(row, step, None)
    return row

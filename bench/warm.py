"""Warm requests: what a generated subgraph adds to graphql-core's own execution of a cached document."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from graphql import DocumentNode, GraphQLSchema, build_schema, execute_sync, parse, validate

from bench.figures import Figure, Measurement, NotMeasured, Say, median_of
from thestack.adapters.memory.clock import FixedClock
from thestack.adapters.memory.store import MemoryStore
from thestack.contract import sdl
from thestack.definition.load import models
from thestack.definition.model import ServiceModel
from thestack.ports import RowKey
from thestack.runtime.graphql import Subgraph
from thestack.runtime.ports import Ports
from thestack.runtime.scope import Scope
from thestack.testing.harness import BEGIN, user

BATCHES = 41
REQUESTS = {"get": 100, "list": 10}
"""Requests in a batch: some 10 ms of them."""
ROWS = 20
_FIELDS = "id title status createdAt dueAt"
_QUERIES = {
    "get": f"query One($id: ID!) {{ todo(id: $id) {{ {_FIELDS} }} }}",
    "list": f"{{ todos(first: {ROWS}) {{ nodes {{ {_FIELDS} }} pageInfo {{ hasNextPage endCursor }} }} }}",
}
_CREATE = (
    "mutation Create($title: String!) "
    '{ createTodo(input: { title: $title, dueAt: "2027-01-01T00:00:00Z" }) { ownerId ' + _FIELDS + " } }"
)


class Reference:
    """The least that could answer: graphql-core on a document that is parsed and validated already, and
    resolvers that look into a dictionary.
    """

    def __init__(self, service: ServiceModel, todos: Sequence[dict[str, Any]]) -> None:
        self._schema = build_schema(sdl.executable(service))
        self._by_id = {todo["id"]: todo for todo in todos}
        types: Any = self._schema.type_map
        types["Query"].fields["todo"].resolve = self._todo
        types["Query"].fields["todos"].resolve = self._todos
        self._documents = {name: _document(self._schema, query) for name, query in _QUERIES.items()}

    def answer(self, name: str, variables: dict[str, Any], caller: str) -> Any:
        """The data of one of the queries."""
        result = execute_sync(
            self._schema, self._documents[name], context_value=caller, variable_values=variables
        )
        return result.data

    def _todo(self, _root: Any, info: Any, id: str) -> Any:
        todo = self._by_id[id]
        if todo["ownerId"] != info.context:
            raise LookupError(id)
        return todo

    def _todos(self, _root: Any, info: Any, first: int, after: str | None = None) -> Any:
        mine = [todo for todo in self._by_id.values() if todo["ownerId"] == info.context]
        nodes = sorted(mine, key=lambda todo: (todo["createdAt"], todo["id"]))[:first]
        return {
            "nodes": nodes,
            "pageInfo": {"hasNextPage": len(mine) > first, "endCursor": nodes[-1]["id"]},
        }


def measure(root: Path, say: Say) -> list[Figure]:
    """Time per request of both, and the difference."""
    (service,) = models(root, ["todo"])
    return asyncio.run(_measure(service, say))


async def _measure(service: ServiceModel, say: Say) -> list[Figure]:
    store, scope = MemoryStore(), user("alice")
    subgraph, ports = Subgraph(service, lambda error, _: None), Ports(store, FixedClock(BEGIN))
    todos = [await _created(subgraph, ports, scope, f"Number {number}") for number in range(ROWS)]
    reference = Reference(service, todos)
    variables: dict[str, dict[str, Any]] = {"get": {"id": todos[7]["id"]}, "list": {}}
    figures: list[Figure] = []
    for name, title in (("get", "get one"), ("list", f"list {ROWS}")):
        say(f"{title}, {BATCHES} batches of {REQUESTS[name]}")
        request = {"query": _QUERIES[name], "variables": variables[name]}
        given = variables[name]

        def ask_reference(name: str = name, given: dict[str, Any] = given) -> Any:
            return reference.answer(name, given, "alice")

        ours = (await subgraph.answer(request, ports, scope))["data"]
        if _without_cursor(ours) != _without_cursor(ask_reference()):
            raise NotMeasured(f"the two don't answer the same: {ours} and {ask_reference()}")
        generated: list[float] = []
        plain: list[float] = []
        for _ in range(BATCHES):
            generated.append(await _batch(subgraph, request, ports, scope, REQUESTS[name]))
            plain.append(_plain_batch(ask_reference, REQUESTS[name]))
        both = [
            median_of(f"warm.{name}.generated", f"{title}: generated subgraph", "µs", generated),
            median_of(f"warm.{name}.reference", f"{title}: cached execute_sync", "µs", plain),
        ]
        difference = [ours - theirs for ours, theirs in zip(generated, plain, strict=True)]
        budget = 15.0 if name == "get" else None
        figures += [
            *both,
            median_of(
                f"warm.{name}.overhead",
                f"warm {title}: generated less execute_sync",
                "µs",
                difference,
                budget=budget,
            ),
        ]
    return [*figures, await _store(store, scope, todos[7]["id"])]


async def _created(subgraph: Subgraph, ports: Ports, scope: Scope, title: str) -> dict[str, Any]:
    answer = await subgraph.answer({"query": _CREATE, "variables": {"title": title}}, ports, scope)
    if answer.get("errors"):
        raise NotMeasured(f"a todo could not be created: {answer['errors']}")
    todo: dict[str, Any] = answer["data"]["createTodo"]
    return todo


async def _batch(
    subgraph: Subgraph, request: dict[str, Any], ports: Ports, scope: Scope, times: int
) -> float:
    began = time.perf_counter_ns()
    for _ in range(times):
        await subgraph.answer(request, ports, scope)
    return (time.perf_counter_ns() - began) / times / 1000


def _plain_batch(ask: Callable[[], Any], times: int) -> float:
    began = time.perf_counter_ns()
    for _ in range(times):
        ask()
    return (time.perf_counter_ns() - began) / times / 1000


async def _store(store: MemoryStore, scope: Scope, id: str) -> Figure:
    """What one read of the memory store costs, which is in the generated subgraph's time."""
    key = RowKey(f"{scope.tenant}#Todo#alice", id)
    if (await store.get([key]))[0] is None:
        raise NotMeasured(f"no row at {key}: has the layout of keys changed?")
    samples: list[float] = []
    for _ in range(BATCHES):
        began = time.perf_counter_ns()
        for _ in range(REQUESTS["get"]):
            await store.get([key])
        samples.append((time.perf_counter_ns() - began) / REQUESTS["get"] / 1000)
    return median_of("warm.get.store", "get one: of which the memory store's read", "µs", samples)


def _document(schema: GraphQLSchema, query: str) -> DocumentNode:
    """A valid document. Raises `NotMeasured` for one that is not."""
    document = parse(query)
    if wrong := validate(schema, document):
        raise NotMeasured(f"the schema has changed: {wrong[0]}")
    return document


def _without_cursor(data: dict[str, Any]) -> Any:
    """Cursors are each one's own matter."""
    if "todos" not in data:
        return data
    return {**data["todos"], "pageInfo": data["todos"]["pageInfo"]["hasNextPage"]}


_METHOD = """\
`Subgraph.answer` on the memory store, against `execute_sync` of graphql-core on the same schema, a document
that is parsed and validated once, and resolvers that look into a dictionary. Both answer the same data. The
generated subgraph's time holds the whole request: document cache, rules, validation of the row, the store.
Batches in turns; medians of the time per request.
"""
WARM = Measurement("warm", "Warm requests: time in the process", _METHOD.strip(), measure)

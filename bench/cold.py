"""Cold starts: the CPU of a whole process, from nothing to the first answer."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import trees
from bench.figures import Figure, Measurement, Say, median_of, ratio_of
from bench.processes import Contender, in_turns
from thestack.definition.load import models

RUNS, RUNS_OF_SOURCES = 15, 3
_PYTHON = (sys.executable, "-I", "-S", "-B")
"""An interpreter that sees no packages but those it is told of, and leaves no byte code behind."""
_TODO = {
    "id": "01HZX0000000000000000000T0",
    "owner_id": "alice",
    "title": "Write the report",
    "created_at": "2026-01-02T03:04:05.000000Z",
    "status": "OPEN",
    "due_at": "2026-01-03T03:04:05.000000Z",
}
_ITEM = {
    "pk": {"S": "main#Todo#alice"},
    "sk": {"S": _TODO["id"]},
    "_kind": {"S": "Todo"},
    "_v": {"N": "1"},
    **{name: {"S": value} for name, value in _TODO.items()},
}
_QUERY = "query Todo($id: ID!) { todo(id: $id) { id title status createdAt dueAt overdue } }"
_REQUEST = {
    "body": json.dumps({"query": _QUERY, "variables": {"id": _TODO["id"]}}),
    "headers": {"content-type": "application/json"},
    "requestContext": {"authorizer": {"lambda": {"sub": "alice", "tenant": "main", "groups": ""}}},
}
_EVENT = {
    "specversion": "1.0",
    "id": "01HZX0000000000000000000E0",
    "type": "media.deleted",
    "source": "media",
    "subject": "01HZX0000000000000000000M0",
    "time": "2026-01-02T03:04:05+00:00",
    "dataversion": 1,
    "sequence": "1.2",
    "tenant": "main",
    "hops": 1,
    "data": {
        "media_id": "01HZX0000000000000000000M0",
        "owner_id": "alice",
        "kind": "IMAGE",
        "deleted_at": "2026-01-02T03:04:05+00:00",
    },
}
_DELIVERY = {
    "Records": [
        {
            "messageId": "00000000-0000-0000-0000-000000000001",
            "receiptHandle": "receipt",
            "body": json.dumps(_EVENT),
            "attributes": {"ApproximateReceiveCount": "1"},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:bench-todo-media-deleted",
        }
    ]
}


@dataclass(frozen=True, slots=True)
class _Call:
    """What a handler is given, and what its output holds once it has done the work."""

    event: Mapping[str, Any]
    variables: Mapping[str, str]
    proof: str


_ASKED = _Call(
    _REQUEST, {"THESTACK_SERVICE": "services.todo.service", "TABLE": "bench-todo"}, proof=_TODO["title"]
)
_TOLD = _Call(
    _DELIVERY,
    {"THESTACK_SERVICE": "services.todo.service", "THESTACK_CONSUMER": "media_deleted"},
    proof='"batchItemFailures": []',
)


def measure(root: Path, say: Say) -> Sequence[Figure]:
    """Cold starts of the generated handlers and of their peers."""
    scratch = root / ".stack/bench"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="trees-") as name, _dynamodb() as endpoint:
        say("unpacking the bundles and the peers")
        contenders, of_sources = _contenders(root, Path(name), endpoint)
        say(f"{RUNS} rounds of {len(contenders)} cold starts")
        samples = in_turns(contenders, RUNS)
        say(f"{RUNS_OF_SOURCES} rounds of {len(of_sources)}, of sources without byte code")
        samples |= in_turns(of_sources, RUNS_OF_SOURCES)
    cpu = {
        each.key: median_of(f"cold.{each.key}", each.name, "ms", samples[each.key])
        for each in (*contenders, *of_sources)
    }
    return [
        *cpu.values(),
        _ratio("graphql", "handwritten", "cold GraphQL handler, generated : by hand", cpu, budget=0.55),
        _ratio("graphql", "naive", "cold GraphQL handler, generated : naive", cpu),
        _ratio("consumer", "bare", "cold consumer handler, generated : bare Python", cpu, budget=10),
        _ratio("graphql-sources", "handwritten-sources", "cold GraphQL handler, both without byte code", cpu),
    ]


def _contenders(root: Path, folder: Path, endpoint: str) -> tuple[list[Contender], list[Contender]]:
    """Those with byte code, as bundles have it, and those of sources alone."""
    service = {model.name: model for model in models(root)}
    todo = trees.generated(service["todo"], root, folder / "todo")
    handwritten = trees.handwritten(service["todo"], root, folder / "handwritten")
    naive = trees.naive(service["todo"], root, folder / "naive")
    todo_sources = trees.without_byte_code(todo, folder / "todo-sources")
    handwritten_sources = trees.without_byte_code(handwritten, folder / "handwritten-sources")

    def handler(key: str, name: str, tree: Path, module: str, call: _Call = _ASKED) -> Contender:
        command = [*_PYTHON, str(trees.PEERS / "invoke.py"), str(tree), module, json.dumps(call.event)]
        return Contender(key, name, command, {**_variables(tree, endpoint), **call.variables}, call.proof)

    graphql, consumer = "thestack.entry.graphql", "thestack.entry.consumer"
    return [
        Contender("bare", "bare Python", [*_PYTHON, "-c", "pass"], {}, ""),
        handler("graphql", "generated GraphQL handler", todo, graphql),
        handler("handwritten", "graphql-core + boto3, by hand", handwritten, "handwritten"),
        handler("naive", "Ariadne + boto3 + Powertools, naive", naive, "naive"),
        handler("consumer", "generated consumer handler", todo, consumer, _TOLD),
    ], [
        handler("graphql-sources", "generated, without byte code", todo_sources, graphql),
        handler("handwritten-sources", "by hand, without byte code", handwritten_sources, "handwritten"),
    ]


def _variables(tree: Path, endpoint: str) -> dict[str, str]:
    """What Lambda and the templates tell every function."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "LAMBDA_TASK_ROOT": str(tree),
        "POWERTOOLS_METRICS_NAMESPACE": "bench",
        "POWERTOOLS_SERVICE_NAME": "bench",
        "THESTACK_ACCOUNT": "000000000000",
        "THESTACK_ENVIRONMENT": "bench",
        "_X_AMZN_TRACE_ID": "Root=1-65937a25-000000000000000000000000;Parent=0000000000000000;Sampled=0",
    }


def _ratio(key: str, to: str, name: str, cpu: Mapping[str, Figure], budget: float | None = None) -> Figure:
    return ratio_of(f"cold.{key}.{to}", name, cpu[key], cpu[to], budget=budget)


@contextmanager
def _dynamodb() -> Iterator[str]:
    """Where a DynamoDB answers that knows one todo, and nothing of what was handled before."""
    items = json.dumps({"bench-todo": _ITEM})
    command = [*_PYTHON, str(trees.PEERS / "dynamodb.py"), items]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            port = server.stdout.readline().strip() if server.stdout else ""
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


_METHOD = """\
A fresh interpreter (`-I -S -B`) imports the handler from an unpacked bundle and answers its first request,
one todo by id, or takes its first message; DynamoDB is a canned answer on loopback from another process.
The peers answer the same request with the same schema, from the same locked packages, pruned and compiled
alike; they implement that one query, where the generated handler has all that the service declares. Both
make boto3 clients, also where a tutorial would take the slower resource, whose data a bundle leaves out. User
and system time by `wait4`, children included. Sources alone, without byte code, are what a bundle holds that
is built by another Python than the function's.
"""
COLD = Measurement("cold", "Cold start: CPU of a whole process", _METHOD.strip(), measure)

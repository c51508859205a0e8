"""The whole path on the local stack, from its built bundles: API, authorizer, router, subgraph; events."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.client import Client
from bench.figures import Figure, Measurement, NotMeasured, Say, median_of, percentile_of
from thestack.definition import names
from thestack.definition.load import models
from thestack.local.description import LocalStack
from thestack.local.signin import SignedIn, sign_in, sign_up
from thestack.local.stack import ENVIRONMENT, start
from thestack.operations.records import Record, parse

COLD_RUNS = 5
WARM_RUNS = 200
ROWS = 20
WARM_ROUNDS = 10
SECONDS = 6.0
"""How long each number of clients asks."""
CLIENTS = (1, 8)
EVENTS = 1000
PERIOD = 0.1
"""The least seconds from one mutation to the next, so that few events wait for another."""
_SETTLE_SECONDS = 30.0
_CREATE = "mutation Create($title: String!) { createTodo(input: { title: $title }) { id } }"
_ONE = "query One($id: ID!) { todo(id: $id) { id title status createdAt dueAt } }"
_MANY = (
    f"{{ todos(first: {ROWS}) {{ nodes {{ id title status createdAt dueAt }} pageInfo {{ hasNextPage }} }} }}"
)


def measure(root: Path, say: Say) -> Sequence[Figure]:
    """Everything that is asked of one running stack."""
    with start(root, report=say, warm=True) as (stack, _):
        user = _user(stack, "bench")
        with Client(stack.graphql, user.access_token) as client:
            ids = [client.ask(_CREATE, title=f"Number {each}")["createTodo"]["id"] for each in range(ROWS)]
            say(f"{COLD_RUNS} cold requests")
            cold = _cold(stack)
            say(f"{WARM_RUNS} warm requests of each kind")
            one = _warm(lambda: client.ask(_ONE, id=ids[7]))
            many = _warm(lambda: client.ask(_MANY))
            figures = [
                median_of("stack.cold", "an empty list, cold: authorizer + router + subgraph", "ms", cold),
                median_of("stack.get", "get one, warm", "ms", one),
                median_of("stack.list", f"list {ROWS}, warm", "ms", many),
            ]
        for clients in CLIENTS:
            say(f"{clients} client{'s' * (clients > 1)} for {SECONDS:.0f} s")
            rate = _rate(stack, user, clients, ids[7])
            name = f"get one, {clients} client{'s' * (clients > 1)}"
            figures.append(Figure(f"stack.rate.{clients}", name, "requests/s", rate))
        say(f"{EVENTS} events, one every {PERIOD * 1000:.0f} ms")
        waits = _events(stack, user, _counter(root))
    return [
        *figures,
        median_of("stack.event.median", "event: mutation's answer → effect, median", "ms", waits, budget=100),
        percentile_of(
            "stack.event.p99", "event: mutation's answer → effect, p99", "ms", waits, 99, budget=250
        ),
    ]


def _user(stack: LocalStack, name: str) -> SignedIn:
    email = f"{name}@example.com"
    sign_up(stack, email)
    return sign_in(stack, email)


def _cold(stack: LocalStack) -> list[float]:
    """Requests of which every function on the way starts anew: its alias points to a version just published.

    Each is a new user's, whose token the authorizer has not decided on.
    """
    aws = stack.client("lambda")
    functions = [
        names.authorizer_function(ENVIRONMENT),
        names.router_function(ENVIRONMENT),
        names.graphql_function(ENVIRONMENT, "todo"),
    ]
    samples: list[float] = []
    for number in range(COLD_RUNS):
        user = _user(stack, f"cold{number}")
        for function in functions:
            aws.update_function_configuration(FunctionName=function, Description=f"cold {number}")
            version = aws.publish_version(FunctionName=function)["Version"]
            aws.update_alias(FunctionName=function, Name=names.LIVE, FunctionVersion=version)
        with Client(stack.graphql, user.access_token) as client:
            began = time.perf_counter()
            client.ask(_MANY)
            samples.append((time.perf_counter() - began) * 1000)
    return samples


def _warm(ask: Callable[[], Any]) -> list[float]:
    samples: list[float] = []
    for number in range(WARM_RUNS + 20):
        began = time.perf_counter()
        ask()
        if number >= 20:
            samples.append((time.perf_counter() - began) * 1000)
    return samples


def _rate(stack: LocalStack, user: SignedIn, clients: int, id: str) -> float:
    """Requests in a second, each client asking again as soon as it has its answer."""

    def work(client: Client, until: float) -> int:
        done = 0
        while time.monotonic() < until:
            client.ask(_ONE, id=id)
            done += 1
        return done

    with _clients(stack, user, clients) as connected, ThreadPoolExecutor(clients) as pool:
        for _ in range(WARM_ROUNDS):  # until every function has as many workers as it is going to need
            list(pool.map(lambda client: client.ask(_ONE, id=id), connected))
        began = time.monotonic()
        done = sum(pool.map(lambda client: work(client, began + SECONDS), connected))
        return done / (time.monotonic() - began)


@contextmanager
def _clients(stack: LocalStack, user: SignedIn, number: int) -> Iterator[list[Client]]:
    connected = [Client(stack.graphql, user.access_token) for _ in range(number)]
    try:
        yield connected
    finally:
        for client in connected:
            client.close()


def _counter(root: Path) -> str:
    """The function that takes what todos say."""
    (analytics,) = models(root, ["analytics"])
    (count,) = (each for each in analytics.consumers if each.hears_all)
    return names.consumer_function(ENVIRONMENT, analytics.name, count)


def _events(stack: LocalStack, user: SignedIn, function: str) -> list[float]:
    """Milliseconds from a mutation's answer to the record that its consumer logs of the committed effect.

    Nothing is polled meanwhile: the log is read at the end, and joined by the correlation ids. Both clocks
    are this machine's. Less than nothing is an effect that came before the answer had found its way back.
    """
    answered: dict[str, float] = {}
    with Client(stack.graphql, user.access_token) as client:
        begin = time.time()
        due = time.monotonic()
        for number in range(EVENTS):
            time.sleep(max(0.0, due - time.monotonic()))
            due = time.monotonic() + PERIOD
            correlation = f"bench-event-{number:06}"
            client.ask(_CREATE, correlation, title=f"Event {number}")
            answered[correlation] = time.time()
    effects = _effects(stack, function, begin, set(answered))
    return [(effects[each] - answered[each]) * 1000 for each in answered]


def _effects(stack: LocalStack, function: str, begin: float, wanted: set[str]) -> dict[str, float]:
    """When each correlation id's event took effect. Raises `NotMeasured` if some did not."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while True:
        effected = {
            record.correlation_id: record.at.timestamp()
            for record in _records(stack, function, begin)
            if record.outcome == "effected"
        }
        if wanted <= effected.keys():
            return effected
        if time.monotonic() > deadline:
            raise NotMeasured(f"{len(wanted - effected.keys())} of {len(wanted)} events took no effect")
        time.sleep(0.5)


def _records(stack: LocalStack, function: str, begin: float) -> Iterator[Record]:
    pages = stack.client("logs").get_paginator("filter_log_events")
    where = {"logGroupName": names.log_group(function), "startTime": int(begin * 1000) - 1000}
    for page in pages.paginate(**where):
        for event in page["events"]:
            at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
            for line in event["message"].splitlines():
                if record := parse(line, function, at):
                    yield record


_METHOD = f"""\
The stack from its built bundles on the emulator: HTTP API, Lambda authorizer, the router, the subgraph, its
table. Cold: every function on the way has just been published as a new version, and the token is new to the
authorizer. Client, emulator and functions share this machine's cores. An event's latency is from the client
having the mutation's answer to the record that the consumer logs when its effect is committed
(`createTodo` → outbox → stream → relay → bus → queue → `analytics.count`); below zero, the effect came before
the answer had found its way back. The mutations start {PERIOD * 1000:.0f} ms apart or more, and the log is
read when all is done, so that the measurement asks nothing meanwhile.
"""
STACK = Measurement("stack", "The whole path, on the local stack", _METHOD.strip(), measure)

"""Starts the functions before anybody waits for them, as provisioned concurrency would."""

import json
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from thestack.definition import names
from thestack.infra.assembly import Assembly
from thestack.operations.aws import Aws

_EVENTS: dict[str, dict[str, Any]] = {  # what each entry point takes for nothing to do
    "thestack.entry.graphql.handler": {"body": '{"query":"{__typename}"}'},
    "thestack.entry.authorizer.handler": {"headers": {}},
    "thestack.entry.pre_token.handler": {"request": {"userAttributes": {}}, "response": {}},
    "thestack.entry.relay.handler": {"Records": []},
    "thestack.entry.consumer.handler": {"Records": []},
    "thestack.entry.hook.handler": {},
}
_ORDER = ("thestack.entry.authorizer.handler", "thestack.entry.graphql.handler")
"""The handlers that a user's request waits for; the others come after."""


def warm_up(aws: Aws, assembly: Assembly, pool: ThreadPoolExecutor) -> list["Future[None]"]:
    """Invoke each function but the router once, those a request waits for first.

    A failure is nobody's concern yet: the first request will tell, with its reason.
    """
    client = aws.client("lambda")

    def invoke(name: str, event: dict[str, Any]) -> None:
        client.invoke(FunctionName=f"{name}:{names.LIVE}", Payload=json.dumps(event))

    functions = sorted(_functions(assembly), key=lambda function: (*_ORDER, function[1]).index(function[1]))
    return [pool.submit(invoke, name, _EVENTS[handler]) for name, handler in functions if handler in _EVENTS]


def _functions(assembly: Assembly) -> Iterator[tuple[str, str]]:
    for stack in assembly.stacks:
        for resource in json.loads(stack.template.read_text(encoding="utf-8"))["Resources"].values():
            if resource["Type"] == "AWS::Lambda::Function":
                yield resource["Properties"]["FunctionName"], resource["Properties"]["Handler"]

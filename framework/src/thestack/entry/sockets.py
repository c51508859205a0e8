"""Lambda entry point of the WebSocket API: hears what clients say, by graphql-transport-ws."""

import asyncio
import json
import os
import time
from collections.abc import Mapping
from typing import Any

from thestack.adapters.aws.clock import SystemClock
from thestack.adapters.aws.sockets import ApiGatewaySockets
from thestack.adapters.aws.store import DynamoStore
from thestack.definition import names
from thestack.entry.identity import identity_of_pool
from thestack.entry.telemetry import WENT_WELL, Telemetry
from thestack.entry.wiring import client
from thestack.runtime.connections import Connections
from thestack.runtime.scope import Identified
from thestack.runtime.transport import PROTOCOL, Errors, Transport

ENVIRONMENT = os.environ["THESTACK_ENVIRONMENT"]

telemetry = Telemetry("sockets", service="sockets")
lambdas, ssm = client("lambda"), client("ssm")
services: dict[str, str] = {}
"""The service of each field of Subscription that was asked for."""
identity = identity_of_pool()


def service_of(field: str) -> str | None:
    """The service that has this field of Subscription, if any: each says so itself where it is deployed."""
    if field not in services:
        name = names.subscription_parameter(ENVIRONMENT, field)
        try:
            services[field] = ssm.get_parameter(Name=name)["Parameter"]["Value"]
        except ssm.exceptions.ParameterNotFound:
            return None
    return services[field]


async def check(field: str, request: Mapping[str, Any], caller: Identified | None) -> tuple[str, Errors]:
    """Ask the function of the service's subscriptions."""
    service = await asyncio.to_thread(service_of, field)
    if service is None:
        code = {"code": "GRAPHQL_VALIDATION_FAILED"}
        return "", [{"message": f"There is no subscription `{field}`.", "extensions": code}]
    claims = caller and {
        "sub": caller.id,
        "tenant": caller.tenant,
        "groups": " ".join(sorted(caller.groups)),
    }
    answer = await asyncio.to_thread(
        lambdas.invoke,
        FunctionName=f"{names.telling_function(ENVIRONMENT, service)}:{names.LIVE}",
        Payload=json.dumps({"check": dict(request), "claims": claims}),
    )
    told = json.loads(answer["Payload"].read())
    if answer.get("FunctionError"):
        code = {"code": "INTERNAL_SERVER_ERROR"}
        return "", [{"message": "Something went wrong on our side.", "extensions": code}]
    return told["place"], told["errors"]


sockets = ApiGatewaySockets(client("apigatewaymanagementapi", os.environ["THESTACK_SOCKETS"]))
transport = Transport(
    Connections(DynamoStore(client("dynamodb"), names.sockets_table(ENVIRONMENT)), SystemClock()),
    sockets,
    identity,
    check,
    os.environ.get("THESTACK_DEFAULT_TENANT"),
)
loop = asyncio.Runner()


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """One of the API's three routes."""
    began = time.perf_counter()
    asked = event.get("requestContext")
    if not asked:  # a call that only starts the function
        telemetry.logger.info("started")
        return {"statusCode": 200}
    route, connection = asked["routeKey"], asked["connectionId"]
    answer: dict[str, Any] = {"statusCode": 200}
    outcome, failure = WENT_WELL, None
    match route:
        case "$connect":
            if PROTOCOL not in offered(event.get("headers") or {}):
                outcome, answer = "refused", {"statusCode": 400}
            else:
                loop.run(transport.connected(connection))
                answer["headers"] = {"Sec-WebSocket-Protocol": PROTOCOL}
        case "$disconnect":
            loop.run(transport.disconnected(connection))
        case _:
            outcome, failure = loop.run(said(connection, event.get("body") or ""))
    telemetry.tell(
        outcome,
        began,
        level="error" if failure else "info",
        correlation_id=asked.get("requestId"),
        failure=failure,
        route=route,
    )
    return answer


async def said(connection: str, text: str) -> tuple[str, Exception | None]:
    """What became of a frame. What nobody expected ends the connection, and the client is told no more."""
    try:
        return await transport.said(connection, text), None
    except Exception as failure:
        await sockets.close(connection, 1011, "Internal error")
        return "failed", failure


def offered(headers: Mapping[str, str]) -> list[str]:
    """The protocols that a client speaks."""
    said = next((each for name, each in headers.items() if name.lower() == "sec-websocket-protocol"), "")
    return [each.strip() for each in said.split(",")]

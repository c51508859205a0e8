"""Lambda entry point of a subgraph: invoked by the router, and by nobody else."""

import asyncio
import json
import time
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from thestack.definition import names
from thestack.entry.settings import from_environment
from thestack.entry.telemetry import WENT_WELL, Telemetry, caused_by, together
from thestack.entry.wiring import load_model, package_of, ports_of
from thestack.runtime.authorize import caller_of
from thestack.runtime.graphql import Subgraph
from thestack.runtime.scope import Scope

metrics = Metrics()
settings = from_environment()
telemetry = Telemetry("graphql", package=package_of(settings.module))
model = load_model(settings.module)
ports = ports_of(model, settings, tuple(part.handler for part in model.answered))
loop = asyncio.Runner()
subgraph = Subgraph(model, lambda failure, scope: scope.journal.failures.append(failure))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a GraphQL request in the shape of an HTTP API event, payload 2.0."""
    began = time.perf_counter()
    headers = event.get("headers") or {}
    authorizer = (event.get("requestContext") or {}).get("authorizer") or {}
    caller = caller_of(authorizer.get("lambda"))
    scope = Scope(
        tenant=caller.tenant if caller else settings.default_tenant,
        caller=caller,
        traceparent=headers.get("traceparent"),
        correlation_id=headers.get("x-correlation-id") or context.aws_request_id,
    )
    answer = loop.run(answer_to(event.get("body") or "", scope))
    codes = [error.get("extensions", {}).get("code") for error in answer.get("errors", ())]
    if "requestContext" in event:
        _tell(codes, scope, began)
    else:
        telemetry.logger.info("started")
    metrics.add_metric(name=names.FAILED, unit=MetricUnit.Count, value=int(bool(scope.journal.failures)))
    metrics.add_metric(name="Errors", unit=MetricUnit.Count, value=len(codes))
    metrics.flush_metrics()
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(answer)}


async def answer_to(body: str, scope: Scope) -> dict[str, Any]:
    """The GraphQL response to a request's body."""
    try:
        request = json.loads(body)
    except ValueError:
        return {"errors": [{"message": "The body is no JSON.", "extensions": {"code": "BAD_REQUEST"}}]}
    return await subgraph.answer(request, ports, scope)


def _tell(codes: list[str], scope: Scope, began: float) -> None:
    journal = scope.journal
    telemetry.tell(
        ",".join(dict.fromkeys(codes)) or WENT_WELL,
        began,
        level="error" if journal.failures else "info",
        correlation_id=scope.correlation_id,
        failure=together(journal.failures),
        operation=journal.operation,
        fields=journal.fields,
        caused=caused_by(journal),
        mails=journal.mails,
    )

"""Lambda entry point of one hook: called by the HTTP API, for anybody."""

import asyncio
import base64
import time
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from thestack.definition import names
from thestack.definition.hooks import HookRequest, HookResponse
from thestack.entry.settings import from_environment
from thestack.entry.telemetry import WENT_WELL, Telemetry, caused_by, together
from thestack.entry.wiring import load_model, package_of, ports_of
from thestack.runtime.forms import first_of, form_of
from thestack.runtime.hooks import Hook
from thestack.runtime.origin import HEADER
from thestack.runtime.scope import Scope

REFUSED, FAILED = 400, 500

metrics = Metrics()
settings = from_environment()
telemetry = Telemetry("hook", package=package_of(settings.module))
model = load_model(settings.module)
definition = model.hook(settings.hook)
ports = ports_of(model, settings, (definition.handler,))
loop = asyncio.Runner()
hook = Hook(model, definition, ports)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an HTTP API event, payload 2.0."""
    began = time.perf_counter()
    if "requestContext" not in event:  # a call that only starts the function
        telemetry.logger.info("started")
        return {"statusCode": 200}
    request = request_of(event)
    scope = Scope(tenant=request.tenant, correlation_id=event["requestContext"].get("requestId"))
    response = loop.run(hook.answer(request, scope))
    journal = scope.journal
    telemetry.tell(
        outcome_of(response),
        began,
        level="error" if journal.failures else "info",
        correlation_id=scope.correlation_id,
        failure=together(journal.failures),
        operation=f"{request.method} {definition.name}",
        status=response.status,
        caused=caused_by(journal),
        mails=journal.mails,
    )
    metrics.add_metric(name=names.HOOK_FAILED, unit=MetricUnit.Count, value=int(bool(journal.failures)))
    metrics.flush_metrics()
    return {"statusCode": response.status, "headers": dict(response.headers), "body": response.body}


def request_of(event: Mapping[str, Any]) -> HookRequest:
    """What was asked. The tenant is what the API found in the path."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    headers.pop(HEADER, None)  # CloudFront's, and no handler's
    text = event.get("body") or ""
    body = base64.b64decode(text) if event.get("isBase64Encoded") else text.encode()
    return HookRequest(
        method=event["requestContext"]["http"]["method"],
        tenant=(event.get("pathParameters") or {}).get("tenant", ""),
        query=first_of(event.get("rawQueryString") or ""),
        form=form_of(headers.get("content-type", ""), body),
        headers=headers,
        body=body,
    )


def outcome_of(response: HookResponse) -> str:
    """A word for the log: who was refused is the caller's concern, and no failure of ours."""
    if response.status >= FAILED:
        return "failed"
    return "refused" if response.status >= REFUSED else WENT_WELL

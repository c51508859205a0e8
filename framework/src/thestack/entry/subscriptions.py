"""Lambda entry point of a service's subscriptions.

Takes a batch of the events that they hear, and tells whoever subscribed; and answers the function of the
WebSockets whether a client may subscribe.
"""

from typing import Any

from thestack.adapters.aws.sockets import ApiGatewaySockets
from thestack.adapters.aws.store import DynamoStore
from thestack.definition import names
from thestack.entry.batches import Batches, deliveries_of
from thestack.entry.settings import from_environment
from thestack.entry.telemetry import Telemetry
from thestack.entry.wiring import client, load_model, package_of, ports_of
from thestack.runtime.authorize import caller_of
from thestack.runtime.connections import Connections
from thestack.runtime.consume import Consumer
from thestack.runtime.graphql import Subgraph
from thestack.runtime.subscriptions import Subscriptions

settings = from_environment()
telemetry = Telemetry("subscriptions", package=package_of(settings.module))
model = load_model(settings.module)
telling = model.telling
if telling is None:
    raise RuntimeError(f"{model.name} has no subscriptions, and so nobody to tell")
ports = ports_of(model, settings, (telling.handler,))
subscriptions = Subscriptions(
    Subgraph(model, lambda failure, scope: scope.journal.failures.append(failure)),
    ports,
    Connections(DynamoStore(client("dynamodb"), names.sockets_table(settings.environment)), ports.clock),
    ApiGatewaySockets(client("apigatewaymanagementapi", settings.sockets)),
)
batches = Batches(
    Consumer(model, telling, ports, deliveries_of(model, telling, settings), subscriptions.tell), telemetry
)


def handler(event: dict[str, Any], context: Any) -> Any:
    """Answer a check, `{"check": request, "claims": ...}`, or take a batch."""
    if "check" not in event:
        return batches.handle(event)
    place, errors = subscriptions.check(event["check"], caller_of(event.get("claims")))
    telemetry.logger.info("checked", refused=[each.get("extensions", {}).get("code") for each in errors])
    return {"place": place, "errors": errors}

"""Lambda entry point of one consumer:
takes a batch of its queue and answers which messages must come again.
"""

from typing import Any

from thestack.entry.batches import Batches, deliveries_of
from thestack.entry.settings import from_environment
from thestack.entry.telemetry import Telemetry
from thestack.entry.wiring import load_model, package_of, ports_of
from thestack.runtime.consume import Consumer

settings = from_environment()
telemetry = Telemetry(settings.consumer, package=package_of(settings.module))
model = load_model(settings.module)
definition = next(each for each in model.consumers if each.name == settings.consumer)
ports = ports_of(model, settings, (definition.handler,))
consumer = Consumer(model, definition, ports, deliveries_of(model, definition, settings))
batches = Batches(consumer, telemetry, is_fifo=definition.is_fifo, together=definition.batched)


def handler(event: dict[str, Any], context: Any) -> Any:
    """Take all messages of a batch; answers which must come again."""
    return batches.handle(event)

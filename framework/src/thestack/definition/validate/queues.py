"""That what is put into a queue is taken from it."""

from collections import Counter
from collections.abc import Iterator

from thestack.definition.model import ServiceModel, Trigger
from thestack.diagnostics.diagnostic import Diagnostic, Part


def validate_queues(model: ServiceModel) -> Iterator[Diagnostic]:
    """A queue has one consumer, in the service that it belongs to."""
    taken = [each for each in model.consumers if each.trigger is Trigger.MESSAGE]
    counted = Counter(each.queue for each in taken)
    for consumer in taken:
        if counted[consumer.queue] > 1:
            count = counted[consumer.queue]
            message = f"the queue `{consumer.queue}` has {count} consumers, each with a part of it"
            help = "Keep one, or give the other message a queue of its own."
            yield Diagnostic("S0604", message, consumer.handler.site, Part(), help)
    own = {each.address for each in model.messages}
    heard = {address for consumer in taken for _, address in consumer.hears}
    for each in model.messages:
        if each.address not in heard:
            text = f"nobody takes `{each.name}` from the queue `{each.queue}`"
            help = f"Write `@service.queue()` over `async def handle(message: {each.name}, /): ...`."
            yield Diagnostic("S0603", text, each.site, Part("keyword", "queue"), help)
    for consumer in taken:
        for _, address in consumer.hears:
            if address not in own:
                text = f"the queue {address} is another service's; only that one may take from it"
                help = "Declare a `Message` of this service."
                yield Diagnostic("S0603", text, consumer.handler.site, Part(), help)

"""That subscriptions are maps: from one event to one answer, with no effect."""

from collections.abc import Iterator

from thestack.definition.model import Capability, Kind, ServiceModel
from thestack.definition.model.service import TELLING
from thestack.diagnostics.diagnostic import Diagnostic, Part

EFFECTS = {Capability.MAILER: "sends mail", Capability.ONCE: "has an effect"}


def validate_subscriptions_read(model: ServiceModel) -> Iterator[Diagnostic]:
    """A subscription says nothing and sends nothing: it is called once for each subscriber, and again."""
    for part in model.subscriptions:
        for each in part.handler.dependencies:
            if each.emits or each.sends:
                what, help = "emits", f"Write `{each.capability.title()}[{each.entity}]`."
            elif each.capability in EFFECTS:
                what, help = (
                    EFFECTS[each.capability],
                    f"Delete `{each.name}: {each.capability.title()}`, and do it in `@service.on()`.",
                )
            else:
                continue
            message = f"`{part.handler.name}` is a subscription, which only reads, and `{each.name}` {what}"
            yield Diagnostic("S0930", message, part.handler.site, Part("parameter", each.name), help)


def validate_subscriptions_answer_no_pages(model: ServiceModel) -> Iterator[Diagnostic]:
    """A subscriber is told of one thing, not of a page of many."""
    for part in model.subscriptions:
        if part.returns.named.kind is Kind.CONNECTION:
            node = part.returns.named.name.removesuffix("Connection")
            message = f"`{part.handler.name}` is a subscription, and answers a page"
            help = f"Write `{node} | None`."
            yield Diagnostic("S0931", message, part.handler.site, Part("returns"), help)
        elif part.handler.page:
            message = f"`{part.handler.name}` is a subscription, which answers no page"
            help = f"Delete `{part.handler.page}: Page`."
            at = Part("parameter", part.handler.page)
            yield Diagnostic("S0931", message, part.handler.site, at, help)


def validate_subscriptions_own_their_queue(model: ServiceModel) -> Iterator[Diagnostic]:
    """The queue by which subscribers are told is no other consumer's."""
    if not model.subscriptions:
        return
    for consumer in model.consumers:
        if consumer.queue.removesuffix(".fifo").replace("-", "_") == TELLING or consumer.name == TELLING:
            message = f"`{consumer.name}` has the name of the queue by which subscribers are told"
            help = "Write `async def on_subscriptions(...)`: any other name will do."
            if consumer.queue != consumer.name:
                help = 'Write `queue="for-subscriptions"`: any other name will do.'
            yield Diagnostic("S0932", message, consumer.handler.site, Part("name"), help)

"""Models what a service hears and does by the clock: consumers, timers, subscriptions, upcasters."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, get_args, get_origin

from thestack.definition import annotations as ann
from thestack.definition.any_event import AnyEvent
from thestack.definition.handling import Handlers
from thestack.definition.model import (
    ConsumerModel,
    MessageModel,
    Polling,
    ScheduleModel,
    SubscriptionModel,
    Trigger,
    UpcasterModel,
)
from thestack.definition.options import MAXIMUM_HOPS, Function
from thestack.definition.rules import Denied
from thestack.definition.service import Recorded
from thestack.definition.shapes import AwsEvent, Event, ForeignEvent, ForeignMessage, Message, camel
from thestack.diagnostics.diagnostic import Part


@dataclass(frozen=True, slots=True)
class Heard:
    """The classes that a handler is handed, one at a time or `batched`."""

    classes: tuple[type[Any], ...]
    batched: bool = False


class Consumers:
    """Reads what waits for something; the shapes that it mentions, and mistakes, are added to `handlers`."""

    def __init__(self, handlers: Handlers, service: str) -> None:
        self.handlers, self.shapes, self.service = handlers, handlers.shapes, service

    def consumer(self, recorded: Recorded) -> ConsumerModel | None:
        """A consumer of events, or of a queue."""
        parameters = self.handlers.parameters(recorded)
        trigger = Trigger.EVENT if recorded.kind == "on" else Trigger.MESSAGE
        bases = (
            (Event, ForeignEvent, AwsEvent, AnyEvent)
            if trigger is Trigger.EVENT
            else (Message, ForeignMessage)
        )
        given = self.heard(recorded, parameters, bases, "event" if trigger is Trigger.EVENT else "message")
        if given is None:
            return None
        handler, heard = self.handlers.handler(recorded, parameters), given.classes
        if not heard:
            return None
        if AnyEvent in heard and len(heard) > 1:
            others = ", ".join(f"`{each.__name__}`" for each in heard if each is not AnyEvent)
            text = f"`AnyEvent` is every event, {others} too"
            help = "Hear `AnyEvent` alone, or these alone."
            self.shapes.report("S0703", text, recorded, Part("name"), help)
            return None
        if trigger is Trigger.MESSAGE and len(heard) > 1:
            help = "Write a handler for each message, and give each a queue of its own."
            self.shapes.report("S0703", "a queue's consumer takes one message", recorded, Part("name"), help)
            return None
        models = [self.shapes.models[each] for each in heard if each is not AnyEvent]
        name = recorded.function.__name__
        if trigger is Trigger.EVENT:
            hears, queue = tuple((model.source, model.name) for model in models), name
        else:
            message: MessageModel = models[0]
            hears, queue = ((message.service, message.address),), message.address.partition("/")[2]
        options = recorded.options
        return ConsumerModel(
            name,
            trigger,
            queue,
            hears,
            handler,
            recorded.retry,
            reads=heard,
            where=options.get("where"),
            polling=_polling(recorded),
            function=options.get("function", Function()),
            cyclic=bool(options.get("cyclic")),
            hops=options.get("hops", MAXIMUM_HOPS),
            batched=given.batched,
        )

    def timer(self, recorded: Recorded) -> ConsumerModel | None:
        """What is done by the clock, by a queue of its own as everything else."""
        handler = self.handlers.handler(recorded, self.handlers.parameters(recorded))
        name, options = handler.name, recorded.options
        interval: timedelta | None = options.get("interval")
        expression = options.get("expression", "") if interval is None else ""
        schedule = ScheduleModel(
            _rate(interval) if interval is not None else f"cron({expression})", options.get("zone", "UTC")
        )
        return ConsumerModel(
            name,
            Trigger.TIME,
            name,
            ((self.service, f"{self.service}/{name}"),),
            handler,
            recorded.retry,
            polling=replace(Polling(), batch=1),
            function=options.get("function", Function()),
            schedule=schedule,
        )

    def subscription(self, recorded: Recorded) -> SubscriptionModel | None:
        """A map from events to what subscribers are told."""
        parameters = self.handlers.parameters(recorded)
        given = self.heard(recorded, parameters, (Event, ForeignEvent), "event")
        if given is None:
            return None
        heard = given.classes
        handler, returns = self.handlers.handler(recorded, parameters), self.handlers.returns(recorded)
        if not heard or returns is None:
            return None
        models = [self.shapes.models[each] for each in heard]
        return SubscriptionModel(
            camel(handler.name),
            tuple((model.source, model.name) for model in models),
            heard,
            handler,
            returns,
            recorded.allow or Denied(),
            tuple(recorded.options.get("directives", ())),
        )

    def upcaster(self, recorded: Recorded) -> UpcasterModel | None:
        """A function from an older version to a newer one."""
        parameters, name = self.handlers.parameters(recorded), recorded.function.__name__
        annotations = [each.annotation for each in parameters]
        returned = recorded.function.__annotations__.get("return")
        if returned is None:
            self.shapes.report(
                "S0101", f"`{name}` says no return type", recorded, Part("name"), "Add `-> T`."
            )
            return None
        scope = recorded.function.__globals__
        newer = self.shapes.resolve(returned, scope, recorded, Part("returns"))
        said = (Event, ForeignEvent, Message, ForeignMessage)
        if newer is None or None in annotations:
            return None
        if len(annotations) != 1 or not all(ann.is_declared(each, *said) for each in (*annotations, newer)):
            message = f"`{name}` is from no version of an event or a message to another"
            help = "Write `def newer(old: PlacedV1) -> Placed: ...`, of two classes of the same event."
            self.shapes.report("S0703", message, recorded, Part("name"), help)
            return None
        (older,) = annotations
        for each in (older, newer):
            self.shapes.shape(each)
        first, last = self.shapes.models[older], self.shapes.models[newer]
        is_message = isinstance(last, MessageModel)
        return UpcasterModel(
            last.address if is_message else last.name,
            last.service if is_message else last.source,
            first.version,
            last.version,
            older,
            newer,
            recorded.function,
            recorded.site,
        )

    def heard(
        self, recorded: Recorded, parameters: Sequence[ann.Parameter], bases: tuple[type[Any], ...], word: str
    ) -> Heard | None:
        """What is handed over: nothing where its annotation is a mistake that was reported, None where it is
        not what is heard, with a diagnostic.
        """
        given = next((each for each in parameters if each.kind == "given"), None)
        if given is not None and given.annotation is None:
            return Heard(())
        annotation: Any = given.annotation if given else None
        batched = recorded.kind != "subscription" and get_origin(annotation) is Sequence
        heard = ann.members(get_args(annotation)[0] if batched else annotation) if given else ()
        if heard and all(ann.is_declared(each, *bases) for each in heard):
            for each in heard:
                if each is not AnyEvent:
                    self.shapes.shape(each)
            return Heard(heard, batched)
        what = "subscription" if recorded.kind == "subscription" else "consumer"
        article = "an" if word == "event" else "a"
        message = f"the first parameter of a {what} is {article} {word}"
        self.shapes.report("S0703", message, recorded, Part("name"), f"Begin with `({word}: X, /, ...)`.")
        return None


def _polling(recorded: Recorded) -> Polling:
    options, usual = recorded.options, Polling()
    return Polling(
        options.get("batch", usual.batch),
        options.get("window", usual.window),
        options.get("concurrency"),
        options.get("visibility"),
    )


def _rate(interval: timedelta) -> str:
    """The interval as EventBridge Scheduler writes it, in whole minutes."""
    minutes, rest = divmod(interval, timedelta(minutes=1))
    if rest:
        return f"rate({interval / timedelta(minutes=1)} minutes)"
    return f"rate({minutes} minute{'' if minutes == 1 else 's'})"

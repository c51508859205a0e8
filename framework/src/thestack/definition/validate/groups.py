"""That the order of a queue is kept by a field, and known to all who send to it."""

from collections.abc import Iterator, Sequence

from thestack.definition.model import Kind, MessageModel, ServiceModel, TypeRef
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest

GROUPING = frozenset({"ID", "String", "Int"})


def validate_groups(model: ServiceModel) -> Iterator[Diagnostic]:
    """A group is a field whose value is an id, a text, a whole number or an enum, and never null."""
    for message in (*model.messages, *model.foreign_messages):
        if message.group is None:
            continue
        field = next((each for each in message.fields if each.name == message.group), None)
        part = Part("keyword", "group")
        if field is None:
            text = f"`{message.name}` has no field `{message.group}`"
            help = nearest(message.group, [each.name for each in message.fields])
            yield Diagnostic("S0618", text, message.site, part, help)
        elif not _groups(field.type):
            what = "an Id, a str, an int or an enum, and never None"
            text = f"a group is {what}, and {message.group} is `{field.type}`"
            yield Diagnostic("S0618", text, message.site, part, "Delete it, or name another field.")


def validate_sent_groups(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """Who sends to another service's queue keeps the order that its owner keeps."""
    taken: dict[tuple[str, str], MessageModel] = {
        (each.service, each.queue): each
        for model in models
        for each in sorted(model.messages, key=lambda each: each.version)
    }
    for model in models:
        for message in model.foreign_messages:
            own = taken.get((message.service, message.queue))
            if own is None or own.group == message.group:
                continue
            part = Part("keyword", "group") if message.group else Part("keyword", "queue")
            if own.group is None:
                text, help = f"{own.service} keeps no order in its queue {own.queue}", "Delete it."
            else:
                text = f"{own.service} keeps its queue {own.queue} in order, for each {own.group}"
                help = f'Write `group="{own.group}"`.'
            yield Diagnostic("S0619", text, message.site, part, help)


def _groups(type: TypeRef) -> bool:
    return not type.nullable and not type.item and (type.kind is Kind.ENUM or type.name in GROUPING)

"""That the order of a queue is kept by a field."""

from collections.abc import Iterator

from thestack.definition.model import Kind, ServiceModel, TypeRef
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


def _groups(type: TypeRef) -> bool:
    return not type.nullable and not type.item and (type.kind is Kind.ENUM or type.name in GROUPING)

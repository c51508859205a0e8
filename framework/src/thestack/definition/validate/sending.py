"""That what is sent to another service's queue is what its owner takes."""

from collections.abc import Iterator, Sequence

from thestack.definition.annotations import own_annotations
from thestack.definition.model import Kind, MessageModel, ServiceModel, TypeRef
from thestack.definition.shapes import Shape
from thestack.definition.validate.between import as_written, reads
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest


def validate_sent_groups(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """Who sends to another service's queue keeps the order that its owner keeps."""
    for message, taken in _sent(models):
        own = taken[-1]
        if own.group == message.group:
            continue
        part = Part("keyword", "group") if message.group else Part("keyword", "queue")
        if own.group is None:
            text, help = f"{own.service} keeps no order in its queue {own.queue}", "Delete it."
        else:
            text = f"{own.service} keeps its queue {own.queue} in order, for each {own.group}"
            help = f'Write `group="{own.group}"`.'
        yield Diagnostic("S0619", text, message.site, part, help)


def validate_sent_fields(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """What is sent has the fields that the queue's owner reads, and no others, in a version that it takes."""
    for message, taken in _sent(models):
        own = next((each for each in taken if each.version == message.version), None)
        if own is None:
            newest = taken[-1]
            text = f"{newest.service} takes version {newest.version} from its queue {newest.queue}"
            help = f"Write `version={newest.version}`."
            part = Part("keyword", "version" if message.version != 1 else "queue")
            yield Diagnostic("S0620", text, message.site, part, help)
        else:
            yield from _missent(message, own)


def _sent(models: Sequence[ServiceModel]) -> Iterator[tuple[MessageModel, Sequence[MessageModel]]]:
    """Each message for another service, with what that one takes from the queue, the newest version last."""
    taken: dict[tuple[str, str], list[MessageModel]] = {}
    own = (message for model in models for message in model.messages)
    for message in sorted(own, key=lambda each: each.version):
        taken.setdefault((message.service, message.queue), []).append(message)
    for model in models:
        for message in model.foreign_messages:
            if found := taken.get((message.service, message.queue)):
                yield message, found


def _missent(message: MessageModel, own: MessageModel) -> Iterator[Diagnostic]:
    fields = {field.name: field for field in own.fields}
    # A field whose own type is a mistake is not in the model.
    written, read = own_annotations(message.type, Shape), own_annotations(own.type, Shape)
    for field in message.fields:
        part, taken = Part("field", field.name), fields.get(field.name)
        if taken is None and field.name not in read:
            text = f"{own.service} reads no field `{field.name}` from its queue {own.queue}"
            help = nearest(field.name, read.keys() - written.keys())
            help = help if help.startswith("Did") else "Delete it."
            yield Diagnostic("S0620", text, message.site, Part("field name", field.name), help)
        elif taken and not _takes(field.type, taken.type):
            text = f"`{field.name}` is `{field.type}`, and {own.service} reads it as `{taken.type}`"
            help = f"Write `{as_written(taken.type)}`."
            yield Diagnostic("S0620", text, message.site, part, help)
    misspelt = [nearest(name, read) for name in written if name not in read]
    for field in own.fields:
        if field.required and field.name not in written and f"Did you mean `{field.name}`?" not in misspelt:
            text = f"{own.service} needs the field {field.name} in its queue {own.queue}"
            help = f"Add `{field.name}: {as_written(field.type)}`."
            yield Diagnostic("S0620", text, message.site, Part(), help)


def _takes(sent: TypeRef, taken: TypeRef) -> bool:
    """Whether what is sent can be read; the enum of another service is written as a text."""
    if taken.kind is Kind.ENUM and sent.name == "String":
        return taken.nullable or not sent.nullable
    return reads(sent, taken)

"""What services expect of each other."""

from collections.abc import Iterator, Mapping, Sequence

from thestack.definition.annotations import own_annotations
from thestack.definition.model import EventModel, FieldModel, Kind, ServiceModel, TypeRef
from thestack.definition.shapes import Shape
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest

# As what else a scalar may be read: in JSON most are text.
WIDER: Mapping[str, frozenset[str]] = {
    "ID": frozenset({"String"}),
    "String": frozenset({"ID"}),
    "Date": frozenset({"String"}),
    "DateTime": frozenset({"String"}),
    "Int": frozenset({"Float"}),
}


def validate_service_names(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """A service is named as its folder, so that no two have one name."""
    for model in models:
        folder = model.module.split(".")[-2]
        if model.name != folder:
            message = f"the service `{model.name}` lies in the folder `{folder}`"
            help = f'Write `Service("{folder}")`, or rename the folder.'
            yield Diagnostic("S0607", message, model.site, Part(), help)


def validate_event_owners(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """An event belongs to one service."""
    owners: dict[str, str] = {}
    for model in models:
        for event in model.events:
            first = owners.setdefault(event.name, model.name)
            if first != model.name:
                message = f"the event `{event.name}` is owned by {first} already"
                heard = f'`class {event.type.__name__}(ForeignEvent, name=..., source="{first}")`'
                help = f"Hear it: {heard}; or give this one a name of its own."
                yield Diagnostic("S0602", message, event.site, Part("keyword", "name"), help)


def validate_heard_events(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """What a service hears, some service says."""
    said = {model.name: [event.name for event in model.events] for model in models}
    for model in models:
        for event in model.foreign_events:
            if event.source not in said:
                message = f"`{event.name}` comes from the service `{event.source}`, which does not exist"
                help = nearest(event.source, said)
                yield Diagnostic("S0601", message, event.site, Part("keyword", "source"), help)
            elif event.name not in said[event.source]:
                message = f"{event.source} does not declare the event `{event.name}`"
                declared = f'`class X(Event, name="{event.name}", version={event.version})`'
                help = nearest(event.name, said[event.source]) or f"Declare it there: {declared}."
                yield Diagnostic("S0601", message, event.site, Part("keyword", "name"), help)


def validate_heard_fields(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """What a service reads of an event is in it, in the version that its owner says, or in an older one that
    it can read as that.
    """
    events = [event for model in models for event in model.events]
    said = {(each.source, each.name): each for each in sorted(events, key=lambda each: each.version)}
    every = {(each.source, each.name, each.version): each for each in events}
    for model in models:
        upcast = {each.reads for each in model.upcasters}
        for heard in model.foreign_events:
            own = said.get((heard.source, heard.name))
            if own is None:
                continue
            if heard.version < own.version and heard.type in upcast:
                older = every.get((heard.source, heard.name, heard.version))
                yield from _misread(older, heard) if older else ()
            elif own.version != heard.version:
                message = f"{heard.source} says version {own.version} of `{heard.name}`, not {heard.version}"
                help = f"Write `version={own.version}`."
                yield Diagnostic("S0605", message, heard.site, Part("keyword", "version"), help)
            else:
                yield from _misread(own, heard)


def validate_foreign_entities(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """What is referred to is an entity of the service that is named."""
    entities = {model.name: [entity.name for entity in model.entities] for model in models}
    interfaces = {model.name: [each.name for each in model.interfaces if each.refs] for model in models}
    for model in models:
        for foreign in model.referred:
            owned, word = (interfaces, "interface") if foreign.interface_object else (entities, "entity")
            if not foreign.service:
                continue
            if foreign.service not in owned:
                message = f"`{foreign.name}` is of the service `{foreign.service}`, which does not exist"
                help = nearest(foreign.service, owned)
                yield Diagnostic("S0606", message, foreign.site, Part("keyword", "service"), help)
            elif foreign.name not in owned[foreign.service]:
                message = f"{foreign.service} has no {word} `{foreign.name}`"
                help = nearest(foreign.name, owned[foreign.service])
                yield Diagnostic("S0606", message, foreign.site, Part(), help)


def validate_sent_messages(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """What is sent, some service takes."""
    taken = {model.name: [message.queue for message in model.messages] for model in models}
    for model in models:
        for message in model.foreign_messages:
            if message.service not in taken:
                text = f"`{message.name}` is for the service `{message.service}`, which does not exist"
                help = nearest(message.service, taken)
                yield Diagnostic("S0603", text, message.site, Part("keyword", "service"), help)
            elif message.queue not in taken[message.service]:
                text = f"{message.service} has no queue `{message.queue}`"
                declared = f'`class {message.name}(Message, queue="{message.queue}")`'
                help = nearest(message.queue, taken[message.service]) or f"Declare it there: {declared}."
                yield Diagnostic("S0603", text, message.site, Part("keyword", "queue"), help)


def _misread(said: EventModel, heard: EventModel) -> Iterator[Diagnostic]:
    fields: Mapping[str, FieldModel] = {field.name: field for field in said.fields}
    # A field whose own type is a mistake is not in the model.
    written = own_annotations(said.type, Shape)
    for field in heard.fields:
        own = fields.get(field.name)
        part = Part("field", field.name)
        if own is None and field.name not in written and field.required:
            message = f"`{heard.name}` of {heard.source} has no field `{field.name}`"
            help = nearest(field.name, written)
            help = help if help.startswith("Did") else f"Delete it. {help}"
            yield Diagnostic("S0605", message, heard.site, Part("field name", field.name), help)
        elif own and not reads(own.type, field.type):
            message = (
                f"`{field.name}` of `{heard.name}` is `{own.type}` in {heard.source}, not `{field.type}`"
            )
            yield Diagnostic("S0605", message, heard.site, part, f"Write `{as_written(own.type)}`.")


def reads(said: TypeRef, heard: TypeRef) -> bool:
    """Whether every value that is said can be read as what is heard."""
    if said.nullable and not heard.nullable:
        return False
    if said.item and heard.item:
        return reads(said.item, heard.item)
    if said.item or heard.item:
        return False
    if said.kind is Kind.ENUM:
        return heard.kind is Kind.ENUM or heard.name == "String"
    return heard.name == said.name or heard.name in WIDER.get(said.name, ())


def as_written(ref: TypeRef) -> str:
    """The type as a service that hears it writes it, which has the enum of another as text."""
    name = "str" if ref.kind is Kind.ENUM else getattr(ref.python, "__name__", ref.name)
    name = f"list[{as_written(ref.item)}]" if ref.item else name
    return f"{name} | None" if ref.nullable else str(name)

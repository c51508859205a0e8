"""Makes a service's contract from its ServiceModel, and from its template what it keeps."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from thestack.contract.doors import public_fields
from thestack.contract.limits import shape_of
from thestack.contract.promise import Contract, EntityShape, Expectation, Heard, Said, Sent
from thestack.contract.schemas import reading, written
from thestack.contract.sdl import subgraph
from thestack.contract.stateful import stateful_of
from thestack.definition.model import EntityModel, EventModel, MessageModel, ServiceModel

Template = Mapping[str, Any]


def contract_of(
    model: ServiceModel,
    template: Template | None = None,
    environment: str = "",
    expects: Sequence[Expectation] = (),
) -> Contract:
    """The contract of a service; `template` is its stack's in `environment`, None where only what it says and
    hears is asked for.
    """
    return Contract(
        service=model.name,
        description=model.description,
        sdl=subgraph(model) if model.answers else "",
        public_fields=tuple(public_fields([model])),
        says=tuple(sorted(_said(model), key=lambda each: (each.name, each.version))),
        takes=tuple(sorted(_taken(model), key=lambda each: (each.name, each.version))),
        hears=tuple(sorted(_heard(model), key=lambda each: (each.source, each.name, each.handlers))),
        sends=tuple(sorted(_sent(model), key=lambda each: each.name)),
        hears_all=tuple(sorted(each.name for each in model.consumers if each.hears_all)),
        entities=tuple(sorted(map(_shape, model.entities), key=lambda each: each.name)),
        stateful=stateful_of(template or {}, environment),
        stack=shape_of(template or {}),
        expects=tuple(expects),
    )


def _said(model: ServiceModel) -> Iterable[Said]:
    return (Said(each.name, each.version, written(each.type)) for each in model.events)


def _taken(model: ServiceModel) -> Iterable[Said]:
    return (Said(each.address, each.version, written(each.type)) for each in model.messages)


def _sent(model: ServiceModel) -> Iterable[Sent]:
    own = (each for each in model.messages if each.address in model.sends)
    sent = sorted((*model.foreign_messages, *own), key=lambda each: each.version)
    newest = {each.address: each for each in sent}
    return (Sent(each.address, each.version, written(each.type)) for each in newest.values())


def _heard(model: ServiceModel) -> Iterable[Heard]:
    read: list[EventModel | MessageModel] = [*model.events, *model.foreign_events, *model.messages]
    upcast = {each.reads for each in model.upcasters}
    all_hearing = [part.name for part in model.consumers if part.hears_all]
    for each in read:
        handlers = [part.name for part in model.consumers if each.type in part.reads]
        handlers += [part.handler.name for part in model.subscriptions if each.type in part.reads]
        if not handlers and isinstance(each, EventModel) and each.source != model.name:
            # What is declared without a handler is read out of every event.
            handlers = [] if each.type in upcast else all_hearing
        if handlers:
            yield _read(model, each, tuple(sorted(handlers)))


def _read(model: ServiceModel, read: EventModel | MessageModel, handlers: tuple[str, ...]) -> Heard:
    if isinstance(read, MessageModel):
        name, source = read.address, read.service
    else:
        name, source = read.name, read.source
    steps = {each.older: each for each in model.upcasters if (each.name, each.source) == (name, source)}
    schemas = {read.version: reading(read.type)}
    for older, step in steps.items():
        version = older
        while version in steps and version < read.version:
            version = steps[version].newer
        if version == read.version:
            schemas[older] = reading(step.reads)
    return Heard(name, source, read.version, dict(sorted(schemas.items())), handlers)


def _shape(entity: EntityModel) -> EntityShape:
    indexes = {
        each.name: {
            "fields": list(each.fields),
            "sorted": each.sorted,
            "sparse": each.sparse,
            "local": each.local,
        }
        for each in entity.all_indexes
    }
    row = reading(entity.type)
    return EntityShape(entity.name, entity.key, entity.owner, entity.refs, entity.unique, indexes, row)

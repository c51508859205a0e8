"""That entities that are to lie beside each other do, and that local indexes share the table's partitions."""

from collections.abc import Iterator

from thestack.definition.model import Capability, EntityModel, ServiceModel
from thestack.diagnostics.diagnostic import Diagnostic, Part

MOST_LOCAL = 5
"""DynamoDB's limit for a table."""


def validate_beside(model: ServiceModel) -> Iterator[Diagnostic]:
    """The partitions of an entity that lies beside another are the other's."""
    entities = {entity.name: entity for entity in model.entities}
    for entity in model.entities:
        host, part = entities.get(entity.beside or ""), Part("keyword", "beside")
        if host is None:
            continue
        if host.beside:
            message = f"`{entity.name}` lies beside `{host.name}`, which itself lies beside `{host.beside}`"
            help = f"Write `beside={host.beside}`."
            yield Diagnostic("S0209", message, entity.site, part, help)
        elif bool(host.owner) != bool(entity.owner) or len(host.partition) != len(entity.partition):
            theirs, own = (" and ".join(f"`{name}`" for name in each.partition) for each in (host, entity))
            message = f"`{entity.name}` lies in partitions of {own}, and `{host.name}` in those of {theirs}"
            whose = "an owner" if host.owner else "a key that begins with the key of the other"
            help = f"Write `beside=None`, or give it {whose}."
            yield Diagnostic("S0209", message, entity.site, part, help)
        else:
            yield from _mistyped(entity, host)


def validate_collections(model: ServiceModel) -> Iterator[Diagnostic]:
    """The entities of a `Collection` lie in the same partitions."""
    homes = {entity.name: entity.beside or entity.name for entity in model.entities}
    for handler in model.handlers:
        for each in handler.dependencies:
            if each.capability is not Capability.COLLECTION:
                continue
            together = [name for name in each.entities if homes.get(name) == homes.get(each.entities[0])]
            if len(together) < len(each.entities):
                message = f"`{each.name}` is to collect rows that do not lie beside each other"
                help = f"Write `Collection[{' | '.join(together)}]`, or declare the others `beside=`."
                yield Diagnostic("S0210", message, handler.site, Part("parameter", each.name), help)


def validate_local_indexes(model: ServiceModel) -> Iterator[Diagnostic]:
    """A local index has the table's partitions; a table has five of them at most."""
    stored = 0
    for entity in model.entities:
        for index in entity.indexes:
            if not index.local or index.primary:
                continue
            stored += 1
            help, part = "Write `local=False`.", Part("field", index.attribute)
            if index.partition != entity.partition:
                theirs, own = (", ".join(each.partition) for each in (entity, index))
                message = (
                    f"local index `{index.attribute}` has partitions of ({own}), and the table of ({theirs})"
                )
                yield Diagnostic("S0211", message, entity.site, part, help)
            elif stored > MOST_LOCAL:
                message = f"`{index.name}` is the table's local index {stored}; it can have {MOST_LOCAL}"
                yield Diagnostic("S0212", message, entity.site, part, help)


def _mistyped(entity: EntityModel, host: EntityModel) -> Iterator[Diagnostic]:
    types = {each.name: {field.name: field.type.python for field in each.fields} for each in (entity, host)}
    for own, other in zip(entity.partition, host.partition, strict=True):
        mine, theirs = types[entity.name].get(own), types[host.name].get(other)
        if mine is not None and theirs is not None and mine is not theirs:
            name = getattr(theirs, "__name__", str(theirs))
            message = f"`{own}` of `{entity.name}` is to be the `{other}` of `{host.name}`, of another type"
            yield Diagnostic("S0209", message, entity.site, Part("field", own), f"Write `{name}`.")

"""That rules are asked where they can be answered, and not circumvented."""

import inspect
from collections.abc import Iterator

from thestack.definition.model import (
    EntityModel,
    EventModel,
    FieldModel,
    ForeignModel,
    InputModel,
    Kind,
    MessageModel,
    OperationModel,
    ServiceModel,
    SubscriptionModel,
    TypeRef,
    ValueModel,
)
from thestack.definition.rules import Owner, Rule, When, entails, leaves, mentions
from thestack.definition.shapes import Value
from thestack.definition.validate.accesses import Read, accesses
from thestack.diagnostics.diagnostic import Diagnostic, Part
from thestack.diagnostics.site import Site

Readable = EntityModel | ValueModel
ROWLESS = {Owner: ("S0402", "nobody is its owner yet"), When: ("S0403", "there is nothing to test yet")}


def validate_rules_of_rows(model: ServiceModel) -> Iterator[Diagnostic]:
    """What is called before a row is read asks for nothing of a row."""
    called: tuple[OperationModel | SubscriptionModel, ...] = (*model.operations, *model.subscriptions)
    for each in called:
        for kind, (code, because) in ROWLESS.items():
            if mentions(each.allow, kind):
                message = f"`{each.graphql}` is called before any row is read, so {because}"
                help = "Write `allow=signed_in`, and take the rows by `Owned[...]`."
                if kind is When:
                    help = "Write `allow=signed_in`: the entity's own rule tests each row."
                yield Diagnostic(code, message, each.handler.site, Part("decorator", "allow"), help)


def validate_owners_of_fields(model: ServiceModel) -> Iterator[Diagnostic]:
    """The rule of a field speaks of an owner only where the row has one."""
    owned = {each.name for each in model.entities if each.owner}
    for shape, field, rule in _restricted(model):
        if mentions(rule, Owner) and shape.name not in owned:
            message = f"`{field.name}` is shown to the `owner`, and a `{shape.name}` has none"
            part = Part("field", field.name)
            yield Diagnostic("S0402", message, shape.site, part, "Write `signed_in`.")
    for interface in model.interfaces:
        if all(each.name in owned for each in model.entities if interface.name in each.interfaces):
            owned.add(interface.name)
    for computed in model.computed:
        if computed.allow is not None and mentions(computed.allow, Owner) and computed.parent not in owned:
            message = f"`{computed.graphql}` is shown to the `owner`, and a `{computed.parent}` has none"
            part = Part("decorator", "allow")
            yield Diagnostic("S0402", message, computed.handler.site, part, "Write `signed_in`.")


def validate_tests(model: ServiceModel) -> Iterator[Diagnostic]:
    """The test of a `when` is a plain function of the row and the caller."""
    asked = {
        id(leaf.test): (leaf.test, site, part)
        for rule, site, part in _rules(model)
        for leaf in leaves(rule)
        if isinstance(leaf, When)
    }
    for test, site, part in asked.values():
        name = getattr(test, "__name__", "")
        code = getattr(test, "__code__", None)
        if code is not None and name.isidentifier():
            site, part = Site(code.co_filename, code.co_firstlineno, name), Part()
            help = f"Take both: `def {name}(row: object, caller: Caller | None) -> bool:`."
        else:
            help = "Take both: `lambda row, caller: ...`."
        if inspect.iscoroutinefunction(test):
            message = f"`{name}` is async: its answer would come too late to decide anything"
            yield Diagnostic("S0404", message, site, part, f"Make it a plain function: `def {name}(...)`.")
        elif not _takes_two(test):
            message = "what the rule asks is no function of the row and the caller"
            yield Diagnostic("S0404", message, site, part, help)


def validate_restricted_fields(model: ServiceModel) -> Iterator[Diagnostic]:
    """Fields are restricted where clients read them, and never those that a row is found by."""
    inputs = (each for each in model.inputs if not issubclass(each.type, Value))
    said: tuple[EventModel | MessageModel, ...]
    said = (*model.events, *model.foreign_events, *model.messages, *model.foreign_messages)
    shapes: tuple[InputModel | ForeignModel | EventModel | MessageModel, ...]
    shapes = (*inputs, *model.foreigns, *said)
    for shape in shapes:
        for field in shape.fields:
            if field.allow is not None:
                message = f"no client reads `{field.name}` of a `{shape.name}`, so nobody is kept from it"
                help = f"Write `{_unrestricted(field.type)}`."
                yield Diagnostic("S0405", message, shape.site, Part("field", field.name), help)
    for entity in model.entities:
        named = {*entity.key, *(name for ref in entity.refs for name in ref)}
        for field in entity.fields:
            if field.allow is not None and field.name in named:
                message = f"`{field.name}` is what a `{entity.name}` is found by, so whoever has one knows it"
                help = f"Write `{_unrestricted(field.type)}`."
                yield Diagnostic("S0406", message, entity.site, Part("field", field.name), help)


def validate_hidden_conditions(model: ServiceModel) -> Iterator[Diagnostic]:
    """Who may not read a field can't learn it by filters on it, or by the order of a list."""
    entities = {each.name: each for each in model.entities}
    filters = {each.name: each for each in model.inputs if each.filter_of in entities}
    for operation in model.operations:
        told = [
            (field, f"takes conditions on `{filter_.filter_of}.{field.name}`")
            for argument in operation.handler.arguments
            if (filter_ := filters.get(argument.type.named.name))
            for condition in filter_.fields
            for field in _named(entities[str(filter_.filter_of)], condition.name)
        ]
        if operation.returns.kind is Kind.CONNECTION:
            told += [
                (field, f"is in the order of `{read.entity}.{field.name}`")
                for read in accesses(operation.handler)
                for field in _sorted_by(entities.get(read.entity), read)
            ]
        for field, how in told:
            if field.allow is not None and not entails(operation.allow, field.allow):
                message = f"`{operation.graphql}` {how}, which shows it to others than `{field.allow}`"
                help = f"Write `allow={field.allow}`."
                if any(mentions(field.allow, kind) for kind in ROWLESS):
                    help = f"Do without `{field.name}`."
                yield Diagnostic("S0407", message, operation.handler.site, Part("decorator", "allow"), help)


def _restricted(model: ServiceModel) -> Iterator[tuple[Readable, FieldModel, Rule]]:
    shapes: tuple[Readable, ...] = (*model.entities, *model.values)
    for shape in shapes:
        for field in shape.fields:
            if field.allow is not None:
                yield shape, field, field.allow


def _rules(model: ServiceModel) -> Iterator[tuple[Rule, Site, Part]]:
    """Every rule, with the place where it stands."""
    for entity in model.entities:
        yield entity.allow, entity.site, Part("keyword", "allow")
    for shape, field, rule in _restricted(model):
        yield rule, shape.site, Part("field", field.name)
    for each in model.answered:
        if each.allow is not None:
            yield each.allow, each.handler.site, Part("decorator", "allow")


def _takes_two(test: object) -> bool:
    try:
        inspect.signature(test).bind(None, None)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def _named(entity: EntityModel, name: str) -> Iterator[FieldModel]:
    return (field for field in entity.fields if field.name == name)


def _sorted_by(entity: EntityModel | None, read: Read) -> Iterator[FieldModel]:
    """The field that a list is in the order of."""
    index = next((each for each in entity.indexes if each.attribute == read.index), None) if entity else None
    return _named(entity, index.sort) if entity and index and index.sort else iter(())


def _unrestricted(ref: TypeRef) -> str:
    """A field's annotation without its rule."""
    text = f"list[{_unrestricted(ref.item)}]" if ref.item else getattr(ref.python, "__name__", ref.name)
    return f"{text} | None" if ref.nullable else text

"""Whether a resolved model makes sense:
one `validate_*` a rule, each answering every mistake that it finds.
"""

import ast
import inspect
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from thestack.definition.model import (
    Capability,
    EntityModel,
    HandlerModel,
    Kind,
    OperationModel,
    ServiceModel,
    Trigger,
)
from thestack.definition.rules import Denied, Owner, mentions
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest
from thestack.diagnostics.site import Site


def validate(model: ServiceModel) -> list[Diagnostic]:
    """Every mistake in one service."""
    rules = (
        validate_key_fields,
        validate_owner,
        validate_index_fields,
        validate_index_sorts,
        validate_names,
        validate_allow,
        validate_refs_are_served,
        validate_lists_are_served,
        validate_accesses,
        validate_callers,
        validate_queues,
    )
    return [mistake for rule in rules for mistake in rule(model)]


def validate_together(models: Sequence[ServiceModel]) -> list[Diagnostic]:
    """Every mistake between services."""
    rules = (validate_event_owners, validate_heard_events, validate_sent_messages)
    return [mistake for rule in rules for mistake in rule(models)]


def validate_key_fields(model: ServiceModel) -> Iterator[Diagnostic]:
    """A key is made of the entity's fields."""
    for entity in model.entities:
        for keyword, names in (
            ("key", entity.key),
            *(("refs", ref) for ref in entity.refs if ref != entity.key),
        ):
            yield from _unknown(entity, names, "S0201", f"`{keyword}`", Part("keyword", keyword))
    for foreign in model.foreigns:
        known = [field.name for field in foreign.fields]
        for name in foreign.key:
            if name not in known:
                message = f"`{foreign.name}` is referred to by `{name}`, which is none of its fields"
                yield Diagnostic("S0201", message, foreign.site, Part("keyword", "key"), nearest(name, known))


def validate_owner(model: ServiceModel) -> Iterator[Diagnostic]:
    """The owner is a field, and a rule that speaks of the owner needs one."""
    for entity in model.entities:
        if entity.owner:
            yield from _unknown(entity, (entity.owner,), "S0202", "`owner`", Part("keyword", "owner"))
        elif mentions(entity.allow, Owner):
            message = f"`{entity.name}` lets its owner read it, and has none"
            help = 'Name the field with the owner\'s id: `owner="owner_id"`.'
            yield Diagnostic("S0402", message, entity.site, Part("keyword", "allow"), help)
    for operation in model.operations:
        if mentions(operation.allow, Owner):
            message = f"`{operation.graphql}` is called before any row is read, so nobody is its owner yet"
            help = "Write `allow=signed_in`, and take the rows by `Owned[...]`."
            yield Diagnostic("S0402", message, operation.handler.site, Part("decorator", "allow"), help)


def validate_index_fields(model: ServiceModel) -> Iterator[Diagnostic]:
    """An index is over the entity's fields, or over the key of what it refers to (`attachment.id`)."""
    for entity in model.entities:
        for index in entity.indexes:
            yield from _unknown(
                entity, index.fields, "S0203", f"index `{index.attribute}`", Part("field", index.attribute)
            )


def validate_index_sorts(model: ServiceModel) -> Iterator[Diagnostic]:
    """The declared type of an index's sort field is the field's."""
    for entity in model.entities:
        for index in entity.indexes:
            field = next((each for each in entity.fields if each.name == index.sort), None)
            declared = vars(entity.type).get(index.attribute)
            if field is None or declared is None:
                continue
            actual = field.type.python
            base = getattr(actual, "__supertype__", actual)
            if declared.sort not in (actual, base):
                sort = declared.sort.__name__
                message = f"index `{index.attribute}` sorts by {sort}, but `{field.name}` is {base.__name__}"
                help = f"Write `sort={base.__name__}`."
                yield Diagnostic("S0204", message, entity.site, Part("field", index.attribute), help)


def validate_names(model: ServiceModel) -> Iterator[Diagnostic]:
    """No two things share a name in GraphQL, on the bus, or as a handler."""
    types = [(each.name, each.site) for each in model.objects]
    types += [(each.name, each.site) for each in model.inputs]
    types += [(each.name, model.site) for each in model.enums]
    events = [(each.name, each.site) for each in model.events]
    queries = [
        (f"Query.{each.graphql}", each.handler.site) for each in model.operations if each.kind == "query"
    ]
    mutations = [
        (f"Mutation.{each.graphql}", each.handler.site)
        for each in model.operations
        if each.kind == "mutation"
    ]
    computed = [(f"{each.parent}.{each.graphql}", each.handler.site) for each in model.computed]
    stored = [
        (f"{entity.name}.{field.graphql}", entity.site)
        for entity in model.entities
        for field in entity.fields
    ]
    consumers = [(each.name, each.handler.site) for each in model.consumers]
    for group in (types, events, queries, mutations, [*stored, *computed], consumers):
        seen = Counter(name for name, _ in group)
        last = dict(group)
        for name in sorted(name for name, count in seen.items() if count > 1):
            message = f"`{name}` is declared {seen[name]} times"
            yield Diagnostic("S0301", message, last[name], Part(), "Rename one, or delete it.")
    yield from _declared_twice(model)


def _declared_twice(model: ServiceModel) -> Iterator[Diagnostic]:
    """Classes and functions of which Python silently keeps the last."""
    with open(model.site.file, encoding="utf-8") as source:
        tree = ast.parse(source.read())
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    named = [node for node in tree.body if isinstance(node, kinds)]
    handlers = {handler.name for handler in model.handlers}
    seen: dict[str, int] = {}
    for node in named:
        if node.name in seen and not (node.name in handlers and not isinstance(node, ast.ClassDef)):
            message = f"`{node.name}` is declared twice: first in line {seen[node.name]}"
            site = Site(model.site.file, node.lineno, node.name)
            yield Diagnostic("S0301", message, site, Part(), "Rename one, or delete it.")
        seen.setdefault(node.name, node.lineno)


def validate_allow(model: ServiceModel) -> Iterator[Diagnostic]:
    """Everything that can be asked for says who may."""
    for operation in model.operations:
        if isinstance(operation.allow, Denied):
            message = f"`{operation.graphql}` does not say who may call it"
            help = 'Add `allow=`: `signed_in`, `group("staff")` or `public`.'
            yield Diagnostic("S0401", message, operation.handler.site, Part("decorator"), help)
    for entity in model.entities:
        if isinstance(entity.allow, Denied):
            message = f"`{entity.name}` does not say who may read it"
            help = 'Add `allow=`: `signed_in`, `group("staff")`, `public`, or an `owner=`.'
            yield Diagnostic("S0401", message, entity.site, Part(), help)


def validate_refs_are_served(model: ServiceModel) -> Iterator[Diagnostic]:
    """Each federation key finds its row by the table's key."""
    for entity in model.entities:
        for ref in entity.refs:
            if ref != entity.key:
                message = (
                    f"no key of the table serves the federation key `{' '.join(ref)}` of `{entity.name}`"
                )
                help = f"Refer to it by its key, `{' '.join(entity.key)}`."
                yield Diagnostic("S0501", message, entity.site, Part("keyword", "refs"), help)


def validate_lists_are_served(model: ServiceModel) -> Iterator[Diagnostic]:
    """A connection is over rows that some key or index keeps together: there is no scan."""
    for operation in model.operations:
        entity = _listed(model, operation)
        if entity is None or entity.owner or len(entity.key) > 1 or entity.all_indexes:
            continue
        message = f"no key or index of `{entity.name}` serves the list `{operation.graphql}`"
        help = "Give the entity an owner, a `Key` of several fields, or an `Index` that the list is within."
        yield Diagnostic("S0501", message, operation.handler.site, Part("returns"), help)


def validate_accesses(model: ServiceModel) -> Iterator[Diagnostic]:
    """A page of one's own rows goes by an index that is partitioned by the owner."""
    for handler in model.handlers:
        owned = {each.name: each for each in handler.dependencies if each.capability is Capability.OWNED}
        for dependency, name, attribute in _accesses(handler):
            entity = next((each for each in model.entities if each.name == name), None)
            index = (
                next((each for each in entity.indexes if each.attribute == attribute), None)
                if entity
                else None
            )
            if entity and index is None:
                help = nearest(attribute, [each.attribute for each in entity.indexes])
                yield Diagnostic(
                    "S0502",
                    f"`{name}` has no index `{attribute}`",
                    handler.site,
                    Part("body", attribute),
                    help,
                )
            elif entity and index and dependency in owned and index.partition != (entity.owner,):
                message = (
                    f"`{name}.{attribute}` is not kept by `{entity.owner}`: it can't serve one owner's rows"
                )
                help = f'Begin it with the owner: `Index("{entity.owner}", ...)`.'
                yield Diagnostic("S0502", message, handler.site, Part("body", attribute), help)


def validate_callers(model: ServiceModel) -> Iterator[Diagnostic]:
    """`Owned` and `Caller` need a caller, and `Owned` an owner."""
    for consumer in model.consumers:
        for each in consumer.handler.dependencies:
            if each.capability in (Capability.OWNED, Capability.CALLER):
                message = f"a consumer has no caller, so `{each.name}` would be nobody's"
                help = "Take `Store[...]` and narrow it: `.owned_by(event.owner_id)`."
                yield Diagnostic("S0701", message, consumer.handler.site, Part("parameter", each.name), help)
    for handler in model.handlers:
        for each in handler.dependencies:
            entity = next((entity for entity in model.entities if entity.name == each.entity), None)
            if each.capability is Capability.OWNED and entity and not entity.owner:
                message = f"`{entity.name}` belongs to nobody, so nobody has rows of it"
                help = 'Give it `owner="..."`, or take `Store[...]` and narrow it by `.within(...)`.'
                yield Diagnostic("S0701", message, handler.site, Part("parameter", each.name), help)


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


def validate_event_owners(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """An event belongs to one service."""
    owners: dict[str, str] = {}
    for model in models:
        for event in model.events:
            first = owners.setdefault(event.name, model.name)
            if first != model.name:
                message = f"the event `{event.name}` is owned by {first} already"
                help = (
                    f'Hear it as `ForeignEvent(..., source="{first}")`, or give this one a name of its own.'
                )
                yield Diagnostic("S0602", message, event.site, Part("keyword", "name"), help)


def validate_heard_events(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """What a service hears, some service says."""
    said = {model.name: [event.name for event in model.events] for model in models}
    for model in models:
        for event in model.foreign_events:
            if event.source not in said:
                message = f"`{event.name}` comes from the service `{event.source}`, which does not exist"
                yield Diagnostic(
                    "S0601", message, event.site, Part("keyword", "source"), nearest(event.source, said)
                )
            elif event.name not in said[event.source]:
                message = f"{event.source} does not declare the event `{event.name}`"
                help = nearest(event.name, said[event.source])
                yield Diagnostic("S0601", message, event.site, Part("keyword", "name"), help)


def validate_sent_messages(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """What is sent, some service takes."""
    taken = [message.address for model in models for message in model.messages]
    for model in models:
        for message in model.foreign_messages:
            if message.address not in taken:
                text = f"there is no queue `{message.queue}` of a service `{message.service}`"
                yield Diagnostic(
                    "S0603", text, message.site, Part("keyword", "queue"), nearest(message.address, taken)
                )


def _unknown(
    entity: EntityModel, names: Iterable[str], code: str, what: str, part: Part
) -> Iterator[Diagnostic]:
    known = {field.name: field for field in entity.fields}
    for path in names:
        name, _, inner = path.partition(".")
        field = known.get(name)
        if field is None:
            message = f"{what} of `{entity.name}` names `{name}`, which is none of its fields"
            yield Diagnostic(code, message, entity.site, part, nearest(name, known))
        elif inner and field.type.kind is not Kind.FOREIGN:
            message = f"{what} of `{entity.name}` names `{path}`, but `{name}` has no fields"
            yield Diagnostic(code, message, entity.site, part, f"Write `{name}`.")


def _listed(model: ServiceModel, operation: OperationModel) -> EntityModel | None:
    """The entity that a connection lists."""
    if operation.returns.kind is not Kind.CONNECTION:
        return None
    name = operation.returns.name.removesuffix("Connection")
    return next((entity for entity in model.entities if entity.name == name), None)


def _accesses(handler: HandlerModel) -> Iterator[tuple[str, str, str]]:
    """(dependency, entity, index) of each `mine.page(Todo.by_created...)` and `mine.each(...)` in a handler's
    own text.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(handler.function)))
    except (OSError, TypeError, SyntaxError):
        return
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        if node.func.attr not in ("page", "each") or not isinstance(node.func.value, ast.Name):
            continue
        access: ast.expr = node.args[0]
        while isinstance(access, ast.Call) and isinstance(access.func, ast.Attribute):
            access = access.func.value
        if isinstance(access, ast.Attribute) and isinstance(access.value, ast.Name):
            yield node.func.value.id, access.value.id, access.attr

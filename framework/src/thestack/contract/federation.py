"""What federation's directives say of a service: its keys, and what it takes from other subgraphs.

All of it follows from the ServiceModel: `refs` are the keys, a view that is answered is provided, a view that
is a parent and a dependency that is `Requires` are required, and what both read is external.
"""

from collections.abc import Iterable, Iterator, Sequence

from thestack.definition.directives import Directive, provides
from thestack.definition.model import (
    Capability,
    ComputedFieldModel,
    EntityModel,
    FieldModel,
    ForeignModel,
    InterfaceModel,
    Kind,
    ServiceModel,
    TypeRef,
)
from thestack.definition.shapes import camel

INTERFACE_OBJECT = Directive("interfaceObject")


def extended(model: ServiceModel) -> list[ForeignModel]:
    """The foreign entities that this service adds fields to; the others it only refers to."""
    parents = {field.parent for field in model.computed}
    return [foreign for foreign in model.referred if foreign.name in parents]


def keys(shape: EntityModel | ForeignModel | InterfaceModel, *, resolvable: bool) -> list[Directive]:
    """One @key for each of the shape's `refs`."""
    rest = {} if resolvable else {"resolvable": False}
    return [Directive("key", {"fields": field_set(ref), **rest}) for ref in shape.refs]


def field_set(paths: Iterable[str]) -> str:
    """Fields, and fields of fields, as federation selects them: `sku variation { id }`."""
    inner: dict[str, list[str]] = {}
    for path in paths:
        name, _, rest = path.partition(".")
        inner.setdefault(camel(name), []).extend([rest] if rest else [])
    return " ".join(f"{name} {{ {field_set(rest)} }}" if rest else name for name, rest in inner.items())


def fields_of(model: ServiceModel, foreign: ForeignModel) -> list[FieldModel]:
    """The fields of a foreign entity: its own, and those of other subgraphs that are provided or required."""
    taken = [field for view in _used_views(model) if view.view_of == foreign.name for field in view.fields]
    for computed in model.computed:
        if computed.parent == foreign.name:
            taken += required_fields(computed)
    names = {field.name for field in foreign.fields}
    others = {field.name: field for field in taken if field.external and field.name not in names}
    return [*foreign.fields, *others.values()]


def provided(model: ServiceModel, ref: TypeRef) -> list[Directive]:
    """@provides, of a field that answers a view."""
    view = _view(model, ref)
    if view is None:
        return []
    chosen = _selected(model, (field for field in view.fields if field.external))
    if ref.named.kind is Kind.CONNECTION:
        chosen = [f"nodes {{ {' '.join(chosen)} }}", f"edges {{ node {{ {' '.join(chosen)} }} }}"]
    return [provides(*chosen)]


def required(model: ServiceModel, part: ComputedFieldModel) -> list[Directive]:
    """@requires, of a field that is computed from fields of other subgraphs."""
    view = next((each for each in model.foreigns if each.name == part.view), None)
    seen = [field for field in view.fields if field.external] if view else []
    chosen = _selected(model, [*seen, *required_fields(part)])
    return [Directive("requires", {"fields": " ".join(dict.fromkeys(chosen))})] if chosen else []


def required_fields(computed: ComputedFieldModel) -> list[FieldModel]:
    """The fields of its parent's other subgraphs that a computed field's `Requires` name."""
    return [
        FieldModel(each.name, camel(each.name), each.requires, ..., external=True)
        for each in computed.handler.dependencies
        if each.capability is Capability.REQUIRES and each.requires
    ]


def _used_views(model: ServiceModel) -> Iterator[ForeignModel]:
    """The views that some field answers or has as its parent."""
    parents = {computed.view for computed in model.computed}
    yield from (each for each in model.foreigns if each.name in parents)
    for ref in _answered(model):
        if view := _view(model, ref):
            yield view


def _answered(model: ServiceModel) -> Iterator[TypeRef]:
    yield from (part.returns for part in (*model.answered, *model.subscriptions))
    for shape in model.objects:
        yield from (field.type for field in shape.fields)


def _view(model: ServiceModel, ref: TypeRef) -> ForeignModel | None:
    views = (each for each in model.foreigns if each.view_of)
    return next((each for each in views if each.type is ref.named.python), None)


def _selected(model: ServiceModel, fields: Iterable[FieldModel]) -> list[str]:
    return [_selection(model, field) for field in fields]


def _selection(model: ServiceModel, field: FieldModel) -> str:
    """A field with everything in it."""
    inner: Sequence[str] = ()
    match field.type.named.kind:
        case Kind.VALUE:
            value = next(each for each in model.values if each.type is field.type.named.python)
            inner = _selected(model, value.fields)
        case Kind.FOREIGN:
            foreign = next(each for each in model.foreigns if each.type is field.type.named.python)
            inner = [field_set(foreign.key)]
        case _:
            pass
    return f"{field.graphql} {{ {' '.join(inner)} }}" if inner else field.graphql

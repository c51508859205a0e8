"""What a service takes from the entities of others, and what they refer to it by."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from thestack.definition.indexes import Key
from thestack.definition.model import (
    Capability,
    ComputedFieldModel,
    EntityModel,
    FieldModel,
    ForeignModel,
    InterfaceModel,
    ServiceModel,
    TypeRef,
)
from thestack.definition.validate.directives import in_annotation
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest
from thestack.diagnostics.site import Site


def validate_requires(model: ServiceModel) -> Iterator[Diagnostic]:
    """What other subgraphs resolve is required by fields of their entities, one at a time."""
    foreigns = {each.name for each in model.referred}
    fields = {id(each.handler): each for each in model.computed}
    for handler in model.handlers:
        computed = fields.get(id(handler))
        for each in handler.dependencies:
            if each.capability is not Capability.REQUIRES or each.requires is None:
                continue
            if computed is None:
                message = f"`{each.name}` is required of a parent, and `{handler.name}` has none"
            elif computed.parent not in foreigns:
                message = (
                    f"`{each.name}` is required of other subgraphs, and `{computed.parent}` is this one's"
                )
            elif computed.batch:
                message = f"`{each.name}` is required of one parent, and `{handler.name}` has many"
            else:
                continue
            alone = "*, " if len(handler.dependencies) == 1 else ""
            help = f"Delete `{alone}{each.name}: Requires[{in_annotation(each.requires)}]`."
            yield Diagnostic("S0903", message, handler.site, Part("parameter", each.name), help)


def validate_views(model: ServiceModel) -> Iterator[Diagnostic]:
    """A view adds fields to a foreign entity, and nothing else."""
    for view in model.foreigns:
        if view.view_of is None:
            continue
        for name, value in vars(view.type)["__declared__"].keywords.items():
            message = f"`{view.name}` is a view of `{view.view_of}`, which says its `{name}` already"
            yield Diagnostic(
                "S0904", message, view.site, Part("keyword", name), f"Delete `{name}={_shown(value)}`."
            )


def validate_interface_keys(model: ServiceModel) -> Iterator[Diagnostic]:
    """What an interface is referred to by, it has, and so has every entity behind it."""
    for interface in model.interfaces:
        known = {field.name for field in interface.fields}
        for ref in interface.refs:
            missing = [name for name in ref if name.partition(".")[0] not in known]
            for name in missing:
                message = f"`refs` of `{interface.name}` names `{name}`, which is none of its fields"
                part = Part("keyword", "refs")
                yield Diagnostic("S0907", message, interface.site, part, nearest(name, known))
            for entity in model.entities:
                if interface.name in entity.interfaces and not missing and not _is_key(ref, entity.refs):
                    key = _in_python(ref)
                    message = f"`{interface.name}` is referred to by {key}, and its `{entity.name}` is not"
                    refs = ", ".join(_in_python(each) for each in (*entity.refs, ref))
                    help = f"Write `refs=[{refs}]`."
                    yield Diagnostic("S0907", message, entity.site, Part("keyword", "refs"), help)


def validate_referred_keys(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """One of the keys that a foreign entity has here is one that its owner answers to."""
    for model in models:
        for foreign in model.referred:
            own, fields = _owned(models, foreign), {field.name for field in foreign.fields}
            has_all = all(name.partition(".")[0] in fields for ref in foreign.refs for name in ref)
            if own is None or not has_all or any(_is_key(ref, own.refs) for ref in foreign.refs):
                continue
            given = _in_python(foreign.refs[0])
            message = f"{foreign.service} does not answer to {given} as a key of `{foreign.name}`"
            declared = vars(foreign.type)["__declared__"].keywords
            keyword = "refs" if "refs" in declared else "key"
            at_hand = (ref for ref in own.refs if {name.partition(".")[0] for name in ref} <= fields)
            right = _in_python(next(at_hand, (*own.refs, ("id",))[0]))
            help = f"Write `{keyword}={f'[{right}]' if keyword == 'refs' else right}`."
            yield Diagnostic("S0908", message, foreign.site, Part("keyword", keyword), help)


def validate_interface_objects(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """A service that takes an interface as one object names none of the entities behind it: the composition
    lets it pass, and the router finds no way to its fields.
    """
    behind = {
        (model.name, interface, entity.name)
        for model in models
        for entity in model.entities
        for interface in entity.interfaces
    }
    for model in models:
        for whole in (each for each in model.referred if each.interface_object):
            for part in model.referred:
                if (whole.service, whole.name, part.name) not in behind or part.service != whole.service:
                    continue
                message = (
                    f"`{whole.name}` stands for every entity behind it, and `{part.name}` is one of these"
                )
                help = f"Move what is said of `{whole.name}` to a service that does without `{part.name}`."
                yield Diagnostic("S0912", message, whole.site, Part("keyword", "interface_object"), help)


def validate_external_fields(models: Sequence[ServiceModel]) -> Iterator[Diagnostic]:
    """What is taken of a foreign entity, another service answers, in the type that is expected."""
    for model in models:
        for foreign in model.foreigns:
            for field in foreign.fields:
                if field.external:
                    at = Part("field", field.name)
                    yield from _judged(models, model, foreign, field, foreign.site, at)
        for computed in model.computed:
            for parent in (each for each in model.referred if each.name == computed.parent):
                for field in _required(computed):
                    at = Part("parameter", field.name)
                    yield from _judged(models, model, parent, field, computed.handler.site, at)


def _judged(
    models: Sequence[ServiceModel],
    model: ServiceModel,
    foreign: ForeignModel,
    field: FieldModel,
    site: Site,
    part: Part,
) -> Iterator[Diagnostic]:
    """What is wrong with a field that another service is to answer."""
    own = _owned(models, foreign)
    if own is None:
        return
    name = foreign.view_of or foreign.name
    names = (name, *(own.interfaces if isinstance(own, EntityModel) else ()))
    known = {each: ref for other in models if other is not model for each, ref in _answers(other, names)}
    if field.name not in known:
        message = f"no other service answers `{field.name}` of `{name}`"
        at = Part(f"{part.kind} name", part.name)
        yield Diagnostic("S0910", message, site, at, nearest(field.name, known))
    elif str(known[field.name]) != str(field.type):
        expected = in_annotation(known[field.name])
        right = f"Requires[{expected}]" if part.kind == "parameter" else expected
        message = f"`{field.name}` of `{name}` is `{expected}`, not `{in_annotation(field.type)}`"
        yield Diagnostic("S0910", message, site, part, f"Write `{field.name}: {right}`.")


def _answers(model: ServiceModel, names: Sequence[str]) -> Iterator[tuple[str, TypeRef]]:
    """The fields that a service resolves of a type, given with its interfaces."""
    shapes: tuple[EntityModel | InterfaceModel, ...] = (*model.entities, *model.interfaces)
    for shape in shapes:
        if shape.name in names:
            for field in shape.fields:
                yield field.name, replace(field.type, nullable=field.type.nullable or bool(field.allow))
    foreign = any(each.name in names for each in model.foreigns)
    for computed in model.computed:
        if computed.parent in names:
            returns = computed.returns
            yield computed.handler.name, replace(returns, nullable=returns.nullable or foreign)


def _required(computed: ComputedFieldModel) -> Iterator[FieldModel]:
    for each in computed.handler.dependencies:
        if each.requires:
            yield FieldModel(each.name, each.name, each.requires, ...)


def _owned(models: Sequence[ServiceModel], foreign: ForeignModel) -> EntityModel | InterfaceModel | None:
    """What a foreign entity is in the service that it names."""
    owner = next((each for each in models if each.name == foreign.service), None)
    if owner is None:
        return None
    shapes: Sequence[EntityModel | InterfaceModel] = (
        owner.interfaces if foreign.interface_object else owner.entities
    )
    return next((each for each in shapes if each.name == (foreign.view_of or foreign.name)), None)


def _shown(value: object) -> str:
    """A keyword's value as a definition writes it."""
    match value:
        case Key():
            return _in_python(value.fields)
        case str():
            return f'"{value}"'
        case list() | tuple():
            return f"[{', '.join(_shown(each) for each in value)}]"
        case _:
            return str(value)


def _is_key(ref: tuple[str, ...], refs: Sequence[tuple[str, ...]]) -> bool:
    return any(set(ref) == set(each) for each in refs)


def _in_python(ref: tuple[str, ...]) -> str:
    names = ", ".join(f'"{name}"' for name in ref)
    return names if len(ref) == 1 else f"Key({names})"

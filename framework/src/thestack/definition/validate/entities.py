"""That keys, owners and indexes are of the entity's fields, and of the right ones."""

from collections.abc import Iterable, Iterator

from thestack.definition.model import EntityModel, FieldModel, ForeignModel, ServiceModel, ValueModel
from thestack.definition.rules import Owner, mentions
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest


def validate_key_fields(model: ServiceModel) -> Iterator[Diagnostic]:
    """A key is made of the entity's fields."""
    for entity in model.entities:
        for keyword, names in (
            ("key", entity.key),
            *(("refs", ref) for ref in entity.refs if ref != entity.key),
        ):
            yield from _unknown(model, entity, names, "S0201", f"`{keyword}`", Part("keyword", keyword))
    for foreign in model.referred:
        for keyword, names in (
            ("key", foreign.key),
            *(("refs", ref) for ref in foreign.refs if ref != foreign.key),
        ):
            yield from _unknown(model, foreign, names, "S0201", f"`{keyword}`", Part("keyword", keyword))


def validate_owner(model: ServiceModel) -> Iterator[Diagnostic]:
    """The owner is a field, and a rule that speaks of it needs one."""
    for entity in model.entities:
        if entity.owner:
            yield from _unknown(model, entity, (entity.owner,), "S0202", "`owner`", Part("keyword", "owner"))
        elif mentions(entity.allow, Owner):
            message = f"`{entity.name}` lets its owner read it, and has none"
            help = 'Name the field with the owner\'s id: `owner="owner_id"`.'
            yield Diagnostic("S0402", message, entity.site, Part("keyword", "allow"), help)


def validate_index_fields(model: ServiceModel) -> Iterator[Diagnostic]:
    """An index is over the entity's fields, or over the key of what it refers to (`attachment.id`)."""
    for entity in model.entities:
        for index in entity.indexes:
            part = Part("field", index.attribute)
            yield from _unknown(model, entity, index.fields, "S0203", f"index `{index.attribute}`", part)


def validate_index_sorts(model: ServiceModel) -> Iterator[Diagnostic]:
    """The declared type of an index's sort field is the field's."""
    for entity in model.entities:
        for index in entity.indexes:
            field = next((each for each in entity.fields if each.name == index.sort), None)
            declared = vars(entity.type).get(index.attribute)
            if field is None or declared is None or field.type.item is not None:
                continue
            actual = field.type.python
            base = getattr(actual, "__supertype__", actual)
            if declared.sort not in (actual, base):
                sort = declared.sort.__name__
                # The report underlines the first of these names that the index's text has.
                message = (
                    f"index `{index.attribute}` sorts by `{sort}`, but `{field.name}` is {base.__name__}"
                )
                help = f"Write `sort={base.__name__}`."
                yield Diagnostic("S0204", message, entity.site, Part("field", index.attribute), help)


def validate_nullable_indexes(model: ServiceModel) -> Iterator[Diagnostic]:
    """A row has a place in an index only if every field of the index is set."""
    for entity in model.entities:
        nullable = {field.name for field in entity.fields if field.type.nullable}
        for index in entity.indexes:
            for name in index.fields:
                if index.sparse or name.partition(".")[0] not in nullable:
                    continue
                message = f"index `{index.attribute}` has a place for every row, but `{name}` may be null"
                help = "Write `sparse=True`: then only the rows that have it are in the index."
                yield Diagnostic("S0205", message, entity.site, Part("field", index.attribute), help)


def validate_refs_are_served(model: ServiceModel) -> Iterator[Diagnostic]:
    """Each federation key finds its row by the table's key, a unique constraint or an index."""
    for entity in model.entities:
        for ref in entity.refs:
            if not (entity.by_key(ref) or entity.by_unique(ref) or entity.by_index(ref)):
                fields = " ".join(ref)
                message = (
                    f"no key, constraint or index finds a `{entity.name}` by the federation key `{fields}`"
                )
                sort = _type_name(entity, ref[-1])
                named = ", ".join(f'"{each}"' for each in ref)
                name = ref[-1].replace(".", "_")
                help = f"Add `by_{name} = Index({named}, sort={sort})`."
                yield Diagnostic("S0501", message, entity.site, Part("keyword", "refs"), help)


def _type_name(entity: EntityModel, path: str) -> str:
    """The Python type of a field, as its index's `sort` says it."""
    field = next((each for each in entity.fields if each.name == path), None)
    actual = field.type.python if field else str
    return str(getattr(actual, "__supertype__", actual).__name__)


def _unknown(
    model: ServiceModel,
    shape: EntityModel | ForeignModel,
    names: Iterable[str],
    code: str,
    what: str,
    part: Part,
) -> Iterator[Diagnostic]:
    known = {field.name: field for field in shape.fields}
    for path in names:
        name, _, inner = path.partition(".")
        field = known.get(name)
        if field is None:
            message = f"{what} of `{shape.name}` names `{name}`, which is none of its fields"
            yield Diagnostic(code, message, shape.site, part, nearest(name, known))
            continue
        within = _fields_within(model, field)
        if inner and not within:
            message = f"{what} of `{shape.name}` names `{path}`, but `{name}` has no fields"
            yield Diagnostic(code, message, shape.site, part, f'Write `"{name}"`.')
        elif inner and inner not in within:
            message = f"{what} of `{shape.name}` names `{path}`, but `{name}` has no field `{inner}`"
            yield Diagnostic(
                code, message, shape.site, part, nearest(path, [f"{name}.{each}" for each in within])
            )


def _fields_within(model: ServiceModel, field: FieldModel) -> list[str]:
    """The names of the fields of what a field holds, if it is one object."""
    objects: tuple[ValueModel | ForeignModel, ...] = (*model.values, *model.foreigns)
    held = (each for each in objects if each.type is field.type.python)
    return [inner.name for each in held for inner in each.fields]

"""That what the framework keeps with a row can be kept: keys, unique values, ends, stamps, counters."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import Enum

from thestack.definition.model import EntityModel, FieldModel, Kind, ServiceModel
from thestack.definition.shapes import UNSTAMPED
from thestack.diagnostics.diagnostic import Diagnostic, Part, nearest

_KEPT_IN_ORDER = (str, int, date, Enum)


def validate_unique(model: ServiceModel) -> Iterator[Diagnostic]:
    """Unique values are those of the entity's fields, and can be compared."""
    for entity in model.entities:
        known = {field.name: field for field in entity.fields}
        candidates = [field.name for field in entity.fields if _is_ordered(field)]
        for name in (name for fields in entity.unique for name in fields):
            head, _, inner = name.partition(".")
            field, part = known.get(head), Part("keyword", "unique")
            message = f"`unique` of `{entity.name}` names `{name}`"
            if field is None:
                help = nearest(name, candidates)
                yield Diagnostic("S0206", f"{message}, which is none of its fields", entity.site, part, help)
            elif inner and field.type.kind is not Kind.FOREIGN:
                help = f'Write `"{head}"`.'
                yield Diagnostic("S0206", f"{message}, but `{head}` has no fields", entity.site, part, help)
            elif not inner and not _is_ordered(field):
                why, help = f"no key holds {_worded(field)}", f'Delete `"{name}"`.'
                yield Diagnostic("S0206", f"{message}: {why}", entity.site, part, help)


def validate_expires(model: ServiceModel) -> Iterator[Diagnostic]:
    """A row ends at a moment."""
    for entity in model.entities:
        if entity.expires is None:
            continue
        known = {field.name: field for field in entity.fields}
        moments = [field.name for field in entity.fields if field.type.python is datetime]
        field, part = known.get(entity.expires), Part("keyword", "expires")
        message = f"`expires` of `{entity.name}` names `{entity.expires}`, which is"
        if field is None:
            help = nearest(entity.expires, moments)
            yield Diagnostic("S0207", f"{message} none of its fields", entity.site, part, help)
        elif entity.expires not in moments:
            help = "Write `expires=None`, or name a field that is a `datetime`."
            if len(moments) == 1:
                help = f'Write `expires="{moments[0]}"`.'
            yield Diagnostic("S0207", f"{message} no moment", entity.site, part, help)


def validate_stamps(model: ServiceModel) -> Iterator[Diagnostic]:
    """A stamp is a moment, and always there; a row has one of each kind."""
    for entity in model.entities:
        for field in entity.fields:
            if field.default == UNSTAMPED and field.name not in (entity.created, entity.updated):
                message = f"`{field.name}` of `{entity.name}` is stamped as another field of it is"
                part = Part("field name", field.name)
                yield Diagnostic("S0208", message, entity.site, part, "Delete it: one field has each stamp.")
        for field in entity.fields:
            if field.name not in (entity.created, entity.updated):
                continue
            if field.type.python is not datetime or field.type.nullable:
                message = f"`{field.name}` of `{entity.name}` is stamped, and may be no moment"
                part = Part("field", field.name)
                yield Diagnostic("S0208", message, entity.site, part, "Write `datetime`.")


def validate_counters(model: ServiceModel) -> Iterator[Diagnostic]:
    """What `add` does, without reading the row, agrees with everything else that is said of it."""
    for entity in model.entities:
        for name in entity.counters:
            reason = _against(entity, name)
            if reason:
                message = f"`{name}` of `{entity.name}` can't be a counter: {reason}"
                help = "Write `int`: then only `put` changes it."
                yield Diagnostic("S0213", message, entity.site, Part("field", name), help)


def validate_key_types(model: ServiceModel) -> Iterator[Diagnostic]:
    """What makes the place of a row is always there, and has an order."""
    for entity in model.entities:
        known = {field.name: field for field in entity.fields}
        placing = dict.fromkeys([*entity.key, *([entity.owner] if entity.owner else [])])
        indexed = dict.fromkeys(name for index in entity.indexes for name in index.fields)
        for name in dict.fromkeys((*placing, *indexed)):
            field = known.get(name)
            if field is None or field.type.kind is Kind.FOREIGN:
                continue
            what = "its key" if name in placing else "an index"
            if not _is_ordered(field):
                message = (
                    f"`{name}` of `{entity.name}` is a part of {what}, and no key holds {_worded(field)}"
                )
                right = "int" if field.type.python is float else "str"
            elif field.type.nullable and name in placing:
                message = f"`{name}` of `{entity.name}` is a part of {what}, and may be null"
                right = field.type.python.__name__
            else:
                continue
            yield Diagnostic("S0215", message, entity.site, Part("field", name), f"Write `{right}`.")


def _against(entity: EntityModel, counter: str) -> str:
    if counter in (*entity.key, entity.owner):
        return "it is a part of the key"
    if entity.unique:
        return "`add` makes rows without a look at the values that are unique"
    if entity.soft_delete:
        return "`add` would go on counting in a row that was deleted"
    for index in entity.indexes:
        if counter in index.fields:
            return f"`add` leaves a row at its place in `{index.attribute}`"
        if entity.updated in index.fields:
            return f"`add` stamps `{entity.updated}`, and leaves a row at its place in `{index.attribute}`"
    return ""


def _is_ordered(field: FieldModel) -> bool:
    of = getattr(field.type.python, "__supertype__", field.type.python)
    return field.type.item is None and isinstance(of, type) and issubclass(of, _KEPT_IN_ORDER)


def _worded(field: FieldModel) -> str:
    if field.type.item is not None:
        return "a list"
    return f"a {getattr(field.type.python, '__name__', field.type.name)}"

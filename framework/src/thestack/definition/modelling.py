"""From a class of a definition, and its fields, to the model of what it declares."""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from thestack.definition import annotations as ann
from thestack.definition import names
from thestack.definition.buckets import ObjectCreated
from thestack.definition.indexes import Index, Key
from thestack.definition.model import (
    AwsEventModel,
    BucketModel,
    EntityModel,
    EventModel,
    FieldModel,
    ForeignModel,
    IndexModel,
    InterfaceModel,
    MessageModel,
    ValueModel,
)
from thestack.definition.rules import Denied, Owner, Rule, owner
from thestack.definition.scalars import StampMark
from thestack.definition.shapes import Declared, Foreign, Interface

Fields = tuple[FieldModel, ...]


def entity_model(shape: type[Any], declared: Declared, fields: Fields) -> EntityModel:
    """The model of an Entity."""
    keywords, name = declared.keywords, shape.__name__
    key = key_fields(keywords.get("key", "id"))
    owner_field: str | None = keywords.get("owner")
    allow: Rule | None = keywords.get("allow") or (owner if owner_field else None)
    refs = tuple(key_fields(ref) for ref in keywords.get("refs", ())) or (key,)
    alone = allow is None or isinstance(allow, Owner) or not owner_field
    beside: type[Any] | None = keywords.get("beside")
    return EntityModel(
        name,
        key,
        owner_field,
        refs,
        allow or Denied(),
        fields,
        _indexes(shape, key, owner_field),
        None if alone else IndexModel(f"{name}.by_ref", "by_ref", key, False, False),
        shape,
        declared.site,
        doc_of(shape),
        unique=tuple(key_fields(each) for each in keywords.get("unique", ())),
        expires=keywords.get("expires"),
        created=_stamped(shape, StampMark.CREATED),
        updated=_stamped(shape, StampMark.UPDATED),
        soft_delete=bool(keywords.get("soft_delete")),
        beside=beside.__name__ if beside else None,
        interfaces=_interfaces(shape),
        directives=_directives(keywords),
    )


def foreign_model(shape: type[Any], declared: Declared, fields: Fields) -> ForeignModel:
    """The model of a Foreign, or of a view of one: what a view says of itself, it says of its root."""
    name = ann.graphql_name(shape)
    root = next(base for base in shape.__mro__ if base.__name__ == name and ann.is_declared(base, Foreign))
    keywords: Mapping[str, Any] = {**vars(root)["__declared__"].keywords, **declared.keywords}
    key = key_fields(keywords.get("key", "id"))
    refs = tuple(key_fields(ref) for ref in keywords.get("refs", ())) or (key,)
    return ForeignModel(
        shape.__name__,
        str(keywords.get("service", "")),
        key,
        fields,
        shape,
        declared.site,
        refs=refs,
        interface_object=bool(keywords.get("interface_object")),
        view_of=None if shape is root else name,
        directives=_directives(keywords),
    )


def interface_model(shape: type[Any], declared: Declared, fields: Fields) -> InterfaceModel:
    """The model of an Interface."""
    return InterfaceModel(
        shape.__name__,
        fields,
        shape,
        declared.site,
        doc_of(shape),
        _directives(declared.keywords),
        tuple(key_fields(ref) for ref in declared.keywords.get("refs", ())),
    )


def value_model(shape: type[Any], declared: Declared, fields: Fields) -> ValueModel:
    """The model of a Value."""
    return ValueModel(
        shape.__name__,
        fields,
        shape,
        declared.site,
        doc_of(shape),
        _interfaces(shape),
        _directives(declared.keywords),
    )


def event_model(shape: type[Any], declared: Declared, fields: Fields, service: str) -> EventModel:
    """The model of an Event or a ForeignEvent."""
    keywords = declared.keywords
    name, version = str(keywords.get("name", "")), int(keywords.get("version", 1))
    source = str(keywords.get("source", service))
    return EventModel(name, version, source, fields, shape, declared.site, doc_of(shape))


def aws_event_model(shape: type[Any], declared: Declared) -> AwsEventModel:
    """The model of an AwsEvent."""
    keywords = declared.keywords
    name, source = str(keywords.get("detail_type", "")), str(keywords.get("source", ""))
    return AwsEventModel(name, source, keywords.get("pattern") or {}, shape, declared.site, doc_of(shape))


def object_created_model(shape: type[Any], declared: Declared, service: str) -> AwsEventModel:
    """The model of an ObjectCreated: of the objects of one bucket whose keys begin with the area."""
    said, bucket = aws_event_model(ObjectCreated, _declared(ObjectCreated)), declared.keywords["bucket"]
    name = str(_declared(bucket).keywords.get("name", ""))
    area = str(declared.keywords.get("area", ""))
    place = names.bucket("{environment}", service, name, "{account}")
    pattern = {"bucket": {"name": [place]}, "object": {"key": [{"prefix": f"{area}/"}]}}
    return replace(
        said, pattern=pattern, type=shape, site=declared.site, description=doc_of(shape), bucket=name
    )


def message_model(shape: type[Any], declared: Declared, fields: Fields, service: str) -> MessageModel:
    """The model of a Message or a ForeignMessage."""
    keywords = declared.keywords
    return MessageModel(
        shape.__name__,
        str(keywords.get("service", service)),
        str(keywords.get("queue", "")),
        fields,
        shape,
        declared.site,
        doc_of(shape),
        version=int(keywords.get("version", 1)),
        group=keywords.get("group"),
        delay=keywords.get("delay", timedelta()),
    )


def bucket_model(shape: type[Any], declared: Declared) -> BucketModel:
    """The model of a Bucket."""
    keywords = declared.keywords
    return BucketModel(
        str(keywords.get("name", "")),
        bool(keywords.get("browser")),
        bool(keywords.get("versioned")),
        tuple(dict(keywords.get("expires", {})).items()),
        shape,
        declared.site,
        doc_of(shape),
    )


def key_fields(key: Key | str) -> tuple[str, ...]:
    """The field names of a key as written."""
    return key.fields if isinstance(key, Key) else (key,)


def _declared(shape: type[Any]) -> Declared:
    found: Declared = vars(shape)["__declared__"]
    return found


def doc_of(declared: type[Any]) -> str:
    """The docstring of a user's class, not an inherited one."""
    return inspect.cleandoc(declared.__dict__.get("__doc__") or "")


def _indexes(shape: type[Any], key: tuple[str, ...], owner_field: str | None) -> tuple[IndexModel, ...]:
    placed = ((owner_field,) if owner_field else key[:-1], key if owner_field else key[-1:])
    return tuple(
        IndexModel(
            f"{shape.__name__}.{attribute}",
            attribute,
            value.fields,
            True,
            value.sparse,
            (value.fields[:-1], value.fields[-1:]) == placed,
            value.local,
        )
        for base in reversed(shape.__mro__)
        for attribute, value in vars(base).items()
        if isinstance(value, Index)
    )


def _stamped(shape: type[Any], mark: StampMark) -> str | None:
    """The field that the framework stamps so."""
    for name, info in shape.__pydantic_fields__.items():
        extra = info.json_schema_extra
        if isinstance(extra, dict) and extra.get("stamp") == mark.value:
            return str(name)
    return None


def _interfaces(shape: type[Any]) -> tuple[str, ...]:
    return tuple(sorted(base.__name__ for base in shape.__mro__[1:] if ann.is_declared(base, Interface)))


def _directives(keywords: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(keywords.get("directives", ()))

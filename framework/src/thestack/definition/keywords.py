"""Whether what stands in brackets is of the right type: the keywords of classes, decorators and the Service.

Type checkers say the same. It is checked first, because nothing can be built from a key that is a number.
"""

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from thestack.definition.buckets import Bucket
from thestack.definition.expectations import (
    OF_BUCKETS,
    OF_CRUD,
    OF_DECORATORS,
    OF_INDEXES,
    OF_OPTIONS,
    OF_SERVICE,
    OF_SHAPES,
    Expected,
)
from thestack.definition.indexes import Index
from thestack.definition.service import Service
from thestack.definition.shapes import Declared, Shape
from thestack.diagnostics.diagnostic import Diagnostic, Part
from thestack.diagnostics.site import Site


def validate_keywords(service: Service, module: ModuleType) -> list[Diagnostic]:
    """Every keyword of the wrong type."""
    return [*_of_service(service), *_of_shapes(module), *_of_handlers(service)]


def _of_service(service: Service) -> Iterator[Diagnostic]:
    site = Site(service.site.file, service.site.line)
    for name, expected in OF_SERVICE.items():
        part = Part() if name == "name" else Part("keyword", name)
        yield from _checked("Service", name, getattr(service, name), expected, site, part)


def _of_shapes(module: ModuleType) -> Iterator[Diagnostic]:
    for shape in _own_shapes(module):
        declared: Declared = vars(shape)["__declared__"]
        known = OF_BUCKETS if issubclass(shape, Bucket) else OF_SHAPES
        for name, value in declared.keywords.items():
            if name in known:
                part = Part("keyword", name)
                yield from _checked(shape.__name__, name, value, known[name], declared.site, part)
        for attribute, index in vars(shape).items():
            if isinstance(index, Index):
                yield from _of_index(attribute, index, declared.site)


def _of_index(attribute: str, index: Index[Any], site: Site) -> Iterator[Diagnostic]:
    for name, expected in OF_INDEXES.items():
        part = Part("field", attribute if name == "fields" else f"{attribute}.{name}")
        yield from _checked(attribute, name, getattr(index, name), expected, site, part)


def _own_shapes(module: ModuleType) -> Iterator[type[Shape]]:
    """The shapes that the service's own modules define, each once."""
    package = f"{module.__name__.rpartition('.')[0]}."
    modules = [each for name, each in list(sys.modules.items()) if name.startswith(package)]
    for each in dict.fromkeys((module, *modules)):
        for value in vars(each).values():
            if isinstance(value, type) and issubclass(value, Shape) and value.__module__ == each.__name__:
                yield value


def _of_handlers(service: Service) -> Iterator[Diagnostic]:
    for each in service.recorded:
        given = {"allow": each.allow, "retry": each.retry, **each.options}
        for name, value in given.items():
            part = Part("decorator", name)
            yield from _checked(each.function.__name__, name, value, OF_DECORATORS[name], each.site, part)
    for crud in service.recorded_cruds:
        for name, expected in OF_CRUD.items():
            part = Part() if name == "entity" else Part("keyword", name)
            yield from _checked("crud", name, getattr(crud, name), expected, crud.site, part)


def _checked(
    owner: str, name: str, value: Any, expected: Expected, site: Site, part: Part
) -> Iterator[Diagnostic]:
    if not expected.admits(value):
        message = f"`{name}` of `{owner}` can't be {_shown(value)}"
        yield Diagnostic("S0103", message, site, part, f"Write {expected.text}.")
    else:
        yield from _parts(value, site, part)


def _parts(value: Any, site: Site, part: Part) -> Iterator[Diagnostic]:
    """Mistakes within what is given as a whole: the memory of a `Function`, one of its permissions."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from _parts(each, site, part)
    for name, expected in OF_OPTIONS.get(type(value), {}).items():
        within = Part(part.kind, f"{part.name}.{name}")
        yield from _checked(type(value).__name__, name, getattr(value, name), expected, site, within)


def _shown(value: Any) -> str:
    text = value.__name__ if isinstance(value, type) else repr(value)
    return f"`{text}`" if len(text) <= 40 and " at 0x" not in text else f"a {type(value).__name__}"

"""Whether what stands in brackets is of the right type: the keywords of classes, decorators and the Service.

Type checkers say the same. It is checked first, because nothing can be built from a key that is a number.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from thestack.definition.indexes import Index, Key
from thestack.definition.options import Retry
from thestack.definition.rules import Rule
from thestack.definition.service import ALL_VERBS, Service
from thestack.definition.shapes import Declared, Entity, Shape
from thestack.diagnostics.diagnostic import Diagnostic, Part
from thestack.diagnostics.site import Site


@dataclass(frozen=True, slots=True)
class Expected:
    """A test of a value, with the words for what passes it."""

    admits: Callable[[Any], bool]
    text: str


def _is_key(value: Any) -> bool:
    fields = value.fields if isinstance(value, Key) else (value,)
    return bool(fields) and all(isinstance(each, str) and each for each in fields)


def _are_keys(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(_is_key(each) for each in value)


def _is_page(value: Any) -> bool:
    if not (isinstance(value, tuple) and len(value) == 2 and all(type(each) is int for each in value)):
        return False
    first, greatest = value
    return 1 <= int(first) <= int(greatest)


TEXT = Expected(lambda value: isinstance(value, str) and bool(value), 'a name in quotes: `"..."`')
RULE = Expected(
    lambda value: value is None or isinstance(value, Rule),
    'a rule: `public`, `signed_in`, `owner` or `group("...")`, joined by `&` and `|`',
)
KEY = Expected(_is_key, 'a field\'s name in quotes, or `Key("...", "...")` of several')
SHAPES: Mapping[str, Expected] = {
    "key": KEY,
    "refs": Expected(_are_keys, 'a list of keys: `["id", Key("sku", "shelf")]`'),
    "owner": Expected(lambda value: value is None or TEXT.admits(value), "a field's name in quotes"),
    "allow": RULE,
    "name": TEXT,
    "queue": TEXT,
    "service": TEXT,
    "source": TEXT,
    "version": Expected(lambda value: type(value) is int and value >= 1, "a whole number from 1"),
}
PAGE = Expected(_is_page, "the default and the greatest length of a page: `(20, 100)`")
RETRY = Expected(lambda value: isinstance(value, Retry), "a `Retry(...)`")
ENTITY = Expected(lambda value: isinstance(value, type) and issubclass(value, Entity), "an Entity")
VERBS = Expected(
    lambda value: set(map(str, value)) <= set(ALL_VERBS), f"a list of {', '.join(map(repr, ALL_VERBS))}"
)
FIELDS = Expected(lambda value: _is_key(Key(*value)), "names of fields in quotes")
SORT = Expected(lambda value: isinstance(value, type), "a type: `sort=datetime`")


def validate_keywords(service: Service, module: ModuleType) -> list[Diagnostic]:
    """Every keyword of the wrong type."""
    return [*_of_service(service), *_of_shapes(module), *_of_handlers(service)]


def _of_service(service: Service) -> Iterator[Diagnostic]:
    site = Site(service.site.file, service.site.line)
    yield from _checked("Service", "name", service.name, TEXT, site, Part())
    yield from _checked("Service", "page", service.page, PAGE, site, Part("keyword", "page"))


def _of_shapes(module: ModuleType) -> Iterator[Diagnostic]:
    shapes = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Shape)]
    for shape in shapes:
        if shape.__module__ != module.__name__:
            continue
        declared: Declared = vars(shape)["__declared__"]
        for name, value in declared.keywords.items():
            if name in SHAPES:
                part = Part("keyword", name)
                yield from _checked(shape.__name__, name, value, SHAPES[name], declared.site, part)
        for name, index in vars(shape).items():
            if isinstance(index, Index):
                part = Part("field", name)
                yield from _checked(shape.__name__, name, index.fields, FIELDS, declared.site, part)
                yield from _checked(name, "sort", index.sort, SORT, declared.site, part)


def _of_handlers(service: Service) -> Iterator[Diagnostic]:
    for each in service.recorded:
        name = each.function.__name__
        yield from _checked(name, "allow", each.allow, RULE, each.site, Part("decorator", "allow"))
        yield from _checked(name, "retry", each.retry, RETRY, each.site, Part("decorator", "retry"))
    for crud in service.recorded_cruds:
        yield from _checked("crud", "entity", crud.entity, ENTITY, crud.site, Part())
        yield from _checked("crud", "only", crud.only, VERBS, crud.site, Part("keyword", "only"))
        yield from _checked("crud", "allow", crud.allow, RULE, crud.site, Part("keyword", "allow"))


def _checked(
    owner: str, name: str, value: Any, expected: Expected, site: Site, part: Part
) -> Iterator[Diagnostic]:
    if not expected.admits(value):
        message = f"`{name}` of `{owner}` can't be {_shown(value)}"
        yield Diagnostic("S0103", message, site, part, f"Write {expected.text}.")


def _shown(value: Any) -> str:
    text = value.__name__ if isinstance(value, type) else repr(value)
    return f"`{text}`" if len(text) <= 40 else f"a {type(value).__name__}"

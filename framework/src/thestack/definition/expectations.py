"""What each keyword of the language may be given: types, as type checkers know them, and words for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from thestack.definition.buckets import Bucket
from thestack.definition.conditions import Filter
from thestack.definition.directives import Directive
from thestack.definition.event_patterns import is_pattern
from thestack.definition.indexes import Key
from thestack.definition.options import Function, Permission, Retry
from thestack.definition.rules import Rule
from thestack.definition.service import ALL_METHODS, ALL_VERBS
from thestack.definition.shapes import Entity


@dataclass(frozen=True, slots=True)
class Expected:
    """A test of a value, with the words for what passes it: "Write {text}." """

    admits: Callable[[Any], bool]
    text: str


def or_none(expected: Expected) -> Expected:
    """The same, where nothing need be given."""
    return Expected(lambda value: value is None or expected.admits(value), expected.text)


def instance_of(kind: type[Any], text: str) -> Expected:
    """A value of one class."""
    return Expected(lambda value: isinstance(value, kind), text)


def list_of(each: Expected, text: str) -> Expected:
    """Values in a list, each as expected; a text is no list."""
    return Expected(
        lambda value: (
            isinstance(value, Sequence)
            and not isinstance(value, str | bytes)
            and all(each.admits(one) for one in value)
        ),
        text,
    )


def _is_key(value: Any) -> bool:
    fields = value.fields if isinstance(value, Key) else (value,)
    return bool(fields) and all(isinstance(each, str) and each for each in fields)


def _is_page(value: Any) -> bool:
    if not (isinstance(value, tuple) and len(value) == 2 and all(type(each) is int for each in value)):
        return False
    first, greatest = value
    return 1 <= int(first) <= int(greatest)


def _are_times(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and isinstance(time, timedelta) for name, time in value.items()
    )


def _are_variables(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str) and isinstance(text, str) for name, text in value.items()
    )


TEXT = Expected(lambda value: isinstance(value, str) and bool(value), 'a name in quotes: `"..."`')
FIELD = Expected(TEXT.admits, "a field's name in quotes")
FLAG = instance_of(bool, "`True` or `False`")
COUNT = Expected(lambda value: type(value) is int and value >= 1, "a whole number from 1")
TIME = instance_of(timedelta, "a length of time: `timedelta(seconds=...)`")
RULE = or_none(
    instance_of(Rule, 'a rule: `public`, `signed_in`, `owner` or `group("...")`, joined by `&` and `|`')
)
KEY = Expected(_is_key, 'a field\'s name in quotes, `"..."`, or a `Key("...", "...")` of several')
KEYS = list_of(KEY, 'a list of keys: `["..."]`, `[Key("...", "...")]`')
DIRECTIVES = list_of(instance_of(Directive, ""), 'a list of directives: `[tag("...")]`')
PERMISSIONS = list_of(instance_of(Permission, ""), 'a list: `[Permission("...", on=["..."])]`')
BUCKET = Expected(lambda value: isinstance(value, type) and issubclass(value, Bucket), "a Bucket")
ENTITY = Expected(lambda value: isinstance(value, type) and issubclass(value, Entity), "an Entity")
PAGE = Expected(_is_page, "the default and the greatest length of a page: `(20, 100)`")
RETRY = instance_of(Retry, "a `Retry(...)`")
FUNCTION = instance_of(Function, "a `Function(...)`")
FILTER = or_none(instance_of(Filter, "a filter of the event, with its conditions: `X(...)`"))
VERBS = Expected(
    lambda value: set(map(str, value)) <= set(ALL_VERBS),
    "a list of " + ", ".join(f'`"{each}"`' for each in ALL_VERBS),
)
PATTERN = Expected(
    is_pattern, 'what EventBridge compares the detail with: `{"status": ["COMPLETE", {"prefix": "ERR"}]}`'
)
METHODS = list_of(
    Expected(lambda value: value in ALL_METHODS, ""),
    "a list of " + ", ".join(f'`"{each}"`' for each in ALL_METHODS),
)
FIELDS = Expected(lambda value: _is_key(Key(*value)), "names of fields in quotes")
SORT = Expected(lambda value: isinstance(value, type), "a type: `sort=datetime`")

OF_SHAPES: Mapping[str, Expected] = {
    "key": KEY,
    "refs": KEYS,
    "unique": KEYS,
    "owner": or_none(FIELD),
    "expires": or_none(FIELD),
    "group": or_none(FIELD),
    "allow": RULE,
    "beside": or_none(ENTITY),
    "soft_delete": FLAG,
    "interface_object": FLAG,
    "directives": DIRECTIVES,
    "name": TEXT,
    "queue": TEXT,
    "service": TEXT,
    "source": TEXT,
    "detail_type": TEXT,
    "pattern": or_none(PATTERN),
    "version": COUNT,
    "delay": TIME,
    "bucket": BUCKET,
    "area": TEXT,
}
OF_BUCKETS: Mapping[str, Expected] = {
    "name": TEXT,
    "browser": FLAG,
    "versioned": FLAG,
    "expires": Expected(_are_times, 'how long each area is kept: `{"uploads": timedelta(days=1)}`'),
}
OF_INDEXES: Mapping[str, Expected] = {"fields": FIELDS, "sort": SORT, "sparse": FLAG, "local": FLAG}
OF_DECORATORS: Mapping[str, Expected] = {
    "allow": RULE,
    "retry": RETRY,
    "directives": DIRECTIVES,
    "where": FILTER,
    "batch": COUNT,
    "window": TIME,
    "concurrency": or_none(COUNT),
    "visibility": or_none(TIME),
    "function": FUNCTION,
    "cyclic": FLAG,
    "hops": COUNT,
    "interval": TIME,
    "expression": Expected(TEXT.admits, 'the six fields of a cron expression: `"0 9 * * ? *"`'),
    "zone": Expected(TEXT.admits, 'the name of a time zone: `zone="Europe/Berlin"`'),
    "permissions": PERMISSIONS,
    "name": TEXT,
    "methods": METHODS,
}
OF_CRUD: Mapping[str, Expected] = {"entity": ENTITY, "only": VERBS, "allow": RULE}
OF_SERVICE: Mapping[str, Expected] = {"name": TEXT, "page": PAGE, "function": FUNCTION}
OF_OPTIONS: Mapping[type[Any], Mapping[str, Expected]] = {
    Retry: {"attempts": COUNT, "first_delay": TIME, "longest_delay": TIME},
    Function: {
        "memory": or_none(Expected(COUNT.admits, "the memory in megabytes: `memory=512`")),
        "timeout": or_none(TIME),
        "environment": Expected(_are_variables, 'variables: `{"NAME": "value"}`'),
        "permissions": PERMISSIONS,
        "requirements": or_none(Expected(TEXT.admits, 'a file\'s name: `requirements="imaging.txt"`')),
    },
    Permission: {
        "action": Expected(TEXT.admits, 'an action of IAM: `"rekognition:DetectLabels"`'),
        "on": list_of(TEXT, 'a list of ARNs: `["..."]`'),
    },
}
"""What is given as a whole, by its parts."""

"""What a list reads: an index, a partition of it, and a range of places, from what the handler asked for and
what the client's filter says. Pure, so that it can be compared with reading everything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thestack.definition.conditions import Filter, OneOf, Range, Text
from thestack.definition.indexes import Access
from thestack.definition.model import EntityModel, IndexModel
from thestack.definition.problems import BadInput
from thestack.definition.shapes import camel
from thestack.runtime import keys


@dataclass(frozen=True, slots=True)
class Selection:
    """A range of an index (None: of the table) within one partition; both bounds are included.

    `where` is what the rows must satisfy besides, None where the range says all of it.
    """

    index: IndexModel | None
    partition: tuple[Any, ...]
    low: str | None
    high: str | None
    forward: bool
    where: Filter[Any] | None

    @property
    def is_empty(self) -> bool:
        """Whether no row can be in the range."""
        return self.low is not None and self.high is not None and self.low > self.high


def select(
    entity: EntityModel,
    partition: Sequence[Any],
    by: Access[Any, Any] | None = None,
    where: Filter[Any] | None = None,
) -> Selection:
    """The selection of the rows in a partition that an access and a filter admit.

    Conditions on the sort field narrow the range; those on partition fields of the index that the handler's
    rows don't give are what finds the partition. Raises `BadInput` where the filter lacks one of these, or
    has a value that is longer than a key can be.
    """
    named = entity.index(by.attribute) if by else _order_of_keys(entity)
    if by and by.prefix is not None and not _is_text(entity, named):
        raise TypeError(f"`begins_with` is for texts, and `{named.sort}` of {named.name} is none")
    conditions = _conditions(where)
    found, served = _partition(named, tuple(partition), conditions)
    narrowed = [named_range(named, by.low, by.high, by.prefix)] if by else []
    test = conditions.get(named.sort or "")
    if test is not None:
        bounds = _bounds(named, test)
        narrowed.append(bounds.range)
        served |= {named.sort} if bounds.is_exact else set()
    low = max((each for each, _ in narrowed if each is not None), default=None)
    high = min((each for _, each in narrowed if each is not None), default=None)
    if any(each and len(each.encode()) > keys.LONGEST for each in (low, high)):
        field = camel(named.sort or "")
        raise BadInput(
            f"`{field}` is never that long; ask for less than 1,000 bytes.", field=("where", field)
        )
    rest = where if conditions.keys() - served else None
    forward = by is None or not by.is_descending
    return Selection(None if named.primary else named, found, low, high, forward, rest)


def named_range(index: IndexModel, low: Any, high: Any, prefix: str | None = None) -> keys.Range:
    """The places between two values of the index's sort field, or of those that begin with a text."""
    if prefix is not None:
        return keys.prefix_range(prefix)
    return keys.index_range(index, low, high)


def _is_text(entity: EntityModel, index: IndexModel) -> bool:
    """Whether an index sorts by a text; a field of what is referred to is a key, so it does."""
    field = next((each for each in entity.fields if each.name == index.sort), None)
    of = getattr(field.type.python, "__supertype__", field.type.python) if field else str
    return isinstance(of, type) and issubclass(of, str)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """A condition as a range of places; `is_exact` where it admits all of them."""

    range: keys.Range
    is_exact: bool = True


def _order_of_keys(entity: EntityModel) -> IndexModel:
    """The table's own order, as an index; it has a sort field where one field makes a row's place."""
    sort = entity.sort if len(entity.sort) == 1 else ()
    return IndexModel(entity.name, "", (*entity.partition, *sort), bool(sort), False, primary=True)


def _conditions(where: Filter[Any] | None) -> Mapping[str, OneOf[Any] | Range[Any] | Text]:
    """The conditions of a filter that say something, by field."""
    if where is None:
        return {}
    given = {name: test for name, test in vars(where).items() if test is not None}
    return {name: test for name, test in given.items() if any(v is not None for v in vars(test).values())}


def _partition(
    index: IndexModel, given: tuple[Any, ...], conditions: Mapping[str, Any]
) -> tuple[tuple[Any, ...], set[str | None]]:
    """The partition of an index, with the fields that the conditions give; and these fields."""
    if len(given) > len(index.partition):
        raise TypeError(keys.miscounted(f"a partition of {index.name}", index.partition, len(given)))
    served: set[str | None] = set()
    found = list(given)
    for name in index.partition[len(given) :]:
        values = _exact(conditions.get(name))
        if len(values) != 1:
            message = f"`where` must say which `{camel(name)}`: this list is kept apart by it."
            raise BadInput(message, field=("where", camel(name)))
        found.append(values[0])
        served.add(name)
    return tuple(found), served


def _exact(test: Any) -> list[Any]:
    """The only values that a condition admits, if it names them."""
    match test:
        case OneOf(eq=value, any_of=None) | Text(eq=value, begins_with=None) if value is not None:
            return [value]
        case OneOf(eq=None, any_of=[*values]):
            return list(dict.fromkeys(values))
    return []


def _bounds(index: IndexModel, test: Any) -> _Bounds:
    match test:
        case OneOf() | Text(begins_with=None):
            values = sorted(_exact(test), key=keys.encode)
            if not values:
                return _Bounds((None, None), is_exact=False)
            return _Bounds(keys.index_range(index, values[0], values[-1]), is_exact=len(values) == 1)
        case Text(eq=None, begins_with=str(prefix)):
            return _Bounds(keys.prefix_range(prefix))
        case Range():
            low = max((each for each in (test.at_least, test.above) if each is not None), default=None)
            high = min((each for each in (test.at_most, test.below) if each is not None), default=None)
            is_exact = test.above is None and test.below is None
            return _Bounds(keys.index_range(index, low, high), is_exact)
    return _Bounds((None, None), is_exact=False)

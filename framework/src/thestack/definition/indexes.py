"""Keys and indexes: the access patterns of an entity, as typed values."""

from typing import Generic

from typing_extensions import TypeVar

E_co = TypeVar("E_co", covariant=True)
V = TypeVar("V", default=object)
T = TypeVar("T")


class Key:
    """Several fields that make a key together:
    `key=Key("metric", "day")`. All but the last make the partition.
    """

    def __init__(self, *fields: str) -> None:
        self.fields = fields


class Access(Generic[E_co, V]):
    """A way into an entity's rows:
    an index and a range of its sort key. Made from an index: `Todo.by_created.between(a, b)`.
    """

    def __init__(
        self,
        entity: type[E_co],
        attribute: str,
        low: V | None = None,
        high: V | None = None,
        descending: bool = False,
        prefix: str | None = None,
    ) -> None:
        self.entity, self.attribute = entity, attribute
        self.low, self.high, self.is_descending, self.prefix = low, high, descending, prefix

    def equal(self, value: V) -> "Access[E_co, V]":
        """Rows whose sort field is `value`."""
        return Access(self.entity, self.attribute, value, value, self.is_descending)

    def between(self, low: V, high: V) -> "Access[E_co, V]":
        """Rows whose sort field lies between `low` and `high`, both included."""
        return Access(self.entity, self.attribute, low, high, self.is_descending)

    def at_least(self, low: V) -> "Access[E_co, V]":
        """Rows whose sort field is `low` or more."""
        return Access(self.entity, self.attribute, low, self.high, self.is_descending)

    def at_most(self, high: V) -> "Access[E_co, V]":
        """Rows whose sort field is `high` or less."""
        return Access(self.entity, self.attribute, self.low, high, self.is_descending)

    def begins_with(self: "Access[E_co, str]", prefix: str) -> "Access[E_co, str]":
        """Rows whose sort field, a text, begins with `prefix`."""
        return Access(self.entity, self.attribute, descending=self.is_descending, prefix=prefix)

    def descending(self) -> "Access[E_co, V]":
        """The same rows, last first."""
        return Access(self.entity, self.attribute, self.low, self.high, True, self.prefix)


class Index(Generic[V]):
    """A secondary index over an entity: partition fields, then the sort field, whose type is `sort`.

    A `sparse` index holds only rows whose fields are all set; any other index needs them set on every row.
    A `local` index shares the partitions of the table, so it begins with the same fields, is read
    consistently, and can't be added to a table that is there already.

    Read it on the class: `Todo.by_created` is an `Access[Todo, datetime]`.

    Example: `by_created = Index("owner_id", "created_at", sort=datetime)`.
    """

    def __init__(self, *fields: str, sort: type[V], sparse: bool = False, local: bool = False) -> None:
        self.fields, self.sort, self.sparse, self.local = fields, sort, sparse, local
        self.attribute = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.attribute = name

    def __get__(self, instance: object, owner: type[T]) -> Access[T, V]:
        return Access(owner, self.attribute)

"""Unions of GraphQL, by a name in their annotation."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnionMark:
    """The name of a union: what `union` puts into an annotation."""

    name: str


def union(name: str) -> UnionMark:
    """Names a union of object types: `Found = Annotated[Book | Author, union("Found")]`.

    A `Problem` among the members makes it a result union: a handler that answers it may answer that problem,
    or raise it, and the client is told of it as data: `code` and `message`.
    """
    return UnionMark(name)

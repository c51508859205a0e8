"""Parsed and validated documents, kept: validation costs more than everything else a warm request does."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, parse, validate

LONGEST_KEPT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Document:
    """A document with what is wrong with it for one schema."""

    node: DocumentNode | None
    errors: Sequence[GraphQLError]


class Documents:
    """At most `limit` documents, the least recently used forgotten first;
    each belongs to one schema, named by its hash.
    """

    def __init__(self, limit: int = 256) -> None:
        self._limit = limit
        self._kept: OrderedDict[tuple[str, str], Document] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, schema: GraphQLSchema, schema_hash: str, query: str) -> Document:
        """The parsed document and its errors against this schema."""
        key = (schema_hash, query)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        document = self._read(schema, query)
        if len(query) <= LONGEST_KEPT:
            self._kept[key] = document
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        return document

    def _read(self, schema: GraphQLSchema, query: str) -> Document:
        try:
            node = parse(query)
        except GraphQLSyntaxError as wrong:
            return Document(None, [wrong])
        return Document(node, validate(schema, node))

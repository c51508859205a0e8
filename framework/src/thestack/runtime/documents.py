"""Parsed and validated documents, kept: validation costs more than everything else a warm request does."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    SelectionSetNode,
    get_operation_ast,
    parse,
    validate,
)

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


def described(document: DocumentNode, name: str | None) -> tuple[str, tuple[str, ...]]:
    """What is asked, for the log: "mutation Complete" and its root fields; "Todo.emails" where the root field
    is `_entities`.

    The router's plans spread no named fragments at the root, so none is followed.
    """
    operation = get_operation_ast(document, name)
    if operation is None:
        return "", ()
    named = f" {operation.name.value}" if operation.name else ""
    fields: list[str] = []
    for field in _fields(operation.selection_set):
        if field.name.value == "_entities" and field.selection_set:
            fields += _fields_of_types(field.selection_set)
        else:
            fields.append(field.name.value)
    return f"{operation.operation.value}{named}", tuple(dict.fromkeys(fields))


def _fields_of_types(entities: SelectionSetNode) -> list[str]:
    return [
        f"{fragment.type_condition.name.value}.{field.name.value}"
        for fragment in entities.selections
        if isinstance(fragment, InlineFragmentNode) and fragment.type_condition
        for field in _fields(fragment.selection_set)
    ]


def _fields(selected: SelectionSetNode) -> list[FieldNode]:
    return [
        each
        for each in selected.selections
        if isinstance(each, FieldNode) and each.name.value != "__typename"
    ]

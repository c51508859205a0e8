"""What of a schema an operation uses: what it gives, and what it takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    ArgumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableDefinitionNode,
    Visitor,
    get_named_type,
    is_abstract_type,
    parse,
    type_from_ast,
    visit,
)


@dataclass(frozen=True, slots=True)
class Usage:
    """The coordinates that an operation uses.

    `given` are arguments, input types with their fields, and enum values that the client may send: of a
    variable everything that its type has. `taken` are the fields that it selects, on each type that they may
    be of, and the types that it is answered or names.
    """

    given: frozenset[str]
    taken: frozenset[str]


def usage(text: str, schema: GraphQLSchema) -> Usage:
    """What the operation uses of the schema; what the schema does not have is not in it.

    Example:
        >>> usage("{ todo(id: 1) { title } }", schema).taken  # doctest: +SKIP
        frozenset({'Query', 'Query.todo', 'Todo', 'Todo.title', 'String'})
    """
    try:
        document = parse(text, no_location=True)
    except GraphQLError:
        return Usage(frozenset(), frozenset())
    types = TypeInfo(schema)
    found = _Uses(schema, types)
    visit(document, TypeInfoVisitor(types, found))
    return Usage(frozenset(found.given), frozenset(found.taken))


class _Uses(Visitor):
    def __init__(self, schema: GraphQLSchema, types: TypeInfo) -> None:
        super().__init__()
        self._schema, self._types = schema, types
        self.given: set[str] = set()
        self.taken: set[str] = set()

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        parent, field = self._types.get_parent_type(), self._types.get_field_def()
        if parent is None or field is None or node.name.value.startswith("__"):
            return
        owners = [parent.name]
        if is_abstract_type(parent):
            owners += [each.name for each in self._schema.get_possible_types(parent)]
        self.taken |= {parent.name, get_named_type(field.type).name}
        self.taken |= {f"{owner}.{node.name.value}" for owner in owners}

    def enter_argument(self, node: ArgumentNode, *_: Any) -> None:
        parent, field = self._types.get_parent_type(), self._types.get_field_def()
        if self._types.get_directive() is None and parent and field and field.ast_node:
            self.given.add(f"{parent.name}.{field.ast_node.name.value}({node.name.value}:)")

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        parent = self._types.get_parent_input_type()
        if parent is not None:
            name = get_named_type(parent).name
            self.given |= {name, f"{name}.{node.name.value}"}

    def enter_enum_value(self, node: EnumValueNode, *_: Any) -> None:
        type = self._types.get_input_type()
        if type is not None:
            name = get_named_type(type).name
            self.given |= {name, f"{name}.{node.value}"}

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        self.given |= set(_everything(type_from_ast(self._schema, node.type), set()))

    def enter_inline_fragment(self, node: InlineFragmentNode, *_: Any) -> None:
        if node.type_condition:
            self.taken.add(node.type_condition.name.value)

    def enter_fragment_definition(self, node: FragmentDefinitionNode, *_: Any) -> None:
        self.taken.add(node.type_condition.name.value)


def _everything(type: Any, seen: set[str]) -> Iterator[str]:
    """Whatever a value of an input type may hold."""
    named = get_named_type(type)
    if named is None or named.name in seen:
        return
    seen.add(named.name)
    yield named.name
    if isinstance(named, GraphQLEnumType):
        yield from (f"{named.name}.{value}" for value in named.values)
    elif isinstance(named, GraphQLInputObjectType):
        for name, field in named.fields.items():
            yield f"{named.name}.{name}"
            yield from _everything(field.type, seen)

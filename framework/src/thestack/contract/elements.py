"""What a schema's text says at each coordinate: `Todo`, `Todo.title`, `Query.todo(id:)`, `Status.OPEN`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graphql import (
    DirectiveNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    Node,
    TypeDefinitionNode,
    TypeExtensionNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a schema. Of a field, an argument or an input's field `type` is its type ("[Todo!]!");
    of a type its kind and what it implements or is made of ("object Media"); of an enum's value nothing.
    """

    type: str
    directives: tuple[str, ...]
    """As they are written: `@key(fields: "id")`."""
    default: str = ""

    def has(self, directive: str) -> bool:
        """Whether a directive of this name is on it: `element.has("external")`."""
        return any(each.partition("(")[0] == f"@{directive}" for each in self.directives)


@lru_cache(maxsize=256)
def elements(sdl: str) -> Mapping[str, Element]:
    """The elements of a schema or subgraph, by their coordinates.

    Raises:
        GraphQLSyntaxError: The text is no SDL.

    Example:
        >>> elements("type Query { todo(id: ID!): String }")["Query.todo(id:)"].type
        'ID!'
    """
    return dict(_elements(parse(sdl, no_location=True).definitions)) if sdl else {}


def _elements(definitions: Sequence[Node]) -> Iterator[tuple[str, Element]]:
    for each in definitions:
        if not isinstance(each, TypeDefinitionNode | TypeExtensionNode):
            continue
        name = each.name.value
        yield name, Element(_head(each), _directives(each.directives))
        for part in getattr(each, "fields", None) or getattr(each, "values", None) or ():
            yield from _part(name, part)


def _part(parent: str, part: Node) -> Iterator[tuple[str, Element]]:
    match part:
        case FieldDefinitionNode():
            coordinate = f"{parent}.{part.name.value}"
            yield coordinate, Element(print_ast(part.type), _directives(part.directives))
            for argument in part.arguments or ():
                yield f"{coordinate}({argument.name.value}:)", _given(argument)
        case InputValueDefinitionNode():
            yield f"{parent}.{part.name.value}", _given(part)
        case _:
            yield f"{parent}.{part.name.value}", Element("", _directives(part.directives))  # type: ignore[attr-defined]


def _given(part: InputValueDefinitionNode) -> Element:
    default = print_ast(part.default_value) if part.default_value else ""
    return Element(print_ast(part.type), _directives(part.directives), default)


def _head(node: TypeDefinitionNode | TypeExtensionNode) -> str:
    kind = node.kind.removesuffix("_definition").removesuffix("_extension").removesuffix("_type")
    above = getattr(node, "interfaces", None) or ()
    members = node.types if isinstance(node, UnionTypeDefinitionNode) else ()
    return " ".join([kind, *sorted(each.name.value for each in (*above, *(members or ())))])


def _directives(nodes: Sequence[DirectiveNode] | None) -> tuple[str, ...]:
    return tuple(sorted(print_ast(each) for each in nodes or ()))

"""Types in use, and the fields that have them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from thestack.definition.directives import Directive
from thestack.definition.rules import Rule


class Kind(StrEnum):
    """What a named type is."""

    SCALAR = "scalar"
    ENUM = "enum"
    ENTITY = "entity"
    FOREIGN = "foreign"
    INTERFACE = "interface"
    VALUE = "value"
    PROBLEM = "problem"
    UNION = "union"
    INPUT = "input"
    CONNECTION = "connection"


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A GraphQL type in use:
    a named type, or a list when `item` is set. `python` is the annotated type without its None.
    """

    name: str
    kind: Kind
    nullable: bool = False
    item: "TypeRef | None" = None
    python: Any = None

    @property
    def named(self) -> "TypeRef":
        """The innermost type: `Todo` of `[Todo!]!`."""
        return self.item.named if self.item else self

    def __str__(self) -> str:
        text = f"[{self.item}]" if self.item else self.name
        return text if self.nullable else f"{text}!"


@dataclass(frozen=True, slots=True)
class FieldModel:
    """A stored or transported field. `default` is `...` where the field is required.

    `allow` is who may read it, beyond who may read the whole; None: the same. `external` says that another
    subgraph resolves it.
    """

    name: str
    graphql: str
    type: TypeRef
    default: Any
    description: str = ""
    counter: bool = False
    directives: tuple[Directive, ...] = ()
    allow: Rule | None = None
    external: bool = False

    @property
    def required(self) -> bool:
        return self.default is ...


@dataclass(frozen=True, slots=True)
class ScalarModel:
    """A scalar that the service defines. `parse` and `serialize` go from and to JSON."""

    name: str
    parse: Any
    serialize: Any
    specified_by: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class EnumModel:
    """A GraphQL enum; values are its members' names."""

    name: str
    values: tuple[str, ...]
    type: type[Any]
    description: str = ""


@dataclass(frozen=True, slots=True)
class UnionModel:
    """A union by its name, with the names of its members, and the classes that they are in Python."""

    name: str
    members: tuple[str, ...]
    types: tuple[type[Any], ...]


@dataclass(frozen=True, slots=True)
class ProblemModel:
    """A problem that is a member of a result union: an object type with `code` and `message`.

    `shared` says that the framework defines it, so that other subgraphs may too.
    """

    name: str
    code: str
    type: type[Any]
    shared: bool
    description: str = ""

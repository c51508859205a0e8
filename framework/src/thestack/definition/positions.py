"""Where a type may stand: what a client gives is not what it is answered, nor what is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from thestack.definition.model import Kind, TypeRef

WORDS: Mapping[Kind, str] = {
    Kind.ENTITY: "an entity",
    Kind.FOREIGN: "an entity of another service",
    Kind.INPUT: "an input",
    Kind.CONNECTION: "a list by pages",
    Kind.INTERFACE: "an interface",
    Kind.VALUE: "a value",
    Kind.UNION: "a union",
    Kind.PROBLEM: "a problem",
}


@dataclass(frozen=True, slots=True)
class Position:
    """A place for types: the kinds that it does not admit, and what to write instead."""

    text: str
    refuses: frozenset[Kind]
    help: str

    def refusal(self, ref: TypeRef) -> str | None:
        """What is wrong with the type in this place, if anything is."""
        named = ref.named
        if named.kind not in self.refuses:
            return None
        name = "Connection" if named.kind is Kind.CONNECTION else named.name
        return f"`{name}` can't be {self.text}: it is {WORDS[named.kind]}"


ABSTRACT = frozenset({Kind.INTERFACE, Kind.UNION, Kind.PROBLEM, Kind.CONNECTION})
GIVEN = Position(
    "given by a client",
    ABSTRACT | {Kind.ENTITY, Kind.FOREIGN},
    "Take its `Id`, or an `Input` with the fields that are needed.",
)
ANSWERED = Position(
    "answered",
    frozenset({Kind.INPUT, Kind.PROBLEM}),
    "Answer an entity, a scalar or a list of these; a problem only as a member of a `union`.",
)
STORED = Position(
    "a stored field", ABSTRACT | {Kind.INPUT}, "Store scalars, enums, values and lists of these."
)
SAID = Position("said to others", ABSTRACT, "Say scalars, enums, values and lists of these.")

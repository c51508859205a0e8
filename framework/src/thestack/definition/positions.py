"""Where a type may stand: what a client gives is not what it is answered, nor what is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from thestack.definition.model import Kind, TypeRef

WORDS: Mapping[Kind, str] = {
    Kind.ENTITY: "an entity",
    Kind.FOREIGN: "an entity of another service",
    Kind.INPUT: "an input",
    Kind.CONNECTION: "a list by pages",
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


GIVEN = Position(
    "given by a client",
    frozenset({Kind.ENTITY, Kind.FOREIGN, Kind.CONNECTION}),
    "Take its `Id`, or an `Input` with the fields that are needed.",
)
ANSWERED = Position("answered", frozenset({Kind.INPUT}), "Answer an entity, a scalar or a list of these.")
STORED = Position(
    "a stored field", frozenset({Kind.INPUT, Kind.CONNECTION}), "Store scalars, enums and lists of these."
)
SAID = Position("said to others", frozenset({Kind.CONNECTION}), "Say scalars, enums and lists of these.")

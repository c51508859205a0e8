"""Lists by pages: the Relay connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic

from typing_extensions import TypeVar

from thestack.definition.scalars import Cursor

N = TypeVar("N")


@dataclass(frozen=True, slots=True)
class Page:
    """How much of a list, from where. In GraphQL it becomes the arguments `first` and `after`."""

    first: int = 20
    after: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Edge(Generic[N]):
    """A node with its position."""

    cursor: Cursor
    node: N


@dataclass(frozen=True, slots=True)
class Connection(Generic[N]):
    """A page of nodes, as Relay's cursor connections specification has it
    (https://relay.dev/graphql/connections.htm).
    """

    edges: Sequence[Edge[N]] = ()
    has_next_page: bool = False
    end_cursor: Cursor | None = None
    has_previous_page: bool = False

    @property
    def nodes(self) -> list[N]:
        """The nodes without their cursors."""
        return [edge.node for edge in self.edges]

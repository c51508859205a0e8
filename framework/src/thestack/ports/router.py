"""The supergraph router, as its clients see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from thestack.ports.identity import Claims


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    """An HTTP status with a GraphQL response body."""

    status: int
    body: Mapping[str, Any]


class Router(Protocol):
    """Plans a client's operation over the subgraphs and answers it."""

    async def execute(
        self, query: str, variables: Mapping[str, Any] | None = None, *, claims: Claims | None = None
    ) -> GraphQLAnswer:
        """Run one operation as the holder of `claims`, or anonymously by the public door."""
        ...

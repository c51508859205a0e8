"""The supergraph router, as the platform hosts it: a Lambda function that plans over the subgraphs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class RouterSettings:
    """What a router is told:
    each subgraph's function ARN by name, the root fields of the public door, whether it may be introspected,
    and the namespace of the metrics that it makes, "" for none.
    """

    subgraphs: Mapping[str, str]
    public_fields: Sequence[str]
    introspection: bool
    metrics: str = ""


class Router(Protocol):
    """Makes a router's function for a supergraph.

    Whatever router it is, its function answers HTTP API events (payload 2.0) at the two doors, checks `exp`
    again, hands the claims to the
    subgraphs over Lambda Invoke, and redacts errors.
    """

    @property
    def handler(self) -> str:
        """The handler of the function, within its bundle."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes with the router's own code: a bundle is good for one supergraph and one fingerprint."""
        ...

    def bundle(self, supergraph: str, out: Path, architecture: Literal["arm64", "x86_64"]) -> Path:
        """Write the function's files, with the supergraph's SDL among them, to the folder `out`, and answer
        it.
        """
        ...

    def variables(self, settings: RouterSettings) -> dict[str, str]:
        """The function's environment."""
        ...


@dataclass(frozen=True, slots=True)
class Graph:
    """What a router that runs as a server is configured for: the supergraph's SDL, each subgraph's by its
    name, how long a subgraph may take, in seconds, and whether clients may introspect it.
    """

    supergraph: str
    subgraphs: Mapping[str, str]
    subgraph_timeout: int
    introspection: bool


Configure = Callable[[Graph], Mapping[str, str]]
"""Generates the files that such a router is started with, by their names."""

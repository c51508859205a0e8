"""The operations that clients are known to ask."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """A GraphQL operation of a client. `file` is where it is written, relative to the project."""

    name: str
    file: str
    client: str
    text: str

"""A service's contract: what it promises to others, and what it takes of them, as plain data.

It is made from the service's ServiceModel and its template (`thestack.contract.building`), committed as
files (`thestack.contract.files`), kept of each release, and all that the gates know of a service.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]
"""A JSON Schema, draft 2020-12."""


@dataclass(frozen=True, slots=True)
class Said:
    """An event that the service says, or a message that it takes from one of its queues: what it owns.

    `name` is an event's ("todo.completed") or a queue's address ("notifications/email"). `schema` is of the
    data as it is written.
    """

    name: str
    version: int
    schema: Schema


@dataclass(frozen=True, slots=True)
class Heard:
    """What handlers of the service are given: an event of another service or of its own, or a message of one
    of its queues.

    `source` is the service that owns it, `version` the one that the `handlers` are given. `schemas` has, by
    each version that is accepted, what is read of it: the newest, and those that upcasters lead from. What is
    unknown is ignored in what others say, and refused in what is the service's own.
    """

    name: str
    source: str
    version: int
    schemas: Mapping[int, Schema]
    handlers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that handlers write into a queue, of another service or their own; `name` is its address."""

    name: str
    version: int
    schema: Schema


@dataclass(frozen=True, slots=True)
class EntityShape:
    """How an entity lies in the table, and the @key sets that others may refer to it by.

    An index is an object with `fields`, `sorted`, `sparse` and `local`. `row` is what a row must hold to be
    read, {} where nobody noted it; a version that writes one writes every field.
    """

    name: str
    key: tuple[str, ...]
    owner: str | None
    refs: tuple[tuple[str, ...], ...]
    unique: tuple[tuple[str, ...], ...]
    indexes: Mapping[str, Mapping[str, Any]]
    row: Schema = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class StatefulResource:
    """A resource of the template that holds what no deployment can make again.

    `fixed` are the properties whose change replaces it, and so loses what it holds; `indexes` the global
    secondary indexes of a table, by their names. The environment's name in them is `{environment}`.
    """

    id: str
    type: str
    fixed: Mapping[str, Any]
    indexes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StackShape:
    """What of the service's stack has a limit: how many resources it has, and the names of the values that it
    hands to other stacks, or takes of them, by CloudFormation's exports.
    """

    resources: int = 0
    exports: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a service expects of another, `provider`, by example.

    `kind` is "query", "event" or "message". `subject` is a query's text, an event's name or a queue's
    address. `given` are mutations of the provider, whose answers are the query's further `variables`.
    `example` is the answer that is expected, the event that is heard or the message that is sent.
    """

    name: str
    provider: str
    kind: str
    subject: str
    example: Any
    version: int = 1
    variables: Mapping[str, Any] | None = None
    given: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """The whole of it. `sdl` is the subgraph with federation's directives, "" where the service is none;
    `public_fields` the root fields that everybody may call. `hears_all` are the handlers of every event.
    """

    service: str
    description: str = ""
    sdl: str = ""
    public_fields: tuple[str, ...] = ()
    says: tuple[Said, ...] = ()
    takes: tuple[Said, ...] = ()
    hears: tuple[Heard, ...] = ()
    sends: tuple[Sent, ...] = ()
    hears_all: tuple[str, ...] = ()
    entities: tuple[EntityShape, ...] = ()
    stateful: tuple[StatefulResource, ...] = ()
    stack: StackShape = StackShape()
    expects: tuple[Expectation, ...] = ()

    def said(self, name: str) -> Said | None:
        """The newest version of an event that the service says; None if it says none of this name."""
        return _newest(each for each in self.says if each.name == name)

    def taken(self, address: str) -> Said | None:
        """The newest version of the message that a queue takes; None where there is no such queue."""
        return _newest(each for each in self.takes if each.name == address)


World = Mapping[str, Contract]
"""Services that run together, by name. The platform is among them as `platform`, with what it keeps."""


def subgraphs(world: World) -> dict[str, str]:
    """The SDL of each service that is a subgraph."""
    return {name: contract.sdl for name, contract in world.items() if contract.sdl}


def _newest(versions: Iterable[Said]) -> Said | None:
    return max(versions, key=lambda each: each.version, default=None)

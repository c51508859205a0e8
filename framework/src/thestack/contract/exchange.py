"""Who writes what whom reads: the events and messages of a world, in pairs of a writer and a reader."""

from collections.abc import Iterator
from dataclasses import dataclass

from thestack.contract.promise import Contract, Heard, Schema, World
from thestack.contract.satisfies import Problem, unreadable


@dataclass(frozen=True)
class Written:
    """An event or a message as a service writes it, in its newest version. `owner` is the service that says
    the event, or that takes the message.
    """

    service: str
    owner: str
    name: str
    version: int
    schema: Schema

    @property
    def key(self) -> tuple[str, str]:
        return (self.owner, self.name)


@dataclass(frozen=True)
class Misread:
    """What the handlers of a service can't read of what another, or itself, writes."""

    written: Written
    reader: str
    heard: Heard
    problem: Problem

    @property
    def is_own(self) -> bool:
        """Whether one deployment changes both sides."""
        return self.written.service == self.reader

    @property
    def is_newer(self) -> bool:
        """Whether it is written in a version that the reader does not know yet."""
        return self.written.version > max(self.heard.schemas)

    @property
    def pair(self) -> tuple[str, tuple[str, str], str, tuple[str, ...]]:
        return (self.written.service, self.written.key, self.reader, self.heard.handlers)

    @property
    def hurt(self) -> tuple[str, ...]:
        return tuple(f"{self.reader}.{handler}" for handler in self.heard.handlers)

    @property
    def about(self) -> str:
        """The field, or the whole."""
        path = self.problem.path
        return f"{self.written.name}.{path}" if path else self.written.name

    def __str__(self) -> str:
        what = f"`{self.written.name}` version {self.written.version} of {self.written.service}"
        field = f"`{self.problem.path}` " if self.problem.path else "it "
        return f"{what} can't be read by {', '.join(self.hurt)}: {field}{self.problem.why}"


def written_in(world: World) -> Iterator[Written]:
    """Everything that is written."""
    for service, contract in world.items():
        for name in sorted({each.name for each in contract.says}):
            if said := contract.said(name):
                yield Written(service, service, name, said.version, said.schema)
        for sent in contract.sends:
            yield Written(service, owner_of(sent.name), sent.name, sent.version, sent.schema)


def misread(written: World, reading: World) -> Iterator[Misread]:
    """What of all that is written in one world is not read in the other."""
    by_key: dict[tuple[str, str], list[Written]] = {}
    for each in written_in(written):
        by_key.setdefault(each.key, []).append(each)
    for service, contract in reading.items():
        for heard in contract.hears:
            for each in by_key.get((heard.source, heard.name), []):
                for problem in _problems(each, service, heard):
                    yield Misread(each, service, heard, problem)


def held(heard: Heard, earlier: Contract | None) -> Heard | None:
    """What the same queue of a service holds in another state of it; None where there was no such queue."""
    if earlier is None:
        return None
    same = [each for each in earlier.hears if (each.source, each.name) == (heard.source, heard.name)]
    if "/" in heard.name:
        return next(iter(same), None)
    shared = (each for each in same if set(each.handlers) & set(heard.handlers))
    return next(shared, None) or (heard if set(heard.handlers) & set(earlier.hears_all) else None)


def owner_of(address: str) -> str:
    """The service that a queue belongs to."""
    return address.partition("/")[0]


def _problems(written: Written, reader: str, heard: Heard) -> list[Problem]:
    schema = heard.schemas.get(written.version)
    if schema is None:
        known = " and ".join(map(str, sorted(heard.schemas)))
        return [Problem("", f"is of version {written.version}, and only {known} is read")]
    return unreadable(written.schema, schema, strict=heard.source == reader)

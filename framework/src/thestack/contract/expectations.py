"""What services expect of one another, by example: found in their tests, held against the contracts."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from graphql import build_schema

from thestack.contract.findings import Finding, Level
from thestack.contract.json_schema import literal
from thestack.contract.promise import Contract, Expectation, Schema, World
from thestack.contract.replay import mistakes
from thestack.contract.satisfies import Problem, unreadable

FILE, NAME = "expectations.py", "EXPECTATIONS"


class Unexpected(Exception):
    """The file of a service's expectations can't be read; the message says why."""


def expectations_of(folder: Path) -> tuple[Expectation, ...]:
    """What the service in this folder expects: `EXPECTATIONS` of `tests/expectations.py`, by provider and
    name; none where there is no such file. Raises `Unexpected`.
    """
    file = folder / "tests" / FILE
    if not file.is_file():
        return ()
    root = str(folder.parents[1])
    added = root not in sys.path
    if added:
        sys.path.insert(0, root)
    try:
        found = getattr(import_module(f"{folder.parent.name}.{folder.name}.tests.expectations"), NAME)
    except Exception as error:  # whatever the service's own file raises
        raise Unexpected(f"{file}: {type(error).__name__}: {error}") from None
    finally:
        if added:
            sys.path.remove(root)
    if not all(isinstance(each, Expectation) for each in found):
        raise Unexpected(f"{file}: `{NAME}` has something else than `query`, `event` and `message` make")
    return tuple(sorted(found, key=lambda each: (each.provider, each.name)))


def expectations(world: World) -> Iterator[Finding]:
    """What is expected and can't be met, as the contracts have it.

    - C701: of a service, an event or a queue that is not there
    - C702: a query that is not valid against the provider's subgraph
    - C703: an example that is not what the provider says or takes, or not what its reader reads
    """
    for consumer, contract in sorted(world.items()):
        for each in contract.expects:
            provider = world.get(each.provider)
            hurt = (f"{consumer}: {each.name}",)
            if provider is None:
                message = f"{consumer} expects something of {each.provider}, which is not there"
                yield Finding("C701", Level.BREAKING, consumer, message, "", hurt)
            elif each.kind == "query":
                for text in (*(str(given["query"]) for given in each.given), each.subject):
                    for mistake in _invalid(text, provider.sdl):
                        message = (
                            f"{consumer} expects an answer that {provider.service} does not give: {mistake}"
                        )
                        yield Finding("C702", Level.BREAKING, provider.service, message, "", hurt, WAY_OUT)
            else:
                yield from _example(each, contract, provider, hurt)


WAY_OUT = "Keep it until the other service expects it no more: expand, migrate, contract."


def _example(
    expected: Expectation, consumer: Contract, provider: Contract, hurt: tuple[str, ...]
) -> Iterator[Finding]:
    is_event = expected.kind == "event"
    owned = provider.said(expected.subject) if is_event else provider.taken(expected.subject)
    if owned is None:
        does = "says" if is_event else "takes"
        message = f"{consumer.service} expects `{expected.subject}`, which {provider.service} {does} no more"
        yield Finding("C701", Level.BREAKING, provider.service, message, expected.subject, hurt, WAY_OUT)
        return
    if is_event:
        versions = {each.version: each.schema for each in provider.says if each.name == expected.subject}
        problems = _misfits(
            expected.example, {**versions.get(expected.version, owned.schema), "required": []}
        )
        read = [each.schemas for each in consumer.hears if each.name == expected.subject]
        problems += [p for schemas in read for p in _misread(expected, schemas, strict=False)]
    else:
        read = [each.schemas for each in provider.hears if each.name == expected.subject]
        problems = [p for schemas in read for p in _misread(expected, schemas, strict=True)]
    for problem in dict.fromkeys(problems):
        about = f"{expected.subject}.{problem.path}".removesuffix(".")
        field = f"`{problem.path}` " if problem.path else "it "
        message = f"{consumer.service} expects another `{expected.subject}` than it is: {field}{problem.why}"
        yield Finding("C703", Level.BREAKING, provider.service, message, about, hurt, WAY_OUT)


def _misread(expected: Expectation, schemas: Mapping[int, Schema], *, strict: bool) -> list[Problem]:
    schema = schemas.get(expected.version)
    if schema is None:
        return [Problem("", f"is of version {expected.version}, which is not read")]
    return _misfits(expected.example, schema, strict=strict)


def _misfits(example: Any, schema: Schema, *, strict: bool = True) -> list[Problem]:
    return unreadable(literal(example), schema, strict=strict)


def _invalid(text: str, sdl: str) -> Sequence[str]:
    return mistakes(text, build_schema(sdl, assume_valid=True)) if sdl else ["it is no subgraph"]

# ruff: noqa: S101 - these are tests, which services collect
"""What other services expect of this one, from their committed contracts, by its real handlers in memory."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from thestack.contract.files import EXPECTS, FOLDER
from thestack.contract.promise import Expectation
from thestack.definition.model import ServiceModel
from thestack.ports import Envelope
from thestack.runtime.consume import Outcome
from thestack.testing.circumstances import BEGIN, TENANT, user
from thestack.testing.entity_checks import Check
from thestack.testing.harness import Harness

ASKS = user("alice")
MADE_UP = "made-up-for-tests" * 4
"""What every secret of the service is, where handlers ask for some."""


def expectation_checks(service: ServiceModel, services: Path) -> Iterator[Check]:
    """One check for each expectation of this service in the contracts below the folder `services`."""
    for file in sorted(services.glob(f"*/{FOLDER}/{EXPECTS}/{service.name}.json")):
        consumer = file.parents[2].name
        expected = TypeAdapter(list[Expectation]).validate_python(
            json.loads(file.read_text(encoding="utf-8"))
        )
        for each in expected:
            name = f"{consumer}-expects-{each.name}".replace(" ", "-")
            yield Check(name, partial(_run, service, consumer, each))


def _run(service: ServiceModel, consumer: str, expected: Expectation) -> None:
    check = {"query": _answered, "event": _said, "message": _taken}[expected.kind]
    harness = Harness(service)
    for each in _secrets(service):
        harness[service.name].secrets.keep(each, MADE_UP)
    asyncio.run(check(harness, service.name, consumer, expected))


def _secrets(service: ServiceModel) -> set[str]:
    asked = [each for handler in service.handlers for each in handler.dependencies]
    asked += [each for provider in service.providers for each in provider.dependencies]
    return {each.secret.name for each in asked if each.secret}


async def _answered(harness: Harness, name: str, _consumer: str, expected: Expectation) -> None:
    variables = {**(expected.variables or {}), **await _given(harness, name, expected)}
    used = {key: value for key, value in variables.items() if f"${key}" in expected.subject}
    answer = await harness[name].ask(expected.subject, ASKS, **used)
    assert "errors" not in answer, answer["errors"]
    assert answer["data"] == _with(expected.example, variables)


async def _said(harness: Harness, name: str, _consumer: str, expected: Expectation) -> None:
    """Its owner says it with these fields: of an event that nothing is given for, its class does."""
    if not expected.given:
        versions = {
            each.version: each for each in harness[name].model.events if each.name == expected.subject
        }
        assert expected.version in versions, f"`{expected.subject}` has no version {expected.version}"
        known = {each.name for each in versions[expected.version].fields}
        assert set(expected.example) <= known
        return
    variables = await _given(harness, name, expected)
    said = await harness[name].said(expected.subject)
    assert said, f"`{expected.subject}` was not said"
    data = said[-1].data
    assert said[-1].version == expected.version
    for field, value in _with(expected.example, variables).items():
        kept = str(expected.example[field]).startswith("$")
        assert type(data.get(field)) is type(value), f"`{field}` is {data.get(field)!r}"
        assert not kept or data[field] == value


async def _taken(harness: Harness, name: str, consumer: str, expected: Expectation) -> None:
    """Who takes it has its effect."""
    envelope = Envelope(
        id="expected",
        type=expected.subject,
        version=expected.version,
        source=consumer,
        subject="expected",
        time=BEGIN,
        tenant=TENANT,
        data=dict(expected.example),
        partition_key="expected" if expected.subject.endswith(".fifo") else None,
    )
    outcomes = await harness.deliver(envelope)
    reasons = [refusal.reason for _, refusal in harness.dead_letters]
    assert outcomes, f"nobody takes `{expected.subject}`"
    assert set(outcomes) == {Outcome.EFFECTED}, reasons


async def _given(harness: Harness, name: str, expected: Expectation) -> dict[str, Any]:
    """The values that the mutations before it leave."""
    kept: dict[str, Any] = {}
    for each in expected.given:
        text = str(each["query"])
        variables = {**(each.get("variables") or {}), **kept}
        used = {key: value for key, value in variables.items() if f"${key}" in text}
        answer = await harness[name].ask(text, ASKS, **used)
        assert "errors" not in answer, answer["errors"]
        for variable, path in (each.get("keeps") or {}).items():
            value: Any = answer["data"]
            for step in str(path).split("."):
                value = value[step]
            kept[variable] = value
    return kept


def _with(example: Any, variables: Mapping[str, Any]) -> Any:
    """The example with the values of what stands for variables in it."""
    match example:
        case dict():
            return {name: _with(value, variables) for name, value in example.items()}
        case list():
            return [_with(value, variables) for value in example]
        case str() if example.startswith("$"):
            return variables.get(example[1:], example)
        case _:
            return example

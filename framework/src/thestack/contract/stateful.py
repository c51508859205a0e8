"""What of a template holds what no deployment can make again."""

import re
from collections.abc import Mapping
from typing import Any

from thestack.contract.promise import StatefulResource
from thestack.contract.stateful_types import STATEFUL

Template = Mapping[str, Any]
TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
_NAMED = {
    "AttributeDefinitions": "AttributeName",
    "GlobalSecondaryIndexes": "IndexName",
    "KeySchema": "KeyType",
    "LocalSecondaryIndexes": "IndexName",
    "Schema": "Name",
}
"""Lists whose order says nothing, by what names their entries."""


def stateful_of(template: Template, environment: str = "") -> tuple[StatefulResource, ...]:
    """The stateful resources of a template, by their logical ids.

    `environment` is the one whose name begins physical names; "" leaves them as they are.

    Example:
        >>> queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dev-todo-mail"}}
        >>> stateful_of({"Resources": {"QueueMail": queue}}, "dev")[0].fixed
        {'QueueName': '{environment}-todo-mail'}
    """
    resources: Mapping[str, Mapping[str, Any]] = template.get("Resources", {})
    return tuple(
        _described(id, resource, environment)
        for id, resource in sorted(resources.items())
        if resource["Type"] in STATEFUL
    )


def indexes_of(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The global secondary indexes of a table's resource, as its template has them, by their names."""
    listed = resource.get("Properties", {}).get("GlobalSecondaryIndexes", ())
    return {index["IndexName"]: index for index in listed}


def _described(id: str, resource: Mapping[str, Any], environment: str) -> StatefulResource:
    kind = STATEFUL[resource["Type"]]
    properties = resource.get("Properties", {})
    values = {path: _value(properties, path) for path in sorted((*kind.replacing, *kind.refusing))}
    # What is switched off or empty is what a template leaves out.
    fixed = {path: _neutral(value, environment) for path, value in values.items() if value}
    indexes = {
        name: {"KeySchema": _by_name("KeySchema", index["KeySchema"]), "Projection": index["Projection"]}
        for name, index in sorted(indexes_of(resource).items())
        if resource["Type"] in TABLES
    }
    return StatefulResource(id, resource["Type"], fixed, indexes)


def _value(properties: Any, path: str) -> Any:
    value = properties
    for step in path.split("/"):
        value = value.get(step) if isinstance(value, Mapping) else None
    return _by_name(path, value)


def _by_name(property: str, value: Any) -> Any:
    named = _NAMED.get(property)
    if named is None or not isinstance(value, list):
        return value
    return {each[named]: {key: each[key] for key in sorted(each) if key != named} for each in value}


def _neutral(value: Any, environment: str) -> Any:
    """The value with `{environment}` where the environment's name begins a physical name."""
    if not environment:
        return value
    if isinstance(value, str):
        return re.sub(rf"(?<![\w-]){re.escape(environment)}(?=[-/])", "{environment}", value)
    if isinstance(value, Mapping):
        return {key: _neutral(each, environment) for key, each in value.items()}
    if isinstance(value, list):
        return [_neutral(each, environment) for each in value]
    return value

"""What both of two templates need: a router still calls one version while the next one is deployed."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Template = Mapping[str, Any]


def bridged(template: Template, other: Template) -> Template:
    """`template`, whose roles may also do what those of `other` may.

    A function's versions share its role: without the rights that only the other version uses, a caller that
    is still, or again, sent to it would be denied. A table that only the other template holds, because this
    one has it restored, is named by its ARN. The template itself where nothing is missing.

    Example: `bridged(after, before)` is deployed first, and `after` once the router calls the new version.
    """
    parameters = {**other.get("Parameters", {}), **template.get("Parameters", {})}
    known = {*template["Resources"], *parameters}
    resources: dict[str, Any] = dict(template["Resources"])
    for id, resource in resources.items():
        before = other["Resources"].get(id)
        if before is None or before["Type"] != resource["Type"]:
            continue
        widened = _widened(resource, _by_arn(before, other["Resources"], known), known)
        if widened is not None:
            resources[id] = widened
    if resources == template["Resources"]:
        return template
    return {**template, "Resources": resources, **({"Parameters": parameters} if parameters else {})}


def _widened(
    resource: Mapping[str, Any], other: Mapping[str, Any], known: set[str]
) -> Mapping[str, Any] | None:
    """The role or policy with the other's statements, as far as what they name is known; None where it has
    them.
    """
    copy: dict[str, Any] = json.loads(json.dumps(resource))
    theirs = dict(_documents(other))
    changed = False
    for name, document in _documents(copy):
        own = _statements(document)
        missing = [each for each in _statements(theirs.get(name, {})) if each not in own]
        missing = [each for each in missing if _named(each) <= known]
        if missing:
            document["Statement"] = [*own, *map(_renamed, missing)]
            changed = True
    return copy if changed else None


def _by_arn(value: Any, resources: Mapping[str, Any], known: set[str]) -> Any:
    """A part of a template that names tables which are not known by their ARNs instead."""
    match value:
        case {"Fn::GetAtt": [str(id), "Arn"]} if id not in known:
            named = resources.get(id, {}).get("Properties", {}).get("TableName")
            arn = f"arn:${{AWS::Partition}}:dynamodb:${{AWS::Region}}:${{AWS::AccountId}}:table/{named}"
            return {"Fn::Sub": arn} if isinstance(named, str) else value
        case dict():
            return {key: _by_arn(each, resources, known) for key, each in value.items()}
        case list():
            return [_by_arn(each, resources, known) for each in value]
        case _:
            return value


def _documents(resource: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The policies of a resource, by name."""
    properties = resource.get("Properties", {})
    if resource["Type"] == "AWS::IAM::Role":
        for policy in properties.get("Policies", []):
            yield str(policy["PolicyName"]), policy["PolicyDocument"]
    if resource["Type"] == "AWS::IAM::Policy":
        yield str(properties["PolicyName"]), properties["PolicyDocument"]


def _statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = document.get("Statement", [])
    return list(found) if isinstance(found, list) else [found]


def _renamed(statement: dict[str, Any]) -> dict[str, Any]:
    """In one policy no two statements may have the same id."""
    return {**statement, "Sid": f"{statement['Sid']}Before"} if "Sid" in statement else statement


def _named(value: Any) -> set[str]:
    """The logical ids that a part of a template refers to."""
    if isinstance(value, list):
        return {name for each in value for name in _named(each)}
    if not isinstance(value, dict):
        return set()
    match value:
        case {"Ref": str(target)}:
            return set() if target.startswith("AWS::") else {target}
        case {"Fn::GetAtt": [str(target), *_]}:
            return {target}
        case _:
            return {name for each in value.values() for name in _named(each)}

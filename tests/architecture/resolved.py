"""A synthesized template with its intrinsic functions resolved, so that assertions read as ARNs and names
do.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

ACCOUNT, REGION = "111122223333", "eu-central-1"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": None,
}
NAME = {
    "AWS::DynamoDB::Table": ("TableName", "dynamodb", "table/{}"),
    "AWS::Events::EventBus": ("Name", "events", "event-bus/{}"),
    "AWS::Lambda::Function": ("FunctionName", "lambda", "function:{}"),
    "AWS::SQS::Queue": ("QueueName", "sqs", "{}"),
}
"""By type: the property that names it, and how its ARN ends."""


@dataclass(frozen=True)
class Grant:
    """One action on one resource under one condition: what a statement comes down to."""

    action: str
    resource: str
    condition: str = ""


class Template:
    """A template as CloudFormation would read it in account `ACCOUNT` and region `REGION`."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.raw: dict[str, dict[str, Any]] = dict(document["Resources"])

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The resolved properties of all resources of a type, by logical id."""
        return {id: self.properties(id) for id, each in self.raw.items() if each["Type"] == kind}

    def properties(self, logical_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.resolve(self.raw[logical_id].get("Properties", {}))
        return found

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.resolve(each) for each in value]
        if not isinstance(value, dict):
            return value
        match value:
            case {"Ref": target}:
                return self._ref(target)
            case {"Fn::GetAtt": [target, attribute]}:
                return self._attribute(target, attribute)
            case {"Fn::Join": [separator, parts]}:
                return separator.join(str(self.resolve(part)) for part in parts)
            case {"Fn::Sub": str(text)}:
                for name, replacement in PSEUDO.items():
                    text = text.replace(f"${{{name}}}", str(replacement))
                return text
            case _:
                return {key: self.resolve(each) for key, each in value.items()}

    def _ref(self, target: str) -> Any:
        if target in PSEUDO:
            return PSEUDO[target]
        if target in self.raw:
            resource = self.raw[target]
            if resource["Type"] == "AWS::Lambda::Alias":  # its Ref is its ARN
                properties = self.properties(target)
                return f"{arn('lambda', 'function:' + properties['FunctionName'])}:{properties['Name']}"
            if resource["Type"] == "AWS::SNS::Topic":
                return arn("sns", self.properties(target)["TopicName"])
            if resource["Type"] in NAME:
                return self.properties(target)[NAME[resource["Type"]][0]]
            if resource["Type"] == "AWS::IAM::Role":
                return self.properties(target).get("RoleName", target)
            return target
        parameter = self.document["Parameters"][target]
        if parameter["Type"].startswith("AWS::SSM::Parameter::Value"):
            return f"ssm:{parameter['Default']}"
        return f"parameter:{target}"

    def _attribute(self, target: str, attribute: str) -> str:
        kind, properties = self.raw[target]["Type"], self.properties(target)
        if attribute == "StreamArn":
            return f"{arn('dynamodb', 'table/' + properties['TableName'])}/stream/*latest*"
        if attribute == "Arn" and kind in NAME:
            name, service, ending = NAME[kind]
            return arn(service, ending.format(properties[name]))
        if attribute == "Arn" and kind == "AWS::Logs::LogGroup":
            return arn("logs", f"log-group:{properties['LogGroupName']}:*")
        if attribute == "Arn" and kind == "AWS::Events::Rule":
            bus = properties.get("EventBusName")
            return arn("events", f"rule/{bus}/{properties['Name']}" if bus else f"rule/{properties['Name']}")
        if attribute == "Arn" and kind == "AWS::S3::Bucket":
            return f"arn:aws:s3:::{properties.get('BucketName', target)}"
        if attribute == "Arn" and kind == "AWS::Cognito::UserPool":
            return arn("cognito-idp", f"userpool/{target}")
        return f"{target}.{attribute}"


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def statements(policy: Mapping[str, Any]) -> Iterator[Grant]:
    """What a resolved policy document allows, or denies (`!action`), atom by atom.

    A principal is part of the condition.
    """
    for statement in policy["Statement"]:
        limits = {key: statement[key] for key in ("Principal", "Condition") if key in statement}
        condition = json.dumps(limits, sort_keys=True) if limits else ""
        prefix = "!" if statement["Effect"] == "Deny" else ""
        for action in listed(statement["Action"]):
            for resource in listed(statement.get("Resource", "-")):
                yield Grant(prefix + action, resource, condition)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

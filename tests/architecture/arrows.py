"""Who may call whom in an environment, read off its templates: the arrows of docs/architecture.md."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.architecture.resolved import Template, listed

Arrow = tuple[str, str]

ACTIONS = {
    "cloudfront-keyvaluestore": "InternalCloudFront",
    "cognito-idp": "Cognito",
    "dynamodb": "DynamoDB",
    "events": "EventBridge",
    "execute-api": "APIGateway",
    "logs": "CloudWatch",
    "mediaconvert": "MediaConvert",
    "s3": "MediaS3",
    "scheduler": "Scheduler",
    "secretsmanager": "Secrets",
    "ses": "SES",
    "sns": "SNS",
    "sqs": "SQS",
    "ssm": "Secrets",
    "xray": "XRay",
}
"""The box that an action of each of AWS's services is on."""
SHARED = {"doorkeeper": "Authorizer", "pre": "PreToken", "sign": "SignIn"}
"""The box of a function that services share, by the beginning of its name, where it is called otherwise."""
BUCKETS = {"frontend-public": "FrontendS3", "frontend-internal": "InternalS3", "media": "MediaS3"}
"""The box of a stack's buckets."""
DISTRIBUTIONS = {
    "edge": "APICloudFront",
    "frontend-public": "FrontendCloudFront",
    "frontend-internal": "InternalCloudFront",
    "media": "MediaCloudFront",
}
CALLED = {
    "AWS::ApiGatewayV2::Integration": "IntegrationUri",
    "AWS::ApiGatewayV2::Authorizer": "AuthorizerUri",
}
PASSED = {"iam", "kms", "lambda"}
"""Rights that are no calls of their own: roles that are handed on, keys of what is called anyway; who may
invoke is looked at function by function.
"""
RECEIVING = {"ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility", "GetQueueAttributes"}
STREAMS = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
DEAD = ("-dlq", "-dlq.fifo")


def arrows(templates: Mapping[str, Template], services: set[str]) -> set[Arrow]:
    """The arrows of an environment, whose templates are given by the last part of their stacks' names."""
    found: set[Arrow] = set()
    for name, template in templates.items():
        found |= {*_of_functions(template, services), *_of_sources(template, services)}
        found |= {*_of_rules(template), *_of_schedules(template)}
        found |= {
            *_of_distributions(name, template),
            *_of_apis(template, services),
            *_of_names(name, template),
        }
    return {(one, other) for one, other in found if one != other}


def box_of(function: str, services: set[str]) -> str:
    """The box of a function, by what follows the environment in its name."""
    first, _, rest = function.partition("-")[2].partition("-")
    if first in services:
        return "Relay" if rest == "relay" else first.title()
    return SHARED.get(first, first.title())


def _of_functions(template: Template, services: set[str]) -> Iterator[Arrow]:
    policies = template.of_type("AWS::IAM::Policy")
    for id, function in template.of_type("AWS::Lambda::Function").items():
        box = box_of(function["FunctionName"], services)
        role = template.raw[id]["Properties"]["Role"]["Fn::GetAtt"][0]
        documents = [each["PolicyDocument"] for each in template.properties(role).get("Policies", ())]
        documents += [each["PolicyDocument"] for each in policies.values() if role in each["Roles"]]
        for document in documents:
            yield from ((box, other) for other in _called(document))
    for policy in policies.values():
        for statement in policy["PolicyDocument"]["Statement"]:
            if "lambda:InvokeFunction" in listed(statement["Action"]):
                how, _, service = policy["PolicyName"].partition("-")
                yield {"invoke": "Router", "ask": "Sockets"}[how], service.title()


def _called(document: Mapping[str, Any]) -> Iterator[str]:
    for statement in document["Statement"]:
        if statement["Effect"] != "Allow":
            continue
        resources = listed(statement["Resource"])
        for action in listed(statement["Action"]):
            service, _, call = action.partition(":")
            if service in PASSED or call in RECEIVING | STREAMS:
                continue
            if service == "sqs" and all(each.endswith(DEAD) for each in resources):
                continue  # where a consumer keeps what it can't handle
            is_archive = service == "s3" and "-analytics-archive-" in str(resources)
            yield "ArchiveS3" if is_archive else ACTIONS[service]


def _of_sources(template: Template, services: set[str]) -> Iterator[Arrow]:
    """What wakes functions: streams, and queues."""
    for source in template.of_type("AWS::Lambda::EventSourceMapping").values():
        function = str(source["FunctionName"]).split(":")[6]
        origin = "DynamoDB" if ":dynamodb:" in source["EventSourceArn"] else "SQS"
        yield origin, box_of(function, services)


def _of_rules(template: Template) -> Iterator[Arrow]:
    for rule in template.of_type("AWS::Events::Rule").values():
        for target in rule["Targets"]:
            if ":sqs:" in target["Arn"]:
                yield "EventBridge", "SQS"
            elif ":function:" in target["Arn"]:
                yield "EventBridge", "Relay"


def _of_schedules(template: Template) -> Iterator[Arrow]:
    for role in template.of_type("AWS::IAM::Role").values():
        if "scheduler.amazonaws.com" in str(role["AssumeRolePolicyDocument"]):
            for policy in role["Policies"]:
                yield from (("Scheduler", other) for other in _called(policy["PolicyDocument"]))


def _of_distributions(name: str, template: Template) -> Iterator[Arrow]:
    for distribution in template.of_type("AWS::CloudFront::Distribution").values():
        config, box = distribution["DistributionConfig"], DISTRIBUTIONS[name]
        if config.get("WebACLId"):
            yield box, "WAF"
        if config.get("ViewerCertificate", {}).get("AcmCertificateArn"):
            yield box, "Certificate"
        for origin in config["Origins"]:
            if "S3OriginConfig" in origin:
                yield box, BUCKETS[name]
            elif name == "frontend-internal":
                yield box, "SignIn"
            else:
                yield ("WAF" if config.get("WebACLId") else box), "APIGateway"


def _of_apis(template: Template, services: set[str]) -> Iterator[Arrow]:
    for kind, key in CALLED.items():
        for each in template.of_type(kind).values():
            _, _, function = str(each[key]).partition(":function:")
            if function:
                yield "APIGateway", box_of(function.partition(":")[0], services)
    for pool in template.of_type("AWS::Cognito::UserPool").values():
        for arn in json.dumps(pool.get("LambdaConfig", {})).split(":function:")[1:]:
            yield "Cognito", box_of(arn.partition(":")[0], services)


def _of_names(name: str, template: Template) -> Iterator[Arrow]:
    for record in template.of_type("AWS::Route53::RecordSet").values():
        if record["Type"] in {"A", "AAAA"}:
            yield "Route53", DISTRIBUTIONS[name]
    for certificate in template.of_type("AWS::CertificateManager::Certificate").values():
        if certificate["ValidationMethod"] == "DNS":
            yield "Route53", "Certificate"

"""Each function's permissions, both ways.

Nothing missing, nothing beyond; and each statement is one that these tests miss.
"""

import copy
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.architecture import expected_backups as backups
from tests.architecture import expected_grants as expected
from tests.architecture import expected_media as media
from tests.architecture import expected_monitoring as monitoring
from tests.architecture.resolved import Grant, Template, statements

Templates = Mapping[str, Template]


def differences(templates: Templates, environment: str) -> list[str]:
    """Where the templates' permissions differ from the table, in words."""
    functions = expected.functions(environment) | media.functions(environment)
    queues = expected.queue_policies(environment) | media.queue_policies(environment)
    buckets = expected.bucket_policies(environment) | media.bucket_policies(environment)
    pairs: dict[str, tuple[object, object]] = {
        "functions": (_functions(templates), _counted(functions)),
        "router": (_router(templates), _router_expected(environment)),
        "invokers": (_invokers(templates), expected.invokers(environment)),
        "queues": (_queues(templates), _counted(queues)),
        "buckets": (
            _buckets(templates),
            _counted(buckets),
        ),
        "trust": (
            _trust(templates),
            {"lambda.amazonaws.com": len(functions), "scheduler.amazonaws.com": 2}
            | ({"backup.amazonaws.com": 1} if backups.role(environment) else {}),
        ),
        "senders": (_senders(templates), _counted(expected.senders(environment))),
        "topics and keys": (_of_resources(templates), _counted(monitoring.policies(environment))),
        "backups": (_backups(templates), Counter(backups.role(environment))),
        "stray": (sorted(_stray(templates)), []),
    }
    return [
        f"{what}:\n  found    {found}\n  expected {wanted}"
        for what, (found, wanted) in pairs.items()
        if found != wanted
    ]


def test_every_permission_is_the_one_in_the_table(templates: Templates, environment: str) -> None:
    assert differences(templates, environment) == []


def test_no_statement_can_go_unnoticed(templates: Templates, environment: str) -> None:
    removed = 0
    for service, smaller in _with_one_statement_less(templates):
        assert differences({**templates, service: smaller}, environment), (
            f"nobody misses a statement of {service}"
        )
        removed += 1
    assert removed > 40


def test_only_what_has_no_narrower_resource_is_granted_on_all(templates: Templates, environment: str) -> None:
    everywhere = {
        grant.action
        for template in templates.values()
        for role in template.of_type("AWS::IAM::Role").values()
        for grant in _inline(role)
        if grant.resource == "*"
    }
    # SES on `*` is the emulator's limit: it denies identity ARNs.
    assert everywhere == {"xray:PutTraceSegments", "xray:PutTelemetryRecords", *expected.SNS_ON_ALL} | (
        {"ses:SendEmail"} if environment == "local" else set()
    ) | (set(backups.ON_ALL) if backups.role(environment) else set())


def test_no_action_is_a_wildcard(templates: Templates) -> None:
    allowed = {
        grant.action
        for template in templates.values()
        for kind in ("AWS::IAM::Role", "AWS::IAM::Policy")
        for properties in template.of_type(kind).values()
        for grant in _inline(properties)
    }
    assert not [action for action in allowed if "*" in action]


def _functions(templates: Templates) -> dict[str, Counter[Grant]]:
    found: dict[str, Counter[Grant]] = {}
    for template in templates.values():
        for function in template.raw.values():
            if function["Type"] == "AWS::Lambda::Function":
                role = function["Properties"]["Role"]["Fn::GetAtt"][0]
                name = template.resolve(function["Properties"]["FunctionName"])
                found[name] = Counter(_inline(template.properties(role)))
    return found


def _inline(properties: Mapping[str, Any]) -> Iterator[Grant]:
    if "PolicyDocument" in properties:
        yield from statements(properties["PolicyDocument"])
    for policy in properties.get("Policies", []):
        yield from statements(policy["PolicyDocument"])


def _backups(templates: Templates) -> Counter[Grant]:
    roles = templates["backups"].of_type("AWS::IAM::Role").values() if "backups" in templates else ()
    return Counter(grant for role in roles for grant in _inline(role))


def _counted(table: Mapping[str, list[Grant]]) -> dict[str, Counter[Grant]]:
    return {name: Counter(grants) for name, grants in table.items()}


def _router(templates: Templates) -> dict[str, object]:
    return {
        policy["PolicyName"]: (policy["Roles"], Counter(_inline(policy)))
        for template in templates.values()
        for policy in template.of_type("AWS::IAM::Policy").values()
    }


def _router_expected(environment: str) -> dict[str, object]:
    return {
        name: (roles, Counter(grants))
        for name, (roles, grants) in expected.router_policies(environment).items()
    }


def _invokers(templates: Templates) -> dict[str, list[tuple[str, str, str | None]]]:
    found: dict[str, list[tuple[str, str, str | None]]] = {}
    for template in templates.values():
        for permission in template.of_type("AWS::Lambda::Permission").values():
            action, by_url = permission["Action"], permission.get("InvokedViaFunctionUrl", False)
            # The right to call a function's URL is none to call the function, and one more is for that way.
            is_by_url = action == "lambda:InvokeFunctionUrl" or by_url
            assert is_by_url or action == "lambda:InvokeFunction"
            assert is_by_url == permission["FunctionName"].endswith("-sign-in:live")
            source = re.sub(r":ApiAuthorizer\w+$", ":AUTHORIZER", permission["SourceArn"])
            source = re.sub(r"/authorizers/\w+(\.AuthorizerId)?$", "/authorizers/AUTHORIZER", source)
            source = re.sub(r"(execute-api:[^:]+:[^:]+:)(ssm:\S+/api/id|\w+)/", r"\1API/", source)
            source = re.sub(r"(SiteCloudFrontDistribution)\w+$", r"\1", source)
            entry = (permission["Principal"], source, permission.get("SourceAccount"))
            found.setdefault(permission["FunctionName"], []).append(entry)
    return {function: sorted(entries, key=str) for function, entries in found.items()}


def _queues(templates: Templates) -> dict[str, Counter[Grant]]:
    found: dict[str, Counter[Grant]] = {}
    for template in templates.values():
        for policy in template.of_type("AWS::SQS::QueuePolicy").values():
            for queue in policy["Queues"]:
                found.setdefault(queue, Counter()).update(statements(policy["PolicyDocument"]))
    return found


def _buckets(templates: Templates) -> dict[str, Counter[Grant]]:
    found: dict[str, Counter[Grant]] = {}
    for template in templates.values():
        for policy in template.of_type("AWS::S3::BucketPolicy").values():
            said = re.sub(r"(SiteCloudFrontDistribution)\w+", r"\1", json.dumps(policy["PolicyDocument"]))
            found.setdefault(policy["Bucket"], Counter()).update(statements(json.loads(said)))
    return found


def _of_resources(templates: Templates) -> dict[str, Counter[Grant]]:
    """What the policies of topics and keys say, by the kind of the resource."""
    kinds = {"AWS::SNS::TopicPolicy": "PolicyDocument", "AWS::KMS::Key": "KeyPolicy"}
    return {
        kind: Counter(statements(properties[kinds[kind]]))
        for kind in kinds
        for template in templates.values()
        for properties in template.of_type(kind).values()
    }


def _trust(templates: Templates) -> dict[str, int]:
    """How many roles each service may assume."""
    found: Counter[str] = Counter()
    for template in templates.values():
        for role in template.of_type("AWS::IAM::Role").values():
            for statement in role["AssumeRolePolicyDocument"]["Statement"]:
                assert statement["Action"] == "sts:AssumeRole"
                assert statement["Effect"] == "Allow"
                found[str(statement["Principal"].get("Service"))] += 1
    return dict(found)


def _senders(templates: Templates) -> dict[str, Counter[Grant]]:
    """What Scheduler may do, by the service that it sends messages of."""
    return {
        service: Counter(_inline(role))
        for service, template in templates.items()
        for role in template.of_type("AWS::IAM::Role").values()
        if "scheduler.amazonaws.com" in str(role["AssumeRolePolicyDocument"])
    }


def _stray(templates: Templates) -> Iterator[str]:
    """Permissions in places where none belong."""
    for service, template in templates.items():
        for id, resource in template.raw.items():
            if resource["Type"] in {
                "AWS::IAM::ManagedPolicy",
                "AWS::IAM::User",
                "AWS::Events::EventBusPolicy",
            }:
                yield f"{service}/{id}"
            if resource["Type"] == "AWS::Lambda::Url" and resource["Properties"]["AuthType"] != "AWS_IAM":
                yield f"{service}/{id}"
            if resource["Type"] == "AWS::IAM::Role" and resource["Properties"].get("ManagedPolicyArns"):
                yield f"{service}/{id}"


def _with_one_statement_less(templates: Templates) -> Iterator[tuple[str, Template]]:
    """Each template without one of its statements, for each of them; a lambda permission is one too."""
    for service, template in templates.items():
        for id, resource in template.raw.items():
            if resource["Type"] == "AWS::Lambda::Permission":
                document = copy.deepcopy(dict(template.document))
                del document["Resources"][id]
                yield service, Template(document)
            for path in _statement_lists(resource.get("Properties", {}), ()):
                for index in range(len(_at(resource["Properties"], path))):
                    document = copy.deepcopy(dict(template.document))
                    del _at(document["Resources"][id]["Properties"], path)[index]
                    yield service, Template(document)


def _statement_lists(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        if isinstance(value.get("Statement"), list):
            yield (*path, "Statement")
        for key, each in value.items():
            yield from _statement_lists(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _statement_lists(each, (*path, index))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value

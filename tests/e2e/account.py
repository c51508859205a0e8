"""What there is in an account, by kind and name: what is left when something is said to leave nothing."""

from collections.abc import Iterator
from typing import Any

from thestack.operations.aws import Aws

LISTED: tuple[tuple[str, str, str, str | None], ...] = (
    ("apigatewayv2", "get_apis", "Items", "ApiId"),
    ("cloudformation", "describe_stacks", "Stacks", "StackName"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("cognito-idp", "list_user_pools", "UserPools", "Id"),
    ("dynamodb", "list_tables", "TableNames", None),
    ("events", "list_event_buses", "EventBuses", "Name"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("iam", "list_policies", "Policies", "Arn"),
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("scheduler", "list_schedule_groups", "ScheduleGroups", "Name"),
    ("scheduler", "list_schedules", "Schedules", "Name"),
    ("secretsmanager", "list_secrets", "SecretList", "Name"),
    ("sesv2", "list_configuration_sets", "ConfigurationSets", None),
    ("sesv2", "list_email_identities", "EmailIdentities", "IdentityName"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sqs", "list_queues", "QueueUrls", None),
    ("ssm", "describe_parameters", "Parameters", "Name"),
)
"""Client, call, what it answers with, and what of each is its name."""
ASKED: dict[str, dict[str, Any]] = {
    "list_user_pools": {"MaxResults": 60},
    "list_policies": {"Scope": "Local"},
}


def everything(aws: Aws) -> set[str]:
    """Every resource that stacks and deployments make, with what lies in tables and buckets; but for the
    files that templates name, which environments share.
    """
    found = {f"{client} {call} {name}" for client, call, name in _listed(aws)}
    found |= {f"version {each}" for each in _versions(aws)}
    found |= {f"rule {each}" for each in _rules(aws)}
    found |= {f"row {each}" for each in _rows(aws)}
    found |= {f"object {each}" for each in _objects(aws)}
    return found


def _listed(aws: Aws) -> Iterator[tuple[str, str, str]]:
    for service, call, answer, name in LISTED:
        client = aws.client(service)
        if client.can_paginate(call):
            pages = client.get_paginator(call).paginate(**ASKED.get(call, {}))
        else:
            pages = [getattr(client, call)(**ASKED.get(call, {}))]
        for page in pages:
            for each in page.get(answer, ()):
                yield service, call, each[name] if name else each


def _versions(aws: Aws) -> Iterator[str]:
    client = aws.client("lambda")
    for function in client.list_functions()["Functions"]:
        for each in client.list_versions_by_function(FunctionName=function["FunctionName"])["Versions"]:
            yield each["FunctionArn"]


def _rules(aws: Aws) -> Iterator[str]:
    client = aws.client("events")
    for bus in client.list_event_buses()["EventBuses"]:
        for each in client.list_rules(EventBusName=bus["Name"])["Rules"]:
            yield f"{bus['Name']} {each['Name']}"


def _rows(aws: Aws) -> Iterator[str]:
    client = aws.client("dynamodb")
    for table in client.list_tables()["TableNames"]:
        for page in client.get_paginator("scan").paginate(TableName=table):
            for each in page["Items"]:
                yield f"{table} {each['pk']['S']} {each['sk']['S']}"


def _objects(aws: Aws) -> Iterator[str]:
    s3 = aws.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        if bucket["Name"].startswith("cdk-"):
            continue
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket["Name"]):
            for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                yield f"{bucket['Name']} {each['Key']} {each['VersionId']}"

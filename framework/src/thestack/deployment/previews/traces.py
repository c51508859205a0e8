"""What the users of a preview left in the services of the base: rows and objects of the preview's tenant."""

from typing import Any

from thestack.definition import names
from thestack.deployment.destination import Destination
from thestack.deployment.previews.emptying import empty, resources
from thestack.runtime.keys import partition_key


def remove_traces(base: Destination, tenant: str) -> None:
    """Delete them, and say how many there were.

    What of it is still on its way through queues of the base lands afterwards, and stays there in a tenant
    that nobody is of.
    """
    services = base.record.running().keys() - {names.PLATFORM}
    for service in sorted(services):
        stack = base.stack(service)
        rows = sum(_rows(base, each, tenant) for each in resources(base.aws, stack, "AWS::DynamoDB::Table"))
        objects = sum(_objects(base, each, tenant) for each in resources(base.aws, stack, "AWS::S3::Bucket"))
        if rows or objects:
            base.report(
                f"{service} of {base.settings.name}: {rows} rows and {objects} objects of {tenant} go"
            )


def _rows(base: Destination, table: str, tenant: str) -> int:
    """A table has no index by tenant: all of it is read, a megabyte at a time."""
    client, count = base.aws.client("dynamodb"), 0
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        ProjectionExpression="pk, sk",
        FilterExpression="begins_with(pk, :tenant)",
        ExpressionAttributeValues={":tenant": {"S": partition_key(tenant, "")}},
    )
    for page in pages:
        keys: list[dict[str, Any]] = page["Items"]
        for key in keys:
            client.delete_item(TableName=table, Key=key)
        count += len(keys)
    return count


def _objects(base: Destination, bucket: str, tenant: str) -> int:
    pages = base.aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Delimiter="/")
    areas = [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", ())]
    return sum(
        empty(base.aws, bucket, names.blob_place(tenant, f"{area}x").removesuffix("x")) for area in areas
    )

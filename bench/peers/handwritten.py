"""The todo subgraph by hand, with care: graphql-core, a boto3 client made once, nothing beyond the need."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from graphql import GraphQLError, GraphQLResolveInfo, build_schema, graphql_sync

TABLE = os.environ["TABLE"]
dynamodb = boto3.client(
    "dynamodb",
    config=Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3}),
)
schema = build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))


def todo(_root: None, info: GraphQLResolveInfo[Any], id: str) -> dict[str, Any]:
    claims = info.context
    if not claims:
        raise GraphQLError("Sign in first.", extensions={"code": "UNAUTHENTICATED"})
    key = {"pk": {"S": f"{claims['tenant']}#Todo#{claims['sub']}"}, "sk": {"S": id}}
    item = dynamodb.get_item(TableName=TABLE, Key=key, ConsistentRead=True).get("Item")
    if item is None or item["owner_id"]["S"] != claims["sub"]:
        raise GraphQLError("There is no Todo with this id.", extensions={"code": "NOT_FOUND"})
    return {
        "id": item["id"]["S"],
        "ownerId": item["owner_id"]["S"],
        "title": item["title"]["S"],
        "createdAt": item["created_at"]["S"],
        "status": item["status"]["S"],
        "dueAt": item.get("due_at", {}).get("S"),
    }


def overdue(parent: dict[str, Any], _info: GraphQLResolveInfo[Any]) -> bool:
    due = parent["dueAt"]
    return parent["status"] == "OPEN" and due is not None and datetime.fromisoformat(due) < datetime.now(UTC)


types: Any = schema.type_map
types["Query"].fields["todo"].resolve = todo
types["Todo"].fields["overdue"].resolve = overdue


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a GraphQL request in the shape of an HTTP API event, payload 2.0."""
    request = json.loads(event["body"])
    claims = event["requestContext"]["authorizer"]["lambda"]
    result = graphql_sync(
        schema, request["query"], context_value=claims, variable_values=request.get("variables")
    )
    print(json.dumps({"message": "answered", "errors": len(result.errors or ())}))
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(result.formatted),
    }

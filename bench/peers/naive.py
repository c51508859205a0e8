"""The todo subgraph as tutorials put it together: Ariadne, boto3, and Powertools with its tracer."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from ariadne import ObjectType, QueryType, graphql_sync, load_schema_from_path, make_executable_schema
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()
tracer = Tracer()
dynamodb = boto3.client("dynamodb")

query = QueryType()
todo_type = ObjectType("Todo")


@query.field("todo")
@tracer.capture_method
def resolve_todo(_root: Any, info: Any, id: str) -> dict[str, Any]:
    claims = info.context["claims"]
    key = {"pk": {"S": f"{claims['tenant']}#Todo#{claims['sub']}"}, "sk": {"S": id}}
    item = dynamodb.get_item(TableName=os.environ["TABLE"], Key=key)["Item"]
    return {
        "id": item["id"]["S"],
        "ownerId": item["owner_id"]["S"],
        "title": item["title"]["S"],
        "createdAt": item["created_at"]["S"],
        "status": item["status"]["S"],
        "dueAt": item.get("due_at", {}).get("S"),
    }


@todo_type.field("overdue")
def resolve_overdue(todo: dict[str, Any], _info: Any) -> bool:
    due = todo["dueAt"]
    return todo["status"] == "OPEN" and due is not None and datetime.fromisoformat(due) < datetime.now(UTC)


type_defs = load_schema_from_path(str(Path(__file__).with_name("schema.graphql")))
schema = make_executable_schema(type_defs, query, todo_type)


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a GraphQL request in the shape of an HTTP API event, payload 2.0."""
    claims = event["requestContext"]["authorizer"]["lambda"]
    _, result = graphql_sync(schema, json.loads(event["body"]), context_value={"claims": claims})
    metrics.add_metric(name="Answered", unit=MetricUnit.Count, value=1)
    logger.info("answered")
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(result)}

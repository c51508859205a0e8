"""A query through a version of the router that nobody else calls yet: whether what it serves answers."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graphql import GraphQLSchema, build_schema, is_required_argument
from graphql.language import DocumentNode, FieldDefinitionNode, parse
from graphql.type import get_named_type, is_leaf_type

from thestack.contract.promise import Contract
from thestack.operations.aws import Aws

BROKEN = frozenset(
    {
        "DOWNSTREAM_SERVICE_ERROR",
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "INTERNAL_SERVER_ERROR",
        "RESPONSE_TOO_LARGE",
        "TIMEOUT",
    }
)
"""Codes that say that something does not work; others say that the caller may not, or asks for too much."""
_TRIES, _PAUSE = 3, 1.0
"""New rights take a while until IAM has them everywhere."""
_FIELDS = 5
_SOON = 300


class Broken(Exception):
    """What was deployed does not answer; the message says what it said."""


def queries(public_sdl: str, contracts: Iterable[Contract]) -> list[str]:
    """One query for each of these services that can be asked anything without arguments, and one for all."""
    schema = build_schema(public_sdl, assume_valid=True)
    asked = [_query(schema, _roots(parse(each.sdl))) for each in contracts if each.sdl]
    return ["{ __typename }", *filter(None, asked)]


def smoke(aws: Aws, function: str, version: str, asked: Sequence[str], tenant: str) -> None:
    """Ask a version of the router's function these queries, as a signed-in user who owns nothing.

    Raises `Broken`.
    """
    for query in asked:
        for tries in range(1, _TRIES + 1):
            wrong = _ask(aws, function, version, query, tenant)
            if not wrong:
                break
            if tries == _TRIES:
                raise Broken(f"`{query}` is answered with {wrong}")
            time.sleep(_PAUSE)


def _roots(sdl: DocumentNode) -> list[str]:
    """The fields of Query that a subgraph answers."""
    found: list[str] = []
    for definition in sdl.definitions:
        if getattr(getattr(definition, "name", None), "value", "") == "Query":
            fields: Sequence[FieldDefinitionNode] = getattr(definition, "fields", ())
            found += [field.name.value for field in fields]
    return found


def _query(schema: GraphQLSchema, roots: Sequence[str]) -> str:
    known = schema.query_type.fields if schema.query_type else {}
    chosen: list[str] = []
    for name in roots:
        field = known.get(name)
        if field is None or any(is_required_argument(each) for each in field.args.values()):
            continue
        chosen.append(name if is_leaf_type(get_named_type(field.type)) else f"{name} {{ __typename }}")
    return f"{{ {' '.join(chosen[:_FIELDS])} }}" if chosen else ""


def _ask(aws: Aws, function: str, version: str, query: str, tenant: str) -> str:
    """What is wrong with the answer; "" if nothing is."""
    answer = aws.client("lambda").invoke(
        FunctionName=function, Qualifier=version, Payload=json.dumps(_event(query, tenant)).encode()
    )
    said: Any = json.loads(answer["Payload"].read())
    if answer.get("FunctionError") or not isinstance(said, dict) or "body" not in said:
        return f"{answer.get('FunctionError', 'no response')}: {json.dumps(said)[:300]}"
    body: Mapping[str, Any] = json.loads(said["body"])
    errors = [each for each in body.get("errors", ()) if _code(each) in BROKEN]
    if said["statusCode"] >= 500 and not errors:
        return f"{said['statusCode']} {said['body'][:300]}"
    return "; ".join(f"{_code(each)} at {_path(each)}: {each.get('message', '')}" for each in errors)


def _event(query: str, tenant: str) -> dict[str, Any]:
    """An HTTP API's event of payload 2.0, as the guarded door hands it to the router."""
    exp = str(int(time.time()) + _SOON)
    claims = {"sub": "smoke", "tenant": tenant, "groups": "", "exp": exp, "client_id": "smoke"}
    return {
        "version": "2.0",
        "rawPath": "/graphql",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST"}, "authorizer": {"lambda": claims}},
        "body": json.dumps({"query": query}),
        "isBase64Encoded": False,
    }


def _code(error: Mapping[str, Any]) -> str:
    return str((error.get("extensions") or {}).get("code", "INTERNAL_SERVER_ERROR"))


def _path(error: Mapping[str, Any]) -> str:
    return ".".join(map(str, error.get("path") or ())) or "the whole query"

"""How a query is answered, and what that costs: the router's plan, each call of a subgraph, each resolver.

The router is the real one, in a process of its own. The subgraphs run here, on the environment's tables,
which are only read.
"""

import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse

from thestack.contract.doors import public_fields
from thestack.definition.model import ServiceModel
from thestack.infra.environment import Environment, host_architecture
from thestack.infra.supergraph import default_router, router_bundle, supergraph_of
from thestack.operations.aws import Aws
from thestack.operations.errors import OperationError
from thestack.operations.lambda_endpoint import answering
from thestack.operations.subgraphs import Call, Subgraphs
from thestack.ports import Claims
from thestack.ports.router import RouterSettings
from thestack.router.bundle import BundleError
from thestack.router.plan import Planned, PlanUnavailable, answer
from thestack.runtime.authorize import to_context
from thestack.toolchain.tools import find


class NotAQuery(Exception):
    """What was asked would change something; the message says so."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a query was answered. `plan` is the planner's tree, None where the router refused to plan."""

    status: int
    answer: Mapping[str, Any]
    plan: Mapping[str, Any] | None
    calls: Sequence[Call]


def check_is_query(query: str, operation: str | None) -> None:
    """Raise `NotAQuery` if what would run writes. What can't be parsed is the router's to answer."""
    try:
        definitions = parse(query).definitions
    except GraphQLError:
        return
    operations = [each for each in definitions if isinstance(each, OperationDefinitionNode)]
    for each in operations:
        named = each.name.value if each.name else None
        if operation in {None, named} and each.operation is not OperationType.QUERY:
            raise NotAQuery(f"a {each.operation.value} can't be explained: that would run it; ask a query")


def explain(
    request: Mapping[str, Any],
    claims: Claims | None,
    models: Sequence[ServiceModel],
    settings: Environment,
    aws: Aws,
    root: Path,
) -> Explanation:
    """Answer a GraphQL request on the environment's tables, as this caller, and tell how.

    `request` is `{"query", "variables", "operationName"}`; without `claims` it comes through the public door.

    Raises:
        NotAQuery: it would change something.
        OperationError: the router or the tables can't be had.
        CompositionError: the subgraphs don't fit together.
    """
    check_is_query(request["query"], request.get("operationName"))
    tools = find(root)
    if tools is None:
        raise OperationError(f"the router's packages are missing below {root / '.stack'}; run `make setup`")
    router = default_router(root)
    try:
        bundle = router_bundle(router, supergraph_of(models, root), root, host_architecture())
    except BundleError as error:
        raise OperationError(str(error)) from None
    subgraphs = {model.name: model for model in models if model.answers}
    told = RouterSettings({name: name for name in subgraphs}, public_fields(models), settings.introspection)
    running = Subgraphs(subgraphs, settings, aws)
    with tempfile.TemporaryDirectory() as folder, answering(running.invoke) as endpoint:
        with zipfile.ZipFile(bundle) as packed:
            packed.extractall(folder)
        variables = {
            **router.variables(told),
            "AWS_ENDPOINT_URL_LAMBDA": endpoint.url,
            "AWS_REGION": aws.region,
            "AWS_ACCESS_KEY_ID": endpoint.access_key,
            "AWS_SECRET_ACCESS_KEY": "unchecked",
        }
        try:
            planned = answer(_event(request, claims), Path(folder), node=tools.node, variables=variables)
        except PlanUnavailable as error:
            raise OperationError(str(error)) from None
    return _explanation(planned, running.made)


def _explanation(planned: Planned, calls: Sequence[Call]) -> Explanation:
    first = min((call.began for call in calls), default=0.0)
    ordered = sorted((replace(call, began=call.began - first) for call in calls), key=lambda call: call.began)
    body = json.loads(planned.response["body"])
    return Explanation(planned.response["statusCode"], body, planned.plan, ordered)


def _event(request: Mapping[str, Any], claims: Claims | None) -> dict[str, Any]:
    context: dict[str, Any] = {"http": {"method": "POST"}}
    if claims:
        context["authorizer"] = {"lambda": to_context(claims)}
    return {
        "version": "2.0",
        "rawPath": "/graphql" if claims else "/public/graphql",
        "headers": {"content-type": "application/json"},
        "requestContext": context,
        "body": json.dumps(request),
        "isBase64Encoded": False,
    }

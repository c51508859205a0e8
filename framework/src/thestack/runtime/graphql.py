"""A subgraph: answers GraphQL requests from a ServiceModel."""

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationType,
    execute,
    get_operation_ast,
)

from thestack.contract import sdl
from thestack.definition.model import ServiceModel
from thestack.definition.problems import Problem
from thestack.runtime.documents import Documents, described
from thestack.runtime.ports import Ports
from thestack.runtime.resolvers import Request, schema
from thestack.runtime.scope import Scope

Report = Callable[[Exception, Scope], None]


class Subgraph:
    """The executable side of one service.

    `report` is told of each unexpected error, which the client never sees, with the scope it happened in.
    """

    def __init__(self, service: ServiceModel, report: Report) -> None:
        self.service, self._report = service, report
        self.schema = schema(service)
        self._hash = hashlib.sha256(sdl.executable(service).encode()).hexdigest()
        self.documents = Documents()

    async def answer(self, request: Mapping[str, Any], ports: Ports, scope: Scope) -> dict[str, Any]:
        """The GraphQL response to `{"query", "variables", "operationName"}` of a query or a mutation."""
        node = self.read(request)
        if isinstance(node, list):
            return {"errors": node}
        operation = get_operation_ast(node, request.get("operationName"))
        if operation and operation.operation is OperationType.SUBSCRIPTION:
            said = "A subscription is made over the WebSocket, by graphql-transport-ws."
            return {"errors": [{"message": said, "extensions": {"code": "SUBSCRIPTION_NEEDS_WEBSOCKET"}}]}
        return await self.run(node, request, ports, scope)

    def read(self, request: Mapping[str, Any]) -> DocumentNode | list[dict[str, Any]]:
        """The request's document, or the errors that a client is told of it."""
        query = request.get("query")
        if not isinstance(query, str):
            return [{"message": "`query` must be a string.", "extensions": {"code": "BAD_REQUEST"}}]
        if not _is_unicode(query, request.get("variables") or {}):
            code = {"code": "BAD_USER_INPUT"}
            return [{"message": "Some text is not valid Unicode.", "extensions": code}]
        document = self.documents.get(self.schema, self._hash, query)
        if document.errors or document.node is None:
            code = {"code": "GRAPHQL_VALIDATION_FAILED" if document.node else "GRAPHQL_PARSE_FAILED"}
            return [{**error.formatted, "extensions": code} for error in document.errors]
        return document.node

    async def run(
        self, node: DocumentNode, request: Mapping[str, Any], ports: Ports, scope: Scope, root: Any = None
    ) -> dict[str, Any]:
        """The response of a document that was read; `root` is what its root fields are handed."""
        name, journal = request.get("operationName"), scope.journal
        journal.operation, journal.fields = described(node, name)
        outcome = execute(
            self.schema,
            node,
            root_value=root,
            context_value=Request(ports, scope),
            variable_values=request.get("variables") or {},
            operation_name=name,
        )
        result: ExecutionResult = await outcome if inspect.isawaitable(outcome) else outcome
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [self._formatted(error, scope) for error in result.errors]
        return answer

    def _formatted(self, error: GraphQLError, scope: Scope) -> dict[str, Any]:
        """An error as the client may see it:
        a Problem with its code, a client's mistake, or nothing but a correlation id.
        """
        cause = error.original_error
        while isinstance(cause, GraphQLError) and cause.original_error is not None:
            cause = cause.original_error
        shown: dict[str, Any] = {"message": error.message}
        if error.path:
            shown["path"] = list(error.path)
        if isinstance(cause, Problem):
            shown["message"] = str(cause)
            shown["extensions"] = {"code": cause.code}
            if cause.field:
                shown["extensions"]["field"] = list(cause.field)
        elif cause is None or isinstance(cause, GraphQLError):
            shown["extensions"] = {"code": "BAD_USER_INPUT"}
        else:
            self._report(cause, scope)
            shown["message"] = "Something went wrong on our side."
            shown["extensions"] = {
                "code": "INTERNAL_SERVER_ERROR",
                "correlationId": scope.correlation_id or "",
            }
        return shown


def _is_unicode(query: str, variables: Any) -> bool:
    """Whether all text can be stored and sent:
    JSON may spell half a surrogate pair, which no encoding has.
    """
    try:
        query.encode()
        json.dumps(variables, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True

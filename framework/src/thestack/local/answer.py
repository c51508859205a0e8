"""The first answer of a supergraph, which tells that the whole way to it is there."""

import http.client
import json
from http import HTTPStatus
from urllib.parse import urlsplit

from thestack.local.description import LocalStack
from thestack.operations.errors import OperationError

_SECONDS = 30


def first_answer(stack: LocalStack) -> None:
    """Ask the least that there is, as anybody may. Raises `OperationError` unless it is answered."""
    where = urlsplit(stack.public_graphql)
    connection = http.client.HTTPConnection(where.netloc, timeout=_SECONDS)
    try:
        body = json.dumps({"query": "{__typename}"})
        connection.request("POST", where.path, body, {"content-type": "application/json"})
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise OperationError(f"the supergraph at {stack.public_graphql} does not answer: {error!r}") from None
    finally:
        connection.close()
    if response.status != HTTPStatus.OK:
        raise OperationError(
            f"the supergraph at {stack.public_graphql} answers {response.status}: {text[:300]}; "
            "`thestack check` may know why; then start the stack again"
        )

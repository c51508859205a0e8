"""A client that costs little: one kept connection of the standard library."""

import http.client
import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from bench.figures import NotMeasured

PATIENCE = 30.0


class Client:
    """One connection to an HTTP API. `token` goes into each request."""

    def __init__(self, url: str, token: str = "") -> None:
        where = urlsplit(url)
        self._path = where.path
        self._connection = http.client.HTTPConnection(where.netloc, timeout=PATIENCE)
        self._headers = {"content-type": "application/json"}
        self._headers |= {"authorization": f"Bearer {token}"} if token else {}

    def request(
        self, method: str, path: str = "", body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """The JSON of an answer. Raises `NotMeasured` without one, or unless it is 200 or 201."""
        sent = None if body is None else json.dumps(body)
        try:
            self._connection.request(method, self._path + path, sent, {**self._headers, **(headers or {})})
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()  # the next request connects anew
            raise NotMeasured(f"{method} {path or self._path} got no answer: {error!r}") from None
        if response.status not in (200, 201):
            raise NotMeasured(f"{method} {path or self._path} answered {response.status}: {text[:300]!r}")
        return json.loads(text)

    def ask(self, query: str, correlation_id: str = "", **variables: Any) -> dict[str, Any]:
        """The data of a GraphQL answer. Raises `NotMeasured` if it has errors."""
        headers = {"x-correlation-id": correlation_id} if correlation_id else {}
        answer = self.request("POST", body={"query": query, "variables": variables}, headers=headers)
        if answer.get("errors"):
            raise NotMeasured(f"{query[:60]}: {answer['errors'][0]}")
        return dict(answer["data"])

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

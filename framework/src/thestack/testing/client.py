"""A client of the local stack's API."""

from dataclasses import dataclass
from typing import Any

import httpx

from thestack.local.description import LocalStack
from thestack.local.signin import SignedIn
from thestack.testing.waiting import PATIENCE


@dataclass(frozen=True)
class Client:
    """A client of the API; `user` is None for one without a token."""

    stack: LocalStack
    http: httpx.Client
    user: SignedIn | None = None

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The GraphQL answer, errors included. Raises `AssertionError` where there is none."""
        response = self.post(query, **variables)
        if response.status_code != httpx.codes.OK:
            raise AssertionError(f"{response.status_code} {response.text}")
        answer: dict[str, Any] = response.json()
        return answer

    def post(self, query: str, url: str | None = None, **variables: Any) -> httpx.Response:
        """The HTTP answer."""
        headers = {"authorization": f"Bearer {self.user.access_token}"} if self.user else {}
        body = {"query": query, "variables": variables}
        return self.http.post(url or self.stack.graphql, json=body, headers=headers, timeout=PATIENCE)

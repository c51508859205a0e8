"""One local stack for all tests of this folder: real emulator, real router, the built bundles."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from thestack.local.description import LocalStack
from thestack.local.signin import SignedIn, sign_in, sign_up
from thestack.local.stack import start

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
AT_ONCE = 8


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stack is started once: every test that needs it runs in one worker."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("stack"))
            item.add_marker(pytest.mark.timeout(300))


@dataclass(frozen=True)
class Client:
    """A client of the API; `user` is None for one without a token."""

    stack: LocalStack
    http: httpx.Client
    user: SignedIn | None = None

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The GraphQL answer."""
        response = self.post(query, **variables)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def post(self, query: str, url: str | None = None, **variables: Any) -> httpx.Response:
        """The HTTP answer."""
        headers = {"authorization": f"Bearer {self.user.access_token}"} if self.user else {}
        body = {"query": query, "variables": variables}
        return self.http.post(url or self.stack.graphql, json=body, headers=headers, timeout=PATIENCE)


def eventually(look: Callable[[], Any], *, within: float = PATIENCE, what: str = "") -> Any:
    """What `look` answers, once that is true. Fails when it is not by then, saying what was waited for."""
    deadline = time.monotonic() + within
    while not (answer := look()):
        assert time.monotonic() < deadline, f"not within {within} s: {what or look}"
        time.sleep(0.05)
    return answer


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    with start(ROOT, report=lambda _: None, warm=True) as (running, _):
        yield running


@pytest.fixture(scope="session")
def client_for(stack: LocalStack) -> Iterator[Callable[..., Client]]:
    """A function that signs a user up, once, and answers a client for it."""
    limits = httpx.Limits(max_connections=AT_ONCE)
    known: dict[str, Client] = {}
    with httpx.Client(limits=limits) as http:

        def client_for(name: str, group: str | None = None, tenant: str | None = None) -> Client:
            if name not in known:
                email = f"{name}@example.com"
                sign_up(stack, email, group=group, tenant=tenant)
                known[name] = Client(stack, http, sign_in(stack, email))
            return known[name]

        yield client_for


@pytest.fixture
def alice(client_for: Callable[..., Client]) -> Client:
    return client_for("alice")


@pytest.fixture
def bob(client_for: Callable[..., Client]) -> Client:
    return client_for("bob")


@pytest.fixture
def sam(client_for: Callable[..., Client]) -> Client:
    return client_for("sam", "staff")


@pytest.fixture
def anonymous(stack: LocalStack) -> Iterator[Client]:
    with httpx.Client() as http:
        yield Client(stack, http)


@pytest.fixture
def at_once() -> Iterator[ThreadPoolExecutor]:
    """Threads, for clients that ask at the same time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield pool


def codes(answer: dict[str, Any]) -> list[str]:
    """The codes of an answer's errors."""
    return [error["extensions"]["code"] for error in answer.get("errors", [])]

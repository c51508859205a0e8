"""One local stack for all tests of this folder: real emulator, real router, the built bundles."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from thestack.local.description import LocalStack
from thestack.local.usage import recording
from thestack.testing.client import Client
from thestack.testing.plugin import GROUP
from thestack.testing.waiting import PATIENCE, eventually

__all__ = ["AT_ONCE", "PATIENCE", "Client", "codes", "eventually"]

AT_ONCE = 8


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What shares the stack runs in one worker; each file that starts its own runs in whichever is free."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            shares = "local_stack" in getattr(item, "fixturenames", ())
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group(GROUP if shares else item.path.stem))
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(300))


@pytest.fixture(scope="session")
def stack(local_stack: LocalStack) -> Iterator[LocalStack]:
    """The stack that the tests of this folder share; `thestack iam --unused` knows what they did not need."""
    with recording(local_stack, Path(__file__).parents[2]):
        yield local_stack


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

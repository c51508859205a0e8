"""Fixtures for pytest.

A project that wants them says so: by `addopts = ["-p", "thestack.testing.plugin"]` in its settings, or by
`pytest_plugins = ["thestack.testing.plugin"]` in the conftest.py at its root.

- `clock`: one that stands still until the test moves it.
- `harness`: all services of the project in memory, joined as bus and queues join them.
- `local_stack`: the whole local stack, from the built bundles, started once a session.
- `client_for`: `client_for("sam", "staff")` is a client of its API, signed in as a user of that name.

With pytest-xdist and `--dist=loadgroup`, the tests that need the stack run in one worker, so that it is
started once.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from thestack.adapters.memory.clock import FixedClock
    from thestack.local.description import LocalStack
    from thestack.testing.client import Client
    from thestack.testing.harness import Harness

GROUP = "local_stack"
"""The xdist group of the tests that need the stack."""
_CONNECTIONS = 8


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that need the stack in one worker."""
    if not config.pluginmanager.hasplugin("xdist"):
        return
    for item in items:
        if "local_stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(GROUP))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Generate the checks of the service that the test lies in: `thestack.testing.contracts`."""
    if "contract_check" not in metafunc.fixturenames:
        return
    from thestack.definition.load import load
    from thestack.testing.entity_checks import entity_checks
    from thestack.testing.expectation_checks import expectation_checks

    folder = next(
        (each for each in metafunc.definition.path.parents if (each / "service.py").is_file()), None
    )
    if folder is None:
        raise pytest.UsageError(f"{metafunc.definition.path} is in the folder of no service")
    loaded = load(folder / "service.py", folder.parents[1])
    if loaded.model is None:
        raise pytest.UsageError(f"{folder / 'service.py'} has mistakes; run: thestack check {folder.name}")
    checks = [*entity_checks(loaded.model), *expectation_checks(loaded.model, folder.parent)]
    metafunc.parametrize("contract_check", checks, ids=str)


@pytest.fixture
def clock() -> "FixedClock":
    """A clock that stands still until `clock.advance(by)`."""
    from thestack.testing.circumstances import fixed_clock

    return fixed_clock()


@pytest.fixture
def harness(pytestconfig: pytest.Config) -> "Harness":
    """All services of the project in memory."""
    from thestack.definition.load import models
    from thestack.testing.harness import Harness

    return Harness(*models(pytestconfig.rootpath))


@pytest.fixture(scope="session")
def local_stack(pytestconfig: pytest.Config) -> "Iterator[LocalStack]":
    """The local stack of the project: a real emulator and a real router, running the built bundles."""
    from thestack.local.stack import start

    with start(pytestconfig.rootpath, report=lambda _: None, warm=True) as (stack, _):
        yield stack


@pytest.fixture(scope="session")
def client_for(local_stack: "LocalStack") -> "Iterator[Callable[..., Client]]":
    """`client_for(name, group=None, tenant=None)` signs a user up, once, and answers a client for it."""
    import httpx

    from thestack.local.signin import sign_in, sign_up
    from thestack.testing.client import Client

    known: dict[str, Client] = {}
    with httpx.Client(limits=httpx.Limits(max_connections=_CONNECTIONS)) as http:

        def client_for(name: str, group: str | None = None, tenant: str | None = None) -> Client:
            if name not in known:
                email = f"{name}@example.com"
                sign_up(local_stack, email, group=group, tenant=tenant)
                known[name] = Client(local_stack, http, sign_in(local_stack, email))
            return known[name]

        yield client_for

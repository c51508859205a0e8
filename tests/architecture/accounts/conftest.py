"""The templates of the example organization, as `tests.architecture.synthesis` makes them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.accounts.example import organization
from tests.architecture import synthesis
from tests.architecture.resolved import Template

Stacks = Mapping[str, Template]


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker reads the templates, and starts what the tests share."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("accounts"))


@pytest.fixture(scope="session")
def stacks() -> Stacks:
    """By name, without the organization's own before it."""
    made = (each for each in synthesis.stacks() if each.app == "accounts")
    return {each.name.removeprefix(f"{organization.name}-"): Template(each.template) for each in made}

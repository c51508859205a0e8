"""The templates of the example organization, made once in this process."""

import json
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.resolved import Template

Stacks = Mapping[str, Template]


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker makes the templates, and runs what reads them."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("accounts"))


@cache
def _synthesized(folder: Path) -> Stacks:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the CDK's own imports
        from deploy.accounts.app import accounts_app
        from deploy.accounts.example import organization
    assembly = accounts_app(organization, str(folder)).synth()
    own = f"{organization.name}-"
    return {
        each.stack_name.removeprefix(own): Template(json.loads(json.dumps(each.template)))
        for each in assembly.stacks
    }


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Stacks:
    """By name, without the organization's own before it."""
    return _synthesized(tmp_path_factory.mktemp("organization"))

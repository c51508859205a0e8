"""The templates of this repository's own services, made in this process with empty bundles.

They depend on definitions alone: what a service's `infra.py` adds is not in them.
"""

import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.resolved import Template
from tests.architecture.synthesis import ROOT, add
from thestack.definition.load import models
from thestack.definition.model import ServiceModel
from thestack.infra.environment import Environment, load_environment
from thestack.toolchain.tools import node_environment

# Before any module here imports CDK, whose core is started by the import, on whatever Node it finds.
os.environ.update(node_environment(), CDK_VALIDATION="false")

ENVIRONMENTS = ("local", "dev", "production")


@cache
def synthesized(environment: str, folder: Path) -> Mapping[str, Mapping[str, Any]]:
    """The stacks' templates by stack name."""
    return stacks_of(load_environment(ROOT, environment), models(ROOT), folder)


def stacks_of(
    settings: Environment, services: Sequence[ServiceModel], folder: Path, *, extended: bool = False
) -> Mapping[str, Mapping[str, Any]]:
    """The templates of these services and of what they share, by stack name. `extended` by their `infra.py`,
    too.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the CDK's own imports
        import aws_cdk as cdk

        app = cdk.App(outdir=str(folder / settings.name), analytics_reporting=False)
        add(app, settings, services, folder / "bundle.zip", extended=extended)
    assembly = app.synth()
    return {stack.stack_name: json.loads(json.dumps(stack.template)) for stack in assembly.stacks}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever test is the first one waits for the synthesis of everything."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(600))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Tell a test's fixtures, by its node, whether it passed."""
    outcome: Any = yield
    report = outcome.get_result()
    if report.when == "call":
        item.passed = report.passed  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


@pytest.fixture(params=ENVIRONMENTS)
def environment(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def templates(environment: str, folder: Path) -> dict[str, Template]:
    """The environment's templates, by service; "platform" is one of them."""
    found = synthesized(environment, folder)
    return {name.removeprefix(f"{environment}-"): Template(template) for name, template in found.items()}

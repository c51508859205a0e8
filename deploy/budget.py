"""The stack of an environment's budget."""

from pathlib import Path

import aws_cdk as cdk

from thestack.definition import names
from thestack.infra.budget import monthly_budget
from thestack.infra.environment import Environment
from thestack.infra.environment_stack import EnvironmentStack


def add_budget(app: cdk.App, environment: Environment, bundle: Path | None) -> None:
    """Add the stack where the environment has a budget and costs anything: an emulator does not."""
    if environment.budget is None or environment.emulated:
        return
    stack = EnvironmentStack(app, environment, names.BUDGET, "What the environment may cost in a month")
    settings = environment.budget
    monthly_budget(stack, "Monthly", settings.monthly, settings.mails)

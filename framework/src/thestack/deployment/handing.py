"""Stacks brought up with what their templates ask of who deploys them."""

from collections.abc import Mapping
from typing import Any

from thestack.definition import names
from thestack.deployment import stacks
from thestack.deployment.destination import Destination
from thestack.operations import origin


def bring(to: Destination, service: str, template: Mapping[str, Any]) -> tuple[stacks.Outputs, list[str]]:
    """Bring the stack of a service to a template, as `stacks.deploy` does."""
    asked = template.get("Parameters", {})
    given = (
        {names.ORIGIN_SECRET: origin.said(to.aws, to.settings.name)} if names.ORIGIN_SECRET in asked else {}
    )
    return stacks.deploy(to.aws_of(service), to.stack(service), template, given)

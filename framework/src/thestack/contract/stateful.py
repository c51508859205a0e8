"""What of a template holds what no deployment can make again."""

from collections.abc import Mapping
from typing import Any

from thestack.contract.promise import StatefulResource


def stateful_of(template: Mapping[str, Any], environment: str) -> tuple[StatefulResource, ...]:
    """The stateful resources of a template, by their logical ids."""
    return ()

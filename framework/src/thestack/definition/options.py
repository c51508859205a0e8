"""What a handler's function and queue may be told beyond their defaults."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

MAXIMUM_HOPS = 16
"""How many handlers follow from one cause at most, where a consumer does not say otherwise."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a message is tried, and how long the first wait is;
    each further wait doubles, up to `longest_delay`.
    """

    attempts: int = 3
    first_delay: timedelta = timedelta(seconds=1)
    longest_delay: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Permission:
    """A right that a function has beyond those that its capabilities give it.

    `on` are ARNs, in which `{region}`, `{account}` and `{environment}` stand for those of the deployment.

    Example: `Permission("rekognition:DetectLabels", on=["*"])`.
    """

    action: str
    on: tuple[str, ...] | list[str]


@dataclass(frozen=True, slots=True)
class Function:
    """What a Lambda function is given, where it is not what the environment gives all.

    `memory` in megabytes; `environment` are variables; `permissions` are rights beyond the derived ones.
    `requirements` is a lock file beside `service.py` with what this function alone is bundled with: a handler
    imports it where it needs it, in its body.

    Example: `Function(memory=2048, timeout=timedelta(minutes=5))`.
    """

    memory: int | None = None
    timeout: timedelta | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    permissions: Sequence[Permission] = ()
    requirements: str | None = None

"""Where the service keeps objects."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from thestack.diagnostics.site import Site


@dataclass(frozen=True, slots=True)
class BucketModel:
    """A bucket. `name` is unique in the service; `expires` are areas with how long their objects stay."""

    name: str
    browser: bool
    versioned: bool
    expires: tuple[tuple[str, timedelta], ...]
    type: type[Any]
    site: Site
    description: str = ""

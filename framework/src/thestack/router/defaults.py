"""The limits of an operation and the timeouts that every router has, as `defaults.json` has them."""

import json
from functools import cache
from pathlib import Path


@cache
def limits() -> dict[str, int]:
    """The limits of an operation, by name."""
    return _defaults()["limits"]


@cache
def total_timeout() -> int:
    """Within how many seconds a router answers."""
    return _defaults()["timeouts"]["total"] // 1000


def _defaults() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = json.loads(Path(__file__).with_name("defaults.json").read_bytes())
    return found


def url_variable(subgraph: str) -> str:
    """The variable that a router finds the URL of a subgraph's function in: "SUBGRAPH_TODO_URL"."""
    return f"SUBGRAPH_{subgraph.upper().replace('-', '_')}_URL"

"""What the tests of services and adapters need.

`from thestack.testing import Harness, memory, user, ...` gives what a service's tests use;
`thestack.testing.api` lists it. `thestack.testing.plugin` has the fixtures, `thestack.testing.conformance`
the suites for adapters. Names are loaded at their first use: a test session that uses none starts without
them.
"""

from typing import TYPE_CHECKING

import pytest

for _module in ("conformance", "entity_checks", "expectation_checks"):
    pytest.register_assert_rewrite(f"thestack.testing.{_module}")

if TYPE_CHECKING:
    from thestack.testing.api import *  # noqa: F403 - its __all__ is the list
else:
    from importlib import import_module

    def __getattr__(name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(import_module("thestack.testing.api"), name)

    def __dir__() -> list[str]:
        return list(import_module("thestack.testing.api").__all__)

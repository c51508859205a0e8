"""The emulator of the local stack's tests."""

from framework.tests.local.conftest import emulator, run, tools

__all__ = ["emulator", "run", "tools"]

"""SNS as the emulator has it."""

from framework.tests.adapters.conftest import emulator, no_credentials_of_the_machine

__all__ = ["emulator", "no_credentials_of_the_machine"]

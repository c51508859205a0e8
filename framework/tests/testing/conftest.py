"""The fixture that makes projects of text, for the tests of the harness too."""

from framework.tests.definition.conftest import project

__all__ = ["project"]

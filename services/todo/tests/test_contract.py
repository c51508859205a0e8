"""What todo keeps of its contract, generated from its definition."""

from thestack.testing.contracts import *  # noqa: F403

"""What the tests of services and adapters need."""

import pytest

pytest.register_assert_rewrite("thestack.testing.conformance")

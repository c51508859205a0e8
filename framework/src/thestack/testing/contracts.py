"""The tests that a service collects by one line: `from thestack.testing.contracts import *`.

They are generated from the definition in the folder above the test's: what every subgraph must keep of its
entities (`thestack.testing.entity_checks`); and from the committed contracts of the other services, what they
expect of this one (`thestack.testing.expectation_checks`).
"""

from thestack.testing.entity_checks import Check

__all__ = ["test_contract"]


def test_contract(contract_check: Check) -> None:
    """One check of the service's contract, through its real handlers over rows in memory."""
    contract_check.run()

"""What takes money: a port of the bookshop's own, and an adapter that pretends."""

from decimal import Decimal
from typing import Protocol

from thestack import Secret


class Payments(Protocol):
    """Takes money."""

    async def charge(self, customer: str, amount: Decimal) -> str:
        """Charge a customer, and answer the receipt."""
        ...


class PretendedPayments:
    """Charges nobody; its receipts tell whether it knew its secrets."""

    def __init__(self, key: Secret, salt: Secret) -> None:
        self._key, self._salt = key, salt

    async def charge(self, customer: str, amount: Decimal) -> str:
        known = len(await self._key.value()) + len(await self._salt.value())
        return f"{customer} paid {amount} with {known}"

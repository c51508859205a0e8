"""The receiving end of a queue, in memory."""

from datetime import timedelta

from thestack.ports.deliveries import Delivery, Refusal


class MemoryDeliveries:
    """Remembers what was postponed and what was parked."""

    def __init__(self) -> None:
        self.postponed: list[tuple[Delivery, timedelta]] = []
        self.parked: list[tuple[Delivery, Refusal]] = []

    async def postpone(self, delivery: Delivery, delay: timedelta) -> None:
        self.postponed.append((delivery, delay))

    async def park(self, delivery: Delivery, refusal: Refusal) -> None:
        self.parked.append((delivery, refusal))

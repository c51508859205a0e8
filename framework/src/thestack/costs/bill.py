"""A bill: items that add up, and what of them an account has for nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from thestack.costs.prices import Price

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Item:
    """So much of something that has a price.

    `resource` is what it is for: a logical id of the stack, or words. `without` is how to do without it.
    """

    stack: str
    resource: str
    what: str
    price: Price
    quantity: Decimal
    without: str = ""

    @property
    def dollars(self) -> Decimal:
        """US dollars a month."""
        return self.price.of(self.quantity)


@dataclass(frozen=True, slots=True)
class Bill:
    """What an environment costs in a month: `idle` with nobody there, `used` beside it under a load."""

    idle: Sequence[Item]
    used: Sequence[Item] = ()

    @property
    def items(self) -> Sequence[Item]:
        return (*self.idle, *self.used)

    @property
    def dollars(self) -> Decimal:
        """All of it, before what an account has for nothing."""
        return total(self.items)

    def allowances(self) -> Mapping[Price, Decimal]:
        """What of it, in US dollars, an account has for nothing: if it holds this environment alone."""
        quantities: dict[Price, Decimal] = defaultdict(Decimal)
        for item in self.items:
            quantities[item.price] += item.quantity
        return {
            price: price.of(min(quantity, price.free))
            for price, quantity in quantities.items()
            if price.free and quantity
        }


def total(items: Iterable[Item]) -> Decimal:
    """What these cost together, in US dollars."""
    return sum((item.dollars for item in items), NOTHING)


def grouped(items: Iterable[Item], by: Callable[[Item], str]) -> Mapping[str, Sequence[Item]]:
    """The items that have something in common, in the order of its first appearance."""
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        groups[by(item)].append(item)
    return groups

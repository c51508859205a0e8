"""AWS's prices, as `prices.json` has them: with the date on which they were written down, and the page of
each.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files

HOURS = Decimal(730)
"""A month, as AWS's own calculator has it."""
MINUTES = HOURS * 60
SECONDS = MINUTES * 60
KILOBYTES = Decimal(1024 * 1024)
"""In a gigabyte."""
DEFAULT_REGION = "eu-central-1"


class Unpriced(Exception):
    """The bill can't be made: something has no price, or nobody said whether it costs anything."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for `per` of a unit, of which an account has `free` each month for nothing."""

    key: str
    unit: str
    per: Decimal
    dollars: Decimal
    free: Decimal
    source: str

    def of(self, quantity: Decimal) -> Decimal:
        """What so much of it costs, in US dollars."""
        return quantity * self.dollars / self.per


@dataclass(frozen=True, slots=True)
class Prices:
    """The prices of a region, and when and how they were written down."""

    region: str
    written: str
    how: str
    by_key: Mapping[str, Price]

    def __getitem__(self, key: str) -> Price:
        """Raises `Unpriced`."""
        if key not in self.by_key:
            raise Unpriced(f"there is no price of {key}; write it into thestack/costs/prices.json")
        return self.by_key[key]


def load_prices(region: str) -> Prices:
    """The prices of a region. Raises `Unpriced` for one that has none, naming those that do."""
    read = json.loads(files("thestack.costs").joinpath("prices.json").read_text(encoding="utf-8"))
    if region not in (known := _regions(read["prices"])):
        raise Unpriced(
            f"there are no prices of {region}; there are those of {', '.join(known)}: see --region"
        )
    found = {
        key: Price(
            key,
            entry["unit"],
            Decimal(entry["per"]),
            Decimal(entry[region]),
            Decimal(entry.get("free", 0)),
            entry["source"],
        )
        for key, entry in read["prices"].items()
    }
    return Prices(region, read["written"], read["how"], found)


def _regions(prices: Mapping[str, Mapping[str, object]]) -> Sequence[str]:
    first = next(iter(prices.values()))
    return sorted(set(first) - {"unit", "per", "free", "source"})

"""How often a schedule fires."""

import re
from decimal import Decimal

from thestack.costs.prices import HOURS, MINUTES, Unpriced
from thestack.definition import cron

_PER_MONTH = {"minute": MINUTES, "hour": HOURS, "day": HOURS / 24}
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_YEAR = 2027
"""Any year that is no leap year: what matters is how many of its days a schedule names."""


def fires(expression: str) -> Decimal:
    """How often it fires in a month, on an average. Raises `Unpriced` for what is no schedule."""
    if rate := _RATE.fullmatch(expression):
        return _PER_MONTH[rate[2]] / int(rate[1])
    if expression.startswith("at("):
        return Decimal(0)
    if expression.startswith("cron(") and expression.endswith(")"):
        try:
            parsed = cron.parse(expression.removeprefix("cron(").removesuffix(")"))
        except cron.WrongCron as wrong:
            raise Unpriced(f"{expression} is no schedule: {wrong}") from None
        return Decimal(parsed.times_in(_YEAR)) / 12
    raise Unpriced(f"{expression} is no schedule that the bill knows")

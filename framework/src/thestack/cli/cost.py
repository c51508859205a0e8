"""`thestack cost`: what an environment costs while nobody uses it, and under a load."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from rich.markup import escape

from thestack.cli.output import NO, Format, FormatOption, UsageMistake, err, out, print_json, reporting
from thestack.cli.project import find_root
from thestack.cli.target import settings_of
from thestack.costs.bill import Bill, Item, grouped, total
from thestack.costs.prices import DEFAULT_REGION, Prices, Unpriced, load_prices
from thestack.infra.environment import Environment
from thestack.infra.pieces import Load

_CENT = Decimal("0.01")


@reporting
def cost(
    env: Annotated[
        str, typer.Option("--env", help="The environment, as deploy/environments names it.")
    ] = "dev",
    load: Annotated[
        Path | None,
        typer.Option(help="A JSON file of a month's load; without it, the one in the environment's budget."),
    ] = None,
    region: Annotated[
        str | None, typer.Option(help="Whose prices; without it, the environment's region's.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Fail above the environment's budget.")] = False,
    format: FormatOption = Format.TEXT,
) -> None:
    """Make the monthly bill of an environment from its templates, in US dollars: an estimate.

    Each resource that costs while nobody uses it is listed, with the setting that does without it.
    """
    from thestack.costs.estimate import estimate, templates_of
    from thestack.local.failures import explained

    root = find_root()
    settings = settings_of(root, env)
    if check and settings.budget is None:
        raise UsageMistake(f"{env} has no budget to be held to: give it one in deploy/environments/{env}.py")
    stated = _read(load) if load else settings.budget.load if settings.budget else Load()
    templates = explained(root, lambda: templates_of(root, env))
    try:
        prices = load_prices(region or settings.region or DEFAULT_REGION)
        bill = estimate(templates, stated, prices)
    except Unpriced as mistake:
        raise UsageMistake(str(mistake)) from None
    if format is Format.JSON:
        print_json(_as_json(env, bill, prices, settings))
    else:
        _print(env, bill, prices, settings)
    if check and settings.budget and bill.dollars > settings.budget.monthly:
        err.print(
            f"{env} comes to {_cents(bill.dollars)} USD a month, and its budget is {settings.budget.monthly}",
            markup=False,
        )
        raise typer.Exit(NO)


def _read(path: Path) -> Load:
    try:
        return TypeAdapter(Load).validate_json(path.read_bytes())
    except OSError as error:
        raise UsageMistake(f"cannot read the load {path}: {error.strerror}") from None
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'it'}: {each['msg']}" for each in error.errors()
        )
        known = ", ".join(Load.__dataclass_fields__)
        raise UsageMistake(f"{path} is no load: {wrong}. A load is a JSON object of {known}") from None


def _print(env: str, bill: Bill, prices: Prices, settings: Environment) -> None:
    _say(f"{env}, US dollars a month at the prices of {prices.region} as written down on {prices.written}")
    _say("\nwhile nobody uses it, by stack")
    for stack, items in grouped(bill.idle, lambda item: item.stack).items():
        _line(total(items), stack)
        for name, some in grouped(items, lambda item: item.resource).items():
            what = ", ".join(dict.fromkeys(each.what for each in some))
            without = " or ".join(dict.fromkeys(each.without for each in some))
            _line(total(some), f"  {name}: {what}; without: {without}")
    _say("\nwhile nobody uses it, by what it is")
    kinds = grouped(bill.idle, lambda item: item.what)
    for what, some in sorted(kinds.items(), key=lambda each: -total(each[1])):
        _line(total(some), f"{what} ({len(some)})")
    _line(total(bill.idle), "idle", strong=True)
    if bill.used:
        _say("\nfor the load")
        for item in bill.used:
            _line(item.dollars, f"{item.what}: {item.quantity:,.0f} {item.price.unit}")
        _line(total(bill.used), "load", strong=True)
    _say("")
    _line(bill.dollars, "together", strong=True)
    free = sum(bill.allowances().values(), Decimal(0))
    _line(-free, "what an account that holds nothing else has for nothing, not counted above")
    if settings.budget:
        _line(Decimal(settings.budget.monthly), "budget")


def _line(dollars: Decimal, what: str, *, strong: bool = False) -> None:
    out.print(f"{_cents(dollars):>10}  {escape(what)}", style="bold" if strong else None)


def _say(text: str) -> None:
    out.print(text, markup=False)


def _cents(dollars: Decimal) -> str:
    return "<0.01" if 0 < dollars < _CENT / 2 else f"{dollars:,.2f}"


def _as_json(env: str, bill: Bill, prices: Prices, settings: Environment) -> dict[str, Any]:
    return {
        "environment": env,
        "currency": "USD",
        "region": prices.region,
        "prices": {"written": prices.written, "how": prices.how},
        "idle": {"total": _exact(total(bill.idle)), "items": [_item(each) for each in bill.idle]},
        "load": {"total": _exact(total(bill.used)), "items": [_item(each) for each in bill.used]},
        "total": _exact(bill.dollars),
        "allowances": {price.key: _exact(dollars) for price, dollars in bill.allowances().items()},
        "budget": settings.budget.monthly if settings.budget else None,
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "stack": item.stack,
        "resource": item.resource,
        "what": item.what,
        "quantity": _exact(item.quantity),
        "unit": item.price.unit,
        "dollars": _exact(item.dollars),
        "source": item.price.source,
        "without": item.without or None,
    }


def _exact(value: Decimal) -> str:
    """A decimal for programs, which read it without loss."""
    return f"{value.normalize():f}"

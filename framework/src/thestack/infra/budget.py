"""A budget: who is told before a month costs more than it may."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_budgets as budgets
from constructs import Construct

FORECAST, SPENT = (80, 100), (50, 80, 100)
"""Percents of the limit at which what is expected for the month, and what was spent, is told."""


def monthly_budget(
    scope: Construct,
    id: str,
    dollars: int,
    mails: Sequence[str],
    only: Mapping[str, Sequence[str]] | None = None,
) -> budgets.CfnBudget:
    """A budget in US dollars a month, of the account or of what `only` names: {"LinkedAccount": [...]}.

    It warns, and stops nothing. It has no name of its own: who is told can't be changed in a budget, so that
    CloudFormation makes another one, beside which one of the same name could not be.
    """
    told = [("FORECASTED", percent) for percent in FORECAST] + [("ACTUAL", percent) for percent in SPENT]
    to = [{"subscriptionType": "EMAIL", "address": mail} for mail in mails]
    return budgets.CfnBudget(
        scope,
        id,
        budget={
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "budgetLimit": {"amount": dollars, "unit": "USD"},
            **({"costFilters": {key: list(values) for key, values in only.items()}} if only else {}),
        },
        notifications_with_subscribers=[
            {
                "notification": {
                    "notificationType": kind,
                    "comparisonOperator": "GREATER_THAN",
                    "threshold": percent,
                    "thresholdType": "PERCENTAGE",
                },
                "subscribers": to,
            }
            for kind, percent in told
        ],
    )

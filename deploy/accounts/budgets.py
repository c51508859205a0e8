"""What each account may cost, watched from the management account, which pays."""

from aws_cdk import Stack
from constructs import Construct

from deploy.accounts.place import at_home
from deploy.accounts.settings import Settings
from thestack.definition import names
from thestack.infra.budget import monthly_budget
from thestack.infra.synthesizer import asset_synthesizer


class BudgetsStack(Stack):
    """A budget for each account that is there."""

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(
            scope,
            names.stack(settings.name, "budgets"),
            env=at_home(settings, settings.management),
            description="What each account may cost",
            synthesizer=asset_synthesizer(),
        )
        for account in settings.known:
            monthly_budget(
                self,
                account.name.title().replace("-", ""),
                account.monthly,
                settings.alerts,
                {"LinkedAccount": [str(account.id)]},
            )

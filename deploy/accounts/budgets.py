"""What each account may cost, watched from the management account, which pays."""

from constructs import Construct

from deploy.accounts.place import AccountStack
from deploy.accounts.settings import Settings
from thestack.infra.budget import monthly_budget


class BudgetsStack(AccountStack):
    """A budget for each account that is there."""

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(scope, settings, settings.management, "budgets", "What each account may cost")
        for account in settings.known:
            monthly_budget(
                self,
                account.name.title().replace("-", ""),
                account.monthly,
                settings.alerts,
                {"LinkedAccount": [str(account.id)]},
            )

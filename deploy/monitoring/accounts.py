"""The stacks of the accounts that monitoring and logs are in, which belong to the organization's app."""

import aws_cdk as cdk

from deploy.accounts.settings import Settings
from deploy.monitoring.logs_account import LogsAccountStack
from deploy.monitoring.monitoring_account import MonitoringAccountStack


def add_watching_accounts(app: cdk.App, settings: Settings) -> None:
    """Add the stack of each of the two accounts that is there."""
    if settings.monitoring.id:
        MonitoringAccountStack(app, settings)
    if settings.logs.id:
        LogsAccountStack(app, settings)

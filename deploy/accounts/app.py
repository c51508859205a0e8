"""The CDK app of the organization: `cdk deploy --app "python -m deploy.accounts.app" STACK`.

It is put up once, by hand and step by step, as docs/accounts.md says; environments have an app of their own,
`deploy.app`.
"""

import sys
from pathlib import Path

import aws_cdk as cdk

from deploy.accounts.access import AccessStack
from deploy.accounts.audit import AuditLogStack, AuditTrailStack
from deploy.accounts.budgets import BudgetsStack
from deploy.accounts.deploy_access import DeployAccessStack
from deploy.accounts.example import organization
from deploy.accounts.guarding import PoliciesStack
from deploy.accounts.landing_zone import LandingZoneStack
from deploy.accounts.organization import OrganizationStack
from deploy.accounts.settings import Account, Settings
from deploy.monitoring.accounts import add_watching_accounts
from thestack.infra.environment import Environment, load_environment
from thestack.infra.errors import SynthesisError

ROOT = Path(__file__).resolve().parents[2]


def accounts_app(settings: Settings, outdir: str | None = None) -> cdk.App:
    """The app with each stack that can be made of what the settings know so far, into the folder `outdir`.

    Raises `SynthesisError` where they and an environment's settings disagree.
    """
    app = cdk.App(outdir=outdir, analytics_reporting=False, tree_metadata=False)
    OrganizationStack(app, settings)
    if settings.log_archive.id and settings.audit.id:
        LandingZoneStack(app, settings)
        AuditLogStack(app, settings)
        AuditTrailStack(app, settings)
    PoliciesStack(app, settings)
    if settings.identity_center:
        AccessStack(app, settings, settings.identity_center)
    BudgetsStack(app, settings)
    add_watching_accounts(app, settings)
    for account in settings.known:
        if account.environment:
            DeployAccessStack(app, settings, account, _environment(settings, account, account.environment))
    return app


def _environment(settings: Settings, account: Account, name: str) -> Environment:
    """The environment that lies in an account. Raises `SynthesisError` where it says otherwise."""
    environment = load_environment(ROOT, name)
    if environment.account not in {None, account.id}:
        raise SynthesisError(
            f"deploy/environments/{name}.py puts it into the account {environment.account}, and the "
            f"organization's {account.name} is {account.id}: one of them is wrong"
        )
    if environment.region not in {None, *settings.regions}:
        raise SynthesisError(
            f"deploy/environments/{name}.py puts it into {environment.region}, where the organization does "
            f"no work; its regions are {', '.join(settings.regions)}"
        )
    return environment


if __name__ == "__main__":
    try:
        accounts_app(organization).synth()
    except SynthesisError as error:
        sys.exit(str(error))

"""The organization itself: its units and its accounts, which nothing but a person's hand ever closes."""

from collections.abc import Sequence

from aws_cdk import CfnOutput, CfnResource, RemovalPolicy
from aws_cdk import aws_organizations as organizations
from constructs import Construct

from deploy.accounts.place import ROOT_ID, AccountStack, publish, unit_arn, unit_id
from deploy.accounts.settings import Account, Settings
from thestack.infra.table import pin

CONTROL_TOWERS_ROLE = "AWSControlTowerExecution"
"""By this role the management account reaches a new account; Control Tower enrols accounts that have it."""


class OrganizationStack(AccountStack):
    """The organization, its units, and every account but the management account.

    All is kept when the stack is deleted: an account that goes with it would take its data along. Accounts
    and units are made one after another, as Organizations has it.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(
            scope,
            settings,
            settings.management,
            "organization",
            "The organization, its units and accounts",
            protected=True,
        )
        self._last: CfnResource | None = None
        organization = organizations.CfnOrganization(self, "Organization", feature_set="ALL")
        self._keep(organization)
        publish(self, settings, ROOT_ID, organization.attr_root_id)
        CfnOutput(self, "OrganizationId", value=organization.attr_id)
        for account in (settings.log_archive, settings.audit):
            self._account(account, None)  # Control Tower moves both into its own unit
        for unit, accounts in settings.units.items():
            self._unit(settings, unit, organization.attr_root_id, accounts)

    def _unit(self, settings: Settings, name: str, root: str, accounts: Sequence[Account]) -> None:
        unit = organizations.CfnOrganizationalUnit(self, f"Unit{name}", name=name, parent_id=root)
        self._keep(unit)
        publish(self, settings, unit_id(name), unit.attr_id)
        publish(self, settings, unit_arn(name), unit.attr_arn)
        for account in accounts:
            self._account(account, unit.attr_id)

    def _account(self, account: Account, unit: str | None) -> None:
        made = organizations.CfnAccount(
            self,
            f"Account{account.name.title().replace('-', '')}",
            account_name=account.name,
            email=account.mail,
            parent_ids=[unit] if unit else None,
            role_name=CONTROL_TOWERS_ROLE,
        )
        self._keep(made)
        CfnOutput(
            self, f"{made.node.id}Id", value=made.attr_account_id, description=f"The id of {account.name}"
        )

    def _keep(self, resource: CfnResource) -> None:
        """Never delete it, and make it after the one before."""
        resource.apply_removal_policy(RemovalPolicy.RETAIN)
        pin(resource, resource.node.id)
        if self._last:
            resource.add_resource_dependency(self._last)
        self._last = resource

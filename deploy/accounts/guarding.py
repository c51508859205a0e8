"""The stack of the organization's policies: which of them holds whom."""

from collections.abc import Mapping, Sequence

from aws_cdk import CfnResource, RemovalPolicy
from aws_cdk import aws_organizations as organizations
from constructs import Construct

from deploy.accounts import policies
from deploy.accounts.place import ROOT_ID, AccountStack, read, unit_id
from deploy.accounts.policies import Document
from deploy.accounts.settings import Account, Settings

SERVICE_CONTROL, S3 = "SERVICE_CONTROL_POLICY", "S3_POLICY"


class PoliciesStack(AccountStack):
    """Policies of the organization's root, of its units and of the accounts that keep logs.

    One of them is held by five directly at most: the root by AWS's own and these four, a unit by AWS's own,
    the regions, and those that Control Tower adds for its controls. Both kinds of policies must be switched
    on before; Control Tower does so with service control policies.
    """

    def __init__(self, scope: Construct, settings: Settings) -> None:
        super().__init__(
            scope, settings, settings.management, "policies", "What no member account may do", protected=True
        )
        self._settings = settings
        self._last: CfnResource | None = None
        root = [read(self, settings, ROOT_ID)]
        units = [read(self, settings, unit_id(unit)) for unit in settings.units]
        everywhere: Mapping[str, Document] = {
            "no-root": policies.no_root(),
            "no-leaving": policies.no_leaving(),
            "no-public-buckets": policies.no_public_buckets(),
            "no-silence": policies.no_silence(),
        }
        for name, document in everywhere.items():
            self._policy(name, SERVICE_CONTROL, document, root)
        self._policy("block-public-access", S3, policies.block_public_access(), root)
        self._policy("regions", SERVICE_CONTROL, policies.allowed_regions(settings.regions), units)
        if keepers := _ids(settings.log_archive, settings.logs):
            self._policy("kept-logs", SERVICE_CONTROL, policies.kept_logs(), keepers)

    def _policy(self, name: str, kind: str, document: Document, targets: Sequence[str]) -> None:
        policy = organizations.CfnPolicy(
            self,
            name.title().replace("-", ""),
            name=f"{self._settings.name}-{name}",
            type=kind,
            content=document,
            target_ids=list(targets),
        )
        policy.apply_removal_policy(RemovalPolicy.RETAIN)
        if self._last:  # Organizations changes one policy at a time
            policy.add_resource_dependency(self._last)
        self._last = policy


def _ids(*accounts: Account) -> list[str]:
    return [account.id for account in accounts if account.id]
